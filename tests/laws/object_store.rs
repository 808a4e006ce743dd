//! Object stores: how long a request takes by its bytes, and what a prefix turns away, to the
//! request.

use deploysim::experiment::results::Results;

use crate::{close, count, run, with_faults};

fn store(clients: &str, store: &str, duration: &str) -> Results {
    let (store, faults) = with_faults(store);
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
catalog: {{photos: {{keys: 1000, popularity: uniform}}}}
clients: {{app: {{target: store, {clients}}}}}
topology: {{store: {{object_store: {store}}}}}
faults: {faults}
"
    ))
}

#[test]
fn a_request_takes_its_latency_and_its_bytes_over_the_bandwidth() {
    let put = "requests: {put: {request_size: 200kB, response_size: 300kB}}";
    // All at once, and each at the whole bandwidth.
    let clients = format!("users: {{count: 5, think: 1s}}, {put}");
    let results = store(&clients, "{latency: 100ms, bandwidth: 1MB/s}", "4s");
    assert_eq!(count(&results, "ok"), 10);
    close(results.total.mean_latency.mean, 0.6);
}

#[test]
fn a_prefix_turns_away_what_is_beyond_its_rate() {
    let get = "arrivals: constant(15/s), requests: {get: {}}";
    let limit = "{latency: 10ms, requests: {rate: 10/s, burst: 1}}";
    // One of those that come in each 100 ms passes, in the first by the token that is there.
    let results = store(get, limit, "99.99s");
    assert_eq!((count(&results, "ok"), count(&results, "rejected by store")), (1_000, 499));
}

/// Each of two prefixes takes as many as the one did, and the keys of a catalog are spread over
/// them: of 1,000 keys about as many to each.
#[test]
fn each_prefix_has_a_rate_of_its_own() {
    for keys in ["{}", "{keys: photos}"] {
        let get = format!("arrivals: constant(15/s), requests: {{get: {keys}}}");
        let limit = "{latency: 10ms, requests: {rate: 10/s, burst: 50}, prefixes: 2}";
        let results = store(&get, limit, "100.05s");
        assert_eq!((count(&results, "ok"), results.total.arrivals), (1_500, 1_500), "{keys}");
    }
    let one_key = "arrivals: constant(15/s), requests: {get: {keys: photos}}";
    let limit = "{latency: 10ms, requests: {rate: 10/s, burst: 1}, prefixes: 1000}";
    let scattered = store(one_key, limit, "100.05s");
    assert!(count(&scattered, "rejected by store") < 5, "{:?}", scattered.total.outcomes);
}

#[test]
fn a_fault_slows_it_or_takes_it_away() {
    let clients =
        "users: {count: 1, think: 1s}, requests: {get: {request_size: 0B, response_size: 0B}}";
    // Sent at 1 and answered at 1.1, sent at 2.1 at half the speed: until 2.3; sent at 3.3 in vain.
    let faults = "[{slow: store, to: 50%, at: 2s, for: 1s}, {crash: store, at: 3s}]";
    let results = store(clients, &format!("{{latency: 100ms}} faults: {faults}"), "4s");
    assert_eq!((count(&results, "ok"), count(&results, "failed at store")), (2, 1));
    close(results.total.mean_latency.mean, 0.15);
}
