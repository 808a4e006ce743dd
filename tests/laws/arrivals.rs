//! When requests come: by a timetable where nothing is random, and where it is, as often as they
//! should.

use deploysim::experiment::Results;

use crate::{close, run};

/// A server that answers anything at once, for `client` over `duration`.
fn clients(duration: &str, client: &str) -> Results {
    repeated(1, duration, client)
}

fn repeated(replications: u64, duration: &str, client: &str) -> Results {
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: {replications}
clients: {{c: {{target: app, {client}}}}}
topology: {{app: {{server: {{workers: unlimited, endpoints: {{\"*\": [{{io: 0}}]}}}}}}}}
"
    ))
}

#[track_caller]
fn sends(count: u64, duration: &str, client: &str) {
    assert_eq!(clients(duration, client).total.arrivals, count, "{client} in {duration}");
}

/// The numbers of requests of each type.
fn types(results: &Results) -> Vec<u64> {
    results.requests.iter().map(|request| request.arrivals).collect()
}

#[test]
fn constant_arrivals_keep_to_their_timetable() {
    let get = "requests: {get: {}}";
    sends(1_000, "100s", &format!("arrivals: constant(10/s), {get}"));
    sends(999, "99.999999999s", &format!("arrivals: constant(10/s), {get}"));
    // A seventh of a second is no whole number of nanoseconds, and yet nothing adds up.
    sends(70_000, "10000s", &format!("arrivals: constant(7/s), {get}"));
    sends(4_000, "1000s", &format!("arrivals: renewal(250ms), {get}"));
    sends(3_000, "100s", &format!("arrivals: {{constant: 10/s}}, batch: 3, {get}"));
}

/// Four users come at 0, 2, 4 and 6 s, and think for 100 s.
#[test]
fn users_come_evenly_over_the_ramp() {
    let users = "users: {count: 4, think: 100s, ramp: 8s}, requests: {get: {}}";
    for (count, duration) in [(0, "99.9s"), (1, "100s"), (2, "102s"), (3, "105.9s"), (4, "106s")] {
        sends(count, duration, users);
    }
}

/// At 1, 2, 3, 13, 14, 15, 25, 26, 27 and 37 s.
#[test]
fn a_visit_has_its_length_and_its_pause() {
    let session = "visits: {length: 3, pause: 10s}";
    let users = format!("users: {{count: 1, think: 1s, {session}}}, requests: {{get: {{}}}}");
    for (count, duration) in [(3, "12.9s"), (4, "13s"), (9, "36.9s"), (10, "37s")] {
        sends(count, duration, &users);
    }
}

const TOUR: &str = "journey: {a: {next: {b: 100%}, think: 2s}, b: {next: {c: 100%}}, c: {}}";

/// A user thinks 5 s, asks for a, thinks 2 s, asks for b, thinks 5 s, asks for c, and 5 s later
/// begins again; with a pause of 30 s, or after two pages, where the visits say so.
#[test]
fn a_user_follows_the_journey_page_by_page() {
    let counts = |duration: &str, users: &str| {
        types(&clients(duration, &format!("users: {{count: 1, think: 5s{users}}}, {TOUR}")))
    };
    assert_eq!(counts("11.9s", ""), [1, 1, 0]);
    assert_eq!(counts("17s", ""), [2, 1, 1]);
    let paused = ", visits: {pause: 30s}";
    assert_eq!(counts("41.9s", paused), [1, 1, 1]);
    assert_eq!(counts("42s", paused), [2, 1, 1]);
    let cut = ", visits: {length: 2, pause: 30s}";
    assert_eq!(counts("37s", cut), [2, 1, 0]);
}

/// One a second, or two, each asking for b 2 s after a and for c 3 s after b.
#[test]
fn every_visitor_makes_one_journey() {
    let tour = TOUR.replace("b: {next: {c: 100%}}", "b: {next: {c: 100%}, think: 3s}");
    let visitors = |more: &str, duration: &str| {
        types(&clients(duration, &format!("arrivals: constant(1/s){more}, {tour}")))
    };
    assert_eq!(visitors("", "100s"), [100, 98, 95]);
    assert_eq!(visitors(", batch: 2", "100s"), [200, 196, 190]);
}

/// Home, search and product as in a shop. The visits of a journey solve h = 1 + 0.2 p,
/// s = 0.5 h + 0.1 s and p = 0.2 h + 0.8 s, so that of all pages 36.7% are home, 20.4% search and
/// the rest product. Each share of 20 independent replications passes a t-test at 10^-4.
#[test]
fn pages_are_visited_as_often_as_the_chain_says() {
    let home = 1.0 / (1.0 - 0.2 * (0.2 + 0.8 * 0.5 / 0.9));
    let search = 0.5 * home / 0.9;
    let product = 0.2 * home + 0.8 * search;
    let all = home + search + product;
    let shop = "journey: {home: {next: {search: 50%, product: 20%}}, \
                search: {next: {product: 80%, search: 10%}}, product: {next: {home: 20%}}}";
    for load in ["users: {count: 20, think: exp(1s)}", "arrivals: poisson(10/s)"] {
        let mut shares = vec![Vec::new(); 3];
        for seed in 0..20 {
            let results = run(&format!(
                "
seed: {seed}
duration: 1000s
warmup: 100s
replications: 1
clients: {{c: {{target: app, {load}, {shop}}}}}
topology: {{app: {{server: {{workers: unlimited, endpoints: {{\"*\": [{{io: 5ms}}]}}}}}}}}
"
            ));
            for (page, count) in types(&results).into_iter().enumerate() {
                shares[page].push(count as f64 / results.total.arrivals as f64);
            }
        }
        for (shares, expected) in shares.iter().zip([home, search, product]) {
            let n = shares.len() as f64;
            let mean = shares.iter().sum::<f64>() / n;
            let variance = shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let t = (mean - expected / all) / (variance / n).sqrt();
            assert!(t.abs() < deploysim::stats::t_quantile(19, 1.0 - 5e-5), "{load}: {t}");
        }
    }
}

/// A rate of nothing is silence, to the nanosecond.
#[test]
fn nothing_comes_while_the_rate_is_zero() {
    let points = "points: [{at: 0, rate: 100/s}, {at: 10s, rate: 0/s}], repeat: 20s";
    let results =
        clients("40s", &format!("arrivals: {{profile: {{{points}}}}}, requests: {{get: {{}}}}"));
    let rates = results.series.requests[0].of("arrival_rate");
    for (rate, start) in rates.iter().zip(&results.series.starts) {
        let silent = start.rem_euclid(20.0) >= 10.0;
        assert_eq!(rate.mean == 0.0, silent, "at {start} s");
    }
}

/// Counts over 50 replications, within 5 standard deviations of a Poisson count: false alarms less
/// than once in 10^5 runs over fresh seeds.
#[test]
fn every_process_sends_as_much_as_it_should() {
    let flat = ["10/s"; 24].join(", ");
    for (arrivals, expected) in [
        ("poisson(10/s)", 200.0),
        ("ramp(from=0/s, to=20/s, over=10s)", 100.0 + 200.0),
        ("{ramp: {from: 20/s, to: 0/s, over: 10s}}", 100.0),
        ("spike(base=2/s, peak=50/s, at=5s, for=4s)", 32.0 + 200.0),
        ("wave(mean=10/s, amplitude=10/s, period=20s)", 200.0),
        ("{profile: {points: [{at: 5s, rate: 4/s}, {at: 15s, rate: 8/s}]}}", 60.0 + 40.0),
        (
            "{profile: {shape: lines, points: [{at: 5s, rate: 4/s}, {at: 15s, rate: 8/s}]}}",
            20.0 + 60.0 + 40.0,
        ),
        (&format!("{{diurnal: {{rates: [{flat}], utc_offset: -5:30}}}}"), 200.0),
    ] {
        let client = format!("arrivals: {arrivals}, requests: {{get: {{}}}}");
        let found = repeated(50, "20s", &client).total.arrivals as f64;
        let expected = 50.0 * expected;
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{arrivals}: {found}");
    }
}

/// Who comes and when is no matter of what is done with them.
#[test]
fn a_changing_load_is_the_same_whatever_serves_it() {
    for client in [
        "arrivals: wave(mean=50/s, amplitude=40/s, period=10s), batch: geometric(3)",
        "arrivals: {mmpp: [{rate: 90/s, for: 1s}, {rate: 5/s, for: 2s}]}",
        "arrivals: renewal(erlang(3, 20ms))",
    ] {
        let with = |work: &str| {
            let results = run(&format!(
                "
duration: 30s
warmup: 1s
replications: 2
clients: {{c: {{target: app, {client}, requests: {{get: {{}}, put: {{}}}}}}}}
topology: {{app: {{server: {{endpoints: {{\"*\": [{{cpu: {work}}}]}}}}}}}}
"
            ));
            let rates = |kind: usize| results.series.requests[kind].of("arrival_rate").to_vec();
            let means = |kind| rates(kind).iter().map(|rate| rate.mean).collect::<Vec<_>>();
            (means(0), means(1))
        };
        assert_eq!(with("1ms"), with("exp(30ms)"), "{client}");
    }
}

/// A warm-up is left out where nobody asks for one and the load has a timetable, and the growth of
/// the backlog that comes of a growing load is no sign that the system is unstable.
#[test]
fn a_load_with_a_timetable_is_measured_from_its_beginning() {
    let results = run("
duration: 200s
replications: 4
clients:
  c: {arrivals: ramp(to=90/s, over=200s), target: app, requests: {get: {}}}
topology: {app: {server: {workers: 1, endpoints: {get: [{cpu: exp(10ms)}]}}}}
");
    close(results.warmup.secs(), 0.0);
    assert!(results.warnings.iter().all(|text| !text.contains("not stable")), "{results:?}");
}
