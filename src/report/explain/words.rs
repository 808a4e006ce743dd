//! What was found by simulating: how theory fared, where the time goes, what would help.

use crate::experiment::explain::{Agreement, Explanation, Latency, Remedies, Share, Verdict};
use crate::stats::Estimate;

use super::theory::{known, time};
use crate::report::grid::{Grid, Paint, paint};
use crate::report::label;
use crate::report::number::{NOTHING, Reading, percent, plain, seconds};

/// The most parts of a latency, and the most remedies, that are shown.
const SHOWN: usize = 10;
/// Parts below this share of both latencies are left out.
const LITTLE: f64 = 0.005;

/// Everything that simulating has added to theory.
pub fn findings(explanation: &Explanation, colour: bool, width: usize) -> String {
    let mut out = heading("Predicted and simulated", colour);
    let method = label::method(&explanation.results);
    out += &format!("  {}\n", paint(&method, Paint::Dim, colour));
    if explanation.agreements.iter().any(|a| a.measure == "hit_ratio") {
        let text = "beside hit ratios, all is predicted from the hit ratios that were simulated";
        out += &format!("  {}\n", paint(text, Paint::Dim, colour));
    }
    out += &agreements(&explanation.agreements, colour, width);
    for latency in explanation.latencies.iter().take(1) {
        out += &format!("\n{}", heading("Where the time goes", colour));
        out += &match latency.requests[0] {
            0 => "  no request was answered well\n".to_owned(),
            _ => parts(latency, colour, width),
        };
    }
    out += &format!("\n{}", heading("What would help", colour));
    out += &remedies(&explanation.remedies, colour, width);
    out + &label::warnings(&explanation.results, colour, width)
}

fn heading(text: &str, colour: bool) -> String {
    format!("{}\n", paint(text, Paint::Bold, colour))
}

/// How figures of this unit are read.
fn reader(unit: &str) -> fn(&Estimate) -> Reading {
    match unit {
        "s" => seconds,
        "share" => percent,
        _ => plain,
    }
}

fn agreements(list: &[Agreement], colour: bool, width: usize) -> String {
    let mut grid = Grid::default();
    let repeated = |i: usize| i > 0 && list[i - 1].subject == list[i].subject;
    let subject = |(i, a): (usize, &Agreement)| {
        let text = if repeated(i) { String::new() } else { a.subject.clone() };
        (text, Paint::Plain)
    };
    grid.text("", list.iter().enumerate().map(subject).collect());
    grid.left("", list.iter().map(|a| (measure(&a.measure), Paint::Plain)).collect());
    let predicted = list.iter().map(|a| match a.unit {
        "s" => time(a.predicted),
        unit => known(a.predicted, reader(unit)),
    });
    grid.right("predicted", predicted.collect());
    let simulated = list.iter().map(|a| reader(a.unit)(&a.simulated));
    grid.estimates("simulated", simulated.collect());
    grid.left("theory is off by", list.iter().map(|a| verdict(a.verdict)).collect());
    grid.render(width, colour)
}

fn measure(name: &str) -> String {
    match name.split_once(':') {
        Some((_, resource)) => format!("{resource} in use"),
        None => match name {
            "throughput" => "answered/s".to_owned(),
            "mean_latency" => "mean latency".to_owned(),
            "hit_ratio" => "hit ratio".to_owned(),
            "wait" => "mean wait".to_owned(),
            "own" => "mean time in it".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn verdict(verdict: Verdict) -> (String, Paint) {
    match verdict {
        Verdict::Agrees => ("✔".to_owned(), Paint::Green),
        Verdict::Off(share) if share.abs() >= 10.0 => ("far off".to_owned(), Paint::Yellow),
        Verdict::Off(share) => {
            let sign = if share > 0.0 { "+" } else { "−" };
            (format!("{sign}{}", known(share.abs(), percent)), Paint::Yellow)
        }
        Verdict::Unknown => (NOTHING.to_owned(), Paint::Dim),
    }
}

/// A line of where the time goes; of all requests, and of the slowest.
struct Row<'a> {
    component: &'a str,
    part: &'a str,
    mean: [Estimate; 2],
    shares: [f64; 2],
    look: Paint,
}

fn parts(latency: &Latency, colour: bool, width: usize) -> String {
    let of = |share: &Share, which: usize| share.mean[which].mean / latency.mean[which].mean;
    let matters = |share: &&Share| of(share, 0).max(of(share, 1)) >= LITTLE;
    let mut shown: Vec<&Share> = latency.shares.iter().filter(matters).collect();
    shown.sort_by(|a, b| of(b, 1).total_cmp(&of(a, 1)));
    shown.truncate(SHOWN);
    let mut rows: Vec<Row> = shown
        .iter()
        .map(|share| Row {
            component: &share.component,
            part: share.part,
            mean: share.mean,
            shares: [of(share, 0), of(share, 1)],
            look: Paint::Plain,
        })
        .collect();
    if shown.len() < latency.shares.len() {
        // What is not shown is no less a part of the whole.
        let rest = [0, 1].map(|which| {
            let sum: f64 = shown.iter().map(|share| share.mean[which].mean).sum();
            latency.mean[which].mean - sum
        });
        let mean = rest.map(Estimate::point);
        let shares = [0, 1].map(|which| rest[which] / latency.mean[which].mean);
        rows.push(Row { component: "…", part: "all the rest", mean, shares, look: Paint::Dim });
    }
    let (mean, shares, look) = (latency.mean, [1.0, 1.0], Paint::Bold);
    rows.push(Row { component: "latency", part: "", mean, shares, look });
    let mut grid = Grid::default();
    grid.text("", rows.iter().map(|row| (row.component.to_owned(), row.look)).collect());
    grid.left("", rows.iter().map(|row| (row.part.to_owned(), row.look)).collect());
    for (which, title) in ["all requests", "slowest 1%"].into_iter().enumerate() {
        grid.estimates(title, rows.iter().map(|row| seconds(&row.mean[which])).collect());
        grid.right("share", rows.iter().map(|row| whole_percent(row.shares[which])).collect());
        grid.left("", rows.iter().map(|row| (bar(row.shares[which]), Paint::Dim)).collect());
        grid.near();
        grid.spare(0);
    }
    grid.render(width, colour)
}

fn whole_percent(share: f64) -> String {
    if share.is_nan() { NOTHING.to_owned() } else { format!("{:.0}%", share * 100.0) }
}

/// Up to eight cells, none for the whole.
fn bar(share: f64) -> String {
    if share >= 1.0 || share.is_nan() {
        return String::new();
    }
    "█".repeat(libm::round(share * 8.0) as usize)
}

fn remedies(remedies: &Remedies, colour: bool, width: usize) -> String {
    let list = &remedies.list[..remedies.list.len().min(SHOWN)];
    if list.is_empty() {
        return "  nothing was tried\n".to_owned();
    }
    let text = |text: &str| (text.to_owned(), Paint::Plain);
    let mut grid = Grid::default();
    grid.left("", (1..=list.len()).map(|rank| text(&rank.to_string())).collect());
    grid.text("", list.iter().map(|r| text(&r.component)).collect());
    grid.left("change", list.iter().map(|r| text(&r.what)).collect());
    grid.estimates("p99 falls by", list.iter().map(|r| worth(&r.p99_cut, seconds)).collect());
    grid.estimates("mean falls by", list.iter().map(|r| worth(&r.mean_cut, seconds)).collect());
    let more = list.iter().map(|r| worth(&r.throughput_gain, plain));
    grid.estimates("more answered/s", more.collect());
    let out = grid.render(width, colour);
    let tried = remedies.list.len();
    let shown =
        if tried > list.len() { format!(", the best {} shown", list.len()) } else { String::new() };
    let text = if tried < remedies.possible {
        let all = remedies.possible;
        format!("  {tried} of {all} changes tried, of what is in use most{shown}\n")
    } else {
        format!("  all {tried} changes tried{shown}\n")
    };
    out + &paint(&text, Paint::Dim, colour)
}

/// A gain, or nothing where it may as well be none.
fn worth(gain: &Estimate, how: fn(&Estimate) -> Reading) -> Reading {
    match gain.half_width {
        Some(half) if gain.mean.abs() <= half => {
            Reading { value: NOTHING.to_owned(), error: String::new() }
        }
        _ => how(gain),
    }
}
