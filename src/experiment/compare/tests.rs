use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::scenario::{Change, load_text};

/// Two queues that have nothing to do with each other.
const TEXT: &str = "seed: 5\nduration: 60s\nwarmup: 10s\nreplications: 12\n\
    clients:\n  \
      users: {arrivals: poisson(80/s), target: app, requests: {get: }}\n  \
      others: {arrivals: poisson(50/s), target: side, requests: {put: }}\n\
    topology:\n  \
      app: {server: {cores: 1, workers: 1, queue: {limit: unlimited}, endpoints: {get: [cpu: \
        exp(10ms)]}}}\n  \
      side: {server: {cores: 1, workers: 1, queue: {limit: unlimited}, endpoints: {put: [cpu: \
        exp(10ms)]}}}\n";

fn variant(sets: &[&str]) -> (String, Scenario) {
    let changes: Vec<Change> = sets.iter().map(|set| Change::Set((*set).to_owned())).collect();
    let scenario = load_text(Path::new("x.yaml"), TEXT, &changes);
    (sets.join("; "), scenario.unwrap_or_else(|faults| panic!("{faults}")))
}

fn compared(variants: &[(String, Scenario)]) -> Comparison {
    let stop = AtomicBool::new(false);
    compare(variants, &Plan { progress: &(), stop: &stop }).expect("nothing stops it")
}

/// The 5% faster service.
const FASTER: &str = "app.endpoints.get[0].cpu=exp(9.5ms)";

/// Whether the figure can be told, and is no share of which nothing was seen.
fn is_known(found: &Difference) -> bool {
    let unseen = found.unit == "share" && found.first.ends.is_some() && found.first.mean == 0.0;
    !found.difference.mean.is_nan() && !unseen
}

#[test]
fn nothing_seen_in_either_variant_is_not_no_difference() {
    let comparison = compared(&[variant(&[]), variant(&["app.cores=1"])]);
    let errors = comparison.differences[0].iter().find(get("error_rate")).expect("it is told");
    assert_eq!(errors.difference.mean, 0.0);
    // Some 48,000 requests each; z² is 10.8 at 99.9%.
    let most = errors.difference.half_width.expect("it is known");
    assert!((most / (2.0 * 10.8 / 48_000.0) - 1.0).abs() < 0.05, "{most}");
}

fn get(name: &str) -> impl Fn(&&Difference) -> bool + '_ {
    move |d| {
        matches!(&d.subject, Subject::Request { request, .. } if request == "get") && d.name == name
    }
}

#[test]
fn two_variants_that_are_the_same_differ_by_exactly_nothing() {
    let comparison = compared(&[variant(&[]), variant(&["app.cores=1"])]);
    assert!(comparison.differences[0].len() > 40);
    for found in comparison.differences[0].iter().filter(|found| is_known(found)) {
        let Estimate { mean, half_width, .. } = found.difference;
        assert_eq!((mean, half_width, found.pairing), (0.0, Some(0.0), None), "{found:?}");
    }
}

#[test]
fn a_change_of_one_component_leaves_the_draws_of_all_others_alone() {
    let comparison = compared(&[variant(&[]), variant(&[FASTER])]);
    let aside = |d: &&Difference| match &d.subject {
        Subject::Total => d.name == "arrivals",
        Subject::Request { request, .. } => request == "put" || d.name == "arrivals",
        Subject::Component(name) => name == "side",
    };
    let aside: Vec<&Difference> = comparison.differences[0].iter().filter(aside).collect();
    assert!(aside.len() > 20);
    for found in aside.into_iter().filter(|found| is_known(found)) {
        assert_eq!(found.difference.mean, 0.0, "{found:?}");
        assert_eq!(found.difference.half_width, Some(0.0), "{found:?}");
    }
}

/// M/M/1 at 80 requests a second: 50 ms with 10 ms of work, 1/(1/9.5ms - 80/s) = 39.58 ms with
/// 9.5 ms. Under the same arrivals and the same demands one path follows the other closely.
#[test]
fn pairing_narrows_the_interval_where_theory_says_it_must() {
    let long = ["duration=600s", "users.arrivals=poisson(80/s)"];
    let faster = [&long[..], &[FASTER]].concat();
    let comparison = compared(&[variant(&long), variant(&faster)]);
    let found = comparison.differences[0].iter().find(get("mean_latency")).expect("it is told");
    let truth = 1.0 / (1.0 / 0.0095 - 80.0) - 0.05;
    // A difference beyond 99.99% of chance, with 11 degrees of freedom: t = 5.9 against 2.2.
    let wide = found.difference.half_width.expect("it is known") * 5.9 / 2.2;
    assert!((found.difference.mean - truth).abs() < wide, "{found:?}");
    assert!(found.pairing > Some(5.0), "{found:?}");
    let apart = found.first.half_width.zip(found.this.half_width).map(|(a, b)| a.hypot(b));
    assert!(found.difference.half_width < apart.map(|apart| apart / 2.0), "{found:?}");
}

#[test]
fn the_more_is_compared_the_wider_each_interval_is() {
    let two = compared(&[variant(&[]), variant(&[FASTER])]);
    let three = compared(&[variant(&[]), variant(&[FASTER]), variant(&["app.cores=2"])]);
    assert_eq!((two.family, three.family), (7, 14));
    let widths = |comparison: &Comparison| -> Vec<Option<f64>> {
        let told = comparison.differences[0].iter().filter_map(|d| d.corrected);
        told.map(|corrected| corrected.half_width).collect()
    };
    let alone = two.differences[0].iter().filter(|d| d.corrected.is_some());
    let alone: Vec<Option<f64>> = alone.map(|d| d.difference.half_width).collect();
    assert_eq!(alone.len(), super::compared().len());
    for ((alone, two), three) in alone.iter().zip(widths(&two)).zip(widths(&three)) {
        // Nothing fails here, and the tail is not known.
        assert!(*alone == two || (*alone < two && two < three), "{alone:?} {two:?} {three:?}");
    }
}
