//! JSON lines: a request a line, as nginx, Caddy, Traefik, Envoy and others write them, with the
//! keys that [`super::field`] knows; and lines of any other log that docker has wrapped.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::clock::{Stamp, date_time};
use super::field::{Field, rank, time_unit};
use super::said::{Amount, Misfit, Record, Said};
use super::writing::Writing;

/// The part of a line in which something is known of a request.
const ABOUT: [Field; 6] =
    [Field::Request, Field::Method, Field::Path, Field::Type, Field::Bytes, Field::User];

/// A line as JSON, if it is an object.
pub(super) fn object(line: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// The line that docker has wrapped.
pub(super) fn wrapped(object: &Map<String, Value>) -> Option<&str> {
    let log = object.get("log")?.as_str()?;
    (object.contains_key("stream") || object.contains_key("time")).then(|| log.trim_end())
}

/// The record of a line that is an object.
pub(super) fn record(object: &Map<String, Value>) -> Result<Record<'static>, Misfit> {
    let all = leaves(object);
    let time = best(Field::Time, &all).ok_or_else(|| Misfit::new("no key of a time"))?;
    let stamp = stamp(&time.0, time.1)
        .ok_or_else(|| Misfit::new("no time that can be read under the key of times"))?;
    let mut said = Said::default();
    for field in ABOUT {
        if let Some((_, value)) = best(field, &all) {
            said.take(field, Cow::Owned(text(value).into_bytes()))?;
        }
    }
    match said.names_a_request() {
        true => Ok(said.record(stamp, Amount::Count(1))),
        false => Err(Misfit::at("no request in it, nor a path", text_of(object).as_bytes())),
    }
}

/// The keys that tell something of a request, with what they tell, and all others.
pub(super) fn keys(object: &Map<String, Value>) -> (Vec<(Field, String)>, Vec<String>) {
    let all = leaves(object);
    let fields = [Field::Time].into_iter().chain(ABOUT);
    let used: Vec<(Field, String)> =
        fields.filter_map(|field| Some((field, best(field, &all)?.0.clone()))).collect();
    let is_used = |key: &String| used.iter().any(|(_, used)| used == key);
    let unused = all.iter().map(|(key, _)| key.clone()).filter(|key| !is_used(key)).collect();
    (used, unused)
}

/// Objects within objects are looked into so deep.
const DEEPEST: usize = 4;

/// All values that hold no others, with their keys: `request.uri` of an object within the object.
fn leaves(object: &Map<String, Value>) -> Vec<(String, &Value)> {
    fn add<'o>(
        object: &'o Map<String, Value>,
        above: &str,
        depth: usize,
        all: &mut Vec<(String, &'o Value)>,
    ) {
        for (key, value) in object {
            match value {
                Value::Object(inner) if depth < DEEPEST => {
                    add(inner, &format!("{above}{key}."), depth + 1, all);
                }
                Value::Object(_) => {}
                value => all.push((format!("{above}{key}"), value)),
            }
        }
    }
    let mut all = Vec::new();
    add(object, "", 1, &mut all);
    all
}

/// The value whose key fits best. `httpRequest.requestUrl` is called by its last part; of equals
/// the outer is meant.
fn best<'o>(field: Field, all: &'o [(String, &'o Value)]) -> Option<&'o (String, &'o Value)> {
    let fits = |(key, value): &&(String, &Value)| {
        let name = key.rsplit('.').next().unwrap_or(key);
        let is_told = !value.is_null() && !value.is_array();
        rank(field, name).filter(|_| is_told).map(|rank| (rank, key.matches('.').count()))
    };
    all.iter().filter(|leaf| fits(leaf).is_some()).min_by_key(|leaf| fits(leaf))
}

fn stamp(key: &str, value: &Value) -> Option<Stamp> {
    let text = text(value);
    let name = key.rsplit('.').next().unwrap_or(key);
    let writing = time_unit(name).map_or(Writing::Any, Writing::In);
    date_time(text.as_bytes()).or_else(|| writing.read(text.as_bytes()))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn text_of(object: &Map<String, Value>) -> String {
    Value::Object(object.clone()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::group::RequestName;
    use super::*;

    fn read(line: &str) -> Result<Record<'static>, Misfit> {
        record(&object(line.as_bytes()).expect("an object"))
    }

    #[track_caller]
    fn check(line: &str, request: &str, bytes: Option<u64>) {
        let record = read(line).expect(line);
        assert_eq!(record.stamp.at.to_string(), "2015-05-17T10:05:03Z", "{line}");
        assert_eq!(record.asked, RequestName::Line(request.into()), "{line}");
        assert_eq!((record.bytes, record.user.is_some()), (bytes, true), "{line}");
    }

    #[test]
    fn lines_of_well_known_servers_are_read() {
        check(
            r#"{"time_local":"17/May/2015:10:05:03 +0000","remote_addr":"192.0.2.1",
            "request":"GET /a HTTP/1.1","status":"200","body_bytes_sent":"150","request_time":"1"}"#,
            "GET /a HTTP/1.1",
            Some(150),
        );
        check(
            r#"{"level":"info","ts":1431857103.5,"msg":"handled request","request":{"remote_ip":
            "192.0.2.1","method":"PUT","uri":"/a?b"},"size":10900,"status":200,"duration":0.1}"#,
            "PUT /a?b",
            Some(10_900),
        );
        check(
            r#"{"ClientHost":"192.0.2.1","DownstreamContentSize":7,"RequestMethod":"GET",
            "RequestPath":"/a","StartUTC":"2015-05-17T10:05:03.1Z","time":"2015-05-17T10:05:04Z"}"#,
            "GET /a",
            Some(7),
        );
        check(
            r#"{"timestamp":"2015-05-17T10:05:03Z","httpRequest":{"requestMethod":"GET",
            "requestUrl":"https://h/a","responseSize":"7","remoteIp":"192.0.2.1"}}"#,
            "GET https://h/a",
            Some(7),
        );
    }

    #[test]
    fn keys_may_stand_in_objects_within_objects() {
        check(
            r#"{"@timestamp":"2015-05-17T10:05:03Z","url":{"path":"/a"},"source":{"ip":"::1"},
            "http":{"request":{"method":"PUT"},"response":{"status_code":200,"bytes":7}}}"#,
            "PUT /a",
            Some(7),
        );
    }

    #[test]
    fn a_line_without_a_request_tells_nothing_but_that() {
        let why = |line: &str| read(line).expect_err(line);
        assert_eq!(why(r#"{"password": "x"}"#).part, None);
        assert!(why(r#"{"ts": 1431857103, "msg": "started"}"#).why.contains("no request"));
        assert!(object(b"[1]").is_none() && object(b"{").is_none());
    }

    #[test]
    fn what_docker_wraps_is_a_line_of_its_own() {
        let object = object(br#"{"log":"a line\n","stream":"stdout","time":"x"}"#).expect("one");
        assert_eq!(wrapped(&object), Some("a line"));
    }
}
