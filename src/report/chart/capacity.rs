//! A search for a capacity: each objective's figure as a share of what it may be, at each value
//! that was tried.

use crate::experiment::capacity::{Capacity, Point};
use crate::stats::Estimate;

use super::super::capacity::{CapacityQuery, edge};
use super::axis::{Axis, Unit};
use super::plot::{LEFT, Look, Plot, highest};
use super::style::titled;
use super::{Drawn, Fault};

/// What its files are called.
pub(in super::super) const NAME: &str = "capacity";
/// What is this many times its bound is far beyond it, and is drawn at the upper edge.
const FAR: f64 = 3.0;
/// A range this wide is drawn on a log scale.
const WIDE: f64 = 10.0;

/// The chart of a search. `value` writes a number as it stands in the scenario.
pub fn chart(asked: &CapacityQuery, found: &Capacity, value: &dyn Fn(f64) -> String) -> Drawn {
    Drawn { name: NAME.to_owned(), svg: draw(asked, found, value) }
}

fn draw(
    asked: &CapacityQuery,
    found: &Capacity,
    value: &dyn Fn(f64) -> String,
) -> Result<String, Fault> {
    let mut points: Vec<&Point> = found.points.iter().collect();
    points.sort_by(|a, b| a.value.total_cmp(&b.value));
    let xs: Vec<f64> = points.iter().map(|point| point.value).collect();
    let curves: Vec<Vec<Estimate>> =
        (0..asked.objectives.len()).map(|index| shares(&points, index, asked)).collect();
    let top = highest(curves.iter().flatten());
    let beyond = if top > FAR { " · what is beyond 300% is drawn at the edge" } else { "" };
    let how = format!("dashed: the bound · bands: 95% confidence{beyond}");
    titled(&edge(asked, found, value, ""), &how, |sheet| {
        let (Some(&low), Some(&high)) = (xs.first(), xs.last()) else { return Ok(()) };
        let x = match high > WIDE * low {
            true => Axis::log(low, high, Unit::Plain),
            false => Axis::between(low, high, Unit::Plain),
        };
        let y =
            (Axis::from_zero(top.clamp(1.0, FAR), Unit::Percent), "of the bound of each objective");
        let mut plot = Plot::new(sheet, (x, &asked.path), y, LEFT)?;
        plot.rule((low, 1.0), (high, 1.0))?;
        for (i, (objective, curve)) in asked.objectives.iter().zip(&curves).enumerate() {
            plot.estimates(&xs, curve, Look::of(i), &objective.text)?;
        }
        plot.finish()
    })
}

/// The figure of an objective at each point, as a share of its bound; not-a-number where there is
/// none, or where the bound is nothing.
fn shares(points: &[&Point], index: usize, asked: &CapacityQuery) -> Vec<Estimate> {
    let bound = asked.objectives[index].bound;
    let share = |point: &&Point| {
        let of = &point.figures[index];
        if bound <= 0.0 {
            return Estimate::point(f64::NAN);
        }
        Estimate {
            mean: of.mean / bound,
            half_width: of.half_width.map(|half| half / bound),
            ends: of.ends.map(|ends| ends.map(|end| end / bound)),
            n: of.n,
        }
    };
    points.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::results::Decision;
    use crate::experiment::search::Goal;
    use crate::report::capacity::Objective;

    fn searched(figures: &[f64]) -> String {
        let points = figures.iter().enumerate().map(|(i, &figure)| Point {
            value: 100.0 * libm::exp2(i as f64),
            replications: 10,
            found: vec![String::new()],
            figures: vec![Estimate { half_width: Some(0.01), n: 10, ..Estimate::point(figure) }],
            decision: if figure < 0.2 { Decision::Holds } else { Decision::Fails },
        });
        let found = Capacity {
            points: points.collect(),
            holds: None,
            fails: None,
            refused: None,
            interrupted: false,
        };
        let objectives = vec![Objective { text: "p99 < 200ms".to_owned(), bound: 0.2 }];
        let asked = CapacityQuery { path: "app.replicas".to_owned(), objectives, goal: Goal::Most };
        draw(&asked, &found, &|number| number.to_string()).unwrap()
    }

    #[test]
    fn each_objective_is_a_curve_beside_its_bound() {
        let svg = searched(&[0.05, 0.1, 0.3]);
        for text in ["app.replicas", "p99 &lt; 200ms", "100%"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }

    #[test]
    fn no_search_is_too_strange_to_draw() {
        for figures in [&[][..], &[0.1], &[f64::NAN, 1e300, f64::INFINITY], &[0.0; 40]] {
            let svg = searched(figures);
            assert!(svg.contains("</svg>") && !svg.contains("NaN"), "{figures:?}");
        }
    }
}
