//! What `deploysim explain` says of its own models: an assumption that does not hold is named where
//! it matters, and none is named that holds.

use std::path::Path;

use deploysim::experiment::explain::{AnalyticModel, ComponentTheory, analytic_model};
use deploysim::scenario::{load, load_text};

use crate::support::{root, shipped, shipped_file};

/// The model of a scenario that stands here.
fn model(text: &str) -> AnalyticModel {
    let scenario = load_text(Path::new("x.yaml"), text, &[]);
    analytic_model(&scenario.unwrap_or_else(|faults| panic!("{faults}\n{text}")))
}

/// The model of a scenario that is shipped.
fn of_shipped(name: &str) -> AnalyticModel {
    analytic_model(&load(&shipped_file(name), &[]).expect("this is sound"))
}

/// Clients who send as given, to the component `target` of a topology.
fn sent(clients: &str, target: &str, topology: &str) -> AnalyticModel {
    model(&format!(
        "duration: 20min\nwarmup: 0\nclients: {{u: {{{clients}, target: {target}, timeout: none, \
         requests: {{r: }}}}}}\ntopology: {{{topology}}}\n"
    ))
}

fn component<'a>(model: &'a AnalyticModel, name: &str) -> &'a ComponentTheory {
    model.components.iter().find(|component| component.name == name).expect("it is there")
}

/// Everything that is said not to hold.
fn named(model: &AnalyticModel) -> Vec<String> {
    let components = model.components.iter().flat_map(|component| {
        component.broken.iter().map(|one| format!("{}: {}", component.name, one.what))
    });
    components.chain(model.broken.iter().map(|one| one.what.clone())).collect()
}

#[track_caller]
fn near(found: f64, expected: f64, share: f64) {
    assert!((found / expected - 1.0).abs() < share, "{found}, not {expected}");
}

/// Every caveat of every shipped scenario, read over by hand: each names what does not hold there,
/// and none is missing. `DEPLOYSIM_BLESS=1` writes them anew.
#[test]
fn the_caveats_of_shipped_scenarios_are_those_that_were_read_over() {
    let mut found = String::new();
    for path in shipped() {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a plain name");
        found += &format!("{name}\n");
        for line in named(&of_shipped(name)) {
            found += &format!("  {line}\n");
        }
    }
    let file = root().join("tests/all/caveats.txt");
    if std::env::var_os("DEPLOYSIM_BLESS").is_some() {
        std::fs::write(&file, &found).expect("the file can be written");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), found);
}

/// Behind a balancer, and in the second of two tiers.
const BEHIND: [(&str, &str); 2] = [
    (
        "front",
        "front: {load_balancer: {policy: random, backends: q}}, q: {server: {replicas: 2, \
         workers: 1, queue: {limit: unlimited}, endpoints: {r: [cpu: exp(10ms)]}}}",
    ),
    (
        "front",
        "front: {server: {workers: unlimited, endpoints: {r: [io: 5ms, read: q]}}}, \
         q: {database: {cores: 2, connections: unlimited, read: exp(10ms)}}",
    ),
];

#[test]
fn what_is_no_poisson_process_is_named_where_it_queues() {
    for (arrivals, word) in [
        ("arrivals: \"wave(mean=140/s, amplitude=120/s, period=5min)\"", "changes with time"),
        ("arrivals: \"spike(base=100/s, peak=300/s, at=5min, for=1min)\"", "changes with time"),
        ("arrivals: \"ramp(to=150/s, over=10min)\"", "changes with time"),
        ("arrivals: {mmpp: [{rate: 50/s, for: 1min}, {rate: 400/s, for: 5s}]}", "in bursts"),
        ("arrivals: poisson(10/s), batch: 10", "several at once"),
        ("arrivals: constant(140/s)", "equal intervals"),
        ("arrivals: \"renewal(erlang(3, 7ms))\"", "their own distribution"),
    ] {
        for (target, topology) in BEHIND {
            let model = sent(arrivals, target, topology);
            let broken = &component(&model, "q").broken;
            let found = broken.iter().find(|one| one.what.contains(word));
            let found = found.unwrap_or_else(|| panic!("{arrivals}: {:?}", named(&model)));
            let overflows = ["wave", "spike", "mmpp"].iter().any(|one| arrivals.contains(one));
            let said = found.what.contains("and 200/s can be served");
            assert_eq!(said, overflows, "{arrivals}: {}", found.what);
        }
    }
}

/// What is a Poisson process by another name is one.
#[test]
fn a_poisson_process_by_another_name_is_one() {
    for arrivals in [
        "arrivals: poisson(100/s)",
        "arrivals: poisson(100/s), batch: 1",
        "arrivals: \"renewal(exp(10ms))\"",
        "arrivals: \"renewal(erlang(1, 10ms))\"",
        "arrivals: {mmpp: [{rate: 100/s, for: 1min}]}",
        "arrivals: \"wave(mean=100/s, amplitude=0/s, period=5min)\"",
    ] {
        for (target, topology) in BEHIND {
            let found = named(&sent(arrivals, target, topology));
            assert!(found.is_empty(), "{arrivals}: {found:?}");
        }
    }
    // What changes before figures are taken changes nothing, and does not count in the mean.
    let text = "duration: 20min\nwarmup: 5min\nclients: {u: {arrivals: \"ramp(to=80/s, \
                over=5min)\", target: q, requests: {r: }}}\ntopology: {q: {server: {workers: 1, \
                queue: {limit: unlimited}, endpoints: {r: [cpu: exp(10ms)]}}}}\n";
    let found = model(text);
    assert!(found.components[0].broken.is_empty(), "{:?}", named(&found));
    near(found.latency, 0.05, 1e-9);
}

/// A server of these workers and this queue, whose endpoint takes these steps.
fn server(workers: &str, rest: &str, steps: &str) -> String {
    format!("q: {{server: {{workers: {workers}, {rest}, endpoints: {{r: [{steps}]}}}}}}")
}

#[test]
fn no_caveat_is_printed_where_its_assumption_holds() {
    let one = |steps: &str| server("1", "queue: {limit: unlimited}", steps);
    for topology in [
        // M/G/1, with the exact spread of what is done several times or by chance.
        one("repeat: {times: 5, steps: [cpu: exp(1ms)]}"),
        one("repeat: {times: \"geometric(3)\", steps: [cpu: exp(1ms)]}"),
        one("branch: [{p: 20%, steps: [cpu: 10ms]}, {steps: [cpu: 1ms]}]"),
        // M/M/c/K of workers that are held while they wait for io.
        server("4", "queue: {limit: 3}", "io: exp(80ms)"),
        server("4", "cores: 8, queue: {limit: 3}", "io: exp(80ms)"),
        // Shared cores.
        server("unlimited", "cores: 2", "cpu: \"lognormal(mean=30ms, cv=3)\""),
        // The order in which they are served does not matter to the mean.
        server("1", "queue: {limit: unlimited, order: priority}", "cpu: exp(10ms)"),
        server("1", "queue: {limit: unlimited}, scheduling: preemptive_priority", "cpu: exp(10ms)"),
    ] {
        let found = sent("arrivals: poisson(50/s)", "q", &topology);
        assert!(named(&found).is_empty(), "{topology}: {:?}", named(&found));
    }
    // Pollaczek and Khinchine: 50/s of Erlang(5, 1 ms).
    let erlang =
        sent("arrivals: poisson(50/s)", "q", &one("repeat: {times: 5, steps: [cpu: exp(1ms)]}"));
    near(erlang.components[0].wait, 50.0 * 30e-6 / 2.0 / 0.75, 1e-9);
    // A geometric number of exponential times is exponential.
    let geometric = one("repeat: {times: \"geometric(3)\", steps: [cpu: exp(1ms)]}");
    let geometric = sent("arrivals: poisson(50/s)", "q", &geometric);
    near(geometric.components[0].wait, 0.003 * 0.15 / 0.85, 1e-9);
}

#[test]
fn caches_are_asked_by_their_hit_ratio_and_what_is_at_once_takes_the_longest() {
    let aside = of_shipped("cache-aside");
    near(aside.latency, 4.3e-3, 0.03);
    near(component(&aside, "memo").hit_ratio.expect("a cache"), 0.685, 0.02);
    // 1 - 0.995^100 = 39% of them meet a second; the others the longest of a hundred.
    near(of_shipped("fan-out").alone, 0.1575, 0.02);
    let harmonic = |from: u32, to: u32| (from..=to).map(|k| 1.0 / f64::from(k)).sum::<f64>();
    for (steps, seconds) in [
        ("parallel: {copies: 10, steps: [io: exp(10ms)]}", 0.01 * harmonic(1, 10)),
        ("parallel: {copies: 10, wait: 7, steps: [io: exp(10ms)]}", 0.01 * harmonic(4, 10)),
        ("parallel: {wait: first, steps: [[io: 9ms], [io: 4ms], [io: 7ms]]}", 0.004),
        ("parallel: [[io: 9ms], [io: 4ms, io: 7ms]], io: 1ms", 0.012),
        ("parallel: [[parallel: [[io: 2ms], [io: 6ms]], io: 1ms], [io: 5ms]]", 0.007),
    ] {
        let found = sent("arrivals: poisson(1/s)", "q", &server("unlimited", "cores: 1", steps));
        near(found.alone, seconds, 0.01);
        near(found.latency, seconds, 0.01);
        assert!(named(&found).is_empty(), "{steps}: {:?}", named(&found));
    }
}

/// Che's approximation where it is exact or nearly: equal objects, a time to live, invalidation.
#[test]
fn hit_ratios_are_known_beforehand() {
    let cached = |catalog: &str, cache: &str| {
        let text = format!(
            "catalog: {{things: {{{catalog}}}}}\nclients: {{u: {{arrivals: poisson(100/s), target: \
             app, requests: {{r: {{keys: things}}}}}}}}\ntopology:\n  app: {{server: {{endpoints: \
             {{r: [cache: {{in: memo, miss: [io: 5ms]}}]}}}}}}\n  memo: {{cache: {{{cache}}}}}\n"
        );
        component(&model(&text), "memo").hit_ratio.expect("a cache")
    };
    let equal = "keys: 1k, popularity: uniform";
    for eviction in ["lru", "fifo", "random"] {
        let cache = format!("capacity: 400 entries, eviction: {eviction}");
        near(cached(equal, &cache), 0.4, 1e-3);
    }
    near(cached(equal, "ttl: 30s"), 3.0 / 4.0, 1e-9);
    near(cached(equal, "capacity: 10MiB, ttl: 10s"), 0.5, 1e-9);
    near(
        cached("keys: 10, popularity: uniform, absent: 20%", "{}".trim_matches(['{', '}'])),
        0.8,
        1e-9,
    );
}

#[test]
fn held_workers_are_a_centre_of_the_network_of_users() {
    let users = |count: u32, server: &str| {
        sent(&format!("users: {{count: {count}, think: exp(1s)}}"), "q", server)
    };
    let held = users(50, &server("4", "cores: 4", "cpu: exp(10ms), io: exp(200ms)"));
    near(held.throughput, 4.0 / 0.21, 2e-3);
    near(held.latency, 50.0 * 0.21 / 4.0 - 1.0, 5e-3);
    assert!(named(&held)[0].contains("not exponential"), "{:?}", named(&held));
    // Exponential io alone is a machine repairman's several servers: a birth-death chain.
    let exact = users(3, &server("1", "cores: 1", "io: exp(500ms)"));
    let weights = [1.0, 1.5, 1.5, 0.75];
    near(exact.throughput, 2.0 * (1.0 - weights[0] / weights.iter().sum::<f64>()), 1e-9);
    assert!(named(&exact).is_empty(), "{:?}", named(&exact));
    // One worker who waits for a database: as if all were done by that worker.
    let tiers = "q: {server: {workers: 2, endpoints: {r: [read: main]}}}, \
                 main: {database: {cores: 4, read: exp(100ms)}}";
    near(users(100, tiers).throughput, 20.0, 1e-2);
    // A gateway in front bounds nobody.
    let gateway = "q: {server: {workers: 1000, endpoints: {r: [call: app]}}}, app: {server: \
                   {workers: 2, endpoints: {r: [io: exp(100ms)]}}}";
    near(users(100, gateway).throughput, 20.0, 1e-2);
    // Too many workers to look at one by one, and too many users: bounds are kept, and it is said.
    let crowd = users(50_000, &server("6000", "cores: 1", "cpu: exp(1ms), io: exp(200ms)"));
    near(crowd.throughput, 1000.0, 1e-2);
    near(crowd.latency, 49.0, 5e-2);
    assert!(named(&crowd).iter().any(|one| one.contains("too many")), "{:?}", named(&crowd));
    for model in [&held, &exact, &users(100, tiers), &users(100, gateway), &crowd] {
        let bound = model.bounds.expect("only users");
        assert!(bound.knee.is_finite() && model.throughput <= bound.throughput * (1.0 + 1e-9));
        let least = model.resources.iter().map(|one| one.full_at).fold(f64::INFINITY, f64::min);
        assert!(model.throughput <= least * (1.0 + 1e-9), "{model:?}");
    }
}

#[test]
fn priorities_and_kinds_of_users_are_assumptions() {
    let priorities = |scheduling: &str, clients: [&str; 2]| {
        let [a, b] = clients;
        let found = model(&format!(
            "clients:\n  a: {{{a}, target: s, timeout: none, requests: {{hi: {{priority: 0}}}}}}\n  \
             b: {{{b}, target: s, timeout: none, requests: {{lo: {{priority: 1}}}}}}\ntopology: {{s: \
             {{server: {{workers: 1, {scheduling}, endpoints: {{hi: [cpu: exp(20ms)], lo: [cpu: \
             exp(150ms)]}}}}}}}}\n"
        ));
        named(&found).join("; ")
    };
    let open = ["arrivals: poisson(2/s)", "arrivals: poisson(5/s)"];
    let closed = ["users: {count: 2, think: exp(1s)}", "users: {count: 5, think: exp(1s)}"];
    let queued = "queue: {limit: unlimited, order: priority}";
    let preempted = "queue: {limit: unlimited}, scheduling: preemptive_priority";
    for clients in [open, closed] {
        assert!(priorities(queued, clients).contains("the urgent are served first"));
        assert!(priorities(preempted, clients).contains("take the core from others"));
        assert!(!priorities("queue: {limit: unlimited}", clients).contains("urgent"));
    }
    let kinds = priorities("queue: {limit: unlimited}", closed);
    assert!(kinds.contains("users of several kinds"), "{kinds}");
    // Alike in all that they do, they are of one kind.
    let alike = model(
        "clients:\n  a: {users: {count: 3}, target: s, timeout: none, requests: {r: }}\n  b: \
         {users: {count: 4}, target: s, timeout: none, requests: {r: }}\ntopology: {s: {server: \
         {workers: 1, endpoints: {r: [cpu: exp(20ms)]}}}}\n",
    );
    assert!(named(&alike).is_empty(), "{:?}", named(&alike));
    let constant = server("1", "queue: {limit: unlimited}", "cpu: 100ms");
    let constant = sent("users: {count: 20, think: exp(1s)}", "q", &constant);
    assert!(named(&constant)[0].contains("service is not exponential"), "{:?}", named(&constant));
}

#[test]
fn a_row_is_of_one_thing_that_is_used() {
    let slow = of_shipped("slow-database");
    for row in &slow.resources {
        assert!(row.demand > 0.0, "{row:?}");
        if row.full_at.is_finite() && row.utilisation > 0.999 {
            assert!(row.full_at <= slow.rate * 1.001, "{row:?} at {}", slow.rate);
        }
    }
    let io = sent("arrivals: poisson(9/s)", "q", &server("4", "cores: 1", "io: exp(80ms)"));
    let rows: Vec<&str> = io.resources.iter().map(|row| row.resource).collect();
    assert_eq!(rows, ["workers"]);
}

/// What is said of a model only where it matters, and everywhere where it does.
#[test]
fn what_a_component_does_is_named_where_it_matters() {
    let check = |clients: &str, topology: &str, word: &str, expected: bool| {
        let found =
            named(&sent(clients, if topology.contains("front") { "front" } else { "q" }, topology));
        let said = found.iter().any(|one| one.contains(word));
        assert_eq!(said, expected, "{clients} {topology}: {found:?}");
    };
    let timeout = server("1", "queue: {limit: unlimited, timeout: 1s}", "cpu: exp(10ms)");
    check("arrivals: poisson(50/s)", &timeout, "leave the queue", true);
    check("users: {count: 20, think: exp(100ms)}", &timeout, "leave the queue", true);
    check("arrivals: poisson(0.001/s)", &timeout, "leave the queue", false);
    let neighbours = "neighbours: {share: 50%}";
    let alone = server("unlimited", neighbours, "cpu: exp(10ms)");
    check("arrivals: poisson(0.001/s)", &alone, "noisy neighbours", true);
    let pair = "front: {load_balancer: {policy: least_connections, backends: q}}, q: {server: \
                {replicas: 2, workers: 1, endpoints: {r: [cpu: exp(10ms)]}}}";
    check("arrivals: poisson(50/s)", pair, "least to do", true);
    check("users: {count: 20, think: exp(100ms)}", pair, "least to do", true);
    check("users: {count: 20, ramp: 5min}", &timeout, "come one after another", true);
    check("users: {count: 20}", &timeout, "come one after another", false);
    let patient = |wait: &str| {
        format!(
            "q: {{server: {{endpoints: {{r: [call: {{to: main, timeout: {wait}}}]}}}}}}, main: \
             {{server: {{endpoints: {{r: [cpu: exp(10ms)]}}}}}}"
        )
    };
    check("arrivals: poisson(10/s)", &patient("30ms"), "gives up on main", true);
    check("arrivals: poisson(10/s)", &patient("1s"), "gives up on main", false);
    let at_once = "q: {server: {workers: unlimited, endpoints: {r: [parallel: {copies: 9, steps: \
                   [read: main]}]}}}, main: {database: {cores: 4, read: exp(10ms)}}";
    check("arrivals: poisson(10/s)", at_once, "several at once", true);
}
