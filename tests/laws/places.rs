//! Instances in regions, zones, racks and machines: what a fault takes down there, to the request.

use deploysim::experiment::Results;
use deploysim::experiment::results::Decision;

use crate::{count, run};

/// Ninety requests a second, in turn to each of six servers, of which one that is down fails its
/// requests at once: 30 are sent in the two seconds of a fault to each.
fn six(places: &str, server: &str, fault: &str) -> Results {
    run(&format!(
        "
duration: 6.005s
warmup: 0
replications: 1
{places}
clients: {{users: {{arrivals: constant(90/s), target: front, requests: {{get: {{}}}}}}}}
topology:
  front: {{load_balancer: {{policy: round_robin, backends: [app]}}}}
  app: {{server: {{{server}, endpoints: {{get: [{{cpu: 0ms}}]}}}}}}
faults: [{{{fault}, at: 2.002s, for: 2s}}]
"
    ))
}

const EAST: &str = "regions: {east: {zones: [a, b, c]}, west: {}}";

#[track_caller]
fn check(places: &str, server: &str, fault: &str, down: u64) {
    let results = six(places, server, fault);
    assert_eq!(count(&results, "failed at app"), 30 * down, "{server}, {fault}");
}

#[test]
fn a_zone_takes_down_what_was_dealt_to_it_and_a_region_what_is_in_it() {
    let check = |server: &str, fault: &str, down| check(EAST, server, fault, down);
    let all = "replicas: 6, place: east";
    check(all, "crash: east.a", 2);
    check(all, "crash: app@east.c", 2);
    check(all, "crash: east", 6);
    check(all, "crash: 50% of app@east.b", 1);
    check(all, "crash: 25% of app@east", 2);
    check("replicas: 6, place: [east.a, west]", "crash: east.a", 3);
    check("replicas: 6, place: [east, west]", "crash: east.b", 1);
    check("replicas: 6, place: [east, west]", "crash: west", 3);
    check("replicas: 6, place: east.b", "crash: \"app[1]\"", 1);
}

#[test]
fn what_spans_a_region_outlives_its_zones() {
    let servers = "replicas: [{count: 4, place: east, across: zones}, {count: 2, place: west}]";
    check(EAST, servers, "crash: east.a", 2);
    let spanning = "replicas: [{count: 4, place: east, across: region}, {count: 2, place: east}]";
    check(EAST, spanning, "crash: east.a", 1);
    check(EAST, spanning, "crash: east", 6);
}

#[test]
fn groups_without_a_place_take_those_of_their_server_in_turn() {
    let groups = "place: [east.a, west], replicas: [{count: 3}, {count: 2}, {count: 1}]";
    check(EAST, groups, "crash: west", 3);
    let own = "place: east, replicas: [{count: 5}, {count: 1, place: west}]";
    check(EAST, own, "crash: east.b", 2);
    check(EAST, own, "crash: west", 1);
}

#[test]
fn a_machine_takes_down_what_is_on_it_and_a_rack_its_machines() {
    let places = "
regions: {east: {zones: [a, b]}}
machines:
  box: {place: east.a, count: 2, rack: r1}
  cabin: {place: east.a, rack: r1}
  shed: {place: east, count: 3}";
    let check = |server: &str, fault: &str, down| check(places, server, fault, down);
    let mixed = "replicas: 6, place: [box, cabin, shed]";
    check(mixed, "crash: box", 2);
    check(mixed, "crash: \"box[1]\"", 1);
    check(mixed, "crash: r1", 4);
    // The machines of the shed are dealt over both zones.
    check(mixed, "crash: east.b", 1);
    check(mixed, "crash: \"app@shed[0]\"", 1);
    check("replicas: 6, place: 'box[1]'", "crash: 'box[1]'", 6);
    check("replicas: 6, place: shed", "crash: 50% of shed", 4);
}

#[test]
fn by_chance_a_region_fails_at_once_and_each_of_its_machines_by_itself() {
    let failed = |scope: &str| {
        let results = run(&format!(
            "
duration: 300s
warmup: 0
replications: 1
regions: {{east: {{}}}}
machines: {{box: {{place: east, count: 2}}}}
clients:
  some: {{arrivals: constant(10/s), target: one, requests: {{get: {{}}}}}}
  others: {{arrivals: constant(10/s), target: two, requests: {{get: {{}}}}}}
topology:
  one: {{server: {{place: 'box[0]', endpoints: {{get: [{{cpu: 0ms}}]}}}}}}
  two: {{server: {{place: 'box[1]', endpoints: {{get: [{{cpu: 0ms}}]}}}}}}
faults: [{{crash: {scope}, every: exp(20s), for: exp(20s)}}]
"
        ));
        ["one", "two"].map(|name| count(&results, &format!("failed at {name}")))
    };
    let [one, two] = failed("east");
    assert!(one > 0 && one == two, "one clock: {one} and {two}");
    let [one, two] = failed("box");
    assert!(one > 0 && two > 0 && one != two, "two clocks: {one} and {two}");
}

#[test]
fn a_region_that_is_cut_off_keeps_those_who_are_in_it() {
    let cut = |partition: &str| {
        let results = run(&format!(
            "
duration: 6.005s
warmup: 0
replications: 1
regions: {{east: {{}}, west: {{}}}}
clients:
  easterners: {{place: east, timeout: 100ms, arrivals: constant(100/s), target: app, requests: {{get: {{}}}}}}
  westerners: {{place: west, timeout: 100ms, arrivals: constant(100/s), target: app, requests: {{put: {{}}}}}}
topology:
  app: {{server: {{place: east, endpoints: {{get: [{{cpu: 0ms}}], put: [{{cpu: 0ms}}]}}}}}}
faults: [{{partition: {partition}, at: 2.002s, for: 2s}}]
"
        ));
        let of = |name: &str| {
            let found = results.requests.iter().find(|result| result.request == name);
            let outcomes = &found.expect("it is sent").outcomes;
            outcomes.iter().find(|of| of.outcome == "timed out").map_or(0, |of| of.count)
        };
        (of("get"), of("put"))
    };
    assert_eq!(cut("east, from: west"), (0, 200));
    assert_eq!(cut("west"), (0, 200));
    assert_eq!(cut("app@east"), (200, 200));
}

/// The same figure of one place after another: six servers in turn, each of three zones with two
/// of them, and clients in two regions.
#[test]
fn a_figure_of_a_place_is_that_of_what_is_there() {
    let results = run("
duration: 10.005s
warmup: 0
replications: 2
regions: {east: {zones: [a, b, c]}, west: {}}
clients:
  near: {place: east, arrivals: constant(60/s), target: front, requests: {get: {}}}
  far: {place: west, arrivals: constant(30/s), target: front, requests: {get: {}}}
topology:
  front: {load_balancer: {policy: round_robin, backends: [app]}}
  app:
    server:
      replicas: [{count: 3, place: east}, {count: 3, place: west, speed: 0.5}]
      endpoints: {get: [{cpu: 2ms}]}
expect:
  - arrivals(get @ east) >= 600
  - arrivals(get @ east) <= 600
  - arrivals(get @ west) >= 300
  - arrivals(get @ west) <= 300
  - throughput(near) >= 59.9/s
  - utilisation:cpu(app[0]) <= 3.01%
  - utilisation:cpu(app@east) <= 3.01%
  - utilisation:cpu(app@east) >= 2.99%
  - utilisation:cpu(app@east.b) >= 2.99%
  - capacity:cpu(app@west) >= 3
  - utilisation:cpu(app@west) >= 5.9%
");
    let failed = results.verdicts.iter().filter(|verdict| verdict.holds != Decision::Holds);
    let failed: Vec<_> = failed.map(|verdict| (&verdict.expectation, &verdict.found)).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// A hundred requests a second take 5 ms each of five servers in turn, of which the fourth, in the
/// first of three zones, is down from the middle on.
#[test]
fn a_figure_of_a_place_is_of_the_instances_there_together() {
    let results = run("
duration: 10.005s
warmup: 5ms
replications: 1
regions: {east: {zones: [a, b, c]}}
clients: {users: {arrivals: constant(100/s), target: front, requests: {get: {}}}}
topology:
  front: {load_balancer: {policy: round_robin, backends: [app]}}
  app: {server: {replicas: 5, place: east, endpoints: {get: [{cpu: 5ms}]}}}
faults: [{crash: \"app[3]\", at: 5.005s}]
expect:
  - utilisation(app[0]) < 1
  - utilisation(app[3]) < 1
  - utilisation(app@east.a) < 1
  - utilisation(app@east.a) during 6.005s..9.005s < 1
  - utilisation_busiest:cpu(app@east.a) < 1
  - answered(app[0]) < 1/s
  - answered(app[3]) < 1/s
  - answered(app@east.a) < 1/s
  - answered(app@east) < 1/s
  - imbalance(app@east.c) < 2
  - imbalance(app@east.a) < 2
");
    let found: Vec<&str> = results.verdicts.iter().map(|verdict| &*verdict.found).collect();
    assert_eq!(found[..5], ["10.0%"; 5]);
    assert_eq!(found[5..], ["20.0/s", "10.0/s", "30.0/s", "90.0/s", "1.00", "1.33"]);
}

#[test]
fn requests_from_a_place_are_those_of_the_clients_there() {
    let results = run("
duration: 10.05s
warmup: 0
replications: 1
regions: {east: {zones: [a]}, west: {}}
clients:
  some: {place: east.a, arrivals: constant(10/s), target: app, requests: {get: {}}}
  others: {place: west, arrivals: constant(20/s), target: app, requests: {get: {}}}
  more: {place: west, arrivals: constant(40/s), target: app, requests: {put: {}}}
topology: {app: {server: {endpoints: {get: [{cpu: 0ms}], put: [{cpu: 0ms}]}}}}
expect:
  - arrivals(get @ east) < 1
  - arrivals(get @ west) < 1
  - arrivals(west) < 1
  - arrivals(others @ west) < 1
  - arrivals(east.a) < 1
");
    let found: Vec<&str> = results.verdicts.iter().map(|verdict| &*verdict.found).collect();
    assert_eq!(found, ["100", "201", "603", "201", "100"]);
}

#[test]
fn requests_from_a_place_can_be_traced() {
    let text = "
regions: {east: {}, west: {}}
clients: {users: {place: east, arrivals: poisson(10/s), target: app, requests: {get: {}}}}
topology: {app: {server: {endpoints: {get: [{cpu: 1ms}]}}}}
";
    let scenario = deploysim::Scenario::parse(text).unwrap_or_else(|faults| panic!("{faults}"));
    let traced = |requests: &str| deploysim::scenario::traced(&scenario, requests);
    let wanted = traced("5(get @ east)").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(wanted.request_types, [0]);
    assert!(traced("5(get @ west)").is_err());
}
