//! A sweep for a person, a line a cell, and for a pipe.

use serde_json::{Map, Value, json};

use crate::stats::Estimate;

use super::super::grid::{Grid, Paint, paint};
use super::super::number::{OF_ANSWERED, Reading, count, percent, rounded};
use super::{Brief, Outline, Told, told};

/// The most cells that are shown.
const SHOWN: usize = 40;

/// The table, at most `width` columns wide where cutting can do it.
pub fn sweep_table(outline: &Outline<'_>, briefs: &[Brief], colour: bool, width: usize) -> String {
    let cells = match briefs.len() {
        1 => "1 cell".to_owned(),
        n => format!("{} cells", count(n as u64)),
    };
    let method = format!("{cells} · {}", outline.method);
    let mut out = format!("{}\n", paint(outline.name, Paint::Bold, colour));
    out += &format!("{}\n\n", paint(&method, Paint::Dim, colour));
    let shown = &briefs[..briefs.len().min(SHOWN)];
    out += &grid(outline, shown).render(width, colour);
    let figures = told(shown);
    if shown.iter().any(|brief| figures.iter().any(|figure| marked(brief, figure))) {
        let text = format!("  {OF_ANSWERED} of the requests answered: over 1% were not\n");
        out += &paint(&text, Paint::Dim, colour);
    }
    if briefs.len() > SHOWN {
        let more = format!("  … and {} more cells in sweep.csv\n", briefs.len() - SHOWN);
        out += &paint(&more, Paint::Dim, colour);
    }
    let warned = briefs.iter().filter(|brief| brief.warnings > 0).count();
    if warned > 0 {
        let some =
            if warned == 1 { "1 cell has".to_owned() } else { format!("{warned} cells have") };
        let text = format!("! {some} warnings: see warnings.csv");
        out += &format!("\n{}\n", paint(&text, Paint::Yellow, colour));
    }
    out
}

/// So many figures are shown however narrow the terminal is.
const STAY: usize = 2;

fn grid(outline: &Outline<'_>, briefs: &[Brief]) -> Grid {
    let mut grid = Grid::default();
    let points: Vec<_> = (0..briefs.len()).map(|cell| outline.points(cell)).collect();
    for (i, axis) in outline.axes.iter().enumerate() {
        for (k, column) in axis.columns.iter().enumerate() {
            let value = |cell: usize| (points[cell][i].values[k].clone(), Paint::Plain);
            grid.text(title(outline, column), (0..briefs.len()).map(value).collect());
        }
    }
    let told = told(briefs);
    for (i, figure) in told.iter().enumerate() {
        let reading = |brief: &Brief| {
            let Reading { value, error } = figure.shown.reading(brief.figure(figure));
            let mark = if marked(brief, figure) { OF_ANSWERED } else { "" };
            Reading { value: value + mark, error }
        };
        grid.estimates(figure.title, briefs.iter().map(reading).collect());
        // The last goes first where there is no room, and the first two stay.
        if i >= STAY {
            grid.spare_estimates(u8::try_from(told.len() - i).unwrap_or(u8::MAX));
        }
    }
    let used = |brief: &Brief| match &brief.busiest {
        Some((name, used)) => format!("{} {name}", percent(used).value),
        None => String::new(),
    };
    grid.text("busiest", briefs.iter().map(|brief| (used(brief), Paint::Plain)).collect());
    grid.spare(0);
    grid.left("expect", briefs.iter().map(verdict).collect());
    let warned = |brief: &Brief| if brief.warnings > 0 { "!" } else { "" };
    grid.left("", briefs.iter().map(|b| (warned(b).to_owned(), Paint::Yellow)).collect());
    grid.near();
    grid
}

/// Whether a latency that is shown is of those answered alone.
fn marked(brief: &Brief, figure: &Told) -> bool {
    brief.is_of_answered(figure) && brief.figure(figure).mean.is_finite()
}

/// The last key of a path, if no other column ends in it.
fn title<'a>(outline: &Outline<'a>, column: &'a str) -> &'a str {
    let last = |path: &'a str| path.rsplit_once('.').map_or(path, |(_, last)| last);
    let columns = outline.axes.iter().flat_map(|axis| &axis.columns);
    let same = columns.filter(|other| last(other) == last(column)).count();
    // A dot in quotation marks separates nothing.
    if same == 1 && !column.contains('"') { last(column) } else { column }
}

fn verdict(brief: &Brief) -> (String, Paint) {
    match brief.verdicts {
        [0, 0, 0] => (String::new(), Paint::Plain),
        [_, 0, 0] => ("✔".to_owned(), Paint::Green),
        [_, 0, _] => ("?".to_owned(), Paint::Yellow),
        [held, failed, open] => (format!("✘ {failed} of {}", held + failed + open), Paint::Red),
    }
}

/// The same as JSON: what is shown of each cell, all cells.
pub fn sweep_json(outline: &Outline<'_>, briefs: &[Brief]) -> Value {
    let shown = told(briefs);
    let cell = |(cell, brief): (usize, &Brief)| {
        let axes = outline.axes.iter().zip(outline.points(cell));
        let values = axes.flat_map(|(axis, point)| axis.columns.iter().zip(&point.values));
        let values: Map<_, _> =
            values.map(|(column, value)| (column.clone(), json!(value))).collect();
        let metric = |figure: &Told| (figure.name.clone(), estimate(brief.figure(figure)));
        let metrics: Map<_, _> = shown.iter().map(metric).collect();
        let [held, failed, undecided] = brief.verdicts;
        json!({
            "cell": cell,
            "axes": values,
            "metrics": metrics,
            "busiest": brief.busiest.as_ref().map(|(name, used)| {
                json!({ "resource": name, "utilisation": estimate(used) })
            }),
            "warnings": brief.warnings,
            "expectations": { "held": held, "failed": failed, "undecided": undecided },
        })
    };
    briefs.iter().enumerate().map(cell).collect()
}

fn estimate(estimate: &Estimate) -> Value {
    let half_width = estimate.half_width.map(rounded);
    let (low, high) = (rounded(estimate.low()), rounded(estimate.high()));
    json!({
        "mean": rounded(estimate.mean), "half_width": half_width, "low": low, "high": high,
        "n": estimate.n,
    })
}
