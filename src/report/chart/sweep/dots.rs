//! A figure of each cell as a dot with its interval, where no axis is a quantity.

use plotters::prelude::Text;
use plotters::style::text_anchor::HPos;

use crate::experiment::cells::coordinates;
use crate::stats::Estimate;

use super::super::super::label::shorten;
use super::super::super::number::OF_ANSWERED;
use super::super::Fault;
use super::super::axis::Axis;
use super::super::plot::{Look, Plot, highest};
use super::super::style::{GREY, INK, Sheet, anchored, px, titled, type_of};
use super::super::whisker::whisker;
use super::{Panel, Shown, WIDE, bounds};

/// The most dots that one chart can hold.
const SHOWN: usize = 22;
/// Room for the names beside the dots [px].
const NAMES: f64 = 260.0;

pub(super) fn draw(panel: &Panel<'_>) -> Result<String, Fault> {
    let shown = panel.values.len().min(SHOWN);
    let values = &panel.values[..shown];
    let names: Vec<String> = (0..shown).map(|cell| name(panel, cell)).collect();
    let (low, high) = bounds(values.iter());
    let log = panel.shown == Shown::Seconds && high > WIDE * low;
    let x = if log {
        Axis::log(low, highest(values), panel.unit())
    } else {
        Axis::from_zero(highest(values), panel.unit())
    };
    let scale = if log { ", log scale" } else { "" };
    let mut how = " · whisker: 95% confidence".to_owned();
    how += &panel.marks(0..shown, OF_ANSWERED);
    if shown < panel.values.len() {
        how += &format!(" · {shown} of {} cells", panel.values.len());
    }
    let extent = panel.extent(names.iter().cloned().zip(values));
    titled(&format!("{}: {extent}", panel.title), &panel.subtitle(&how), |sheet| {
        let title = format!("{}{scale}", panel.title);
        let plot = Plot::new(sheet, (x, &title), (Axis::places(shown), ""), NAMES)?;
        for (i, name) in names.iter().enumerate() {
            row(panel, name, i, shown as f64 - i as f64 - 0.5, &plot, sheet)?;
        }
        plot.finish()
    })
}

/// What sets a cell apart from the others.
fn name(panel: &Panel<'_>, cell: usize) -> String {
    let axes = panel.outline.axes;
    let places = axes.iter().zip(coordinates(axes, cell));
    let varied = places.filter(|(axis, _)| axis.points.len() > 1);
    let labels: Vec<&str> = varied.map(|(axis, i)| axis.points[i].label.as_str()).collect();
    if labels.is_empty() { panel.outline.name.to_owned() } else { labels.join(" · ") }
}

fn row(
    panel: &Panel<'_>,
    name: &str,
    cell: usize,
    middle: f64,
    plot: &Plot<'_, '_>,
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    let (start, y) = plot.spot(0.0, middle);
    let value: &Estimate = &panel.values[cell];
    let mark = if panel.is_marked(cell) { OF_ANSWERED } else { "" };
    let style = anchored(type_of(12.0, INK), HPos::Right);
    sheet.draw(&Text::new(shorten(name, 36), (start - px(10.0), y), style))?;
    let text = anchored(type_of(12.0, GREY), HPos::Left);
    let edge = plot.spot(f64::INFINITY, middle).0 + px(14.0);
    sheet.draw(&Text::new(panel.read(value) + mark, (edge, y), text))?;
    whisker(value, middle, Look::of(0), plot, sheet)
}
