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

/// 10 MB by parts of 3 MB: four of them, the last of 1 MB, each 100 ms and 10 ms for each MB.
#[test]
fn a_large_object_is_moved_by_parts_of_which_several_go_at_once() {
    let get =
        "users: {count: 1, think: 1s}, requests: {get: {request_size: 0B, response_size: 10MB}}";
    for (ranges, takes, requests) in [
        ("", 0.2, 1),
        ("ranges: {part: 3MB, at_once: 4}, ", 0.13, 4),
        ("ranges: {part: 3MB, at_once: 1}, ", 0.5, 4),
        // The third begins when the first is there, and the fourth with it: 130 + 110 ms.
        ("ranges: {part: 3MB, at_once: 2}, ", 0.26, 4),
        ("ranges: 10MB, ", 0.2, 1),
        ("ranges: 6MB, ", 0.16, 2),
    ] {
        let words = format!("{{{ranges}latency: 100ms, bandwidth: 100MB/s}}");
        let results = store(get, &words, "1.9s");
        close(results.total.mean_latency.mean, takes);
        let gets = crate::at(&results, "store").measures.estimate("gets");
        close(gets.mean, f64::from(requests));
    }
    // A prefix counts each part.
    let limit = "{ranges: 1MB, latency: 10ms, requests: {rate: 1/min, burst: 9}}";
    let results = store(get, limit, "1.9s");
    assert_eq!(count(&results, "rejected by store"), 1);
}

#[test]
fn requests_cost_what_their_kind_does() {
    let clients = "arrivals: constant(100/s), requests: {get: {}, PUT /photo: {weight: 1}}";
    let results = store(clients, "{latency: 0, price: {get: 0.0004, put: 0.005}}", "100.005s");
    let of = |name: &str| crate::at(&results, "store").measures.estimate(name).mean;
    assert_eq!((of("gets") + of("puts")) as u64, 10_000);
    assert!((of("puts") - 5_000.0).abs() < 300.0, "{}", of("puts"));
    close(of("request_cost"), of("gets") * 4e-7 + of("puts") * 5e-6);
}
