//! A figure over two quantities, as a map of shaded fields.

use plotters::prelude::{PathElement, RGBColor, Rectangle, ShapeStyle, Text};
use plotters::style::text_anchor::HPos;

use crate::stats::Estimate;

use super::super::super::label::shorten;
use super::super::super::number::OF_ANSWERED;
use super::super::Fault;
use super::super::axis::{self, Axis};
use super::super::style::{
    FAINT, GREY, HEIGHT, INK, Sheet, WIDTH, anchored, px, stroke, titled, type_of,
};
use super::{Panel, WIDE, ascending, bounds, short};

/// Where the map begins and ends [px].
const LEFT: f64 = 100.0;
const TOP: f64 = 92.0;
const RIGHT: f64 = 150.0;
const BOTTOM: f64 = 58.0;
/// Fields at least this large say their value [px].
const READABLE: (f64, f64) = (52.0, 17.0);
/// Labels of columns and rows stand at least this far apart [px].
const APART: (f64, f64) = (58.0, 16.0);

/// From little to much: even steps of lightness, told apart by everybody (the ends and quarters of
/// viridis, lightest first).
const SHADES: [(f64, f64, f64); 5] = [
    (253.0, 231.0, 37.0),
    (94.0, 201.0, 98.0),
    (33.0, 145.0, 140.0),
    (59.0, 82.0, 139.0),
    (68.0, 1.0, 84.0),
];

/// Where a value stands between the least and the greatest, 0 to 1.
struct Scale {
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    fn of(values: &[&Estimate]) -> Scale {
        let (least, high) = bounds(values.iter().copied());
        let zero = values.iter().any(|e| e.mean == 0.0);
        if !zero && high > WIDE * least {
            return Scale { low: least, high, log: true };
        }
        Scale { low: if zero { 0.0 } else { least.min(high) }, high, log: false }
    }

    fn share(&self, value: f64) -> f64 {
        if self.high <= self.low {
            return 0.0;
        }
        let share = if self.log {
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }

    /// The value at a share.
    fn value(&self, share: f64) -> f64 {
        if self.log {
            self.low * libm::pow(self.high / self.low, share)
        } else {
            self.low + share * (self.high - self.low)
        }
    }
}

fn shade(share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (SHADES.len() - 1) as f64;
    let index = (place as usize).min(SHADES.len() - 2);
    let (from, to, part) = (SHADES[index], SHADES[index + 1], place - index as f64);
    let mix = |a: f64, b: f64| libm::round(a + (b - a) * part) as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

pub(super) fn draw(panel: &Panel<'_>, x: usize, y: usize) -> Result<String, Fault> {
    let (columns, rows) = (ascending(panel.axis(x)), ascending(panel.axis(y)));
    let field = |i: usize, k: usize| panel.at(&[x, y], &[columns[i], rows[k]]);
    let places: Vec<(usize, usize)> =
        (0..rows.len()).flat_map(|k| (0..columns.len()).map(move |i| (i, k))).collect();
    let values: Vec<&Estimate> = places.iter().map(|&(i, k)| field(i, k)).collect();
    let scale = Scale::of(&values);
    let name = |i: usize, k: usize| {
        let label =
            |axis: usize, point: usize| short(panel.axis(axis), &panel.axis(axis).points[point]);
        format!("{}, {}", label(x, columns[i]), label(y, rows[k]))
    };
    let named = places.iter().map(|&(i, k)| (name(i, k), field(i, k)));
    let title = format!("{}: {}", panel.title, panel.extent(named));
    let map = Map { columns: columns.len(), rows: rows.len() };
    let how = if map.has_room_for_errors() { " · ±: 95% confidence" } else { "" };
    let cell = |i: usize, k: usize| panel.cell(&[x, y], &[columns[i], rows[k]]);
    let marks = panel.marks(places.iter().map(|&(i, k)| cell(i, k)), OF_ANSWERED);
    titled(&title, &panel.subtitle(&format!("{how}{marks}")), |sheet| {
        for &(i, k) in &places {
            map.field(panel, &scale, (i, k), cell(i, k), sheet)?;
        }
        map.labels(panel.axis(x), &columns, panel.axis(y), &rows, sheet)?;
        key(panel, &scale, sheet)
    })
}

struct Map {
    columns: usize,
    rows: usize,
}

impl Map {
    /// Width and height of a field [px].
    fn size(&self) -> (f64, f64) {
        let width = f64::from(WIDTH) - LEFT - RIGHT;
        let height = f64::from(HEIGHT) - TOP - BOTTOM;
        (width / self.columns as f64, height / self.rows as f64)
    }

    /// Whether a field has room for a half-width under its value.
    fn has_room_for_errors(&self) -> bool {
        let (width, height) = self.size();
        width >= READABLE.0 && height >= 2.0 * READABLE.1
    }

    /// The upper left corner of a field [px]; rows grow upwards. Fields meet on whole pixels, so
    /// that no seam shows between them.
    fn corner(&self, column: usize, row: usize) -> (f64, f64) {
        let (width, height) = self.size();
        let (x, y) = (column as f64 * width, (self.rows as f64 - 1.0 - row as f64) * height);
        (libm::round(LEFT + x), libm::round(TOP + y))
    }

    fn field(
        &self,
        panel: &Panel<'_>,
        scale: &Scale,
        (column, row): (usize, usize),
        cell: usize,
        sheet: &Sheet<'_>,
    ) -> Result<(), Fault> {
        let value: &Estimate = &panel.values[cell];
        let mark = if panel.is_marked(cell) { OF_ANSWERED } else { "" };
        let (width, height) = self.size();
        let (x, y) = self.corner(column, row);
        let (right, _) = self.corner(column + 1, row);
        let bottom = libm::round(TOP + (self.rows - row) as f64 * height);
        let body = [(px(x), px(y)), (px(right), px(bottom))];
        if !value.mean.is_finite() {
            return Ok(sheet.draw(&Rectangle::new(body, ShapeStyle::from(FAINT).filled()))?);
        }
        let share = scale.share(value.mean);
        sheet.draw(&Rectangle::new(body, ShapeStyle::from(shade(share)).filled()))?;
        if width < READABLE.0 || height < READABLE.1 {
            return Ok(());
        }
        let ink = if share > 0.5 { RGBColor(255, 255, 255) } else { INK };
        let text = axis::text(value.mean, panel.unit()) + mark;
        let (centre, middle) = (x + width / 2.0, y + height / 2.0);
        let write = |text: String, above: f64, size: f64| {
            let spot = (px(centre), px(middle - above));
            sheet.draw(&Text::new(text, spot, anchored(type_of(size, ink), HPos::Center)))
        };
        let error = panel.shown.reading(value).error;
        if error.is_empty() || !self.has_room_for_errors() {
            return Ok(write(text, 0.0, 11.0)?);
        }
        write(text, 7.0, 11.0)?;
        Ok(write(error, -7.0, 9.0)?)
    }

    fn labels(
        &self,
        x: &super::Axis,
        columns: &[usize],
        y: &super::Axis,
        rows: &[usize],
        sheet: &Sheet<'_>,
    ) -> Result<(), Fault> {
        let (width, height) = self.size();
        let every = |size: f64, apart: f64| (libm::ceil(apart / size) as usize).max(1);
        let below = f64::from(HEIGHT) - BOTTOM;
        let (style, right) =
            (anchored(type_of(12.0, INK), HPos::Center), anchored(type_of(12.0, INK), HPos::Right));
        for (i, &point) in columns.iter().enumerate().step_by(every(width, APART.0)) {
            let spot = (px(self.corner(i, 0).0 + width / 2.0), px(below + 14.0));
            let text = shorten(&short(x, &x.points[point]), 12);
            sheet.draw(&Text::new(text, spot, style.clone()))?;
        }
        for (k, &point) in rows.iter().enumerate().step_by(every(height, APART.1)) {
            let spot = (px(LEFT - 8.0), px(self.corner(0, k).1 + height / 2.0));
            let text = shorten(&short(y, &y.points[point]), 12);
            sheet.draw(&Text::new(text, spot, right.clone()))?;
        }
        let grey = || type_of(12.0, GREY);
        let under = (px((LEFT + f64::from(WIDTH) - RIGHT) / 2.0), px(below + 40.0));
        sheet.draw(&Text::new(x.name.clone(), under, anchored(grey(), HPos::Center)))?;
        let above = (px(24.0), px(TOP - 16.0));
        Ok(sheet.draw(&Text::new(y.name.clone(), above, anchored(grey(), HPos::Left)))?)
    }
}

/// What the shades mean.
fn key(panel: &Panel<'_>, scale: &Scale, sheet: &Sheet<'_>) -> Result<(), Fault> {
    const STEPS: usize = 64;
    let (left, right) = (f64::from(WIDTH) - RIGHT + 24.0, f64::from(WIDTH) - RIGHT + 40.0);
    let (top, bottom) = (TOP, f64::from(HEIGHT) - BOTTOM);
    if scale.high <= scale.low {
        return Ok(());
    }
    let height = |share: f64| libm::round(bottom - share * (bottom - top));
    for i in 0..STEPS {
        let (from, to) = (i as f64 / STEPS as f64, (i + 1) as f64 / STEPS as f64);
        let body = [(px(left), px(height(to))), (px(right), px(height(from)))];
        let colour = shade((from + to) / 2.0);
        sheet.draw(&Rectangle::new(body, ShapeStyle::from(colour).filled()))?;
    }
    for tick in ticks(panel, scale) {
        let y = px(height(scale.share(tick)));
        sheet.draw(&PathElement::new([(px(right), y), (px(right + 4.0), y)], stroke(GREY, 1.0)))?;
        let style = anchored(type_of(12.0, INK), HPos::Left);
        let text = axis::text(tick, panel.unit());
        sheet.draw(&Text::new(text, (px(right + 8.0), y), style))?;
    }
    Ok(())
}

/// Round values between the ends; where there are none, the ends.
fn ticks(panel: &Panel<'_>, scale: &Scale) -> Vec<f64> {
    let axis = if scale.log {
        Axis::log(scale.low, scale.high, panel.unit())
    } else {
        Axis::between(scale.low, scale.high, panel.unit())
    };
    let within = |tick: &f64| (scale.low..=scale.high).contains(tick);
    let round: Vec<f64> = axis.ticks().iter().copied().filter(within).collect();
    if round.len() > 1 { round } else { [0.0, 1.0].map(|share| scale.value(share)).to_vec() }
}
