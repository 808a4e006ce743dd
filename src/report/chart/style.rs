//! What all charts share: size, colours, type and the sheet that they are drawn on.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::experiment::results::Results;
use crate::text::shown;

use super::super::label;
use super::Fault;

/// Size of a chart [px].
pub(super) const WIDTH: i32 = 960;
/// Size of a chart [px].
pub(super) const HEIGHT: i32 = 540;
/// Plotters puts everything on whole pixels; a sheet this much finer lets curves be smooth.
const FINE: i32 = 4;

/// The colours of Okabe and Ito, told apart by everybody, the palest left out.
pub(super) const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];
/// Text and axes.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// What matters less.
pub(super) const GREY: RGBColor = RGBColor(110, 110, 110);
/// The grid.
pub(super) const FAINT: RGBColor = RGBColor(226, 226, 226);

/// A part of the sheet, in fine pixels.
pub(super) type Sheet<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// `pixels` on the fine sheet.
pub(super) fn px(pixels: f64) -> i32 {
    libm::round(pixels * f64::from(FINE)) as i32
}

/// A line this many pixels wide.
pub(super) fn stroke(colour: impl Color, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: px(width).unsigned_abs() }
}

/// Type of `size` pixels.
pub(super) fn type_of(size: f64, colour: RGBColor) -> TextStyle<'static> {
    // Plotters divides by 1.24 when it writes SVG.
    let size = f64::from(px(size)) * 1.24;
    let mut style = TextStyle::from(("DejaVu Sans, Verdana, sans-serif", size).into_font());
    style.color = colour.to_backend_color();
    style
}

/// The same, bold.
pub(super) fn bold(size: f64, colour: RGBColor) -> TextStyle<'static> {
    let mut style = type_of(size, colour);
    style.font = style.font.style(FontStyle::Bold);
    style
}

/// The same, with what is meant by its position.
pub(super) fn anchored(style: TextStyle<'static>, h: HPos) -> TextStyle<'static> {
    style.pos(Pos::new(h, VPos::Center))
}

/// A chart: what was found as its title, how as its subtitle, and what `draw` puts below.
pub(super) fn chart(
    results: &Results,
    finding: &str,
    how: &str,
    draw: impl FnOnce(&Sheet<'_>) -> Result<(), Fault>,
) -> Result<String, Fault> {
    let subtitle =
        format!("{} · {}{how}", label::shorten(&results.name, 40), label::method(results));
    titled(finding, &subtitle, draw)
}

/// A sheet with a title, a subtitle, and what `draw` puts below.
pub(super) fn titled(
    title: &str,
    subtitle: &str,
    draw: impl FnOnce(&Sheet<'_>) -> Result<(), Fault>,
) -> Result<String, Fault> {
    let mut svg = String::new();
    let size = ((WIDTH * FINE) as u32, (HEIGHT * FINE) as u32);
    {
        let sheet = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        sheet.fill(&WHITE)?;
        let write = |text: &str, y: f64, style| {
            sheet.draw(&Text::new(text.to_owned(), (px(24.0), px(y)), style))
        };
        write(&label::shorten(title, 84), 18.0, bold(18.0, INK))?;
        write(&label::shorten(subtitle, 136), 44.0, type_of(12.0, GREY))?;
        draw(&sheet)?;
        sheet.present()?;
    }
    let fine = format!("<svg width=\"{}\" height=\"{}\"", size.0, size.1);
    let svg = svg.replacen(&fine, &format!("<svg width=\"{WIDTH}\" height=\"{HEIGHT}\""), 1);
    // One character that XML has not would make the whole unreadable.
    Ok(shown(&svg).into_owned())
}

/// A chart that has nothing to show and says so.
pub(super) fn nothing(results: &Results, why: &str) -> Result<String, Fault> {
    chart(results, why, "", |_| Ok(()))
}
