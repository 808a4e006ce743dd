//! The simulator held to queueing theory: from a scenario's text, through the same path as every
//! run, to figures that are known. `docs/validation.md` says how it is decided and what was found.
//!
//! `cargo test --release --test theory` runs a sample of the cases, `DEPLOYSIM_FULL=1` all but the
//! long ones, `DEPLOYSIM_CASES=MM1` some by their names and `DEPLOYSIM_CASES=long` those. Without
//! `--release` runs are short and only gross errors show. `DEPLOYSIM_FRESH_SEED=42` takes other
//! random numbers; `DEPLOYSIM_WRITE_VALIDATION=2026-11-28`, the date of today, writes the table of
//! the page, in which what did not run keeps its figures.

mod arrivals;
mod availability;
mod caching;
mod case;
mod choice;
mod closed;
mod disciplines;
mod environment;
mod fan_out;
mod links;
mod load_balancing;
mod loss;
mod machines;
mod messages;
mod networks;
mod processor_sharing;
mod quorums;
mod replication;
mod single_station;
mod statistics;
mod storage;
mod suite;
mod table;
mod transactions;
mod transient;

use std::sync::LazyLock;

use statrs::distribution::{Binomial, DiscreteCDF};

use case::Case;
use deploysim::stats::t_quantile;
use suite::{Conclusion, Finding};

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    [
        single_station::cases(),
        arrivals::cases(),
        availability::cases(),
        processor_sharing::cases(),
        disciplines::cases(),
        loss::cases(),
        machines::cases(),
        closed::cases(),
        links::cases(),
        load_balancing::cases(),
        networks::cases(),
        fan_out::cases(),
        caching::cases(),
        environment::cases(),
        replication::cases(),
        quorums::cases(),
        storage::cases(),
        messages::cases(),
        transactions::cases(),
        transient::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

static FINDINGS: LazyLock<Vec<Finding>> = LazyLock::new(|| {
    let findings = suite::decide(&CASES);
    println!("{}", table::markdown(&CASES, &table::ran(&CASES, &findings, "")));
    if let Ok(today) = std::env::var("DEPLOYSIM_WRITE_VALIDATION") {
        table::write(&CASES, &findings, &today);
    }
    findings
});

/// The metrics that came out so, one a line.
fn listed(conclusion: Conclusion) -> String {
    let found = FINDINGS.iter().filter(|finding| finding.conclusion() == conclusion);
    let line = |finding: &Finding| {
        let case = &CASES[finding.case];
        let metric = &case.metrics[finding.metric];
        let (expected, found) = (metric.reference.expected, &finding.estimate);
        let (id, name, verdict) = (&case.id, &metric.name, finding.verdict());
        let mean = found.mean;
        format!("\n{id}, {name}: {mean} where {expected} is expected; {verdict:?}")
    };
    found.map(line).collect()
}

#[test]
fn no_figure_disagrees_with_theory() {
    let disagreements = listed(Conclusion::Disagrees);
    assert!(disagreements.is_empty(), "{disagreements}");
}

#[test]
fn every_verdict_is_resolved() {
    let unresolved = listed(Conclusion::NotResolved);
    assert!(unresolved.is_empty(), "lengthen these cases:{unresolved}");
}

/// The first-stage t of the first metric of each case.
fn primary() -> Vec<f64> {
    FINDINGS.iter().filter(|finding| finding.metric == 0).map(|finding| finding.first.t).collect()
}

/// The band that a binomial count leaves by chance once in a thousand times.
fn band(trials: usize, p: f64) -> std::ops::RangeInclusive<u64> {
    let binomial = Binomial::new(p, trials as u64).expect("a probability");
    let low = (0..).find(|&k| binomial.cdf(k) > 5e-4).expect("the whole is 1");
    let high = (0..).find(|&k| binomial.sf(k) <= 5e-4).expect("the rest is 0");
    low..=high
}

#[test]
fn as_many_differences_are_large_as_chance_makes() {
    let differences = primary();
    let limit = t_quantile(suite::REPLICATIONS as usize - 1, 0.975);
    let large = differences.iter().filter(|t| t.abs() > limit).count() as u64;
    let band = band(differences.len(), 0.05);
    assert!(band.contains(&large), "{large} of {} beyond 5%, not in {band:?}", differences.len());
}

#[test]
fn differences_are_as_often_up_as_down() {
    let differences = primary();
    let up = differences.iter().filter(|&&t| t > 0.0).count() as u64;
    let band = band(differences.len(), 0.5);
    assert!(band.contains(&up), "{up} of {} are too high, not in {band:?}", differences.len());
}
