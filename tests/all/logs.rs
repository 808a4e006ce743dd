//! Logs and tables as people have them: what is read is what was meant, and is said; what can be
//! read in two ways is refused; what is no log is not shown.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::{run, status, stderr, stdout};

const TOPOLOGY: &str = "
replications: 2
clients:
  users: {arrivals: poisson(1/s), target: app, requests: {any: {}}}
topology:
  app: {server: {cores: 8, endpoints: {\"*\": [cpu: 1ms]}}}
links:
  users -> app: {bandwidth: 100Mbit/s}
";

/// Replays a log once with these options.
fn replayed(name: &str, log: &[u8], options: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &[u8]| {
        fs::write(folder.path().join(name), text).expect("the file can be written");
    };
    write(name, log);
    write("t.yaml", TOPOLOGY.as_bytes());
    let words = [&["replay", name, "t.yaml", "--no-charts"], options].concat();
    (run(folder.path(), &words), folder)
}

#[track_caller]
fn check(name: &str, log: &str, options: &[&str], said: &[&str]) {
    let options = [&["--scale", "1"], options].concat();
    let (output, _folder) = replayed(name, log.as_bytes(), &options);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    let message = stderr(&output);
    said.iter().for_each(|text| assert!(message.contains(text), "{text}:\n{message}"));
}

fn log_line(second: u32, request: &str, size: u64) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        "192.0.2.7 - - [03/Oct/2022:21:{minute:02}:{second:02} +0200] \"{request}\" 200 {size}\n"
    )
}

#[test]
fn a_replay_opens_by_saying_what_it_understood() {
    let log = "#Version: 1.0\n#Fields: date time cs-method cs-uri-stem sc-status time-taken\n\
               2015-01-01 00:00:00 GET /a 200 120\n2015-01-01 00:00:04 GET /b 200 90\n";
    let said = [
        "users: 2 requests of 2 types in 5s, from 2015-01-01T00:00:00Z to 2015-01-01T00:00:04Z",
        "times from date and time, methods from cs-method, paths from cs-uri-stem",
        "not used: sc-status, time-taken",
        "types: GET /a 1, GET /b 1",
        "times are written to 1s",
        "sizes of responses are not told",
        "users are not told apart",
    ];
    check("iis.log", log, &[], &said);
}

#[test]
fn columns_and_formats_can_be_said() {
    let samples = "Time;valA;valB\n2015-06-11T11:50:00Z;11;20\n2015-06-11T11:51:00Z;12;23\n";
    let (output, _folder) = replayed("samples.csv", samples.as_bytes(), &[]);
    assert_eq!(status(&output), 2);
    let message = stderr(&output);
    assert!(message.contains("it is not certain which column holds the requests"), "{message}");
    assert!(message.contains("there are Time, valA, valB"), "{message}");
    check("samples.csv", samples, &["--columns", "count=valA"], &["23 requests of 1 type in 2min"]);
    let rates = ["--columns", "rate=valB,per=1min"];
    check("samples.csv", samples, &rates, &["43 requests of 1 type in 2min"]);
    let (output, _folder) = replayed("samples.csv", samples.as_bytes(), &["--columns", "count=C"]);
    assert!(stderr(&output).contains("there is no column `C`"), "{}", stderr(&output));
    let own = "17/May/2015:10:05:03 +0000|a|192.0.2.1|/x/1|7\n";
    let format = ["--log-format", "$time_local|$site|$remote_addr|$uri|$bytes_sent"];
    let said = ["GET /x 1", "as large as recorded, 7B", "users told apart: 1"];
    check("own.log", own, &format, &said);
}

/// The rate of every second is multiplied, and so is that of the whole.
#[test]
fn ten_times_the_load_is_ten_times_the_load() {
    let base: String = (0..100).map(|second| log_line(second, "GET /a HTTP/1.1", 15)).collect();
    let (output, folder) = replayed("even.log", base.as_bytes(), &["--scale", "10"]);
    let text = stdout(&output);
    assert!(text.contains("x10  10/s      10/s"), "{text}");
    assert!(folder.path().join("output/replay-even-t/x10/summary.txt").exists());
    // 100 requests in each of five seconds: ten times that is more than one core can do.
    let spike: String =
        (40..45).flat_map(|at| vec![log_line(at, "GET /a HTTP/1.1", 15); 100]).collect();
    let one_core =
        ["--scale", "10", "--set", "app.cores=1", "--set", "app.endpoints.\"*\"=[cpu: 2ms]"];
    let (output, _folder) = replayed("spike.log", (base + &spike).as_bytes(), &one_core);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    assert!(stdout(&output).contains("did not hold"), "{}", stdout(&output));
}

/// 10 MB take 800 ms over 100 Mbit/s, and the request 1 ms.
#[test]
fn responses_are_as_large_as_the_log_says() {
    let log: String = (0..5).map(|n| log_line(5 * n, "GET /video HTTP/1.1", 10_000_000)).collect();
    let (output, _folder) = replayed("video.log", log.as_bytes(), &["--scale", "1"]);
    assert!(stdout(&output).contains("801 ms"), "{}", stdout(&output));
    assert!(stderr(&output).contains("9.54MiB on average"), "{}", stderr(&output));
}

#[test]
fn of_what_is_no_log_nothing_is_shown() {
    for secret in ["root:x:0:0:hunter2\n", "{\"password\": \"hunter2\"}\n", "hunter2,hunter2\n"] {
        for options in [&[][..], &["--log-format", "common"], &["--log-format", "$time_local $a"]] {
            let (output, _folder) = replayed("secret", secret.as_bytes(), options);
            assert_eq!(status(&output), 2);
            assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
        }
    }
    let named = ["--columns", "time=when,count=x"];
    let (output, _folder) = replayed("secret", b"root:x:0:hunter2,1\n", &named);
    assert_eq!(status(&output), 2);
    assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
    let log = "192.0.2.1 - - [17/May/2015:10:05:03 +0000] GET / 200 5\n";
    let (output, _folder) = replayed("near.log", log.as_bytes(), &[]);
    let message = stderr(&output);
    assert!(
        message.contains("line 1, no request in quotes after the time: `GET / 200 5`"),
        "{message}"
    );
    assert!(message.contains("format: '$remote_addr [$time_local]"), "{message}");
}

#[test]
fn a_pattern_that_no_request_is_like_is_a_warning() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let group = "{file: a.log, group: {\"^/a.*$\": api, \"GET /*\": rest}}";
    let text = TOPOLOGY.replace("arrivals: poisson(1/s)", &format!("trace: {group}"));
    let text = text.replace(", requests: {any: {}}", "");
    fs::write(path("t.yaml"), text).expect("the scenario can be written");
    fs::write(path("a.log"), log_line(0, "GET /a HTTP/1.1", 1)).expect("a log can be written");
    let output = run(Path::new(folder.path()), &["run", "t.yaml", "--no-charts"]);
    let warning = "warning: trace: patterns of `group` that no request is like: `^/a.*$`";
    assert!(stdout(&output).contains(warning), "{}", stdout(&output));
}

/// What so few requests can show.
const HELD: [&str; 2] = ["--slo", "mean_latency < 1s"];

#[test]
fn what_cannot_be_written_is_printed_all_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("out")).expect("a folder can be made");
    // A file where the folder of one multiple should be.
    fs::write(path("out/x1"), "").expect("a file can be written");
    fs::write(path("t.yaml"), TOPOLOGY).expect("the scenario can be written");
    fs::write(path("a.log"), log_line(0, "GET /a HTTP/1.1", 1)).expect("a log can be written");
    let words = ["replay", "a.log", "t.yaml", "--no-charts", "--scale", "1,2", "--out", "out"];
    let output = run(folder.path(), &[&words[..], &HELD].concat());
    assert_eq!(status(&output), 2, "{}", stderr(&output));
    assert!(stdout(&output).contains("It would have held 2 times"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("CSV of each"), "{}", stdout(&output));
    let message = stderr(&output);
    assert!(message.contains("cannot write the results to out/x1"), "{message}");
    assert!(path("out/x2/summary.txt").exists());
}

#[test]
fn a_peak_that_is_spread_is_said_to_be() {
    let counts = "time,requests\n0,300\n300,300\n600,300\n900,300\n907,7\n";
    let (output, _folder) =
        replayed("counts.csv", counts.as_bytes(), &[&["--scale", "1"][..], &HELD].concat());
    let text = stdout(&output);
    assert!(text.contains("Within 5min requests are spread at random"), "{text}");
    let log = log_line(0, "GET /a HTTP/1.1", 1) + &log_line(90, "GET /a HTTP/1.1", 1);
    let over = ["--scale", "2", "--set", "users.trace.over=30s"];
    let (output, _folder) = replayed("a.log", log.as_bytes(), &[&over[..], &HELD].concat());
    assert!(stdout(&output).contains("Within 30s requests are spread"), "{}", stdout(&output));
    let (output, _folder) =
        replayed("a.log", log.as_bytes(), &[&["--scale", "2"][..], &HELD].concat());
    assert!(!stdout(&output).contains("requests are spread"), "{}", stdout(&output));
}
