//! Recorded loads, replayed: every recorded request is sent, once for each multiple, and ends in
//! one way; and measured durations, drawn. The two large recordings are not part of the project:
//! their tests run where they are found.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use deploysim::experiment::{Plan, Results, replicate};
use deploysim::scenario::{Change, Replay, ScenarioText, load, replay};
use deploysim::units::Span;

const TOPOLOGY: &str = "
clients:
  somebody: {arrivals: poisson(1/s), target: app, timeout: none, requests: {any: {}}}
topology:
  app:
    server: {cores: 2, workers: 8, queue: {limit: 100}, endpoints: {\"*\": [cpu: exp(10ms)]}}
";

/// Replays `log` once at this multiple.
fn replayed(log: &Path, scale: f64, seed: &str) -> Results {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = folder.path().join("topology.yaml");
    fs::write(&scenario, TOPOLOGY).expect("the scenario can be written");
    let recorded = Replay { log: log.to_owned(), scale, ..Replay::default() };
    let sets = ["replications=1".to_owned(), format!("seed={seed}")].map(Change::Set);
    let text = ScenarioText::open(&scenario).unwrap_or_else(|faults| panic!("{faults}"));
    let scenario = replay(&text, &sets, &recorded).unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    replicate(&scenario, &plan).expect("nothing stops it")
}

#[track_caller]
fn check_counts(results: &Results, arrivals: u64) {
    assert_eq!(results.total.arrivals, arrivals);
    let ended: u64 = results.total.outcomes.iter().map(|outcome| outcome.count).sum();
    assert_eq!(ended, arrivals, "{:?}", results.total.outcomes);
}

/// A recording outside the project, or `None`, saying so.
fn recording(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {name} is not here");
        return None;
    }
    Some(path)
}

fn small_log() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("access.log");
    let line = |second: u32, path: &str| {
        format!("1.2.3.4 - - [17/May/2015:10:05:{second:02} +0000] \"GET {path} HTTP/1.1\" 200 5\n")
    };
    let text =
        line(3, "/a/1") + &line(1, "/b") + "nonsense\n" + &line(3, "/a/2?q=1") + &line(9, "/");
    fs::write(&log, text).expect("the log can be written");
    (folder, log)
}

#[test]
fn every_recorded_request_is_sent_once_for_each_multiple() {
    let (_folder, log) = small_log();
    check_counts(&replayed(&log, 1.0, "1"), 4);
    check_counts(&replayed(&log, 25.0, "1"), 100);
    let results = replayed(&log, 1.0, "1");
    let types: Vec<(&str, u64)> =
        results.requests.iter().map(|r| (r.request.as_str(), r.arrivals)).collect();
    assert_eq!(types, [("GET /a", 2), ("GET /", 1), ("GET /b", 1)]);
    assert!(
        results.warnings.iter().any(|warning| warning.contains("left out: 1")),
        "{:?}",
        results.warnings
    );
}

/// Of 4000 requests each sent by a chance of one half: mean 2000, standard deviation 31.6; the band
/// is six of those, a false alarm about once in 10^9.
#[test]
fn a_fraction_of_a_request_is_a_request_by_that_chance() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let csv = folder.path().join("times.csv");
    let times: String = (0..4000).map(|second| format!("{second}\n")).collect();
    fs::write(&csv, format!("time\n{times}")).expect("the CSV can be written");
    let sent = replayed(&csv, 0.5, "1").total.arrivals;
    assert!((1810..2190).contains(&sent), "{sent}");
}

#[test]
fn an_access_log_of_four_days_is_replayed_whole() {
    let Some(log) = recording("apache-combined-2015-05.log") else { return };
    check_counts(&replayed(&log, 1.0, "1"), 10_000);
    check_counts(&replayed(&log, 10.0, "2"), 100_000);
}

#[test]
fn a_day_of_counts_is_replayed_whole() {
    let Some(log) = recording("nasa-http-1995-07-13.csv") else { return };
    check_counts(&replayed(&log, 1.0, "1"), 134_204);
}

/// A third of the values of the file take 2 ms and the others 5 ms, by their weights. Of 6000
/// requests or so the share has a standard deviation of 0.6 points; the band is six of those.
#[test]
fn measured_durations_lie_beside_the_scenario_and_belong_to_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (scenario, csv) = (folder.path().join("s.yaml"), folder.path().join("took.csv"));
    let text = TOPOLOGY
        .replace("poisson(1/s)", "poisson(100/s)")
        .replace("cpu: exp(10ms)", "io: empirical(took.csv, column=ms, weight=n, unit=ms)")
        .replace("workers: 8", "workers: unlimited");
    fs::write(&scenario, text).expect("the scenario can be written");
    fs::write(&csv, "path,ms,n\n/a,2,10\n/b,5,20\n").expect("the CSV can be written");
    let sets = ["duration=60s", "warmup=0", "replications=1"];
    let sets = sets.map(|set| Change::Set(set.to_owned()));
    let loaded = load(&scenario, &sets).unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    let results = replicate(&loaded, &plan).expect("nothing stops it");
    let latencies = &results.total.histogram;
    assert_eq!((latencies.min(), latencies.max()), (Some(2_000_000), Some(5_000_000)));
    let share = latencies.share_at_most(Span::from_millis(3));
    assert!((share - 1.0 / 3.0).abs() < 0.036, "{share}");

    fs::write(&csv, "path,ms,n\n/a,2,10\n/b,5,21\n").expect("the CSV can be written");
    let again = load(&scenario, &sets).unwrap_or_else(|faults| panic!("{faults}"));
    assert_ne!(loaded.digest, again.digest, "other values are another scenario");
}
