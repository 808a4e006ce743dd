//! Message queues, to the message: who takes them, when they are delivered again, and what becomes
//! of them.

use deploysim::experiment::Results;

use crate::{at, close, count, run, with_faults};

/// Senders who put a message every second, the first at 1 s, and what follows them.
fn queue(queue: &str, worker: &str, duration: &str) -> Results {
    let (queue, faults) = with_faults(queue);
    run(&format!(
        "
duration: {duration}
warmup: 0
replications: 1
clients: {{senders: {{arrivals: constant(1/s), target: app, requests: {{get: {{}}}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{send: jobs}}]}}}}}}
  jobs: {{message_queue: {{latency: 10ms, {queue}}}}}
  worker: {{server: {{{worker}}}}}
  dead: {{message_queue: {{latency: 0}}}}
  broken: {{external: {{latency: 0, error_rate: 100%}}}}
faults: {faults}
"
    ))
}

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "jobs").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// Put, delivered, done; redelivered in vain, dead, expired, lost, left.
fn counts(results: &Results) -> ([u64; 3], [u64; 5]) {
    let of = |name| figure(results, name) as u64;
    let messages = ["put", "deliveries", "done"].map(of);
    let others = ["duplicates", "dead_letters", "expired", "lost_messages", "left"].map(of);
    let [put, _, done] = messages;
    let [_, dead, expired, lost, left] = others;
    assert_eq!(put, done + dead + expired + lost + left, "no message is lost silently");
    (messages, others)
}

#[test]
fn a_sender_waits_for_the_queue_alone_and_a_job_is_nobodys_waste() {
    // Put at 1.01, 2.01, .. s, and done 300 ms later.
    let results = queue("", "consumes: jobs, endpoints: {jobs: [cpu: 300ms]}", "10.5s");
    assert_eq!(counts(&results), ([10, 10, 10], [0; 5]));
    close(results.total.mean_latency.mean, 0.01);
    close(figure(&results, "completion"), 0.3);
    close(figure(&results, "delivery_wait"), 0.0);
    assert_eq!((count(&results, "ok"), results.total.arrivals), (10, 10));
    assert_eq!((at(&results, "worker").wasted, at(&results, "worker").visits), (0, 10));
}

#[test]
fn messages_wait_for_a_consumer_with_room_the_oldest_first() {
    // One at a time, for 2 s: from 1.01 s on; the k-th is done at 1.01 + 2k.
    let worker = "consumes: jobs, workers: 5, endpoints: {jobs: [io: 2s]}";
    let results = queue("", worker, "9.5s");
    assert_eq!(counts(&results), ([9, 5, 4], [0, 0, 0, 0, 5]));
    // Waits of 0, 1, 2, 3, 4 s, and 2 s of work.
    close(figure(&results, "delivery_wait"), 2.0);
    close(figure(&results, "completion"), 3.5);
    // At 9.01 s one comes just before another is taken.
    close(at(&results, "jobs").queue_max as f64, 5.0);
    // The oldest is 0 to 1 s old from 2.01 s on, 0 to 2 s from 3.01, 1 to 3 s from 5.01, 2 to 4 s
    // from 7.01, and from 9.01 s on 3 s and more.
    let last = (3.49_f64 * 3.49 - 9.0) / 2.0;
    close(figure(&results, "oldest_age"), (0.5 + 2.0 + 4.0 + 6.0 + last) / 9.5);
    close(figure(&results, "backlog_share"), 7.49 / 9.5);
    let results = queue("", &worker.replace("jobs,", "{from: jobs, at_once: 2},"), "9.5s");
    // Two at a time keep up: the last is in flight.
    assert_eq!(counts(&results), ([9, 9, 7], [0, 0, 0, 0, 2]));
}

#[test]
fn what_is_not_done_in_time_is_delivered_again_and_the_first_works_on() {
    // Work of 2.5 s, visible again after 1 s: three deliveries of each, of which the first is done.
    let worker = "consumes: {from: jobs, at_once: 100}, endpoints: {jobs: [io: 2500ms]}";
    let results = queue("visibility: 1s", worker, "1.2s");
    assert_eq!(counts(&results).0, [1, 1, 0]);
    let only = "visibility: 1s faults: [{partition: app, from: jobs, at: 1500ms}]";
    let results = queue(only, worker, "20.5s");
    assert_eq!(counts(&results), ([1, 3, 1], [2, 0, 0, 0, 0]));
    close(figure(&results, "completion"), 2.5);
    // Where the last delivery alone counts none ever does.
    let latest = only.replace("1s faults", "1s, done_by: latest faults");
    let results = queue(&latest, worker, "20.5s");
    assert_eq!(counts(&results), ([1, 20, 0], [17, 0, 0, 0, 1]));
}

#[test]
fn what_fails_is_delivered_again_until_it_is_dead() {
    let worker = "consumes: {from: jobs, at_once: 100}, \
                  endpoints: {jobs: [call: {to: broken, endpoint: jobs}]}";
    let one = " faults: [{partition: app, from: jobs, at: 1500ms}]";
    let limits = "visibility: 60s, max_receives: 4, dead_letter: dead";
    let results = queue(&format!("{limits}{one}"), worker, "250s");
    assert_eq!(counts(&results), ([1, 4, 0], [0, 1, 0, 0, 0]));
    close(figure(&results, "dead_after"), 240.0);
    close(figure(&results, "failed_deliveries"), 4.0);
    let dead = &at(&results, "dead").measures;
    close(dead.get("put").expect("a queue has it").estimate.mean, 1.0);
    // Returned, each time after the delay.
    let delays = "on_failure: return, delay: 3s, retry_delay: 2s";
    let returned = format!("{limits}, {delays}{one}");
    let results = queue(&returned, worker, "250s");
    assert_eq!(counts(&results), ([1, 4, 0], [0, 1, 0, 0, 0]));
    close(figure(&results, "dead_after"), 3.0 + 3.0 * 2.0);
    close(figure(&results, "delivery_wait"), 3.0);
}

#[test]
fn a_poison_message_blocks_its_partition_until_it_is_dead() {
    let worker = "consumes: {from: jobs, at_once: 100}, endpoints: {jobs: [io: 100ms]}";
    let order =
        "partitions: 1, poison: 100%, visibility: 3s, on_failure: return, retry_delay: 100ms";
    // The first is tried again and again, and no other ever is.
    let results = queue(order, worker, "10.5s");
    let ([put, deliveries, done], [.., left]) = counts(&results);
    assert_eq!((put, done, left), (10, 0, 10));
    assert!(deliveries > 40, "{deliveries} deliveries of one message");
    // Without an order all are tried.
    let results = queue(&order.replace("partitions: 1, ", ""), worker, "10.5s");
    assert!(counts(&results).0[1] > 200);
    // Two tries of 200 ms each, and the next has its turn.
    let results = queue(&format!("{order}, max_receives: 2"), worker, "10.5s");
    assert_eq!(counts(&results), ([10, 20, 0], [0, 10, 0, 0, 0]));
}

#[test]
fn a_partition_has_one_message_at_work_and_keeps_their_order() {
    let worker = "consumes: {from: jobs, at_once: 100}, endpoints: {jobs: [io: 3s]}";
    // Each partition has every second message, 2 s apart, and takes 3 s for one.
    let results = queue("partitions: 2, partition_by: turn", worker, "12.5s");
    // The k-th of a partition is taken at 1.01 + 3k, or 2.01 + 3k.
    assert_eq!(counts(&results), ([12, 8, 6], [0, 0, 0, 0, 6]));
    close(figure(&results, "unacknowledged"), (11.49 + 10.49) / 12.5);
}

#[test]
fn messages_that_wait_for_too_long_are_dropped_and_a_full_queue_refuses() {
    let worker = "consumes: jobs, endpoints: {jobs: [io: 4s]}";
    // Those of 1, 3 and 7 s are taken at 1.01, 5.01 and 9.01 s; those of 2, 4, 5 and 6 s are
    // dropped 2.5 s after they came.
    let results = queue("retention: 2500ms", worker, "10.4s");
    assert_eq!(counts(&results), ([10, 3, 2], [0, 0, 4, 0, 4]));
    let results = queue("capacity: 2", worker, "10.4s");
    // Two at a time: those of 1, 2, 6 and 10 s.
    assert_eq!((counts(&results).0, count(&results, "rejected by jobs")), ([4, 3, 2], 6));
    assert_eq!(at(&results, "jobs").rejected, 6);
}

#[test]
fn a_consumer_that_is_down_or_hangs_takes_nothing_new() {
    let worker = "replicas: 2, workers: 1, consumes: jobs, endpoints: {jobs: [io: 100ms]}";
    // Alone the other does all that comes.
    for fault in ["crash", "silence", "hang"] {
        let words = format!(" faults: [{{{fault}: \"worker[0]\", at: 500ms, for: 8s}}]");
        let results = queue(&words, worker, "10.5s");
        assert_eq!(counts(&results), ([10, 10, 10], [0; 5]), "{fault}");
        close(figure(&results, "completion"), 0.1);
    }
}

#[test]
fn what_a_consumer_had_when_it_went_down_is_delivered_again() {
    let worker = "workers: 1, consumes: jobs, endpoints: {jobs: [io: 600ms]}";
    // Message 3 comes at 3.01 s, and is visible again at 5.01 s if it is not done.
    for (fault, done_by_then) in [("crash", 2), ("silence", 2), ("hang", 3)] {
        let words = format!("visibility: 2s faults: [{{{fault}: worker, at: 3300ms, for: 300ms}}]");
        let results = queue(&words, worker, "3.99s");
        assert_eq!(counts(&results).0, [3, 3, done_by_then], "{fault}");
        let results = queue(&words, worker, "20.9s");
        assert_eq!(counts(&results).0[2], 20, "{fault}: all are done in the end");
    }
    // Where the queue is told it is delivered as soon as the consumer is up again.
    let words =
        "on_failure: return, retry_delay: 50ms faults: [{crash: worker, at: 3300ms, for: 300ms}]";
    let results = queue(words, worker, "4.25s");
    assert_eq!(counts(&results).0, [4, 5, 3], "that of 3 s by 4.2 s, and that of 4 s waits");
}

#[test]
fn a_crash_of_the_queue_loses_what_is_in_memory_alone() {
    let worker = "workers: 1, consumes: jobs, endpoints: {jobs: [io: 3s]}";
    let crash = " faults: [{crash: jobs, at: 4500ms, for: 2s}]";
    // Put at 1.01 .. 4.01 s; those of 5 and 6 s fail. The first is done at 4.01, the second is
    // taken then, and is done at 7.01.
    let results = queue(crash, worker, "7.5s");
    assert_eq!(counts(&results), ([5, 3, 2], [0, 0, 0, 0, 3]));
    assert_eq!(count(&results, "failed at jobs"), 2);
    let results = queue(&format!("durable: false{crash}"), worker, "7.5s");
    // The consumer finishes what nobody knows of any more.
    assert_eq!(counts(&results), ([5, 3, 1], [1, 0, 0, 3, 1]));
}

/// Messages are spread by key: all of one key are in one partition.
#[test]
fn an_object_has_one_partition() {
    let of = |keys: u64, by: &str| {
        run(&format!(
            "
duration: 20.5s
warmup: 0
replications: 1
catalog: {{things: {{keys: {keys}}}}}
clients: {{senders: {{arrivals: constant(1/s), target: jobs, requests: {{send: {{keys: things}}}}}}}}
topology:
  jobs: {{message_queue: {{latency: 0, partitions: 1000, {by}}}}}
  worker: {{server: {{consumes: {{from: jobs, at_once: 100}}, endpoints: {{jobs: [io: 2s]}}}}}}
"
        ))
    };
    let done = |results: &Results| figure(results, "done") as u64;
    assert_eq!(done(&of(1, "")), 9, "one after the other");
    assert_eq!(done(&of(1, "partition_by: turn")), 18, "all at once");
    assert!(done(&of(1_000_000, "")) >= 17, "hardly any two in one partition");
}

/// Messages at 1, 2, 3 … s, each of which takes 3 s: the second waits until it is 2 s old, the
/// third becomes the oldest at 1 s and is taken at 4 s, the fourth at 3 and 6 s.
#[test]
fn the_oldest_is_above_an_age_for_as_long_as_it_waits_beyond_it() {
    let above = |age: &str| {
        let results = run(&format!(
            "
duration: 10s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(1/s), target: jobs, timeout: none, requests: {{send: {{}}}}}}}}
topology:
  jobs: {{message_queue: {{latency: 0}}}}
  worker: {{server: {{workers: 1, consumes: jobs, endpoints: {{jobs: [io: 3s]}}}}}}
links: {{default: 0}}
expect: [\"oldest_age_above:{age}(jobs) < 0%\"]
"
        ));
        let found = results.verdicts[0].found.trim_end_matches('%');
        found.parse::<f64>().expect("a share is told as a percentage")
    };
    let ages = [("0", 80.0), ("1s", 70.0), ("2500ms", 45.0), ("3500ms", 30.0), ("6s", 0.0)];
    for (age, expected) in ages {
        // Ages are known within 1/256.
        let found = above(age);
        assert!((found - expected).abs() < 0.2, "{age}: {found} for {expected}");
    }
}
