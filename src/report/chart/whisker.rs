//! An estimate on a line of its own: a dot with its interval.

use plotters::prelude::{Circle, PathElement, ShapeStyle};

use crate::stats::Estimate;

use super::Fault;
use super::plot::{Look, Plot};
use super::style::{Sheet, px, stroke};

/// The ends of the interval, as far as they are known.
pub(super) fn ends_of(value: &Estimate) -> [f64; 2] {
    [value.low(), value.high()].map(|end| if end.is_finite() { end } else { value.mean })
}

/// Draws an estimate at the height `middle`. What is no number is not drawn.
pub(super) fn whisker(
    value: &Estimate,
    middle: f64,
    look: Look,
    plot: &Plot<'_, '_>,
    sheet: &Sheet<'_>,
) -> Result<(), Fault> {
    if !value.mean.is_finite() {
        return Ok(());
    }
    let [low, high] = ends_of(value).map(|end| plot.spot(end, middle).0);
    let (x, y) = plot.spot(value.mean, middle);
    let cap = px(4.0);
    for path in [
        [(low, y), (high, y)],
        [(low, y - cap), (low, y + cap)],
        [(high, y - cap), (high, y + cap)],
    ] {
        sheet.draw(&PathElement::new(path, stroke(look.colour, 1.5)))?;
    }
    let dot = Circle::new((x, y), px(4.0), ShapeStyle::from(look.colour).filled());
    Ok(sheet.draw(&dot)?)
}
