//! Which cases a run of the tests takes: a sample, all but the long ones, or those that are asked
//! for.

use crate::case::Case;

/// A few cases of every kind, none of which takes long: what runs if nothing is asked for.
const SAMPLE: [&str; 57] = [
    "MM1-50",
    "MMC-4-80",
    "MD1-80",
    "MG1-PAR25",
    "DM1-80",
    "MX-M1",
    "AV-LB-1",
    "AV-NOCHECK",
    "PS1-MIX",
    "PS4-MIX",
    "LPS1-4",
    "DISC-80 random",
    "ERLB-10 exp",
    "ERLB-10 lognormal",
    "MM1K-10-80",
    "MM1K-10-120",
    "MM1K-5-100",
    "MMCK-4-20-95",
    "ZOMBIE-1",
    "MMCD-1",
    "MREP-10-1",
    "MVA-1 N=1",
    "MVA-1 N=10",
    "MVA-1 N=34",
    "MVA-1 N=100",
    "MVA-NOZ N=1",
    "MVA-NOZ N=8",
    "MVA-NOZ N=32",
    "PIPE-MM1",
    "PIPE-MD1-2",
    "LOSS-4",
    "LB-RR-10",
    "LB-JSQ4-80",
    "LB-P2C-4-80",
    "LB-P5C-100 at 0.8",
    "TAN3",
    "FB-1",
    "JACK-WEB",
    "FJ2-70",
    "FAN-EXP-100 k=95",
    "FAN-63 n=100",
    "LRU-10-3 lru",
    "LRU-10-3 fifo",
    "LRU-10-3 random",
    "LRU-1000-100 lru",
    "LRU-1000-100 fifo",
    "LRU-1000-100 random",
    "TTL-1",
    "TTL-1 sliding",
    "TTL-ZIPF",
    "HTTP-1",
    "STAMP-1 restarted",
    "TB-1",
    "MM1-TRANS t=0.01",
    "PBS-LNKD-SSD R=3",
    "QUORUM-AV 2 and 2 of 3",
    "CONC-1",
];

/// How the names begin of cases that are many and alike: all but those of the sample run by request
/// only.
const ALIKE: &str = "PBS-";

/// Cases that keep a processor busy for more than 10 s. Their rows of `docs/validation.md` say when
/// they ran.
const LONG: [&str; 31] = [
    "E3M1-90",
    "MMPP-1",
    "AV-LB-1 unchecked",
    "DET-1",
    "DISC-80 lifo",
    "LB-WRAND",
    "LB-OWN",
    "LB-LWL-4",
    "LB-P2C-100 at 0.95",
    "LB-P2C-100 at 0.99",
    "LB-P5C-100 at 0.99",
    "ENV-1",
    "ENV-1 x10",
    "ENV-BRK",
    "MM1-TRANS t=0.5",
    "MM1-TRANS t=1",
    "MM1-TRANS t=2",
    "DB-REPL",
    "FAILOVER-1",
    "REPL-PARALLEL-4",
    "REPL-PARALLEL-8",
    "REPL-RYW-1",
    "MQ-AGE-1",
    "HOTROW-1",
    "OCC-CLOSED-8",
    "XSHARD-1",
    "DEADLOCK-10",
    "OCC-OPEN-1, constant work",
    "OCC-OPEN-1, exponential work",
    "OCC-OPEN-1, three tries",
    "OCC-OPEN-1, careless",
];

/// Whether a case runs by request only.
pub(crate) fn is_long(case: &Case) -> bool {
    let id = case.id.as_str();
    LONG.contains(&id) || id.starts_with(ALIKE) && !SAMPLE.contains(&id)
}

/// Whether this run of the tests takes a case. `DEPLOYSIM_CASES` has parts of names, with commas
/// between them, or is `long`.
pub(crate) fn is_taken(case: &Case) -> bool {
    match std::env::var("DEPLOYSIM_CASES") {
        Ok(asked) if asked == "long" => is_long(case),
        Ok(asked) => asked.split(',').any(|part| case.id.contains(part)),
        Err(_) if std::env::var_os("DEPLOYSIM_FULL").is_some() => !is_long(case),
        Err(_) => SAMPLE.contains(&case.id.as_str()),
    }
}

#[test]
fn what_is_listed_is_a_case() {
    for id in SAMPLE.iter().chain(&LONG) {
        assert!(crate::CASES.iter().any(|case| case.id == *id), "{id} is no case");
    }
}
