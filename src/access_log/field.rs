//! What columns of a table, keys of a JSON line and variables of a log format are called. A name
//! means the same wherever it stands.

use super::writing::Unit;

/// What a part of a line tells of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Field {
    /// When it was.
    Time,
    /// A request line: `GET /a HTTP/1.1`.
    Request,
    /// The method alone.
    Method,
    /// The path or the address alone.
    Path,
    /// A name of a type.
    Type,
    /// The status of the response.
    Status,
    /// The size of the response in bytes.
    Bytes,
    /// Who asked: an address or a name.
    User,
    /// How many requests there were.
    Count,
    /// How many requests there were in each second.
    Rate,
}

/// Names for each, those that tell the most first. All are in the form of [`normal`].
const NAMES: &[(Field, &[&str])] = &[
    (
        Field::Time,
        &[
            "timestamp",
            "time_iso8601",
            "time_local",
            "startutc",
            "start_utc",
            "startlocal",
            "start_local",
            "datetime",
            "date_time",
            "time",
            "ts",
            "at",
            "msec",
            "epoch",
            "unixtime",
            "unix_time",
            "start_time",
            "event_time",
            "created_at",
            "received_at",
            "logged_at",
            "when",
            "date",
            "day",
            "hour",
            "minute",
            "second",
        ],
    ),
    (Field::Request, &["request", "request_line", "requestline", "http_request", "cs_request"]),
    (
        Field::Method,
        &[
            "method",
            "request_method",
            "http_method",
            "cs_method",
            "request_verb",
            "verb",
            "requestmethod",
            "httpmethod",
        ],
    ),
    (
        Field::Path,
        &[
            "request_uri",
            "uri",
            "path",
            "url",
            "request_url",
            "request_path",
            "cs_uri_stem",
            "cs_uri",
            "uri_path",
            "url_path",
            "http_path",
            "http_url",
            "requestpath",
            "requesturl",
            "requesturi",
            "document_uri",
        ],
    ),
    (
        Field::Type,
        &["type", "request_type", "endpoint", "route", "operation", "label", "series", "event"],
    ),
    (
        Field::Status,
        &[
            "status",
            "status_code",
            "sc_status",
            "elb_status_code",
            "http_status",
            "response_code",
            "responsecode",
            "downstreamstatus",
            "code",
        ],
    ),
    (
        Field::Bytes,
        &[
            "bytes_sent",
            "body_bytes_sent",
            "sent_bytes",
            "sc_bytes",
            "response_bytes",
            "response_size",
            "responsesize",
            "downstreamcontentsize",
            "bytes_out",
            "bytes",
            "size",
        ],
    ),
    (
        Field::User,
        &[
            "remote_addr",
            "client_ip",
            "clientip",
            "remote_ip",
            "remoteip",
            "c_ip",
            "ip",
            "client_addr",
            "clienthost",
            "remote_host",
            "client",
            "user_id",
            "userid",
            "user",
            "visitor",
            "session_id",
            "session",
        ],
    ),
    (
        Field::Count,
        &[
            "requests",
            "request_count",
            "requestcount",
            "requests_count",
            "num_requests",
            "total_requests",
            "count",
            "hits",
            "visits",
            "views",
            "pageviews",
            "page_views",
            "calls",
            "queries",
            "arrivals",
            "anfragen",
            "aufrufe",
            "zugriffe",
            "n",
        ],
    ),
    (
        Field::Rate,
        &["rps", "qps", "tps", "rpm", "request_rate", "requests_rate", "arrival_rate", "req_rate"],
    ),
];

/// What is counted where a name says how many there are in a second.
const COUNTED: [&str; 14] = [
    "requests",
    "request",
    "reqs",
    "req",
    "hits",
    "hit",
    "queries",
    "query",
    "calls",
    "call",
    "arrivals",
    "views",
    "visits",
    "transactions",
];

/// Words in the names of columns that are measured of requests or of machines, and count none.
const MEASURED: [&str; 30] = [
    "latency",
    "duration",
    "elapsed",
    "took",
    "taken",
    "wait",
    "waiting",
    "response",
    "avg",
    "average",
    "mean",
    "median",
    "min",
    "max",
    "p50",
    "p90",
    "p95",
    "p99",
    "percent",
    "percentile",
    "cpu",
    "mem",
    "memory",
    "load",
    "bytes",
    "mb",
    "kb",
    "ms",
    "temperature",
    "errors",
];

/// A name with its letters in lower case and `_` for whatever stands between its words.
pub(super) fn normal(name: &str) -> String {
    let mut normal = String::new();
    for c in name.trim().to_lowercase().chars() {
        match c {
            'µ' | 'μ' => normal.push('u'),
            c if c.is_alphanumeric() => normal.push(c),
            _ if normal.ends_with('_') || normal.is_empty() => {}
            _ => normal.push('_'),
        }
    }
    normal.truncate(normal.trim_end_matches('_').len());
    normal
}

/// How well a name fits a field: 0 is best; none if it does not.
pub(super) fn rank(field: Field, name: &str) -> Option<usize> {
    let normal = normal(name);
    let fits = |name: &str| {
        let (_, known) = NAMES.iter().find(|(of, _)| *of == field)?;
        known.iter().position(|known| *known == name)
    };
    match field {
        Field::Time => fits(&normal).or_else(|| fits(&with_unit(&normal)?.0)),
        Field::Rate => fits(&normal).or_else(|| counted_per(name).map(|_| 0)),
        _ => fits(&normal),
    }
}

/// In which unit times in a column of this name are, if it says so: `time_ms`, `minute`.
pub(super) fn time_unit(name: &str) -> Option<Unit> {
    let normal = normal(name);
    let of_word = [("second", "s"), ("minute", "min"), ("hour", "h"), ("day", "d"), ("msec", "s")];
    let word = of_word.iter().find(|(word, _)| *word == normal);
    match word {
        Some((_, unit)) => Unit::of(unit),
        None => with_unit(&normal).map(|(_, unit)| unit),
    }
}

/// Splits `timestamp_ms` into its name and its unit.
fn with_unit(normal: &str) -> Option<(String, Unit)> {
    let (name, unit) = normal.rsplit_once('_').or_else(|| {
        let cut = normal.len().checked_sub(2)?;
        (normal.is_char_boundary(cut) && ["ms", "us", "ns"].contains(&&normal[cut..]))
            .then(|| normal.split_at(cut))
    })?;
    let name = match name {
        "t" | "elapsed" | "since_start" | "offset" | "relative_time" => "time",
        name => name,
    };
    Some((name.to_owned(), Unit::of(unit)?))
}

/// Of how many seconds a rate in a column of this name is, if it says so: `requests/s`, `rpm`.
pub(super) fn rate_seconds(name: &str) -> Option<f64> {
    match normal(name).as_str() {
        "rpm" => Some(60.0),
        normal if NAMES.iter().any(|(of, all)| *of == Field::Rate && all.contains(&normal)) => {
            Some(1.0)
        }
        _ => counted_per(name),
    }
}

/// The seconds of the unit after a `/`, `per` or a last word `s`, where requests stand before it.
fn counted_per(name: &str) -> Option<f64> {
    let text = name.trim().to_lowercase().replace("per", "/").replace(['_', '-'], " ");
    let (counted, unit) = text.rsplit_once('/')?;
    let seconds = match unit.trim().trim_end_matches([')', ']']) {
        "s" | "sec" | "second" => 1.0,
        "min" | "m" | "minute" => 60.0,
        "h" | "hour" => 3_600.0,
        _ => return None,
    };
    let words = counted.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| COUNTED.contains(word)).count().gt(&0).then_some(seconds)
}

/// Whether a column of this name is measured, and counts nothing.
pub(super) fn is_measured(name: &str) -> bool {
    name.contains(['%', '/']) || normal(name).split('_').any(|word| MEASURED.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_same_however_it_is_written() {
        for (field, name) in [
            (Field::Time, "Timestamp"),
            (Field::Time, "timeStamp"),
            (Field::Time, "@timestamp"),
            (Field::Time, "timestamp_ms"),
            (Field::Time, "time (us)"),
            (Field::Path, "cs-uri-stem"),
            (Field::Method, "request_verb"),
            (Field::User, "c-ip"),
            (Field::Bytes, "sc-bytes"),
            (Field::Rate, "Requests/s"),
            (Field::Rate, "nginx requests per second"),
            (Field::Rate, "req/min"),
            (Field::Count, "Page Views"),
        ] {
            assert!(rank(field, name).is_some(), "{name}");
        }
        for (field, name) in [
            (Field::Time, "request_time"),
            (Field::Rate, "Failures/s"),
            (Field::Rate, "MB/s"),
            (Field::User, "User Count"),
            (Field::Count, "value"),
        ] {
            assert_eq!(rank(field, name), None, "{name}");
        }
        assert!(rank(Field::Time, "timestamp") < rank(Field::Time, "time"));
        assert_eq!((rate_seconds("rps"), rate_seconds("RPM")), (Some(1.0), Some(60.0)));
        assert_eq!((rate_seconds("hits/min"), rate_seconds("hits")), (Some(60.0), None));
        assert!(is_measured("latency_ms") && is_measured("CPU %") && !is_measured("Anfragen"));
    }

    #[test]
    fn a_name_tells_its_unit() {
        let unit = |name: &str| time_unit(name);
        assert_eq!(unit("time_ms"), Unit::of("ms"));
        assert_eq!(unit("Time (µs)"), Unit::of("us"));
        assert_eq!(unit("minute"), Unit::of("min"));
        assert_eq!(unit("elapsed_s"), Unit::of("s"));
        assert_eq!([unit("time"), unit("timestamp"), unit("start_time")], [None; 3]);
    }
}
