use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn parse(text: &[u8], format: Format, grouping: &Grouping) -> Trace {
    read_from(text, Path::new("trace"), format, grouping).expect("there is a request")
}

fn fails(text: &[u8], format: Format) -> TraceError {
    read_from(text, Path::new("trace"), format, &Grouping::Method).expect_err("there is no trace")
}

fn log_line(second: u32, request: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!("h - - [17/May/2015:10:{minute:02}:{second:02} +0000] \"{request}\" 200 7\n")
}

fn seconds(trace: &Trace) -> Vec<f64> {
    trace.arrivals.iter().map(|arrival| arrival.at.secs()).collect()
}

/// Every line is in one class and every request in one arrival and one type.
#[track_caller]
fn check_totals(trace: &Trace) {
    check_lines(&trace.report);
    assert_eq!(trace.requests(), trace.report.requests);
    assert_eq!(trace.requests_by_type().iter().sum::<u64>(), trace.report.requests);
    assert!(trace.requests_by_type().iter().all(|&count| count > 0));
    assert!(trace.arrivals.is_sorted_by_key(|arrival| arrival.at));
    let end = trace.arrivals.last().map(|last| last.at + trace.resolution);
    assert!(end <= Some(Time::ZERO + trace.length));
}

#[track_caller]
fn check_lines(report: &ReadReport) {
    let classes = report.records + report.blank + report.headers + report.malformed;
    assert_eq!(report.lines, classes, "{report:?}");
    assert_eq!(report.first_malformed.len() as u64, report.malformed.min(5));
}

#[test]
fn a_log_out_of_order_is_sorted_and_its_bad_lines_are_told() {
    let mut text = log_line(9, "GET /b HTTP/1.1");
    text += &log_line(4, "POST /a HTTP/1.1");
    text += "\r\n";
    text += "rubbish\r\n";
    text += &log_line(9, "GET /c HTTP/1.1").replace('\n', "\r\n");
    text += &log_line(64, "\\x16\\x03\\x01");
    text += &log_line(9, "-");
    let trace = parse(text.as_bytes(), Format::Auto, &Grouping::Method);
    check_totals(&trace);
    assert_eq!(seconds(&trace), [0.0, 5.0, 5.0, 5.0, 60.0]);
    assert_eq!(trace.types, ["GET", "other", "POST"]);
    let request_types: Vec<u32> =
        trace.arrivals.iter().map(|arrival| arrival.request_type).collect();
    assert_eq!(request_types, [2, 0, 0, 1, 1]);
    assert_eq!((trace.resolution, trace.length), (Span::from_secs(1), Span::from_secs(61)));
    assert!(trace.arrivals.iter().all(|arrival| (arrival.count, arrival.bytes) == (1, 7)));
    let report = &trace.report;
    assert_eq!((report.out_of_order, report.garbled, report.blank), (2, 2, 1));
    assert_eq!(
        report.to_string(),
        "5 requests of 3 types in 61s from 2015-05-17T10:00:04Z \
         (access log in Common format, 7 lines)\n\
         lines out of order, now sorted: 2; request lines that are not HTTP: 2; \
         lines left out: 1; the first is line 4, no time such as \
         [17/May/2015:10:05:03 +0000]: rubbish; nothing arrives for 55s from 5s on"
    );
}

#[test]
fn zones_are_applied_before_lines_are_put_in_order() {
    let text = "h - - [17/May/2015:12:00:00 +0200] \"GET /\" 200 1\n\
                h - - [17/May/2015:10:00:01 +0000] \"GET /\" 200 1\n";
    let trace = parse(text.as_bytes(), Format::Common, &Grouping::Method);
    assert_eq!(seconds(&trace), [0.0, 1.0]);
    assert_eq!(trace.report.out_of_order, 0);
}

#[test]
fn timestamps_tell_their_own_resolution() {
    #[track_caller]
    fn check(text: &str, expect: &[f64], resolution: Span) {
        let trace = parse(text.as_bytes(), Format::Auto, &Grouping::Method);
        check_totals(&trace);
        assert_eq!((seconds(&trace), trace.resolution), (expect.to_vec(), resolution), "{text}");
        assert_eq!(trace.types, ["request"]);
    }
    check("3\n1\n2", &[0.0, 1.0, 2.0], Span::from_secs(1));
    check("0.25\n1\n", &[0.0, 0.75], Span::from_millis(1));
    check("time\n1431857103123456\n1431857103123457\n", &[0.0, 1e-6], Span::from_nanos(1_000));
    check("ts\n2015-05-17T10:05Z\n2015-05-17T10:06Z", &[0.0, 60.0], Span::from_secs(60));
    check("\u{feff}ts,x\r\n\"2015-05-17 10:05:03\",1\r\n", &[0.0], Span::from_secs(1));
}

#[test]
fn timestamps_may_carry_a_type_and_a_size() {
    let text = "time,request,bytes\n0,GET /a/b?c HTTP/1.1,512\n1,POST /a,\n1,GET /a,1\n";
    let trace = parse(text.as_bytes(), Format::Auto, &Grouping::MethodAndPrefix(1));
    check_totals(&trace);
    assert_eq!(trace.types, ["GET /a", "POST /a"]);
    let bytes: Vec<u64> = trace.arrivals.iter().map(|arrival| arrival.bytes).collect();
    assert_eq!(bytes, [512, 0, 1]);
}

#[test]
fn counts_keep_their_silent_ends_and_merge_within_an_interval() {
    let text = "time,type,count\n0,a,0\n10,a,2\n10,a,3\n10,b,1\n25,a,1\n45,b,0\n";
    let trace = parse(text.as_bytes(), Format::Auto, &Grouping::Method);
    check_totals(&trace);
    assert_eq!(trace.types, ["a", "b"]);
    let found: Vec<_> =
        trace.arrivals.iter().map(|a| (a.at.secs(), a.count, a.request_type)).collect();
    assert_eq!(found, [(10.0, 5, 0), (10.0, 1, 1), (25.0, 1, 0)]);
    assert_eq!((trace.resolution, trace.length), (Span::from_secs(10), Span::from_secs(55)));
}

#[test]
fn counts_too_great_for_one_arrival_are_two() {
    let text = "0,4294967295\n0,2\n60,0\n";
    let trace = parse(text.as_bytes(), Format::Counts, &Grouping::One("all".into()));
    check_totals(&trace);
    assert_eq!(trace.arrivals.len(), 2);
    assert_eq!(trace.resolution, Span::from_secs(60));
    let alone = parse(b"0,3", Format::Counts, &Grouping::Method);
    assert_eq!(alone.resolution, Span::from_secs(1));
}

#[test]
fn the_rarest_of_too_many_types_are_other() {
    let mut text = String::new();
    for path in 0..60 {
        for _ in 0..(if path < 45 { 2 } else { 1 }) {
            text += &log_line(path, &format!("GET /{path:02}/x HTTP/1.1"));
        }
    }
    let trace = parse(text.as_bytes(), Format::Common, &Grouping::MethodAndPrefix(1));
    check_totals(&trace);
    assert_eq!(trace.types.len(), MOST_TYPES);
    assert_eq!((trace.types[0].as_str(), trace.requests_by_type()[0]), (OTHER, 11));
    assert_eq!(trace.types[1], "GET /00");
    assert_eq!(trace.types[49], "GET /48");
    assert_eq!(trace.report.folded_types, 11);
    let rule = |path: u32| Rule { pattern: format!("/{path:02}/*"), name: format!("{path}") };
    let rules = Grouping::Rules((0..60).map(rule).collect());
    assert_eq!(parse(text.as_bytes(), Format::Common, &rules).types.len(), 60);
}

#[test]
fn a_hundred_thousand_names_are_enough() {
    let names = (0..100_003).map(|name| format!("{name},t{name}\n"));
    let text = "time,type\n".to_owned() + &names.collect::<String>();
    let trace = parse(text.as_bytes(), Format::Timestamps, &Grouping::Method);
    check_totals(&trace);
    assert_eq!(trace.types.len(), MOST_TYPES);
    assert_eq!(trace.requests_by_type()[0], 100_003 - 49);
}

#[test]
fn a_stray_year_is_reported_and_costs_no_memory() {
    let stray = "h - - [01/Jan/1970:00:00:00 +0000] \"GET /\" 200 1\n";
    let text = log_line(0, "GET /") + stray + &log_line(1, "GET /");
    let trace = parse(text.as_bytes(), Format::Common, &Grouping::Method);
    check_totals(&trace);
    assert_eq!(trace.arrivals.len(), 3);
    assert!(trace.report.to_string().contains("nothing arrives for 16572d from 0s on"));
}

#[test]
fn a_line_without_end_is_malformed_and_the_rest_is_read() {
    let text = log_line(0, "GET /") + &"x".repeat(200_000) + "\n" + &log_line(1, "GET /");
    let trace = parse(text.as_bytes(), Format::Auto, &Grouping::Method);
    check_totals(&trace);
    assert_eq!((trace.report.requests, trace.report.malformed), (2, 1));
    assert_eq!(trace.report.first_malformed[0].line, 2);
    assert!(trace.report.first_malformed[0].why.contains("64KiB"));
}

#[test]
fn a_file_that_gives_no_trace_says_why() {
    let missing = read(Path::new("no/such.log"), Format::Auto, &Grouping::Method);
    assert!(matches!(missing, Err(TraceError::NotFound(_))));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = read(folder, Format::Auto, &Grouping::Method);
    assert!(matches!(folder, Err(TraceError::NoFile { folder: true, .. })));
    let endless = read(Path::new("/dev/zero"), Format::Auto, &Grouping::Method);
    assert!(!cfg!(unix) || matches!(endless, Err(TraceError::NoFile { folder: false, .. })));
    for empty in [&b""[..], b"\n\n", b" \r\n"] {
        assert!(matches!(fails(empty, Format::Auto), TraceError::NoRequest { .. }));
    }
    let message = fails(b"0,0\n1,0\n", Format::Counts).to_string();
    assert_eq!(message, "trace: no request in 2 lines");
    let message = fails(b"what\nis this", Format::Common).to_string();
    assert!(message.starts_with(
        "trace: no request in 2 lines; as access log in Common format, line 1, no time"
    ));
    let message = fails(b"{\"a\": 1}\n\n{\"a\": 2}\n", Format::Auto).to_string();
    assert!(message.contains("it begins\n  {\"a\": 1}\n  {\"a\": 2}\nexpected one of\n"));
    let message = fails(b"\x1f\x8b\x08\0\0", Format::Auto).to_string();
    assert_eq!(message, "trace: it is compressed: gunzip it first");
    let message = fails(b"1890-01-01\n2015-01-01\n", Format::Timestamps).to_string();
    assert!(message.contains("from 1890-01-01T00:00:00Z to 2015-01-01T00:00:00Z is more than"));
}

#[test]
fn the_peak_slides_over_the_arrivals() {
    let trace = parse(b"0,1\n1,4\n2,4\n3,0\n4,7\n", Format::Counts, &Grouping::Method);
    let peak = |secs: u64| trace.peak(Span::from_secs(secs));
    let at = Time::from_nanos;
    let s = 1_000_000_000;
    assert_eq!(peak(0), Peak { count: 7, at: at(4 * s), window: Span::from_secs(1) });
    assert_eq!(peak(2), Peak { count: 8, at: at(s), window: Span::from_secs(2) });
    assert_eq!(peak(3), Peak { count: 11, at: at(2 * s), window: Span::from_secs(3) });
    assert_eq!(peak(99), Peak { count: 16, at: at(0), window: Span::from_secs(5) });
    assert_eq!(trace.mean_rate(), Rate(3.2));
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn an_access_log_of_four_days_is_read_whole() {
    let Some(path) = shared("apache-combined-2015-05.log") else { return };
    let trace = read(&path, Format::Auto, &Grouping::Method).unwrap();
    check_totals(&trace);
    assert_eq!(trace.report.format, Format::Combined);
    assert_eq!(trace.types, ["GET", "HEAD", "POST", "OPTIONS"]);
    assert_eq!(trace.requests_by_type(), [9_952, 42, 5, 1]);
    assert_eq!((trace.report.malformed, trace.report.garbled), (0, 0));
    assert_eq!(trace.length, Span::from_secs(3 * 86_400 + 11 * 3_600 + 60));
    // All lines are of one month and one zone, so their times are in order as text.
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    let times: Vec<&str> = text.lines().filter_map(|line| line.split(['[', ']']).nth(1)).collect();
    let late = (1..times.len()).filter(|&i| times[..i].iter().any(|time| *time > times[i]));
    assert_eq!(trace.report.out_of_order, late.count() as u64);
    assert_eq!(trace.report.out_of_order, 9_448);
    let paths = read(&path, Format::Auto, &Grouping::MethodAndPrefix(1)).unwrap();
    check_totals(&paths);
    assert_eq!(paths.types.len(), MOST_TYPES);
}

#[test]
fn a_day_of_counts_per_second_is_read_whole() {
    let Some(path) = shared("nasa-http-1995-07-13.csv") else { return };
    let trace = read(&path, Format::Auto, &Grouping::Method).unwrap();
    check_totals(&trace);
    assert_eq!(trace.report.format, Format::Counts);
    assert_eq!((trace.requests(), trace.arrivals.len()), (134_204, 56_656));
    assert_eq!((trace.resolution, trace.length), (Span::from_secs(1), Span::from_secs(86_400)));
    let peak = trace.peak(Span::from_secs(1));
    assert_eq!((peak.count, peak.at), (20, Time::ZERO + Span::from_secs(48_777)));
}

const FORMATS: [Format; 5] =
    [Format::Auto, Format::Common, Format::Combined, Format::Timestamps, Format::Counts];

fn check_any(text: &[u8]) {
    let lines = text.split_inclusive(|&byte| byte == b'\n').count() as u64;
    let rules = vec![Rule { pattern: "*/a*".into(), name: "a".into() }];
    for format in FORMATS {
        for grouping in [Grouping::MethodAndPrefix(1), Grouping::Rules(rules.clone())] {
            match read_from(text, Path::new("trace"), format, &grouping) {
                Ok(trace) => {
                    check_totals(&trace);
                    assert_eq!(trace.report.lines, lines);
                    assert!(trace.report.to_string().lines().count() <= 2);
                }
                Err(TraceError::NoRequest { report, .. }) => {
                    check_lines(&report);
                    assert_eq!(report.lines, lines);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

/// Lines that are nearly right: a good one with a few bytes changed.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let good = prop_oneof![
        (0..3600_u32).prop_map(|second| log_line(second, "GET /a/b?c HTTP/1.1").into_bytes()),
        Just(b"time,request,bytes\n0.5,\"GET /a\",7\n1431857103123,POST /b,1\n".to_vec()),
        Just(b"second,requests\n0,1\n1,0\n2,17\n\n# note\n".to_vec()),
        Just(b"2015-05-17T10:05:03.25+02:00\n2262-04-11 23:47:16\n1678-01-01\n".to_vec()),
    ];
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::collection::vec(good, 1..6), changes).prop_map(|(lines, changes)| {
        let mut text = lines.concat();
        for (place, byte) in changes {
            let place = place.index(text.len());
            text[place] = byte;
        }
        text
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_every_line_is_accounted_for(
        text in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        check_any(&text);
    }

    #[test]
    fn spoiled_lines_are_accounted_for(text in spoiled()) {
        check_any(&text);
    }

    #[test]
    fn a_log_in_any_order_gives_the_same_counts(
        (lines, shuffled) in prop::collection::vec((0..3600_u32, 0..5_u32), 1..80)
            .prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle())),
    ) {
        let text = |lines: &[(u32, u32)]| lines.iter().fold(String::new(), |mut text, line| {
            let _ = write!(text, "{}", log_line(line.0, &format!("GET /{} HTTP/1.1", line.1)));
            text
        });
        let prefix = Grouping::MethodAndPrefix(1);
        let one = parse(text(&lines).as_bytes(), Format::Common, &prefix);
        let two = parse(text(&shuffled).as_bytes(), Format::Common, &prefix);
        prop_assert_eq!(seconds(&one), seconds(&two));
        prop_assert_eq!(&one.types, &two.types);
        prop_assert_eq!(one.requests_by_type(), two.requests_by_type());
    }
}
