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
    titled(&finding(panel, x, &order, &curves), &panel.subtitle(&how), |sheet| {
        let up = (y, &*format!("{}{scale}", panel.title));
        let mut plot = Plot::new(sheet, (across, &axis.name), up, LEFT)?;
        for (k, curve) in curves.iter().enumerate() {
            plot.estimates(&xs, &curve.values, Look::of(k), &curve.name)?;
        }
        plot.finish()
    })
}

fn curves(panel: &Panel<'_>, x: usize, series: Option<usize>, order: &[usize]) -> Vec<Curve> {
    let Some(series) = series else {
        let values = order.iter().map(|&i| *panel.at(&[x], &[i])).collect();
        return vec![Curve { name: String::new(), values }];
    };
    let axis = panel.axis(series);
    let curve = |k: usize| Curve {
        name: axis.points[k].label.clone(),
        values: order.iter().map(|&i| *panel.at(&[series, x], &[k, i])).collect(),
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
        return format!("{}: {}", panel.title, ends.join(", "));
    }
    let apart = |i: &usize| {
        let (low, high) = bounds(curves.iter().map(|curve| &curve.values[*i]));
        high - low.min(high)
    };
    let widest = (0..order.len()).max_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(0);
    let named = curves.iter().map(|curve| (curve.name.clone(), &curve.values[widest]));
    format!("{} at {}: {}", panel.title, place(widest), panel.extent(named))
}
