//! What is kept on a disk: with constant durations every operation can be foretold.

use deploysim::experiment::Results;

use crate::{at, close, count, run, utilisation};

fn figure(results: &Results, name: &str) -> f64 {
    let measures = &at(results, "main").measures;
    measures.get(name).unwrap_or_else(|| panic!("it has {name}")).estimate.mean
}

/// So many users, each of whom sends the next request when one is answered, to a server that writes
/// so much for each: how many are answered in a second.
fn at_depth(depth: u64, size: &str, disk: &str) -> f64 {
    let results = run(&format!(
        "
duration: 20s
warmup: 10s
replications: 1
clients: {{users: {{users: {{count: {depth}, think: 0}}, target: app, requests: {{get: {{}}}}}}}}
topology: {{app: {{server: {{disk: {{{disk}}}, endpoints: {{get: [{{log: {size}}}]}}}}}}}}
"
    ));
    results.total.throughput.mean
}

/// Operations a second are the least of depth / latency, the limit and throughput / size. The
/// latency there is that of an operation with its bytes.
#[test]
fn a_volume_is_limited_by_what_is_scarcest() {
    let volume = |latency: &str| {
        format!("latency: {latency}, iops: 3k, throughput: 125MiB/s, at_once: unlimited")
    };
    // What 4, 16 and 64 KiB take of a millisecond at 125 MiB/s, and what is left.
    for (depth, size, latency, expected) in [
        (1, "4KiB", "968.75us", 1_000.0),
        (2, "16KiB", "875us", 2_000.0),
        (8, "16KiB", "875us", 3_000.0),
        (8, "64KiB", "500us", 2_000.0),
        (32, "256KiB", "0", 500.0),
    ] {
        let found = at_depth(depth, size, &volume(latency));
        // Ten seconds hold a whole number of operations.
        assert!((found - expected).abs() <= 0.1 + 1e-9, "{depth} of {size}: {found}");
    }
    let found = at_depth(8, "100kB", "latency: 1ms, throughput: 100MB/s, at_once: 2");
    // Each takes 2 ms, two at once, and the bytes of one flow in 1 ms: 1,000 of them a second.
    assert!((found - 1_000.0).abs() <= 0.1 + 1e-9, "{found}");
}

/// 3,000 operations a second come to a volume that has 100, 300 or 1,500 and as many as come while
/// its 5,400 credits last, a thousandth of what is usual: what is left undone is what came beyond
/// the credits and what has come in.
#[test]
fn credits_last_as_long_as_they_are_not_spent() {
    for (baseline, lasts) in [(100.0, 5.4 / 2.9), (300.0, 2.0), (1_500.0, 3.6)] {
        for seconds in [lasts - 0.01, 3.6_f64, 5.0] {
            let results = run(&format!(
                "
duration: {seconds}s
warmup: 0
replications: 1
clients: {{users: {{arrivals: constant(3k/s), target: app, timeout: none, requests: {{get: {{}}}}}}}}
topology:
  app:
    server:
      workers: unlimited
      disk: {{throughput: 1000000GB/s, at_once: unlimited, iops: {baseline}, burst: {{iops: 3k, credits: 5400}}}}
      endpoints: {{get: [{{log: 1B}}]}}
"
            ));
            let undone = (3_000.0 * seconds - (5_400.0 + baseline * seconds)).max(0.0);
            let found = count(&results, "in flight at the end") as f64;
            // The first takes a credit before any has come in, and one may be under way.
            assert!((found - undone).abs() <= 3.0, "{baseline} for {seconds}: {found}, {undone}");
        }
    }
}

/// A database on a disk whose operations take 10 ms, asked by users who wait a second.
fn database(seconds: f64, users: u64, requests: &str, words: &str) -> Results {
    let (words, faults) = crate::with_faults(words);
    run(&format!(
        "
duration: {seconds}s
warmup: 0
replications: 1
catalog: {{things: {{keys: 1, size: 1000B}}}}
clients:
  users: {{users: {{count: {users}, think: 1s}}, target: app, requests: {{{requests}: {{keys: things}}}}}}
topology:
  app: {{server: {{endpoints: {{put: [{{write: main}}], get: [{{read: main}}]}}}}}}
  main: {{database: {{cores: 4, read: 0, write: 0, disk: {{latency: 10ms, throughput: 1000000GB/s}}, {words}}}}}
faults: {faults}
"
    ))
}

/// Four who write at once: the first alone, the others together; one by one where groups are of
/// one.
#[test]
fn those_who_come_while_the_log_is_written_are_written_together() {
    let together = database(3.5, 4, "put", "log: {}");
    // 10, 20, 20, 20 ms; of those three the first then comes to an idle disk, and so again.
    close(together.total.mean_latency.mean, (0.07 + 0.06 + 0.05) / 12.0);
    close(figure(&together, "commits_per_sync"), 12.0 / (2.0 + 3.0 + 4.0));
    let alone = database(3.5, 4, "put", "log: {group: 1}");
    close(alone.total.mean_latency.mean, (0.01 + 0.02 + 0.03 + 0.04 + 8.0 * 0.01) / 12.0);
    close(figure(&alone, "commits_per_sync"), 1.0);
    let pairs = database(1.5, 4, "put", "log: {group: 2}");
    close(pairs.total.mean_latency.mean, (0.01 + 2.0 * 0.02 + 0.03) / 4.0);
    close(figure(&pairs, "commits_per_sync"), 4.0 / 3.0);
    close(utilisation(&pairs, "main", "disk"), 0.03 / 1.5);
}

/// The first reads the only page, and those that come meanwhile wait for the same read.
#[test]
fn a_page_is_read_once() {
    let results = database(3.5, 3, "get", "buffer: 1 entries");
    close(results.total.mean_latency.mean, 3.0 * 0.01 / 9.0);
    close(figure(&results, "disk_reads"), 1.0 / 3.5);
    close(figure(&results, "buffer_hit_ratio"), 8.0 / 9.0);
    close(figure(&results, "disk_bytes"), 8192.0);
}

/// A crash empties the memory; what the log has since the last checkpoint is replayed at 10 kB/s:
/// writes of 500 B at 1.02 and 2.03 s, the second after the checkpoint at 2 s.
#[test]
fn after_a_crash_the_log_since_the_last_checkpoint_is_replayed() {
    let words = |every: &str| {
        format!(
            "log: {{record: 500B, replay: 10kB/s}}, \
             buffer: {{capacity: 8KiB, checkpoint: {{every: {every}}}}} \
             faults: [{{crash: main, at: 2.5s, for: 100ms}}]"
        )
    };
    let late = database(3.5, 1, "put", &words("1h"));
    close(figure(&late, "recovery_time"), 0.1);
    close(figure(&late, "checkpoint_writes"), 0.0);
    let early = database(3.5, 1, "put", &words("2s"));
    close(figure(&early, "recovery_time"), 0.05);
    // One page was dirty at 2 s.
    close(figure(&early, "checkpoint_writes"), 1.0 / 3.5);
    assert_eq!(figure(&early, "recoveries"), 1.0);
    // The page is read at 1 s, and again after the crash.
    close(figure(&early, "disk_reads"), 2.0 / 3.5);
}

/// Two pages of which one fits: what was changed is written before it makes room.
#[test]
fn what_was_changed_is_written_before_it_makes_room() {
    let yaml = |operation: &str| {
        format!(
            "
duration: 10050ms
warmup: 0
replications: 1
catalog: {{things: {{keys: 2, size: 1000B}}}}
clients:
  users: {{arrivals: constant(10/s), target: app, requests: {{get: {{keys: things}}}}}}
topology:
  app: {{server: {{endpoints: {{get: [{{{operation}: main}}]}}}}}}
  main: {{database: {{read: 0, write: 0, disk: plain, buffer: 1 entries}}}}
"
        )
    };
    let read = run(&yaml("read"));
    close(figure(&read, "dirty_evictions"), 0.0);
    close(figure(&read, "disk_writes"), 0.0);
    let written = run(&yaml("write"));
    let all = written.total.arrivals as f64;
    let misses = all * (1.0 - figure(&written, "buffer_hit_ratio"));
    // All misses but the first found the other page, dirty; each write is one of the log too.
    close(figure(&written, "dirty_evictions"), (misses - 1.0) / 10.05);
    close(figure(&written, "disk_writes"), (all + misses - 1.0) / 10.05);
    close(figure(&written, "disk_reads"), misses / 10.05);
}

/// Two at work on two cores, each a second of work: alone a core takes a second, and with 50% more
/// for the other 1.5 s.
#[test]
fn those_at_work_slow_one_another() {
    for (users, contention, seconds) in [
        (1, "{serial: 50%}", 1.0),
        (2, "{serial: 50%}", 1.5),
        (2, "{serial: 50%, crosstalk: 25%}", 2.0),
        (4, "{crosstalk: 10%}", 2.0 * 2.2),
    ] {
        let results = run(&format!(
            "
duration: 10s
warmup: 0
replications: 1
clients: {{users: {{users: {{count: {users}, think: 5s}}, target: app, timeout: none, requests: {{get: {{}}}}}}}}
topology: {{app: {{server: {{cores: 2, contention: {contention}, endpoints: {{get: [{{cpu: 1s}}]}}}}}}}}
"
        ));
        close(results.total.mean_latency.mean, seconds);
    }
}

/// One user who writes 1,000 B of log a second, to a database of 10 MiB with a backup every 5 s.
fn backed_up(words: &str) -> Results {
    let (words, faults) = crate::with_faults(words);
    run(&format!(
        "
duration: 29500ms
warmup: 0
replications: 1
catalog: {{things: {{keys: 1, size: 1000B}}}}
clients:
  users: {{users: {{count: 1, think: 1s}}, target: app, requests: {{put: {{keys: things}}}}}}
topology:
  app: {{server: {{endpoints: {{put: [{{write: main}}]}}}}}}
  main:
    database:
      write: 0
      disk: {{latency: 0, throughput: 1000000GB/s}}
      log: {{record: 1000B, replay: 2kB/s}}
      backup: {{size: 10MiB, every: 5s, throughput: 10MiB/s, {words}}}
faults: {faults}
"
    ))
}

#[test]
fn a_backup_reads_the_disk_at_its_pace() {
    let results = backed_up("full_every: 1");
    // At 5, 10, 15, 20 and 25 s, in ten parts each; a write of the log each second.
    close(figure(&results, "disk_reads"), 50.0 / 29.5);
    close(figure(&results, "backup_rate"), 50.0 * 1_048_576.0 / 29.5);
    close(figure(&results, "disk_writes"), 29.0 / 29.5);
    // Of four, one is full and three have 5 kB each.
    let results = backed_up("full_every: 4");
    close(figure(&results, "backup_rate"), (2.0 * 10_485_760.0 + 3.0 * 5_000.0) / 29.5);
}

/// Back to 18.5 s at 22.5 s: to the backup of 15 s, or with the log to 18.5 s.
#[test]
fn what_was_written_since_is_undone_by_a_restore() {
    let back = "faults: [{restore: main, back_to: 18500ms, at: 22500ms}]";
    let results = backed_up(&format!("keep_log: false {back}"));
    // Of 22 writes those at 15, ..., 22 s, the one that came with the backup among them.
    let undone = figure(&results, "undone_writes");
    assert!((7.0..=8.0).contains(&undone), "{undone}");
    close(figure(&results, "restore_time"), 1.0);
    let results = backed_up(&format!("keep_log: true {back}"));
    assert_eq!(figure(&results, "undone_writes"), 4.0);
    // A second for the backup, and what the log has got from 15 to 18 s at 2 kB/s.
    let log = figure(&results, "restore_time") - 1.0;
    assert!([1.5, 2.0].iter().any(|of| (log - of).abs() < 1e-6), "{log}");
    assert_eq!(figure(&results, "restores"), 1.0);
    // It refuses meanwhile what comes each second.
    assert!(count(&results, "rejected by main") > 0);
}

/// A database that has crashed for good is up again when it is restored.
#[test]
fn a_restore_ends_a_crash() {
    let faults = "faults: [{crash: main, at: 12500ms}, {restore: main, back_to: 12500ms, at: 20s}]";
    let results = backed_up(&format!("keep_log: true {faults}"));
    assert_eq!(figure(&results, "undone_writes"), 0.0);
    let failed = count(&results, "failed at main") + count(&results, "rejected by main");
    // Down from 12.5 to 20 s, and then for a second and what the log takes.
    assert!((8..=11).contains(&failed), "{failed}");
    assert!(count(&results, "ok") > 17);
}

/// A write comes to the log at 1 s; its database hangs from then until 1.1 s, and answers then.
#[test]
fn what_the_disk_did_while_a_database_hung_is_found_when_it_goes_on() {
    for memory in ["", "buffer: 1 entries,", "buffer: {capacity: 1 entries, checkpoint: 50ms},"] {
        let words = format!("{memory} log: {{}} faults: [{{hang: main, at: 1015ms, for: 85ms}}]");
        let results = database(2.5, 1, "put", &words);
        // With a buffer the page is read first, so that the hang finds it at the log.
        let (first, second) = if memory.is_empty() { (0.01, 0.01) } else { (0.1, 0.01) };
        assert_eq!(count(&results, "ok"), 2, "{memory}");
        close(results.total.mean_latency.mean, (first + second) / 2.0);
    }
}

/// Writes of 1,000 B at 1 and 2 s are replayed at 10 kB/s; who crashes meanwhile begins anew.
#[test]
fn a_crash_while_the_log_is_replayed_lets_that_begin_anew() {
    let words = "log: {record: 1000B, replay: 10kB/s}, buffer: 1 entries \
                 faults: [{crash: main, at: 2.5s, for: 100ms}, {crash: main, at: 2.7s, for: 100ms}]";
    let results = database(3.9, 1, "put", words);
    // Up again at 3 s, having replayed for 200 ms once to the end.
    close(figure(&results, "recovery_time"), 0.2);
    assert_eq!(figure(&results, "recoveries"), 1.0);
    assert_eq!(count(&results, "ok"), 3);
}

/// The backup of 15 s is read back for a second; a crash in the middle lets that begin anew.
#[test]
fn a_crash_during_a_restore_lets_that_begin_anew() {
    let back = "{restore: main, back_to: 18500ms, at: 22500ms}";
    let crash = "{crash: main, at: 23s, for: 500ms}";
    let down = |faults: &str| {
        let results = backed_up(&format!("keep_log: false faults: [{faults}]"));
        let refused = count(&results, "rejected by main") + count(&results, "failed at main");
        (refused, figure(&results, "restore_time"))
    };
    let (alone, time) = down(back);
    close(time, 1.0);
    let (crashed, time) = down(&format!("{back}, {crash}"));
    close(time, 1.0);
    // Down until 23.5 s, or until 24.5 s.
    assert_eq!((alone, crashed), (1, 2));
}

/// So many connections of 1 KiB each, of two servers with a pool of four, leave as much of a buffer
/// as if it were smaller from the start; those that the database cannot have take nothing.
#[test]
fn connections_take_memory_of_the_buffer() {
    let hits = |words: &str| {
        let results = run(&format!(
            "
duration: 20s
warmup: 0
replications: 1
catalog: {{things: {{keys: 8, size: 1000B}}}}
clients:
  users: {{users: {{count: 4, think: 100ms}}, target: lb, requests: {{get: {{keys: things}}}}}}
topology:
  lb: {{load_balancer: {{backends: app}}}}
  app: {{server: {{replicas: 2, pools: {{main: 4}}, endpoints: {{get: [{{read: main}}]}}}}}}
  main: {{database: {{read: 0, disk: {{latency: 1ms}}, {words}}}}}
"
        ));
        figure(&results, "buffer_hit_ratio")
    };
    let buffer = |pages: u64| hits(&format!("buffer: {}KiB", 8 * pages));
    let taken = |words: &str| hits(&format!("buffer: 48KiB, {words}"));
    close(taken("connection_memory: 1KiB"), buffer(5));
    close(taken("connection_memory: 3KiB"), buffer(3));
    let few = hits("buffer: 32KiB, connections: 2");
    close(taken("connection_memory: 8KiB, connections: 2"), few);
    assert!(buffer(3) < buffer(5));
}
