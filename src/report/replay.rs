//! What became of multiples of a recorded load, in words and as a table.

use crate::experiment::results::{Bottleneck, Decision, Over, Results, Standing};
use crate::text::wrapped;
use crate::units::{Rate, Share, Span, three_digits};

use super::grid::{Grid, Paint, paint};
use super::number::{NOTHING, percent, seconds};

/// Over so long a peak of the recorded load is told (s).
const MINUTE: f64 = 60.0;

/// The outcome at one multiple of the load.
#[derive(Debug)]
pub struct Replayed {
    /// The multiple.
    pub scale: f64,
    /// Requests per second in the busiest minute.
    pub peak: Rate,
    /// Over how long requests are spread that were recorded or are added at one time, if that is
    /// long.
    pub spread: Option<Span>,
    /// The outcome.
    pub results: Results,
}

/// All multiples for a person, held against these objectives.
pub fn replayed(
    objectives: &str,
    rows: &[Replayed],
    interrupted: bool,
    colour: bool,
    width: usize,
) -> String {
    let sentence = |text: &str| wrapped(text, width, 2) + "\n";
    let over = over(rows);
    let over = if over.is_empty() { over } else { sentence(&over) };
    let unfinished = if interrupted { " The replay was interrupted." } else { "" };
    let conclusion = sentence(&(conclusion(rows) + unfinished));
    let smeared = rows.iter().find_map(smeared).map_or(String::new(), |text| sentence(&text));
    format!(
        "objective: {objectives}\n\n{}{}\n{}{smeared}",
        table(rows).render(width, colour),
        paint(&over, Paint::Dim, colour),
        paint(&conclusion, Paint::Bold, colour),
    )
}

fn table(rows: &[Replayed]) -> Grid {
    let mut grid = Grid::default();
    let each = |text: &dyn Fn(&Replayed) -> String| rows.iter().map(text).collect::<Vec<_>>();
    grid.right("load", each(&|row| format!("x{}", row.scale)));
    grid.right("mean", each(&|row| Rate(row.results.total.arrival_rate.mean).to_string()));
    grid.right("peak min", each(&|row| row.peak.to_string()));
    let p99 = rows.iter().map(|row| seconds(&row.results.total.latency[2]));
    grid.estimates("p99", p99.collect());
    let errors = rows.iter().map(|row| percent(&row.results.total.error_rate));
    grid.estimates("errors", errors.collect());
    grid.text("fullest", rows.iter().map(|row| (fullest(&row.results), Paint::Plain)).collect());
    grid.left("", rows.iter().map(|row| (verdict(row).to_owned(), Paint::Plain)).collect());
    grid
}

/// What is used most, and how much of it.
fn fullest(results: &Results) -> String {
    match (&results.deadlock, &results.bottleneck) {
        (Some(_), _) => "deadlock".to_owned(),
        (None, Some(found)) => {
            let share = Share(found.utilisation.mean);
            format!("{} {} {share}", found.component, found.resource)
        }
        (None, None) => NOTHING.to_owned(),
    }
}

/// Over how long what is used most is seen, and how much more is asked in the peak minute where
/// that is longer.
fn over(rows: &[Replayed]) -> String {
    let Some((row, at, length)) = rows.iter().find_map(|row| {
        let Over::Peak(at, length) = row.results.bottleneck.as_ref()?.over else { return None };
        Some((row, at, length))
    }) else {
        return String::new();
    };
    let series = &row.results.series;
    let within = series.starts.iter().zip(series.total.of("arrival_rate"));
    let within = within.filter(|(start, _)| (at..at + length).contains(*start));
    let rates: Vec<f64> = within.map(|(_, rate)| rate.mean).collect();
    let rate = rates.iter().sum::<f64>() / rates.len() as f64;
    let more = if length > MINUTE && row.peak.0 > rate {
        let times = three_digits(row.peak.0 / rate);
        format!("; the peak minute has {times} times as many requests a second")
    } else {
        String::new()
    };
    let length = Span::from_secs_f64(length);
    format!("fullest: what is used most, in the {length} in which that is so{more}")
}

fn verdict(row: &Replayed) -> &'static str {
    let decisions = row.results.verdicts.iter().map(|verdict| verdict.holds);
    let (mut fails, mut undecided) = (false, false);
    for decision in decisions {
        fails |= decision == Decision::Fails;
        undecided |= decision == Decision::Undecided;
    }
    match (fails, undecided) {
        (true, _) => "did not hold",
        (false, true) => "undecided",
        (false, false) => "held",
    }
}

/// How far the load's peaks are spread, where that says less than the verdict: of one that held.
fn smeared(row: &Replayed) -> Option<String> {
    let spread = row.spread.filter(|_| verdict(row) == "held")?;
    Some(format!(
        "Within {spread} requests are spread at random: peaks shorter than that are not in this \
         load, and that it held says nothing of them."
    ))
}

/// What was full, or else how most of those ended that did not end well; nothing where there is
/// neither.
fn why(results: &Results) -> String {
    if let Some(found) = &results.deadlock {
        return format!("; {} is in a deadlock", found.component);
    }
    let full = |of: &&Bottleneck| matches!(of.standing, Standing::Full { .. });
    if let Some(found) = results.bottleneck.as_ref().filter(full) {
        return format!("; {} {} is full at the peak", found.component, found.resource);
    }
    let total = &results.total;
    let well = ["ok", "stale", "in flight at the end"];
    let bad = total.outcomes.iter().filter(|of| !well.contains(&of.outcome.as_str()));
    let Some(most) = bad.filter(|of| of.count > 0).max_by_key(|of| of.count) else {
        return String::new();
    };
    let share = Share(most.count as f64 / total.arrivals as f64);
    format!("; most that failed: {} ({share})", most.outcome)
}

/// One sentence that answers the question.
fn conclusion(rows: &[Replayed]) -> String {
    let held = rows.iter().filter(|row| verdict(row) == "held").map(|row| row.scale);
    let failed = rows.iter().filter(|row| verdict(row) == "did not hold");
    let most = held.fold(f64::NAN, f64::max);
    let first = failed.min_by(|a, b| a.scale.total_cmp(&b.scale));
    match first {
        None if most.is_nan() => {
            "Nothing could be decided: more --replications would tell.".to_owned()
        }
        None => format!("It would have held {} times the recorded load.", most),
        Some(row) => {
            let why = why(&row.results);
            let scale = row.scale;
            if most.is_nan() {
                format!("It would not have held {scale} times the recorded load{why}.")
            } else {
                format!(
                    "It would have held {} times the recorded load, not {scale} times{why}.",
                    most
                )
            }
        }
    }
}
