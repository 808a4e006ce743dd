//! Charts of a sweep, chosen by its shape: a curve for each strategy over a quantity, a map of two
//! quantities, or dots with intervals where nothing is a quantity.

mod curves;
mod dots;
mod map;

use crate::experiment::cells::{Axis, Dimension, Point};
use crate::stats::Estimate;

use super::super::label::shorten;
use super::super::number::is_above;
use super::super::shown::Shown;
use super::super::sweep::{Brief, Outline, told};
use super::Drawn;
use super::axis::{self, Unit};

/// The most charts of one figure.
const CHARTS: usize = 24;

/// One figure over a part of a sweep.
struct Panel<'a> {
    /// What it is called and how it reads.
    title: &'static str,
    shown: Shown,
    /// What was run.
    method: String,
    /// Where the axes stand that the chart does not show.
    fixed_values: String,
    outline: &'a Outline<'a>,
    /// The figure in each cell.
    values: Vec<Estimate>,
    /// Of each, whether it is a latency of those answered alone, so many others having failed that
    /// it is not that of all.
    of_answered: Vec<bool>,
    /// For each axis its point, where it is the same in the whole panel.
    fixed: Vec<usize>,
}

impl Panel<'_> {
    /// The figure where the axes `free` stand at `places` and the others where the panel is.
    fn at(&self, free: &[usize], places: &[usize]) -> &Estimate {
        &self.values[self.cell(free, places)]
    }

    /// Which cell that is.
    fn cell(&self, free: &[usize], places: &[usize]) -> usize {
        let mut all = self.fixed.clone();
        for (&axis, &place) in free.iter().zip(places) {
            all[axis] = place;
        }
        let sizes = self.outline.axes.iter().map(|axis| axis.points.len());
        sizes.zip(all).fold(0, |cell, (size, place)| cell * size + place)
    }

    fn axis(&self, axis: usize) -> &Axis {
        &self.outline.axes[axis]
    }

    fn read(&self, estimate: &Estimate) -> String {
        self.shown.reading(estimate).text()
    }

    /// Whether a cell has a latency and it is of those answered alone.
    fn is_marked(&self, cell: usize) -> bool {
        self.of_answered[cell] && self.values[cell].mean.is_finite()
    }

    /// What is said of the marks at these cells' values, if there are any.
    fn marks(&self, cells: impl IntoIterator<Item = usize>, mark: &str) -> String {
        let some = cells.into_iter().any(|cell| self.is_marked(cell));
        if some { format!(" · {mark}: over 1% not answered, of the rest") } else { String::new() }
    }

    /// What stands under the title: what was run, how to read it, and where the other axes stand.
    fn subtitle(&self, how: &str) -> String {
        format!("{}{how}{}", self.method, self.fixed_values)
    }

    /// How its values read on an axis.
    fn unit(&self) -> Unit {
        match self.shown {
            Shown::Seconds => Unit::Seconds,
            Shown::Percent => Unit::Percent,
            Shown::PerSecond => Unit::PerSecond,
            Shown::Number | Shown::Count => Unit::Plain,
        }
    }

    /// From the least to the greatest of these, each with its name.
    fn extent<'e>(&self, named: impl Iterator<Item = (String, &'e Estimate)>) -> String {
        let mut named: Vec<_> = named.filter(|(_, e)| e.mean.is_finite()).collect();
        named.sort_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
        let one =
            |(name, e): &(String, &Estimate)| format!("{} ({})", self.read(e), shorten(name, 26));
        match &named[..] {
            [] => "nothing to measure".to_owned(),
            [only] => one(only),
            [(_, least), .., (_, greatest)] if least.mean == greatest.mean => {
                format!("{} throughout", self.read(least))
            }
            [least, .., greatest] => {
                let known = [least, greatest].iter().all(|(_, e)| e.half_width.is_some());
                let alike = known && !is_above(greatest.1, least.1);
                let alike = if alike { ", no difference seen" } else { "" };
                format!("{} to {}{alike}", one(least), one(greatest))
            }
        }
    }
}

/// Which axes a chart shows.
#[derive(Clone, Copy)]
enum Shape {
    /// A curve over the first, one for each value of the second if there is one.
    Curves(usize, Option<usize>),
    /// A map of two.
    Map(usize, usize),
    /// A dot for each cell.
    Dots,
}

/// The charts of a sweep, chosen by its shape.
pub fn charts(outline: &Outline<'_>, briefs: &[Brief]) -> Vec<Drawn> {
    let (shape, panels) = shape(outline.axes);
    let several = panels.len() > 1;
    let mut drawn = Vec::new();
    for figure in told(briefs) {
        for (i, fixed) in panels.iter().take(CHARTS).enumerate() {
            let panel = Panel {
                title: figure.title,
                shown: figure.shown,
                method: format!("{} · {}", shorten(outline.name, 40), outline.method),
                fixed_values: fixed_values(outline, shape, fixed),
                outline,
                values: briefs.iter().map(|brief| *brief.figure(&figure)).collect(),
                of_answered: briefs.iter().map(|brief| brief.is_of_answered(&figure)).collect(),
                fixed: fixed.clone(),
            };
            let svg = match shape {
                Shape::Curves(x, series) => curves::draw(&panel, x, series),
                Shape::Map(x, y) => map::draw(&panel, x, y),
                Shape::Dots => dots::draw(&panel),
            };
            let name = &figure.name;
            let name = if several { format!("{name}-{}", i + 1) } else { name.clone() };
            drawn.push(Drawn { name, svg });
        }
    }
    drawn
}

/// What charts of sweeps may be called.
#[cfg(any(feature = "files", test))]
pub(in super::super) fn possible_names() -> impl Iterator<Item = String> {
    let several = |name: String| (1..=CHARTS).map(move |i| format!("{name}-{i}"));
    super::super::sweep::all()
        .flat_map(move |figure| std::iter::once(figure.name.clone()).chain(several(figure.name)))
}

/// The shape of a sweep, and for each chart where the axes stand that it does not show.
fn shape(axes: &[Axis]) -> (Shape, Vec<Vec<usize>>) {
    let varied = |i: &usize| axes[*i].points.len() > 1;
    let longest = |among: &[usize]| {
        among.iter().copied().reduce(|best, next| {
            if axes[next].points.len() > axes[best].points.len() { next } else { best }
        })
    };
    let all: Vec<usize> = (0..axes.len()).filter(varied).collect();
    let quantities: Vec<usize> =
        all.iter().copied().filter(|&i| axes[i].dimension.is_some()).collect();
    let Some(x) = longest(&quantities) else { return (Shape::Dots, vec![vec![0; axes.len()]]) };
    let others = |not: &[usize]| -> Vec<usize> {
        all.iter().copied().filter(|i| !not.contains(i)).collect()
    };
    let second: Vec<usize> = quantities.iter().copied().filter(|&i| i != x).collect();
    let (shape, apart) = match longest(&second) {
        Some(y) => (Shape::Map(x, y), others(&[x, y])),
        None => {
            let series = longest(&others(&[x]));
            let shown = [x, series.unwrap_or(x)];
            (Shape::Curves(x, series), others(&shown))
        }
    };
    let mut panels = vec![vec![0; axes.len()]];
    for axis in apart {
        panels = panels
            .into_iter()
            .flat_map(|panel| {
                (0..axes[axis].points.len()).map(move |place| {
                    let mut panel = panel.clone();
                    panel[axis] = place;
                    panel
                })
            })
            .collect();
    }
    (shape, panels)
}

fn fixed_values(outline: &Outline<'_>, shape: Shape, fixed: &[usize]) -> String {
    let hidden = |i: usize| match shape {
        Shape::Curves(x, series) => i != x && Some(i) != series,
        Shape::Map(x, y) => i != x && i != y,
        Shape::Dots => outline.axes[i].points.len() == 1,
    };
    let hidden = outline.axes.iter().enumerate().filter(|(i, _)| hidden(*i));
    let value = |(i, axis): (usize, &Axis)| {
        let value = &axis.points[fixed[i]].label;
        format!(" · {}={}", shorten(&axis.name, 24), shorten(value, 24))
    };
    hidden.map(value).collect()
}

/// How the values of an axis read.
fn unit(dimension: Option<Dimension>) -> Unit {
    match dimension {
        Some(Dimension::Seconds) => Unit::Seconds,
        Some(Dimension::PerSecond) => Unit::PerSecond,
        Some(Dimension::Share) => Unit::Percent,
        Some(Dimension::Bytes) => Unit::Bytes,
        Some(Dimension::Number) | None => Unit::Plain,
    }
}

/// A point of an axis in few letters.
fn short(axis: &Axis, point: &Point) -> String {
    point.number.map_or_else(|| point.label.clone(), |x| axis::text(x, unit(axis.dimension)))
}

/// The points of an axis from the least quantity to the greatest.
fn ascending(axis: &Axis) -> Vec<usize> {
    let mut order: Vec<usize> = (0..axis.points.len()).collect();
    let number = |i: usize| axis.points[i].number.unwrap_or(0.0);
    order.sort_by(|&a, &b| number(a).total_cmp(&number(b)));
    order
}

/// The upper and lower ends of the finite means, the least above zero.
fn bounds<'e>(values: impl Iterator<Item = &'e Estimate>) -> (f64, f64) {
    let means = values.map(|e| e.mean).filter(|mean| mean.is_finite());
    means.fold((f64::INFINITY, 0.0), |(low, high), mean| {
        (if mean > 0.0 { low.min(mean) } else { low }, high.max(mean))
    })
}

/// Values that differ by more than this factor are shown on a log scale.
const WIDE: f64 = 50.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(name: &str, points: usize, dimension: Option<Dimension>) -> Axis {
        let point = |i: usize| Point {
            label: format!("{name} {i}"),
            values: vec![format!("{name} {i}")],
            number: dimension.map(|_| i as f64 * 10.0),
        };
        let points = (0..points).map(point).collect();
        Axis { name: name.to_owned(), columns: vec![name.to_owned()], dimension, points }
    }

    /// How many charts of each figure there are, all of them sound, whatever the figures are.
    #[track_caller]
    fn check(axes: &[Axis], charts_of_each: usize) {
        let outline = Outline { name: "a sweep", method: "1 replication", axes };
        let cells: usize = axes.iter().map(|axis| axis.points.len()).product();
        let nothing = |_| f64::NAN;
        let figures: [fn(usize) -> f64; 5] =
            [nothing, |_| 0.0, |i| i as f64, |i| libm::exp(i as f64), |_| f64::INFINITY];
        for figure in figures {
            let value = |i| Estimate {
                half_width: Some(figure(i) / 3.0),
                n: 3,
                ..Estimate::point(figure(i))
            };
            let briefs: Vec<Brief> = (0..cells).map(|i| Brief::showing(value(i))).collect();
            let drawn = charts(&outline, &briefs);
            assert_eq!(drawn.len(), told(&briefs).len() * charts_of_each);
            for chart in drawn {
                assert!(possible_names().any(|name| name == chart.name));
                let svg = chart.svg.expect("it can be drawn");
                assert!(svg.contains("</svg>") && !svg.contains("NaN"), "{}", chart.name);
            }
        }
    }

    #[test]
    fn no_sweep_is_too_strange_to_draw() {
        let (rate, time) = (Some(Dimension::PerSecond), Some(Dimension::Seconds));
        check(&[axis("policy", 3, None)], 1);
        check(&[axis("policy", 1, None)], 1);
        check(&[axis("load", 1, rate)], 1);
        check(&[axis("load", 7, rate)], 1);
        check(&[axis("policy", 9, None), axis("load", 7, rate)], 1);
        check(&[axis("policy", 3, None), axis("load", 7, rate), axis("mode", 2, None)], 2);
        check(&[axis("delay", 5, time), axis("load", 7, rate)], 1);
        check(&[axis("delay", 5, time), axis("policy", 3, None), axis("load", 7, rate)], 3);
        check(&[axis("policy", 40, None), axis("load", 2, rate), axis("delay", 2, time)], 24);
        check(&[axis("policy", 30, None), axis("mode", 2, None)], 1);
    }
}
