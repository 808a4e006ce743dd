//! Servers that fail and are repaired, behind balancers that notice or do not.

use deploysim::experiment::Results;

use crate::case::Case;

const CHAIN: &str = "Markov chain at the times of the checks";
const DOWN: &str = "MTTR / (MTBF + MTTR)";
const PHASE: &str = "uniform phase: lambda/N ((k-1)h + tau + h/2)";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let check = "health_check: {interval: 5s, timeout: 1s, unhealthy_after: 3, healthy_after: 1}";
    let error = |r: &Results| r.total.error_rate.mean;
    vec![
        Case::new("AV-LB-1", "servers fail and are repaired; checked every 5 s", CHAIN)
            .run(failing(4, check, (1000, 60)), 5_000.0, 40_000.0)
            .prob("failed requests", 0.011_148_315_721_807_465, error),
        Case::new("AV-LB-1 unchecked", "the same without checks", DOWN)
            .run(failing(4, "sticky: none", (1000, 60)), 5_000.0, 400_000.0)
            .prob("failed requests", 0.056_603_773_584_905_66, error),
        Case::new("AV-NOCHECK", "5 servers fail and are repaired; no checks", DOWN)
            .run(failing(5, "sticky: none", (1000, 20)), 5_000.0, 60_000.0)
            .prob("failed requests", 0.019_607_843_137_254_9, error),
        detection(),
    ]
}

/// Servers that are up and then down for exponential times of these means (s).
fn failing(servers: u64, front: &str, (up, down): (u64, u64)) -> String {
    format!(
        "
clients:
  users: {{arrivals: poisson(4/s), target: front, timeout: none, requests: {{get: {{}}}}}}
topology:
  front: {{load_balancer: {{policy: random, {front}, backends: app}}}}
  app: {{server: {{replicas: {servers}, endpoints: {{get: [{{cpu: 0ms}}]}}}}}}
faults: [{{crash: app, every: exp({up}s), for: exp({down}s)}}]
"
    )
}

/// One of four servers crashes once; a failed check is known one second later.
fn detection() -> Case {
    let yaml = "
clients:
  users: {arrivals: poisson(800/s), target: front, timeout: none, requests: {get: {}}}
topology:
  front:
    load_balancer: {policy: random, health_check: {interval: 5s, timeout: 2s}, backends: app}
  app: {server: {replicas: 4, endpoints: {get: [{cpu: 0ms}]}}}
links: {front -> app: {back: 1s}}
faults: [{crash: \"app[0]\", at: 1s}]
";
    let failed = |r: &Results| {
        let failed = r.total.outcomes.iter().filter(|ended| ended.outcome == "failed at app");
        failed.map(|ended| ended.count).sum::<u64>() as f64 / r.replications as f64
    };
    let title = "a crash found out by three checks in a row, 5 s apart";
    let case = Case::new("DET-1", title, PHASE).run(yaml.to_owned(), 0.0, 18.0);
    Case { ensemble: 70, ..case }.mean("failed requests", 2700.0, failed)
}
