use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn parse(text: &[u8], format: Format, grouping: &Grouping) -> Trace {
    let wanted = Wanted { format, ..Wanted::default() };
    let read = read_from(text, Path::new("trace"), &wanted, grouping);
    read.unwrap_or_else(|error| panic!("{error}"))
}

/// Reads a table whose columns are named.
#[track_caller]
fn table(text: &str, columns: Named) -> Trace {
    let wanted = Wanted { columns, ..Wanted::default() };
    let read =
        read_from(text.as_bytes(), Path::new("trace"), &wanted, &Grouping::MethodAndPrefix(1));
    read.unwrap_or_else(|error| panic!("{error}"))
}

fn fails(text: &[u8], format: Format) -> TraceError {
    let wanted = Wanted { format, ..Wanted::default() };
    read_from(text, Path::new("trace"), &wanted, &Grouping::Method).expect_err("there is no trace")
}

/// Reads the file as it is.
fn whole(path: &Path, grouping: &Grouping) -> Trace {
    read(path, &Wanted::default(), grouping).unwrap_or_else(|error| panic!("{error}"))
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
    let end = trace.arrivals.iter().map(|arrival| arrival.at + arrival.lasts).max();
    assert!(end <= Some(Time::ZERO + trace.length));
}

#[track_caller]
fn check_lines(report: &ReadReport) {
    let told = report.records + report.blank + report.headers;
    let classes = told + report.beside + report.malformed;
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
    assert!(trace.arrivals.iter().all(|arrival| arrival.count == 1));
    assert!(trace.sizes.iter().flatten().all(|(_, mean)| *mean == 7.0));
    assert_eq!(trace.users, Some(1));
    let report = &trace.report;
    assert_eq!((report.out_of_order, report.garbled, report.blank), (2, 2, 1));
    assert_eq!(
        report.to_string(),
        "5 requests of 3 types in 61s, from 2015-05-17T10:00:04Z to 2015-05-17T10:01:04Z\n  \
         read as access log in Common format, 7 lines: times from the time, requests from the \
         request line, sizes from the size, users from the address\n  \
         not used: the status, what else a line holds\n  \
         types: GET 2, other 2, POST 1\n  \
         times are written to 1s: requests are spread within it at random\n  \
         responses are as large as recorded, 7B on average; users told apart: 1\n  \
         lines out of order, now sorted: 2\n  \
         request lines that are not HTTP: 2\n  \
         lines left out: 1; the first is line 4, no time such as [17/May/2015:10:05:03 +0000]\n  \
         nothing arrives for 55s from 5s on"
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
    check("0.25\n1\n", &[0.0, 0.75], Span::from_millis(10));
    check("0.000\n1.000\n", &[0.0, 1.0], Span::from_millis(1));
    check("time\n1431857103123456\n1431857103123457\n", &[0.0, 1e-6], Span::from_nanos(1_000));
    check("ts\n2015-05-17T10:05Z\n2015-05-17T10:06Z", &[0.0, 60.0], Span::from_secs(60));
    check("\u{feff}ts,n\r\n\"2015-05-17 10:05:03\",1\r\n", &[0.0], Span::from_secs(1));
}

#[test]
fn timestamps_may_carry_a_type_and_a_size() {
    let text = "time,request,bytes\n0,GET /a/b?c HTTP/1.1,512\n1,POST /a,\n1,GET /a,1\n";
    let trace = parse(text.as_bytes(), Format::Auto, &Grouping::MethodAndPrefix(1));
    check_totals(&trace);
    assert_eq!(trace.types, ["GET /a", "POST /a"]);
    assert_eq!(trace.sizes, [vec![(1.0, 1.0), (1.0, 512.0)], vec![]]);
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
    let lasts: Vec<f64> = trace.arrivals.iter().map(|arrival| arrival.lasts.secs()).collect();
    assert_eq!(lasts, [15.0, 15.0, 20.0], "steps of 10, 15 and 20 s");
    assert_eq!((trace.resolution, trace.length), (Span::from_secs(10), Span::from_secs(65)));
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
    assert_eq!(trace.report.first_malformed[0].part, None);
}

#[test]
fn a_file_that_gives_no_trace_says_why() {
    let read = |path: &Path| read(path, &Wanted::default(), &Grouping::Method);
    let missing = read(Path::new("no/such.log"));
    assert!(matches!(missing, Err(TraceError::NotFound(_))));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = read(folder);
    assert!(matches!(folder, Err(TraceError::NoFile { folder: true, .. })));
    let endless = read(Path::new("/dev/zero"));
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
    let message = fails(b"{\"secret\": 1}\n\n{\"a\": 2}\n", Format::Auto).to_string();
    assert!(message.contains("format: line 1, no key of a time\nexpected one of\n"), "{message}");
    let message = fails(b"root:x:0:0:secret\n", Format::Auto).to_string();
    assert!(message.contains("line 1, no time such as [17/May"), "{message}");
    assert!(!message.contains("secret"), "{message}");
    let message = fails(b"2015-05-17 10:05:03,1 INFO done\n", Format::Auto).to_string();
    assert!(message.contains("no request in quotes after the time: `INFO done`"), "{message}");
    let message = fails(b"PK\x03\x04", Format::Auto).to_string();
    assert_eq!(message, "trace: it is a zip file: unzip it first");
    let message = fails(b"1890-01-01\n2015-01-01\n", Format::Timestamps).to_string();
    assert!(message.contains("from 1890-01-01T00:00:00Z to 2015-01-01T00:00:00Z is more than"));
}

#[test]
fn rates_are_as_many_requests_as_their_interval_makes() {
    let text = "\"Time\",\"nginx requests/s\"\n2022-10-03 21:00:00,120.5\n\
                2022-10-03 21:01:00,131.25\n2022-10-03 21:02:00,118\n\
                2022-10-03 21:03:00,122.75\n2022-10-03 21:04:00,119.5\n";
    let trace = table(text, Named::default());
    assert_eq!((trace.requests(), trace.length), (36_720, Span::from_secs(300)));
    // What is left of a request goes on to the next interval.
    let trace = table("t,rps\n0,0.3\n1,0.3\n2,0.3\n3,0.3\n", Named::default());
    assert_eq!((trace.requests(), seconds(&trace)), (1, vec![3.0]));
    let named =
        Named { rate: Some("2".into()), per: Some(Span::from_secs(60)), ..Named::default() };
    let trace = table("time,value\n0,120.5\n60,119.5\n", named);
    assert_eq!(trace.requests(), 240);
}

#[test]
fn columns_are_found_by_name_or_number_and_their_units_are_meant() {
    let text = "Time;valA;valB\n2015-06-11T11:50:00Z;11;20\n2015-06-11T11:51:00Z;12;23\n";
    let named = |count: &str| Named { count: Some(count.into()), ..Named::default() };
    assert_eq!(table(text, named("valA")).requests(), 23);
    assert_eq!(table(text, named("3")).requests(), 43);
    let trace = table("time_ms\n0\n250\n900\n1500\n", Named::default());
    assert_eq!(seconds(&trace), [0.0, 0.25, 0.9, 1.5]);
    let unit = Named { unit: Some("min".into()), ..Named::default() };
    assert_eq!(seconds(&table("at,type\n0,a\n1,b\n", unit)), [0.0, 60.0]);
    let trace =
        table("date,views\n20240130,1200\n20240131,1300\n20240202,1400\n", Named::default());
    assert_eq!((trace.requests(), trace.length), (3_900, Span::from_secs(4 * 86_400)));
}

#[test]
fn numbers_that_can_be_two_are_refused_with_their_line() {
    let text = b"Zeit;Anfragen\n2022-10-03 21:00;980\n2022-10-03 21:01;1.000\n";
    let message = fails(text, Format::Auto).to_string();
    assert!(message.starts_with("trace: line 3, this may be a number of thousands"), "{message}");
    assert!(message.ends_with("`1.000`"), "{message}");
}

#[test]
fn copies_have_room_until_the_next_request() {
    let text = "time,path\n0.0,/\n0.5,/\n0.5,/\n4.0,/\n";
    let trace = table(text, Named::default());
    let room: Vec<f64> = (0..4).map(|index| trace.room(index).secs()).collect();
    assert_eq!(room, [0.5, 0.1, 3.5, 1.025], "the last: 4.1 s over four");
    assert_eq!(trace.length_with_copies(), Span::from_millis(5_025));
    let trace = table("0,1\n1,4\n2,4\n", Named::default());
    assert_eq!((0..3).map(|index| trace.room(index).secs()).sum::<f64>(), 3.0);
}

#[test]
fn the_peak_of_unequal_intervals_is_the_steepest() {
    let text = "time,value\n2021-07-02 11:00:00, 101\n2021-07-02 11:03:06, 113\n\
                2021-07-02 11:05:53, 120\n2021-07-02 11:07:32, 132\n";
    let trace = table(text, Named::default());
    check_totals(&trace);
    let peak = trace.peak(Span::from_secs(60));
    assert_eq!((peak.count, peak.window), (132, Span::from_secs(99)));
    assert_eq!(trace.length, Span::from_secs(186 + 167 + 99 + 99));
}

#[test]
fn patterns_that_nothing_is_like_are_told() {
    let rule = |pattern: &str| Rule { pattern: pattern.into(), name: "x".into() };
    let rules = Grouping::Rules(vec![rule("^/a.*$"), rule("GET /b/*"), rule("GET /b/c")]);
    let trace = parse(log_line(0, "GET /b/c HTTP/1.1").as_bytes(), Format::Auto, &rules);
    assert_eq!(trace.report.unmatched, ["^/a.*$", "GET /b/c"]);
    let warnings = trace.report.warnings();
    assert_eq!(warnings, ["patterns of `group` that no request is like: `^/a.*$`, `GET /b/c`"]);
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
    let trace = whole(&path, &Grouping::Method);
    check_totals(&trace);
    assert_eq!(trace.report.understood.format, Format::Combined.name());
    assert_eq!(trace.users, Some(1_753), "as many as `cut -d' ' -f1 | sort -u` finds");
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
    let paths = whole(&path, &Grouping::MethodAndPrefix(1));
    check_totals(&paths);
    assert_eq!(paths.types.len(), MOST_TYPES);
}

#[test]
fn a_day_of_counts_per_second_is_read_whole() {
    let Some(path) = shared("nasa-http-1995-07-13.csv") else { return };
    let trace = whole(&path, &Grouping::Method);
    check_totals(&trace);
    assert!(trace.are_intervals);
    assert_eq!((trace.requests(), trace.arrivals.len()), (134_204, 56_656));
    assert_eq!((trace.resolution, trace.length), (Span::from_secs(1), Span::from_secs(86_400)));
    let peak = trace.peak(Span::from_secs(1));
    assert_eq!((peak.count, peak.at), (20, Time::ZERO + Span::from_secs(48_777)));
}

fn formats() -> [Format; 7] {
    let written = LogFormat::parse("$a [$time_local] \"$request\" $status").expect("a format");
    [
        Format::Auto,
        Format::Common,
        Format::Json,
        Format::Extended,
        Format::Written(written),
        Format::Timestamps,
        Format::Counts,
    ]
}

fn check_any(text: &[u8]) {
    let lines = text.split_inclusive(|&byte| byte == b'\n').count() as u64;
    let rules = vec![Rule { pattern: "*/a*".into(), name: "a".into() }];
    for format in formats() {
        let wanted = Wanted { format, ..Wanted::default() };
        for grouping in [Grouping::MethodAndPrefix(1), Grouping::Rules(rules.clone())] {
            match read_from(text, Path::new("trace"), &wanted, &grouping) {
                Ok(trace) => {
                    check_totals(&trace);
                    assert_eq!(trace.report.lines, lines);
                    assert!(trace.report.to_string().lines().count() <= 16);
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
        Just(b"{\"ts\":1431857103.5,\"uri\":\"/a\",\"size\":7,\"ip\":\"::1\"}\n".to_vec()),
        Just(b"#Fields: date time cs-uri-stem\n2015-05-17 10:05:03 /a\n".to_vec()),
        Just(b"Time;rps\n0;1.000,5\n60;2\n67;1\n".to_vec()),
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
