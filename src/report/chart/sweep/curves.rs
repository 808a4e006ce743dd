//! A figure over a quantity, a curve for each strategy.

use crate::stats::Estimate;

use super::super::Fault;
use super::super::axis::Axis;
use super::super::plot::{LEFT, Look, Plot, highest};
use super::super::style::titled;
use super::{Panel, Shown, WIDE, ascending, bounds, short, unit};

/// The most curves that one chart can hold.
const SHOWN: usize = 6;

struct Curve {
    name: String,
    values: Vec<Estimate>,
    /// Of each value, whether it is of those answered alone.
    of_answered: Vec<bool>,
}

impl Curve {
    fn of(panel: &Panel<'_>, name: &str, cells: &[usize]) -> Curve {
        Curve {
            name: name.to_owned(),
            values: cells.iter().map(|&cell| panel.values[cell]).collect(),
            of_answered: cells.iter().map(|&cell| panel.is_marked(cell)).collect(),
        }
    }

    /// Places at which there is no value though there is one before.
    fn collapses(&self) -> impl Iterator<Item = usize> {
        let begins = self.values.iter().position(|e| e.mean.is_finite());
        let from = begins.unwrap_or(self.values.len());
        (from..self.values.len()).filter(|&i| self.values[i].mean.is_nan())
    }
}

pub(super) fn draw(panel: &Panel<'_>, x: usize, series: Option<usize>) -> Result<String, Fault> {
    let axis = panel.axis(x);
    let order = ascending(axis);
    let xs: Vec<f64> = order.iter().filter_map(|&i| axis.points[i].number).collect();
    let curves = curves(panel, x, series, &order);
    let all = || curves.iter().flat_map(|curve| &curve.values);
    let (low, high) = bounds(all());
    let log = panel.shown == Shown::Seconds && high > WIDE * low;
    let y = if log {
        Axis::log(low, highest(all()), panel.unit())
    } else {
        Axis::from_zero(highest(all()), panel.unit())
    };
    let scale = if log { ", log scale" } else { "" };
    let (first, last) = (xs[0], xs[xs.len() - 1]);
    let across = if first > 0.0 && last > WIDE * first {
        Axis::log(first, last, unit(axis.dimension))
    } else {
        Axis::between(first, last, unit(axis.dimension))
    };
    let mut how = " · bands: 95% confidence".to_owned();
    if let Some(series) = series.filter(|&i| panel.axis(i).points.len() > SHOWN) {
        how += &format!(" · {SHOWN} of {}", panel.axis(series).points.len());
    }
    if curves.iter().any(|curve| curve.of_answered.contains(&true)) {
        how += " · dashed: over 1% not answered, of the rest";
    }
    if curves.iter().any(|curve| curve.collapses().next().is_some()) {
        let of_requests = panel.shown == Shown::Seconds;
        how += if of_requests { " · ×: nothing answered" } else { " · ×: nothing to measure" };
    }
    titled(&finding(panel, x, &order, &curves), &panel.subtitle(&how), |sheet| {
        let up = (y, &*format!("{}{scale}", panel.title));
        let mut plot = Plot::new(sheet, (across, &axis.name), up, LEFT)?;
        for (k, curve) in curves.iter().enumerate() {
            plot.partly(&xs, &curve.values, &curve.of_answered, Look::of(k), &curve.name)?;
            for i in curve.collapses() {
                plot.cross(xs[i], k, Look::of(k))?;
            }
        }
        plot.finish()
    })
}

fn curves(panel: &Panel<'_>, x: usize, series: Option<usize>, order: &[usize]) -> Vec<Curve> {
    let Some(series) = series else {
        let cells: Vec<usize> = order.iter().map(|&i| panel.cell(&[x], &[i])).collect();
        return vec![Curve::of(panel, "", &cells)];
    };
    let axis = panel.axis(series);
    let curve = |k: usize| {
        let cells: Vec<usize> = order.iter().map(|&i| panel.cell(&[series, x], &[k, i])).collect();
        Curve::of(panel, &axis.points[k].label, &cells)
    };
    (0..axis.points.len().min(SHOWN)).map(curve).collect()
}

/// Where the curves lie furthest apart; for a single one, where it begins and ends.
fn finding(panel: &Panel<'_>, x: usize, order: &[usize], curves: &[Curve]) -> String {
    let axis = panel.axis(x);
    let place = |i: usize| short(axis, &axis.points[order[i]]);
    if let [curve] = curves {
        let ends = [0, order.len() - 1];
        let ends = ends.map(|i| format!("{} at {}", panel.read(&curve.values[i]), place(i)));
        let alone =
            curve.of_answered.first() == Some(&true) || curve.of_answered.last() == Some(&true);
        return format!("{}{}: {}", panel.title, of_the_answered(alone), ends.join(", "));
    }
    let apart = |i: &usize| {
        let (low, high) = bounds(curves.iter().map(|curve| &curve.values[*i]));
        high - low.min(high)
    };
    let widest = (0..order.len()).max_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(0);
    let named = curves.iter().map(|curve| (curve.name.clone(), &curve.values[widest]));
    let alone = curves.iter().any(|curve| curve.of_answered[widest]);
    let of = of_the_answered(alone);
    format!("{}{of} at {}: {}", panel.title, place(widest), panel.extent(named))
}

/// What is said of a latency that is of those answered alone.
fn of_the_answered(alone: bool) -> &'static str {
    if alone { " of answered" } else { "" }
}
