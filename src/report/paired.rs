//! The requests that fare most differently in two variants, side by side.

use serde_json::{Value, json};

use crate::experiment::paired::PairedRequests;
use crate::experiment::traced::TracedRequest;
use crate::stats::Estimate;
use crate::units::Span;

use super::csv::{bytes, row, table};
use super::grid::{Grid, Paint, paint};
use super::number::{NOTHING, count, seconds};
use super::requests::{HEADER, fields, request_json};

/// For a person: for each variant but the first, which requests differ most, and where.
pub fn paired_requests(
    names: &[String],
    found: &[PairedRequests],
    colour: bool,
    width: usize,
) -> String {
    let mut out = String::new();
    for (name, paired_requests) in names[1..].iter().zip(found) {
        let title = format!("Requests in {name}, against {}", names[0]);
        out += &format!("\n{}\n\n", paint(&title, Paint::Bold, colour));
        out += &tally(paired_requests);
        if !paired_requests.pairs.is_empty() {
            out += "\n";
            out += &pairs(&paired_requests.pairs).render(width, colour);
        }
    }
    out
}

fn tally(found: &PairedRequests) -> String {
    let PairedRequests { compared, ended_differently, slower, faster, .. } = *found;
    let same = compared - ended_differently - slower - faster;
    let bounded = if found.sampled { ", drawn from more," } else { "" };
    let mut text = format!(
        "  Of {} requests{bounded} the same in both, {} ended differently, {} took longer, {} took \
         less time\n  and {} exactly as long.",
        count(compared),
        count(ended_differently),
        count(slower),
        count(faster),
        count(same),
    );
    if found.apart > 0 {
        text += &format!(" Left out: {} that only one sent or ended.", count(found.apart));
    }
    text + "\n"
}

fn pairs(pairs: &[[TracedRequest; 2]]) -> Grid {
    let plainly = |of: &dyn Fn(&[TracedRequest; 2]) -> String| {
        pairs.iter().map(|pair| (of(pair), Paint::Plain)).collect::<Vec<_>>()
    };
    let mut grid = Grid::default();
    grid.text("request", plainly(&|[one, _]| one.request.clone()));
    grid.right("sent", pairs.iter().map(|[one, _]| format!("{:.3}s", one.sent.secs())).collect());
    grid.text("first", plainly(&|[one, _]| one.outcome.clone()));
    grid.right("", pairs.iter().map(|[one, _]| latency(one)).collect());
    grid.text("this", plainly(&|[_, this]| this.outcome.clone()));
    grid.right("", pairs.iter().map(|[_, this]| latency(this)).collect());
    grid.text("where most", plainly(&|pair| where_most(pair)));
    grid
}

fn latency(request: &TracedRequest) -> String {
    request.latency.map_or(NOTHING.to_owned(), time)
}

fn time(time: Span) -> String {
    seconds(&Estimate::point(time.secs())).value
}

/// The part whose time differs most: `app: wait for a worker 12ms → 1.2s`.
fn where_most([one, this]: &[TracedRequest; 2]) -> String {
    let (one, this) = (one.parts(), this.parts());
    let of = |parts: &[(&str, &'static str, Span)], component: &str, what: &str| {
        let found = parts.iter().find(|part| (part.0, part.1) == (component, what));
        found.map_or(Span::ZERO, |part| part.2)
    };
    let both = one.iter().chain(&this).map(|&(component, what, _)| {
        (component, what, of(&one, component, what), of(&this, component, what))
    });
    let most = both.reduce(|most, next| {
        let by = |part: &(_, _, Span, Span)| part.2.max(part.3) - part.2.min(part.3);
        if by(&next) > by(&most) { next } else { most }
    });
    most.map_or(String::new(), |(component, what, before, after)| {
        format!("{component}: {what} {} → {}", time(before), time(after))
    })
}

/// Every span of every request in either variant. `pair` counts the requests of a variant from 1,
/// those that differ most first; they are told as they fared in the first and in this one.
pub fn paired_requests_csv(names: &[String], found: &[PairedRequests]) -> Vec<u8> {
    let mut table = table(&[&["against", "pair", "variant"], &HEADER[..]].concat());
    for (name, paired_requests) in names[1..].iter().zip(found) {
        for (number, pair) in (1..).zip(&paired_requests.pairs) {
            for (variant, request) in [&names[0], name].into_iter().zip(pair) {
                let keys = [name.clone(), i32::to_string(&number), variant.clone()];
                for span in &request.spans {
                    row(&mut table, &[&keys[..], &fields(request, span)[..]].concat());
                }
            }
        }
    }
    bytes(table)
}

/// The same for a program, by the time that each part of each component took.
pub fn paired_requests_json(names: &[String], found: &[PairedRequests]) -> Value {
    let one = |(name, paired_requests): (&String, &PairedRequests)| {
        let pair = |[one, this]: &[TracedRequest; 2]| json!({ "first": request_json(one), "this": request_json(this) });
        json!({
            "variant": name,
            "compared": paired_requests.compared,
            "ended_differently": paired_requests.ended_differently,
            "slower": paired_requests.slower,
            "faster": paired_requests.faster,
            "left_out": paired_requests.apart,
            "drawn_from_more": paired_requests.sampled,
            "pairs": paired_requests.pairs.iter().map(pair).collect::<Vec<_>>(),
        })
    };
    Value::Array(names[1..].iter().zip(found).map(one).collect())
}
