//! The slowest of the requests that were traced: what each call did, one below the other.

use plotters::prelude::{Color, PathElement, RGBColor, Rectangle, ShapeStyle, Text};
use plotters::style::text_anchor::HPos;

use crate::experiment::results::Results;
use crate::experiment::traced::{TracedRequest, TracedSpan};
use crate::stats::Estimate;
use crate::units::{Span, Time, three_digits};

use super::super::label::shorten;
use super::super::number;
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{Look, Plot};
use super::style::{
    COLOURS, FAINT, GREY, INK, Sheet, anchored, bold, chart, nothing, px, stroke, type_of,
};

/// The most requests, calls of one, and lines in all, that one chart can hold.
const REQUESTS: usize = 4;
const CALLS: usize = 9;
const LINES: usize = 22;
/// Room for the names beside the bars [px].
const NAMES: f64 = 190.0;
/// The chart goes on for so much longer than the slowest request.
const MORE: f64 = 1.05;
/// The part of a line that a bar fills.
const FILLED: f64 = 0.7;

/// What time goes to, with its colour; words that begin alike are of one kind.
const KINDS: [(&str, RGBColor); 8] = [
    ("work", COLOURS[0]),
    ("shared cores", COLOURS[5]),
    ("wait for a core", COLOURS[4]),
    ("wait for a worker", COLOURS[1]),
    ("io", COLOURS[2]),
    ("network", RGBColor(150, 150, 150)),
    ("calls given up", COLOURS[3]),
    ("parallel steps", INK),
];

/// The kind of a span.
fn kind(what: &str) -> usize {
    // A connection is what a database has for a worker.
    let what = if what == "wait for a connection" { "wait for a worker" } else { what };
    KINDS.iter().position(|(name, _)| what.starts_with(name)).unwrap_or(KINDS.len() - 1)
}

/// A line of the chart.
enum Line<'r> {
    Request(&'r TracedRequest, usize),
    Call(&'r TracedRequest, u32),
}

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let mut slowest: Vec<&TracedRequest> = results.traced.iter().flatten().collect();
    slowest.sort_by_key(|request| (std::cmp::Reverse(length(request)), request.id));
    let Some(first) = slowest.first() else { return nothing(results, "No request was traced") };
    let lines = lines(&slowest);
    let how = " · pale: nobody waited for it, or not any more";
    chart(results, &title(first, slowest.len()), how, |sheet| {
        let high = Axis::from_zero(length(first).secs() * MORE, Unit::Seconds);
        let x = (high, "since the request was sent");
        let mut plot = Plot::new(sheet, x, (Axis::places(lines.len()), ""), NAMES)?;
        for (i, line) in lines.iter().enumerate() {
            let middle = lines.len() as f64 - i as f64 - 0.5;
            match line {
                Line::Request(request, left_out) => {
                    heading(request, *left_out, middle, &plot, sheet)?;
                }
                Line::Call(request, call) => bars(results, request, *call, middle, &plot, sheet)?,
            }
        }
        keys(&lines, &mut plot);
        plot.finish()
    })
}

/// How long a request took, or has taken so far.
fn length(request: &TracedRequest) -> Span {
    let ends = request.spans.iter().filter(|span| span.counts).map(|span| span.end);
    let last = ends.max().unwrap_or(request.sent);
    request.latency.unwrap_or(last.since(request.sent))
}

fn title(slowest: &TracedRequest, count: usize) -> String {
    let took = time(length(slowest));
    let parts = slowest.parts();
    let Some((component, what, most)) = parts.iter().max_by_key(|part| part.2) else {
        return format!("The slowest of {count} requests took {took}");
    };
    let share = three_digits(100.0 * most.secs() / length(slowest).secs());
    format!("The slowest of {count} requests took {took}: {share}% of it {what} in {component}")
}

fn time(span: Span) -> String {
    let exactly = Estimate::point(span.secs());
    number::seconds(&exactly).value
}

/// As many of the requests as there is room for, each with the calls that matter most.
fn lines<'r>(slowest: &[&'r TracedRequest]) -> Vec<Line<'r>> {
    let mut lines = Vec::new();
    for request in slowest.iter().take(REQUESTS) {
        let (calls, left_out) = calls(request);
        if lines.len() + 1 + calls.len() > LINES {
            break;
        }
        lines.push(Line::Request(request, left_out));
        lines.extend(calls.into_iter().map(|call| Line::Call(request, call)));
    }
    lines
}

/// The calls in which time passed, those first that count; and how many there is no room for.
fn calls(request: &TracedRequest) -> (Vec<u32>, usize) {
    let spans = || request.spans.iter().filter(|span| span.start < span.end);
    let mut calls: Vec<(bool, u32)> = spans().map(|span| (!span.counts, span.call)).collect();
    calls.sort_unstable();
    let mut shown: Vec<u32> = Vec::new();
    for (_, call) in calls {
        if !shown.contains(&call) {
            shown.push(call);
        }
    }
    let left_out = shown.len().saturating_sub(CALLS);
    shown.truncate(CALLS);
    shown.sort_unstable();
    (shown, left_out)
}

fn heading(
    request: &TracedRequest,
    left_out: usize,
    middle: f64,
    plot: &Plot<'_, '_>,
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    let ((left, y), (right, _)) = (plot.spot(0.0, middle), plot.spot(f64::INFINITY, middle));
    let top = plot.spot(0.0, middle + 0.5).1;
    let line = [(left - px(NAMES - 24.0), top), (right, top)];
    sheet.draw(&PathElement::new(line, stroke(FAINT, 1.0)))?;
    let name = Text::new(
        shorten(&request.request, 26),
        (left - px(NAMES - 24.0), y),
        anchored(bold(12.0, INK), HPos::Left),
    );
    sheet.draw(&name)?;
    let took = match request.latency {
        Some(latency) => format!("{} after {}", request.outcome, time(latency)),
        None => request.outcome.clone(),
    };
    let more = match left_out {
        0 => String::new(),
        1 => " · 1 more call".to_owned(),
        calls => format!(" · {calls} more calls"),
    };
    let text = format!("{took} · sent at {:.3}s{more}", request.sent.secs());
    let style = anchored(type_of(12.0, GREY), HPos::Left);
    Ok(sheet.draw(&Text::new(shorten(&text, 100), (left + px(4.0), y), style))?)
}

fn bars(
    results: &Results,
    request: &TracedRequest,
    call: u32,
    middle: f64,
    plot: &Plot<'_, '_>,
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    let mut spans = request.spans.iter().filter(|span| span.call == call).peekable();
    if let Some(first) = spans.peek() {
        let (left, y) = plot.spot(0.0, middle);
        let at = left - px(NAMES - 24.0 - 12.0 * depth(request, first).min(6) as f64);
        let style = anchored(type_of(12.0, INK), HPos::Left);
        sheet.draw(&Text::new(shorten(&name(results, first), 22), (at, y), style))?;
    }
    let since = |time: Time| time.since(request.sent).secs();
    for span in spans {
        let (from, above) = plot.spot(since(span.start), middle + FILLED / 2.0);
        let (to, below) = plot.spot(since(span.end), middle - FILLED / 2.0);
        if from < to {
            let colour = KINDS[kind(span.what)].1;
            let colour = colour.mix(if span.counts { 1.0 } else { 0.3 });
            let body = [(from, above), (to, below)];
            sheet.draw(&Rectangle::new(body, ShapeStyle::from(colour).filled()))?;
        }
    }
    Ok(())
}

/// The component, and which instance where there are several.
fn name(results: &Results, span: &TracedSpan) -> String {
    let several = |name: &str| {
        results.components.iter().any(|found| found.name == name && found.instances > 1)
    };
    let TracedSpan { component, instance, .. } = span;
    if several(component) { format!("{component} {}", instance + 1) } else { component.clone() }
}

/// How many calls it is made for, one within the other.
fn depth(request: &TracedRequest, span: &TracedSpan) -> usize {
    let parent = |call: u32| request.spans.iter().find(|span| span.call == call)?.parent;
    std::iter::successors(span.parent, |&call| parent(call)).count()
}

/// A key for each kind that is shown.
fn keys(lines: &[Line<'_>], plot: &mut Plot<'_, '_>) {
    let shown = |number: usize| {
        lines.iter().any(|line| match line {
            Line::Request(..) => false,
            Line::Call(request, call) => {
                let mut spans = request.spans.iter().filter(|span| span.call == *call);
                spans.any(|span| span.start < span.end && kind(span.what) == number)
            }
        })
    };
    for (number, (name, colour)) in KINDS.into_iter().enumerate() {
        if shown(number) {
            let name = if number == 3 { "wait for its turn" } else { name };
            plot.key(name, Look { colour, marker: Some(1), width: 1.0 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn span(call: u32, what: &'static str, start: u64, end: u64, counts: bool) -> TracedSpan {
        TracedSpan {
            call,
            parent: call.checked_sub(1),
            component: "app".to_owned(),
            instance: call,
            operation: "GET /".to_owned(),
            what,
            start: Time::from_nanos(start),
            end: Time::from_nanos(end),
            counts,
        }
    }

    fn request(id: u64, spans: Vec<TracedSpan>, latency: Option<Span>) -> TracedRequest {
        TracedRequest {
            id,
            replication: 0,
            client: "shoppers".to_owned(),
            request: "GET /product".to_owned(),
            user: None,
            number: id,
            sent: Time::from_nanos(1_000),
            outcome: "ok".to_owned(),
            latency,
            spans,
        }
    }

    #[test]
    fn every_call_has_a_line_and_every_kind_a_key() {
        let spans = vec![
            span(0, "network there", 1_000, 3_000, true),
            span(0, "wait for a connection", 3_000, 8_000, true),
            span(1, "work", 8_000, 11_000, true),
            span(2, "io", 9_000, 30_000, false),
        ];
        let slow = request(1, spans, Some(Span::from_nanos(10_000)));
        let traced = Some(vec![request(2, Vec::new(), None), slow]);
        let svg = draw(&Results { traced, ..fixture::shop() }).unwrap();
        assert!(svg.contains(
            "The slowest of 2 requests took 10.0 µs: 50% of it wait for a connection in app"
        ));
        for text in ["app 3", "wait for its turn", "io", "ok after 10.0 µs"] {
            assert!(svg.contains(&format!(">\n{text}")), "{text}: {svg}");
        }
        assert!(!svg.contains(">\nparallel steps"));
    }

    #[test]
    fn no_requests_are_too_strange_to_draw() {
        let many = (0..300).map(|call| span(call, "work", 1_000, 1_001, call % 7 == 0)).collect();
        let strange = [
            Vec::new(),
            vec![request(1, Vec::new(), None), request(2, Vec::new(), Some(Span::ZERO))],
            vec![request(1, many, Some(Span::from_nanos(1)))],
        ];
        for traced in strange {
            let svg = draw(&Results { traced: Some(traced), ..fixture::shop() }).unwrap();
            assert!(svg.contains("</svg>") && !svg.contains("NaN"));
        }
    }
}
