//! Single requests, span by span.

use serde_json::{Value, json};

use crate::experiment::traced::{TracedRequest, TracedSpan};
use crate::units::Span;

use super::csv::{bytes, row, table};

/// The columns of a span.
pub(super) const HEADER: [&str; 19] = [
    "request_id",
    "replication",
    "client",
    "request",
    "user",
    "number",
    "sent_ns",
    "outcome",
    "latency_ns",
    "call",
    "parent",
    "component",
    "instance",
    "operation",
    "what",
    "start_ns",
    "end_ns",
    "duration_ns",
    "counts",
];

/// Every span of every request, in nanoseconds of simulated time. All numbers count from 1.
pub fn requests_csv(requests: &[TracedRequest]) -> Vec<u8> {
    let mut table = table(&HEADER);
    for request in requests {
        request.spans.iter().for_each(|span| row(&mut table, &fields(request, span)));
    }
    bytes(table)
}

/// A row of it.
pub(super) fn fields(request: &TracedRequest, span: &TracedSpan) -> Vec<String> {
    let from_one = |number: u64| (number + 1).to_string();
    let optional = |number: Option<u64>| number.map_or(String::new(), |number| number.to_string());
    let (start, end) = (span.start.nanos(), span.end.nanos());
    vec![
        format!("{:016x}", request.id),
        from_one(request.replication as u64),
        request.client.clone(),
        request.request.clone(),
        request.user.map_or(String::new(), from_one),
        from_one(request.number),
        request.sent.nanos().to_string(),
        request.outcome.clone(),
        optional(request.latency.map(|latency| latency.nanos())),
        from_one(u64::from(span.call)),
        span.parent.map_or(String::new(), |parent| from_one(u64::from(parent))),
        span.component.clone(),
        from_one(u64::from(span.instance)),
        span.operation.clone(),
        span.what.to_owned(),
        start.to_string(),
        end.to_string(),
        (end - start).to_string(),
        if span.counts { "yes" } else { "no" }.to_owned(),
    ]
}

/// A request with where its time went, by component.
pub(super) fn request_json(request: &TracedRequest) -> Value {
    let part = |(component, what, time): (&str, &str, Span)| json!({"component": component, "what": what, "ns": time.nanos()});
    json!({
        "request_id": format!("{:016x}", request.id),
        "replication": request.replication + 1,
        "client": request.client,
        "request": request.request,
        "user": request.user.map(|user| user + 1),
        "number": request.number + 1,
        "sent_ns": request.sent.nanos(),
        "outcome": request.outcome,
        "latency_ns": request.latency.map(|latency| latency.nanos()),
        "parts": request.parts().into_iter().map(part).collect::<Vec<_>>(),
    })
}
