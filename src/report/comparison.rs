//! Variants side by side, in words and as tables.

use serde_json::{Value, json};

use crate::experiment::compare::{CONFIDENCE, Comparison, Difference, Subject, compared};
use crate::stats::Estimate;
use crate::text::wrapped;
use crate::units::Span;

use super::csv;
use super::grid::{Grid, Paint, paint};
use super::number::{Reading, exceeds, number, percent, plain, rounded, seconds, with_unit};

/// A comparison of latencies leaves as much to errors as this quantile.
const OF_LATENCY: f64 = 0.99;

/// The comparison for a person: for each variant, what it does to all requests together.
pub fn comparison(found: &Comparison, colour: bool, width: usize) -> String {
    let first = &found.names[0];
    let dim = |text: &str| paint(&wrapped(text, width, 2), Paint::Dim, colour) + "\n";
    let mut out = dim(&method(found));
    let mut paired = false;
    for (name, differences) in found.names[1..].iter().zip(&found.differences) {
        let title = format!("{name}, against {first}");
        out += &format!("\n{}\n\n", paint(&title, Paint::Bold, colour));
        let shown = headlines(differences).render(width, colour);
        // Where there is no room for the column it needs no explanation.
        paired |= shown.lines().next().is_some_and(|titles| titles.contains(PAIRING));
        out += &shown;
    }
    let notes: String = notes(found, paired).iter().map(|note| dim(note)).collect();
    if notes.is_empty() { out } else { out + "\n" + &notes }
}

pub(super) fn method(found: &Comparison) -> String {
    let Comparison { replications, planned, duration, warmup, seed, .. } = found;
    let measured = Span::from_nanos(duration.nanos().saturating_sub(warmup.nanos()));
    let of = if replications < planned { format!(" of {planned}") } else { String::new() };
    let s = if *planned == 1 { "" } else { "s" };
    format!(
        "{replications}{of} replication{s} of {measured} after {warmup} of warm-up, each under the same \
         random numbers · seed {seed}"
    )
}

/// The column that says what pairing is worth.
const PAIRING: &str = "pairing";

/// How to read the intervals and the last column, where there are any.
fn notes(found: &Comparison, paired: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if found.replications > 1 {
        notes.push(format!(
            "All {} intervals together hold with {}% confidence (Student's t over paired \
             replications, Bonferroni's correction).",
            found.family,
            number(CONFIDENCE * 100.0)
        ));
    }
    if paired {
        let text = "Pairing: how many times as many independent replications would be as sure.";
        notes.push(text.to_owned());
    }
    let fails = |d: &&Difference| {
        d.name == "error_rate" && [&d.first, &d.this].iter().any(|of| exceeds(of, OF_LATENCY))
    };
    if found.differences.iter().flat_map(|list| told(list)).any(|d| fails(&d)) {
        let text = "Latencies are of the requests answered: where over 1% fail, a lower one may be \
                    of fewer.";
        notes.push(text.to_owned());
    }
    notes
}

/// What is said of all requests together.
pub(super) fn told(differences: &[Difference]) -> Vec<&Difference> {
    let total =
        |name: String| differences.iter().find(|d| d.subject == Subject::Total && d.name == name);
    compared().into_iter().filter_map(total).collect()
}

fn headlines(differences: &[Difference]) -> Grid {
    let told = told(differences);
    let reading = |d: &Difference, estimate: &Estimate| in_unit(d.unit, estimate);
    let names = told.iter().map(|d| (title(&d.name), Paint::Plain)).collect();
    let ratio = |d: &&Difference| d.pairing.map_or(String::new(), factor);
    let mut grid = Grid::default();
    grid.left("", names);
    grid.estimates("first", told.iter().map(|d| reading(d, &d.first)).collect());
    grid.estimates("this", told.iter().map(|d| reading(d, &d.this)).collect());
    grid.left("difference", told.iter().map(|d| sentence(d)).collect());
    grid.right(PAIRING, told.iter().map(ratio).collect());
    grid.spare(0);
    grid
}

fn factor(ratio: f64) -> String {
    format!("×{}", crate::units::three_digits(ratio))
}

/// A measure's name as a person says it: `p99`.
pub(super) fn title(name: &str) -> String {
    match name {
        "mean_latency" => "mean latency".to_owned(),
        "error_rate" => "errors".to_owned(),
        name => name.to_owned(),
    }
}

/// What the difference comes to: `lower by 38ms ±4 (25%)`.
pub(super) fn sentence(difference: &Difference) -> (String, Paint) {
    let found = difference.corrected.unwrap_or(difference.difference);
    let Some(half_width) = found.half_width.filter(|_| !found.mean.is_nan()) else {
        return ("too few replications to tell".to_owned(), Paint::Dim);
    };
    if found.mean == 0.0 && half_width == 0.0 {
        return ("exactly the same".to_owned(), Paint::Dim);
    }
    let size = Estimate { mean: found.mean.abs(), ..found };
    if size.mean <= half_width {
        let most = Estimate::point(size.mean + half_width);
        let most = points(difference.unit, &most).value;
        return (format!("none beyond {most}"), Paint::Plain);
    }
    let (word, better) = match (found.mean < 0.0, difference.name.as_str()) {
        (true, "throughput") => ("lower", false),
        (true, _) => ("lower", true),
        (false, "throughput") => ("higher", true),
        (false, _) => ("higher", false),
    };
    let relative = found.mean.abs() / difference.first.mean.abs();
    let relative = if relative.is_finite() && relative < 10.0 {
        format!(" ({}%)", crate::units::three_digits(relative * 100.0))
    } else {
        String::new()
    };
    let look = if better { Paint::Green } else { Paint::Red };
    (format!("{word} by {}{relative}", points(difference.unit, &size).text()), look)
}

fn in_unit(unit: &str, estimate: &Estimate) -> Reading {
    match unit {
        "s" => seconds(estimate),
        "share" => percent(estimate),
        "1/s" => with_unit(estimate, "/s"),
        _ => plain(estimate),
    }
}

/// The same for a difference: one of shares is told in percentage points.
fn points(unit: &str, estimate: &Estimate) -> Reading {
    if unit != "share" {
        return in_unit(unit, estimate);
    }
    let scaled = Estimate {
        mean: estimate.mean * 100.0,
        half_width: estimate.half_width.map(|half_width| half_width * 100.0),
        ends: estimate.ends.map(|ends| ends.map(|end| end * 100.0)),
        n: estimate.n,
    };
    with_unit(&scaled, " points")
}

/// Every figure of every variant beside that of the first, a row each. `half_width` is that of the
/// 95% interval of the row alone; `half_width_together` of the interval that is right with all of
/// its kind.
pub fn comparison_csv(found: &Comparison) -> Vec<u8> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let mut row = |fields: [&str; 14]| csv::row(&mut table, &fields);
    row([
        "variant",
        "kind",
        "name",
        "request",
        "metric",
        "unit",
        "first",
        "this",
        "difference",
        "half_width",
        "half_width_together",
        "pairing",
        "n",
        "against",
    ]);
    for (variant, differences) in found.names[1..].iter().zip(&found.differences) {
        for d in differences {
            let [kind, name, request] = keys(&d.subject);
            let option = |value: Option<f64>| value.map_or(String::new(), number);
            row([
                variant,
                kind,
                name,
                request,
                &d.name,
                d.unit,
                &number(d.first.mean),
                &number(d.this.mean),
                &number(d.difference.mean),
                &option(d.difference.half_width),
                &option(d.corrected.and_then(|corrected| corrected.half_width)),
                &option(d.pairing),
                &d.difference.n.to_string(),
                &found.names[0],
            ]);
        }
    }
    table.into_inner().expect("memory takes what is written to it")
}

fn keys(subject: &Subject) -> [&str; 3] {
    match subject {
        Subject::Total => ["request", "", "all"],
        Subject::Request { client, request } => ["request", client, request],
        Subject::Component(name) => ["component", name, ""],
    }
}

/// The same as JSON. What is not a number is `null`.
pub fn comparison_json(found: &Comparison) -> Value {
    let figure = |value: f64| Value::from(rounded(value));
    let estimate =
        |e: &Estimate| json!({"mean": figure(e.mean), "half_width": e.half_width.map(figure)});
    let one = |d: &Difference| {
        let [kind, name, request] = keys(&d.subject);
        json!({
            "kind": kind, "name": name, "request": request, "metric": d.name, "unit": d.unit,
            "first": estimate(&d.first),
            "this": estimate(&d.this),
            "difference": estimate(&d.difference),
            "together": d.corrected.as_ref().map(estimate),
            "pairing": d.pairing.map(figure),
            "n": d.difference.n,
        })
    };
    let variants = found.names[1..].iter().zip(&found.differences).map(|(name, differences)| {
        json!({"variant": name, "differences": differences.iter().map(one).collect::<Vec<_>>()})
    });
    json!({
        "first": found.names[0],
        "seed": found.seed,
        "replications": found.replications,
        "planned": found.planned,
        "duration_s": figure(found.duration.secs()),
        "warmup_s": figure(found.warmup.secs()),
        "compared_together": found.family,
        "variants": variants.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(mean: f64, half_width: f64) -> Estimate {
        Estimate { half_width: Some(half_width), n: 10, ..Estimate::point(mean) }
    }

    fn difference(name: &str, unit: &'static str, values: [Estimate; 3]) -> Difference {
        let [first, this, difference] = values;
        Difference {
            subject: Subject::Total,
            name: name.to_owned(),
            unit,
            first,
            this,
            difference,
            corrected: Some(difference),
            pairing: (difference.half_width > Some(0.0)).then_some(12.34),
        }
    }

    fn found() -> Comparison {
        let differences = vec![
            difference("p99", "s", [about(0.153, 0.01), about(0.115, 0.01), about(-0.038, 0.004)]),
            difference(
                "mean_latency",
                "s",
                [about(0.05, 0.01), about(0.051, 0.01), about(0.001, 0.004)],
            ),
            difference(
                "error_rate",
                "share",
                [about(0.01, 0.001), about(0.01, 0.001), about(0.0001, 0.0001)],
            ),
            difference(
                "throughput",
                "1/s",
                [about(300.0, 2.0), about(300.0, 2.0), about(0.0, 0.0)],
            ),
            difference("p90", "s", [about(0.05, 0.01), about(0.061, 0.01), about(0.011, 0.004)]),
        ];
        Comparison {
            names: vec!["front.policy=random".to_owned(), "front.policy=round_robin".to_owned()],
            seed: 7,
            replications: 10,
            planned: 10,
            duration: Span::from_secs(300),
            warmup: Span::from_secs(30),
            differences: vec![differences],
            family: 7,
        }
    }

    #[test]
    fn a_comparison_reads_so() {
        insta::assert_snapshot!(comparison(&found(), false, 100));
    }

    #[test]
    fn a_comparison_that_was_interrupted_says_how_much_there_is_of_it() {
        let part = Comparison { replications: 3, ..found() };
        let said = "3 of 10 replications of 4.5min after 30s of warm-up";
        assert!(comparison(&part, false, 100).starts_with(said));
    }

    #[test]
    fn a_comparison_for_programs_has_a_row_for_each_figure() {
        let csv = String::from_utf8(comparison_csv(&found())).unwrap();
        let row = "front.policy=round_robin,request,,all,p99,s,0.153,0.115,-0.038,0.004,\
                   0.004,12.34,10,front.policy=random";
        assert!(csv.lines().any(|line| line == row), "{csv}");
        assert_eq!(csv.lines().count(), 6);
        let json = comparison_json(&found());
        assert_eq!(json["variants"][0]["differences"][0]["difference"]["mean"], -0.038);
    }
}
