//! What a search for a capacity found: the points tried, and the answer in a sentence.

use serde_json::{Value, json};

use crate::experiment::capacity::{CONFIDENCE, Capacity, Point};
use crate::experiment::results::Decision;
use crate::experiment::search::Goal;

use crate::text::wrapped;

use super::csv;
use super::grid::{Grid, Paint, paint};
use super::number::{number, rounded};

/// What was searched, in the user's words.
#[derive(Clone, Debug)]
pub struct CapacityQuery {
    /// The path that was turned.
    pub path: String,
    /// The objectives.
    pub objectives: Vec<Objective>,
    /// Which edge was sought.
    pub goal: Goal,
}

/// What must hold.
#[derive(Clone, Debug)]
pub struct Objective {
    /// As it was written.
    pub text: String,
    /// With what its figure is compared.
    pub bound: f64,
}

impl CapacityQuery {
    /// The objectives as they were written.
    fn texts(&self) -> Vec<&str> {
        self.objectives.iter().map(|objective| objective.text.as_str()).collect()
    }
}

/// The search for a person. `value` writes a number as it stands in the scenario.
pub fn capacity(
    asked: &CapacityQuery,
    found: &Capacity,
    value: &dyn Fn(f64) -> String,
    colour: bool,
    width: usize,
) -> String {
    let mut order: Vec<&Point> = found.points.iter().collect();
    order.sort_by(|a, b| a.value.total_cmp(&b.value));
    let mut grid = Grid::default();
    grid.left("value", order.iter().map(|p| (value(p.value), Paint::Plain)).collect());
    grid.right("replications", order.iter().map(|p| p.replications.to_string()).collect());
    let figures = order.iter().map(|point| (point.found.join("; "), Paint::Plain));
    grid.text("found", figures.collect());
    grid.left("", order.iter().map(|point| verdict(point.decision)).collect());
    let title = format!("{}: {}", asked.path, asked.texts().join(", "));
    let answer = wrapped(&answer(asked, found, value), width, 2);
    let answer = paint(&answer, Paint::Bold, colour);
    format!("{}\n\n{}\n{answer}\n", paint(&title, Paint::Bold, colour), grid.render(width, colour))
}

fn verdict(decision: Decision) -> (String, Paint) {
    let (word, look) = match decision {
        Decision::Holds => ("holds", Paint::Green),
        Decision::Fails => ("fails", Paint::Red),
        Decision::Undecided => ("undecided", Paint::Yellow),
    };
    (word.to_owned(), look)
}

/// The answer in a sentence.
fn answer(asked: &CapacityQuery, found: &Capacity, value: &dyn Fn(f64) -> String) -> String {
    let sentence = edge(asked, found, value, &format!("{} = ", asked.path));
    let sure = found.holds.is_some() && found.fails.is_some();
    let sure = sure.then(|| {
        let confidence = number(CONFIDENCE * 100.0);
        format!(": the edge is between, with {confidence}% confidence")
    });
    let refused = found.refused.filter(|_| found.holds.is_none() || found.fails.is_none());
    let refused = refused.map_or(String::new(), |at| {
        format!(" With {} the scenario is refused: `deploysim check` says why.", value(at))
    });
    let unfinished = if found.interrupted { " The search was interrupted." } else { "" };
    sentence + &sure.unwrap_or_default() + "." + &refused + unfinished
}

/// Between what the edge lies. `at` stands before each value.
pub(super) fn edge(
    asked: &CapacityQuery,
    found: &Capacity,
    value: &dyn Fn(f64) -> String,
    at: &str,
) -> String {
    let what = if asked.objectives.len() == 1 { "The objective" } else { "The objectives" };
    let s = if asked.objectives.len() == 1 { "s" } else { "" };
    let open = found.points.iter().any(|point| point.decision == Decision::Undecided);
    let nowhere = if open { "nowhere that could be decided" } else { "nowhere" };
    match (found.holds, found.fails, asked.goal) {
        (Some(holds), Some(fails), Goal::Most) => format!(
            "{what} hold{s} up to {at}{}, and fail{s} from {} on",
            value(holds),
            value(fails)
        ),
        (Some(holds), Some(fails), Goal::Least) => format!(
            "{what} hold{s} from {at}{} on, and fail{s} with {}",
            value(holds),
            value(fails)
        ),
        (Some(holds), None, _) => format!(
            "{what} hold{s} at {at}{}, the furthest that was tried, and fail{s} {nowhere}",
            value(holds)
        ),
        (None, Some(fails), _) => format!(
            "{what} fail{s} at {at}{}, the furthest that was tried, and hold{s} {nowhere}",
            value(fails)
        ),
        (None, None, _) => {
            "Nothing could be decided: more --max-replications or a longer --duration would help"
                .to_owned()
        }
    }
}

/// The points tried, in their order, a row each.
pub fn capacity_csv(asked: &CapacityQuery, found: &Capacity) -> Vec<u8> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let mut header = vec!["value", "replications", "verdict"];
    header.extend(asked.texts());
    table.write_record(&header).expect("the header is a row");
    for point in &found.points {
        let mut row = vec![number(point.value), point.replications.to_string()];
        row.push(verdict(point.decision).0);
        row.extend(point.found.iter().cloned());
        csv::row(&mut table, &row);
    }
    table.into_inner().expect("memory takes what is written to it")
}

/// The same as JSON.
pub fn capacity_json(asked: &CapacityQuery, found: &Capacity) -> Value {
    let points = found.points.iter().map(|point| {
        json!({
            "value": rounded(point.value),
            "replications": point.replications,
            "verdict": verdict(point.decision).0,
            "found": point.found,
        })
    });
    json!({
        "path": asked.path,
        "objectives": asked.texts(),
        "sought": match asked.goal { Goal::Most => "most", Goal::Least => "least" },
        "confidence": CONFIDENCE,
        "holds": found.holds.map(rounded),
        "fails": found.fails.map(rounded),
        "refused": found.refused.map(rounded),
        "interrupted": found.interrupted,
        "points": points.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    fn asked(goal: Goal) -> CapacityQuery {
        let objectives = [("p99 < 200ms", 0.2), ("error_rate < 0.1%", 0.001)];
        let objective = |(text, bound): (&str, f64)| Objective { text: text.to_owned(), bound };
        let objectives = objectives.map(objective).into();
        CapacityQuery { path: "clients.shoppers.arrivals".to_owned(), objectives, goal }
    }

    fn found(holds: Option<f64>, fails: Option<f64>) -> Capacity {
        let point = |value, replications, p99: &str, decision| Point {
            value,
            replications,
            found: vec![p99.to_owned(), "0% ± 0%".to_owned()],
            figures: vec![Estimate::point(0.1), Estimate::point(0.0)],
            decision,
        };
        let points = vec![
            point(300.0, 10, "120ms ± 2ms", Decision::Holds),
            point(600.0, 10, "3s ± 1s", Decision::Fails),
            point(450.0, 160, "200ms ± 4ms", Decision::Undecided),
        ];
        Capacity { points, holds, fails, refused: None, interrupted: false }
    }

    fn rate(value: f64) -> String {
        format!("poisson({value}/s)")
    }

    #[test]
    fn a_search_reads_so() {
        let found = found(Some(300.0), Some(600.0));
        insta::assert_snapshot!(capacity(&asked(Goal::Most), &found, &rate, false, 100));
    }

    #[test]
    fn every_end_of_a_search_has_its_sentence() {
        let said = |holds, fails, goal| answer(&asked(goal), &found(holds, fails), &rate);
        let most = |holds, fails| said(holds, fails, Goal::Most);
        assert!(
            said(Some(4.0), Some(3.0), Goal::Least)
                .contains("from clients.shoppers.arrivals = poisson(4/s) on")
        );
        assert!(most(Some(9.0), None).contains("and fail nowhere"));
        assert!(most(None, Some(9.0)).contains("and hold nowhere"));
        assert!(most(None, None).starts_with("Nothing could be decided"));
    }

    #[test]
    fn programs_read_the_points_in_the_order_in_which_they_were_tried() {
        let csv = capacity_csv(&asked(Goal::Most), &found(Some(300.0), Some(600.0)));
        let csv = String::from_utf8(csv).unwrap();
        assert_eq!(csv.lines().nth(1), Some("300,10,holds,120ms ± 2ms,0% ± 0%"));
        let json = capacity_json(&asked(Goal::Most), &found(None, Some(600.0)));
        assert_eq!((&json["holds"], &json["fails"]), (&Value::Null, &Value::from(600.0)));
    }
}
