//! Scenarios broken at random: whatever is written, loading it says what is wrong or gives
//! something that runs. Never a panic, and never a wait.

// A test of how long something takes reads the clock.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::support::{root, shipped};
use deploysim::component::client::{ClientSpec, journey_length};
use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::{Change, Scenario, Warmup, load_text};
use deploysim::units::Span;
use proptest::prelude::*;

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let read =
        |path: &Path| fs::read_to_string(root().join(path)).expect("the scenario can be read");
    shipped()
        .iter()
        .map(|path| path.as_path())
        .chain([Path::new(ARRIVALS), Path::new(STEPS), Path::new(CACHES), Path::new(HTTP)])
        .map(read)
        .collect()
});

const MM1: &str = include_str!("../../scenarios/queueing/mm1.yaml");
/// All that can be said of clients.
const ARRIVALS: &str = "tests/sound/arrivals.yaml";
/// All that can be said of steps, hosts and services outside.
const STEPS: &str = "tests/sound/steps.yaml";
/// All that can be said of catalogs and caches.
const CACHES: &str = "tests/sound/caches.yaml";
/// All that can be said of caches that go by what answers say themselves.
const HTTP: &str = "tests/sound/http.yaml";

/// What people write by mistake, and what machines write.
const TOKENS: &[&str] = &[
    "0",
    "-1",
    "1",
    "1e9",
    "1G",
    "100k",
    "18446744073709551615",
    "0.5",
    "0.000000001",
    "NaN",
    "inf",
    "none",
    "auto",
    "async",
    "unlimited",
    "null",
    "~",
    "true",
    "\"\"",
    "{}",
    "[]",
    "[",
    "}",
    ":",
    "- ",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "!!int ",
    "|\n",
    "\t",
    "\r\n",
    "\u{FEFF}",
    "é",
    "\0",
    "1ns",
    "0s",
    "36500d",
    "100%",
    "1000M/s",
    "poisson(1/s)",
    "constant(0.000001/d)",
    "renewal(1ns)",
    "ramp(to=9/s, over=1ns)",
    "geometric(1)",
    "0/s",
    "exp(0)",
    "exp(1ns)",
    "lognormal(mean=1ms, cv=0)",
    "uniform(0, 1s)",
    "erlang(k=1000, mean=1h)",
    "normal(0, 36500d)",
    "gamma(1ms, 100)",
    "pareto(1.000001, 36500d)",
    "mixture(1 exp(1ms), 0 1d)",
    "discrete(50% 1ms, 50% 1d)",
    "shifted(36500d, exp(36500d))",
    "empirical(scenario.yaml)",
    "users: {count: 3, think: 0}",
    "app",
    "main",
    "front",
    "default",
    "\"*\"",
    "a -> b",
    "cpu: 1ms",
    "call: app",
    "read: main",
    "replicas: 3",
    "limit: 0",
    "workers: 1",
    "timeout: 1ns",
    "weight: 0",
    "expect: [p99 < 1s]",
    "trace: x.log",
];

/// One thing done to a text, at places given as shares of its length.
#[derive(Clone, Debug)]
enum Edit {
    Delete(f64, usize),
    Repeat(f64, usize, f64),
    Insert(f64, &'static str),
    /// Puts a token in the place of a word.
    Replace(f64, &'static str),
    /// Takes a line out.
    DropLine(f64),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let token = || prop::sample::select(TOKENS);
    let edit = prop_oneof![
        1 => (0.0..1.0, 1..40usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        1 => (0.0..1.0, 1..80usize, 0.0..1.0).prop_map(|(at, n, to)| Edit::Repeat(at, n, to)),
        1 => (0.0..1.0, token()).prop_map(|(at, token)| Edit::Insert(at, token)),
        3 => (0.0..1.0, token()).prop_map(|(at, token)| Edit::Replace(at, token)),
        1 => (0.0..1.0f64).prop_map(Edit::DropLine),
    ];
    prop::collection::vec(edit, 1..5)
}

fn apply(text: &mut String, edit: &Edit) {
    let place =
        |text: &str, share: f64| text.floor_char_boundary((text.len() as f64 * share) as usize);
    match *edit {
        Edit::Delete(at, length) => {
            let start = place(text, at);
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, "");
        }
        Edit::Repeat(at, length, to) => {
            let start = place(text, at);
            let end = text.floor_char_boundary((start + length).min(text.len())).max(start);
            let copied = text[start..end].to_owned();
            let to = place(text, to);
            text.insert_str(to, &copied);
        }
        Edit::Insert(at, token) => {
            let at = place(text, at);
            text.insert_str(at, token);
        }
        Edit::Replace(at, token) => {
            let at = place(text, at);
            let word = |c: char| !c.is_alphanumeric() && !"_./-".contains(c);
            let start = text[..at]
                .rfind(word)
                .map_or(0, |found| found + text[found..].chars().next().map_or(1, char::len_utf8));
            let end = text[at..].find(word).map_or(text.len(), |found| at + found);
            text.replace_range(start.min(end)..end, token);
        }
        Edit::DropLine(at) => {
            let at = place(text, at);
            let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
            let end = text[at..].find('\n').map_or(text.len(), |found| at + found + 1);
            text.replace_range(start..end, "");
        }
    }
}

/// Whether a second of this is a matter of a moment.
fn small(scenario: &Scenario) -> bool {
    let deployment = &scenario.deployment;
    let instances: u64 = deployment.topology.iter().map(|(_, spec)| spec.instances()).sum();
    let requests = |client: &ClientSpec| match (&client.arrivals, &client.users) {
        (Some(arrivals), _) => {
            let batch = client.batch.as_ref().map_or(1.0, |batch| batch.value.mean());
            let journey = client.journey.as_ref().and_then(journey_length);
            arrivals.0.peak() * batch * journey.unwrap_or(1.0)
        }
        (_, Some(users)) => {
            let pages = client.journey.iter().flat_map(|pages| pages.iter());
            let thinks = pages.filter_map(|(_, page)| page.think.as_ref());
            let session = users.visits.iter().map(|session| &session.value.pause);
            let pauses = thinks.chain(session).chain([&users.think]);
            let least = pauses.map(|pause| pause.mean()).fold(f64::INFINITY, f64::min);
            users.count.get() as f64 / least.max(1e-4)
        }
        _ => f64::INFINITY,
    };
    let requests: f64 = deployment.clients.iter().map(|(_, client)| requests(client)).sum();
    instances <= 1000 && requests <= 1e5
}

/// Scenarios with thousands of clients, servers, links, request types and expectations, some of
/// them with a fault in each.
fn crowds() -> Vec<String> {
    let many = |of: &dyn Fn(u32) -> String| (0..2000).map(of).collect::<String>();
    let client = |target: &str, requests: &str| {
        format!("{{arrivals: poisson(1/s), target: {target}, requests: {{{requests}}}}}\n")
    };
    let server = |endpoints: &str| format!("{{server: {{endpoints: {{{endpoints}}}}}}}\n");
    let clients = |target: &str| {
        let one = |n| format!("  c{n}: {}", client(&format!("{target}{n}"), "r: {}"));
        format!("clients:\n{}", many(&one))
    };
    let topology = many(&|n| format!("  s{n}: {}", server("r: []")));
    let topology = format!("topology:\n{topology}");
    let links = format!("links:\n{}", many(&|n| format!("  c{n} -> s{n}: 1ms\n")));
    let requests = many(&|n| format!("r{n}: {{}}, "));
    let endpoints = |letter: char| server(&many(&|n| format!("{letter}{n}: [], ")));
    let types = format!("clients: {{c: {}}}\n", client("s", &requests).trim_end());
    let one = |letter| format!("{types}topology:\n  s: {}", endpoints(letter));
    let expect = format!("expect: [{}]\n", many(&|n| format!("p99(r{n}) < 1s, ")));
    vec![
        clients("s") + &topology + &links,
        clients("t") + &topology,
        one('r') + &expect,
        one('x'),
        one('r') + &many(&|n| format!("k{n}: 1\n")),
    ]
}

#[test]
fn crowds_are_checked_in_reasonable_time() {
    let started = Instant::now();
    for text in crowds() {
        let loaded = load_text(Path::new("scenarios/crowd.yaml"), &text, &[]);
        let problems = loaded.err().map_or(String::new(), |faults| faults.render(false));
        assert!(problems.is_empty() || problems.contains("\nat least 100 errors"), "{problems}");
        assert!(started.elapsed() < Duration::from_secs(10), "this takes for ever");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_broken_scenario_is_refused_or_runs(which in 0..100usize, edits in edits()) {
        let mut text = TEXTS[which % TEXTS.len()].clone();
        edits.iter().for_each(|edit| apply(&mut text, edit));
        let started = Instant::now();
        let loaded = load_text(Path::new("scenarios/broken.yaml"), &text, &[]);
        match loaded {
            Err(faults) => {
                let message = faults.render(false);
                prop_assert!(message.starts_with("error: "), "{message}");
            }
            Ok(mut scenario) if small(&scenario) => {
                scenario.duration = Span::from_secs(1);
                scenario.warmup = Warmup::Given(Span::ZERO);
                scenario.replications = 1;
                let stop = AtomicBool::new(false);
                let results = replicate(&scenario, &Plan { progress: &(), stop: &stop });
                prop_assert!(results.is_some());
            }
            Ok(_) => {}
        }
        prop_assert!(started.elapsed() < Duration::from_secs(20), "this takes for ever:\n{text}");
    }

    #[test]
    fn a_broken_override_is_refused_or_loads(
        path in "[a-z.\\[\\]0-9\" ]{0,12}",
        known in prop::sample::select(vec!["app.", "clients.", "topology", "users.", "", "expect[0]"]),
        value in prop::sample::select(TOKENS),
    ) {
        let set = format!("{known}{path}={value}");
        let loaded = load_text(Path::new("scenarios/queueing/mm1.yaml"), MM1, &[Change::Set(set)]);
        if let Err(faults) = loaded {
            prop_assert!(faults.render(true).contains("error"));
        }
    }
}
