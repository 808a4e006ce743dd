//! Links that are slower for a while, to the nanosecond.

use deploysim::experiment::Results;

use crate::run;

/// A user asks `app`, which answers at once, a second after each answer; `other` asks it over a
/// link of its own, whose delays are drawn.
fn asked(link: &str, faults: &str) -> Results {
    run(&format!(
        "
duration: 4s
warmup: 0
replications: 1
clients:
  user:
    users: {{count: 1, think: 1s}}
    target: app
    requests: {{get: {{request_size: 1000B, response_size: 3kB}}}}
  other: {{arrivals: poisson(20/s), target: app, requests: {{get: {{}}}}}}
links: {{user -> app: {link}, other -> app: exp(10ms)}}
topology: {{app: {{server: {{workers: unlimited, endpoints: {{get: [{{cpu: 0}}]}}}}}}}}
faults: [{faults}]
"
    ))
}

/// The shortest, the longest and the mean latency of the user (ns).
fn latencies(results: &Results) -> (u64, u64, u64) {
    let user = &results.requests[0];
    let [least, most] =
        [user.histogram.min(), user.histogram.max()].map(|found| found.expect("some"));
    (least, most, (user.mean_latency.mean * 1e9).round() as u64)
}

#[test]
fn messages_take_longer_while_a_delay_lasts() {
    let all_is_well = asked("10ms", "");
    assert_eq!(latencies(&all_is_well), (20_000_000, 20_000_000, 20_000_000));
    // Sent at 1 s, 2.02 s and 3.14 s; of the second both messages are late.
    let late = asked("10ms", "{delay: user -> app, by: 50ms, at: 1.5s, for: 1s}");
    assert_eq!(latencies(&late), (20_000_000, 120_000_000, 53_333_333));
    // The answer alone, which is sent at 2.03 s.
    let back = asked("10ms", "{delay: user -> app, by: 50ms, at: 2.025s, for: 10ms}");
    assert_eq!(latencies(&back), (20_000_000, 70_000_000, 36_666_667));
    let alike = |results: &Results| results.requests[1].mean_latency.mean.to_bits();
    assert!([&late, &back].iter().all(|found| alike(found) == alike(&all_is_well)));
}

#[test]
fn delays_add_up_and_a_bandwidth_stays_as_it_is() {
    // 1000 bytes and 3000 bytes at 3 Mbit/s: 8/3 ms, rounded, and 8 ms.
    let link = "{delay: 1ms, bandwidth: 3Mbit/s}";
    let fault = "{delay: user -> app, by: 50ms, at: 1.5s, for: 1s}";
    let once = asked(link, fault);
    assert_eq!(latencies(&once).1, 12_666_667 + 100_000_000);
    let twice = asked(link, &format!("{fault}, {fault}"));
    assert_eq!(latencies(&twice).1, 12_666_667 + 200_000_000);
}
