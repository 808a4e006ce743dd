//! A plot: two axes, and the lines, bands, markers and labels on it.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use crate::experiment::results::{Incident, Line, Series};
use crate::stats::Estimate;

use super::super::label::shorten;
use super::Fault;
use super::axis::Axis;
use super::style::{
    COLOURS, FAINT, GREY, HEIGHT, INK, Sheet, WIDTH, anchored, px, stroke, type_of,
};

/// Where the plot itself begins and ends [px].
pub(super) const LEFT: f64 = 84.0;
const TOP: f64 = 92.0;
const BOTTOM: f64 = 46.0;
const RIGHT: f64 = 196.0;
/// Characters of a label that fit beside the plot.
const LABEL: usize = 22;
/// Labels stand at least this far apart [px].
const LEADING: f64 = 17.0;
/// A line that ends this near to the edge of the plot is led to its label [px].
const EDGE: f64 = 24.0;
/// A peak stands out if the lower end of its interval is so many times the median window.
const STANDS_OUT: f64 = 1.5;
/// Where the first replication goes so many times as far from what is usual as the mean of all, and
/// so many times as far as it usually does, the mean smears what happens at other times in each.
const SMEARED: f64 = 2.0;
const UNUSUAL: f64 = 10.0;
/// The most incidents that are marked.
const INCIDENTS: usize = 20;
/// A line of many points carries about this many markers; of few, one at each that was measured.
const MARKERS: usize = 7;
const FEW: usize = 24;

/// A point of the sheet, in fine pixels.
pub(super) type Spot = (i32, i32);

/// How a series is told from the others: by colour, by marker, and by width.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: RGBColor,
    /// Which marker; a line of the same series without one has `None`.
    pub(super) marker: Option<usize>,
    /// Of the line [px].
    pub(super) width: f64,
}

impl Look {
    /// The look of the series number `i`.
    pub(super) fn of(i: usize) -> Look {
        Look { colour: COLOURS[i % COLOURS.len()], marker: Some(i), width: 1.75 }
    }

    /// A lesser line of the same series.
    pub(super) fn lesser(self) -> Look {
        Look { marker: None, width: 1.0, ..self }
    }
}

/// Two axes on a sheet.
pub(super) struct Plot<'a, 'b> {
    sheet: &'b Sheet<'a>,
    chart: ChartContext<'b, SVGBackend<'a>, Cartesian2d<Axis, Axis>>,
    labels: Vec<(Spot, String, Look)>,
    /// Where the axis across begins and ends.
    ends: (f64, f64),
}

impl<'a, 'b> Plot<'a, 'b> {
    /// The axes, with `y_title` above the upright one and `x_title` under the other.
    pub(super) fn new(
        sheet: &'b Sheet<'a>,
        (x, x_title): (Axis, &str),
        (y, y_title): (Axis, &str),
        left: f64,
    ) -> Result<Plot<'a, 'b>, Fault> {
        let ends = (x.low(), x.high());
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(px(TOP))
            .margin_right(px(RIGHT))
            .margin_bottom(px(BOTTOM - 26.0))
            .x_label_area_size(px(26.0))
            .y_label_area_size(px(left))
            .build_cartesian_2d(x, y)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(stroke(FAINT, 1.0))
            .axis_style(stroke(GREY, 1.0))
            .label_style(type_of(12.0, INK))
            .set_all_tick_mark_size(px(4.0))
            .draw()?;
        let (across, up) = (type_of(12.0, GREY), type_of(12.0, GREY));
        let middle = px((left + f64::from(WIDTH) - RIGHT) / 2.0);
        let below = (middle, px(f64::from(HEIGHT) - 12.0));
        sheet.draw(&Text::new(x_title.to_owned(), below, anchored(across, HPos::Center)))?;
        let above = (px(24.0), px(TOP - 16.0));
        sheet.draw(&Text::new(y_title.to_owned(), above, anchored(up, HPos::Left)))?;
        Ok(Plot { sheet, chart, labels: Vec::new(), ends })
    }

    /// Where a point of the plot is on the sheet.
    pub(super) fn spot(&self, x: f64, y: f64) -> Spot {
        self.chart.backend_coord(&(x, y))
    }

    /// The estimates over `xs` as a line with its band, labelled at its end; gaps stay gaps.
    pub(super) fn estimates(
        &mut self,
        xs: &[f64],
        values: &[Estimate],
        look: Look,
        label: &str,
    ) -> Result<(), Fault> {
        self.bands(xs, values, look)?;
        let line: Vec<(f64, f64)> = xs.iter().copied().zip(values.iter().map(|e| e.mean)).collect();
        self.line(&line, look, Some(label))
    }

    /// The intervals of estimates over `xs`.
    fn bands(&self, xs: &[f64], values: &[Estimate], look: Look) -> Result<(), Fault> {
        let points: Vec<(f64, &Estimate)> = xs.iter().copied().zip(values).collect();
        for run in points.split(|(_, e)| !e.mean.is_finite()).filter(|run| !run.is_empty()) {
            let edge = |sign: f64| {
                move |(x, e): &(f64, &Estimate)| {
                    let half_width = e.half_width.filter(|w| w.is_finite()).unwrap_or(0.0);
                    (*x, e.mean + sign * half_width)
                }
            };
            let above = run.iter().map(edge(1.0));
            let around = above.chain(run.iter().rev().map(edge(-1.0)));
            let band: Vec<Spot> = around.map(|(x, y)| self.spot(x, y)).collect();
            self.sheet.draw(&Polygon::new(band, look.colour.mix(0.18)))?;
        }
        Ok(())
    }

    /// As [`Plot::estimates`], dashed between points of which one is `of_answered`.
    pub(super) fn partly(
        &mut self,
        xs: &[f64],
        values: &[Estimate],
        of_answered: &[bool],
        look: Look,
        label: &str,
    ) -> Result<(), Fault> {
        self.bands(xs, values, look)?;
        let spots: Vec<Option<Spot>> = (xs.iter().zip(values))
            .map(|(&x, e)| e.mean.is_finite().then(|| self.spot(x, e.mean)))
            .collect();
        for (pair, alone) in spots.windows(2).zip(of_answered.windows(2)) {
            let [Some(from), Some(to)] = *pair else { continue };
            if alone.contains(&true) {
                self.dashes(from, to, stroke(look.colour, look.width))?;
            } else {
                let path = PathElement::new([from, to], stroke(look.colour, look.width));
                self.sheet.draw(&path)?;
            }
        }
        // What stays is the points with their markers, and the label.
        let line: Vec<(f64, f64)> = xs.iter().copied().zip(values.iter().map(|e| e.mean)).collect();
        self.line(&line, Look { width: 0.0, ..look }, Some(label))
    }

    /// A cross at the upper edge, the `nth` below it, where a curve has no value.
    pub(super) fn cross(&self, x: f64, nth: usize, look: Look) -> Result<(), Fault> {
        let (x, y) = (self.spot(x, 0.0).0, px(TOP + 8.0 + 12.0 * nth as f64));
        let arm = px(4.0);
        for path in
            [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]]
        {
            self.sheet.draw(&PathElement::new(path, stroke(look.colour, 2.0)))?;
        }
        Ok(())
    }

    /// A line with its markers, labelled at its end if at all; what is not a number is a gap.
    pub(super) fn line(
        &mut self,
        points: &[(f64, f64)],
        look: Look,
        label: Option<&str>,
    ) -> Result<(), Fault> {
        for run in points.split(|(_, y)| !y.is_finite()).filter(|run| !run.is_empty()) {
            let path: Vec<Spot> = run.iter().map(|&(x, y)| self.spot(x, y)).collect();
            if path.len() == 1 {
                self.sheet.draw(&Circle::new(
                    path[0],
                    px(2.5),
                    ShapeStyle::from(look.colour).filled(),
                ))?;
            }
            if look.width > 0.0 {
                self.sheet.draw(&PathElement::new(path, stroke(look.colour, look.width)))?;
            }
        }
        let finite: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.1.is_finite()).collect();
        if let Some(shape) = look.marker {
            let few = finite.len() <= FEW;
            let apart = if few { 1 } else { finite.len().div_ceil(MARKERS) };
            // Each series starts elsewhere, so that markers do not hide each other.
            for &(x, y) in finite.iter().skip((shape + 1) * apart / 7 % apart).step_by(apart) {
                marker(self.sheet, shape, self.spot(x, y), look.colour)?;
            }
        }
        if let (Some(&(x, y)), Some(label)) = (finite.last(), label) {
            self.labels.push((self.spot(x, y), label.to_owned(), look));
        }
        Ok(())
    }

    /// Names a series beside the plot, under those already named, without pointing at its line.
    pub(super) fn key(&mut self, label: &str, look: Look) {
        let place = px(TOP + 8.0 + LEADING * self.labels.len() as f64);
        self.labels.push(((px(f64::from(WIDTH) - RIGHT + 8.0), place), label.to_owned(), look));
    }

    /// What was in the first replication, grey and thin, where the mean of all smears it.
    pub(super) fn first(&mut self, xs: &[f64], line: Option<&Line>) -> Result<(), Fault> {
        let Some(line) = line.filter(|line| is_smeared(Some(line))) else { return Ok(()) };
        let points: Vec<(f64, f64)> = xs.iter().copied().zip(line.first.iter().copied()).collect();
        self.line(&points, Look { colour: GREY, marker: None, width: 0.75 }, None)
    }

    /// Marks what happens at known times: a dashed line where it begins with what it is, and one
    /// where it is over.
    pub(super) fn incidents(&self, incidents: &[Incident]) -> Result<(), Fault> {
        let (low, high) = self.ends;
        let within = |at: f64| (low..high).contains(&at);
        let top = px(TOP);
        let bottom = px(f64::from(HEIGHT) - BOTTOM);
        let mut last = i32::MIN;
        for incident in incidents.iter().take(INCIDENTS) {
            for at in
                [Some(incident.from), incident.to].into_iter().flatten().filter(|at| within(*at))
            {
                let (x, _) = self.spot(at, 0.0);
                self.dashes((x, top), (x, bottom), stroke(GREY, 1.0))?;
            }
            let (x, _) = self.spot(incident.from.max(low), 0.0);
            // Labels that would stand on each other are left out: the dashes are there.
            if within(incident.from) && x >= last {
                let text = shorten(&incident.what, LABEL);
                last = x + px(7.0 * text.chars().count() as f64 + 8.0);
                let style = anchored(type_of(11.0, GREY), HPos::Left);
                self.sheet.draw(&Text::new(text, (x + px(3.0), top - px(6.0)), style))?;
            }
        }
        Ok(())
    }

    /// A dashed line from one point to another.
    pub(super) fn rule(&self, from: (f64, f64), to: (f64, f64)) -> Result<(), Fault> {
        self.dashes(self.spot(from.0, from.1), self.spot(to.0, to.1), stroke(GREY, 1.0))
    }

    fn dashes(&self, (x0, y0): Spot, (x1, y1): Spot, style: ShapeStyle) -> Result<(), Fault> {
        let dashes = ((x1 - x0).abs().max((y1 - y0).abs()) / px(8.0)).max(1);
        let at = |i: i32| (x0 + (x1 - x0) * i / (2 * dashes), y0 + (y1 - y0) * i / (2 * dashes));
        for i in 0..dashes {
            let dash = [at(2 * i), at(2 * i + 1)];
            self.sheet.draw(&PathElement::new(dash, style))?;
        }
        Ok(())
    }

    /// Writes the labels beside the plot, each as near to the end of its line as the others let it.
    pub(super) fn finish(mut self) -> Result<(), Fault> {
        self.labels.sort_by_key(|((_, y), ..)| *y);
        let (bottom, count) = (px(f64::from(HEIGHT) - BOTTOM), self.labels.len() as i32);
        let mut next = px(TOP);
        let edge = px(f64::from(WIDTH) - RIGHT);
        for (i, ((x, y), text, look)) in self.labels.iter().enumerate() {
            let below = count - 1 - i as i32;
            let place = (*y).min(bottom - below * px(LEADING)).max(next);
            next = place + px(LEADING);
            // A line that ends earlier is told by its marker: a leader would look like it.
            if edge - x <= px(EDGE) {
                let lead = vec![(x + px(2.0), *y), (edge + px(10.0), place)];
                self.sheet.draw(&PathElement::new(lead, stroke(look.colour.mix(0.5), 0.75)))?;
            }
            let width = if look.marker.is_some() { 24.0 } else { 14.0 };
            if let Some(shape) = look.marker {
                marker(self.sheet, shape, (edge + px(15.0), place), look.colour)?;
            }
            let style = anchored(type_of(12.0, INK), HPos::Left);
            self.sheet.draw(&Text::new(shorten(text, LABEL), (edge + px(width), place), style))?;
        }
        Ok(())
    }
}

/// The marker number `shape` at a spot.
pub(super) fn marker(
    sheet: &Sheet<'_>,
    shape: usize,
    (x, y): Spot,
    colour: RGBColor,
) -> Result<(), Fault> {
    const CORNERS: [&[(f64, f64)]; 5] = [
        &[(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)],
        &[(0.0, -4.8), (4.6, 3.6), (-4.6, 3.6)],
        &[(0.0, -5.2), (5.2, 0.0), (0.0, 5.2), (-5.2, 0.0)],
        &[(0.0, 4.8), (4.6, -3.6), (-4.6, -3.6)],
        &[(-4.5, -1.7), (4.5, -1.7), (4.5, 1.7), (-4.5, 1.7)],
    ];
    match (shape % (CORNERS.len() + 1)).checked_sub(1) {
        None => sheet.draw(&Circle::new((x, y), px(4.0), ShapeStyle::from(colour).filled()))?,
        Some(i) => {
            let corners: Vec<Spot> =
                CORNERS[i].iter().map(|&(dx, dy)| (x + px(dx), y + px(dy))).collect();
            sheet.draw(&Polygon::new(corners, colour))?;
        }
    }
    Ok(())
}

/// The middle of each window, in seconds.
pub(super) fn middles(series: &Series) -> Vec<f64> {
    series.starts.iter().map(|start| start + series.window.secs() / 2.0).collect()
}

/// The clock of a time series.
pub(super) fn clock(series: &Series) -> (Axis, &'static str) {
    let first = series.starts.first().copied().unwrap_or(0.0);
    let last = series.starts.last().copied().unwrap_or(0.0) + series.window.secs();
    (Axis::clock(first, last), "simulated time")
}

/// The greatest upper end of the intervals, or of the means alone; zero if there is none.
pub(super) fn highest<'e>(values: impl IntoIterator<Item = &'e Estimate>) -> f64 {
    let top = |e: &Estimate| e.mean + e.half_width.filter(|w| w.is_finite()).unwrap_or(0.0);
    values.into_iter().map(top).filter(|x| x.is_finite()).fold(0.0, f64::max)
}

/// The window with the highest mean: its index and that mean.
pub(super) fn peak(values: &[Estimate]) -> Option<(usize, f64)> {
    let finite = values.iter().map(|e| e.mean).enumerate().filter(|(_, x)| x.is_finite());
    finite.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// The peak, if its interval shows that it stands out from what is usual.
pub(super) fn standing_out(values: &[Estimate]) -> Option<(usize, f64)> {
    let (at, peak) = peak(values)?;
    let mut means: Vec<f64> = values.iter().map(|e| e.mean).filter(|x| x.is_finite()).collect();
    means.sort_by(f64::total_cmp);
    (values[at].low() > STANDS_OUT * median(&means) && peak > 0.0).then_some((at, peak))
}

/// Whether the mean over replications smears what happens at another time in each: the first goes
/// further from what is usual than the mean does, and much further than it usually does.
pub(super) fn is_smeared(line: Option<&Line>) -> bool {
    let Some(line) = line.filter(|line| line.values.iter().any(|e| e.n > 1)) else { return false };
    let all: Vec<f64> = line.values.iter().map(|e| e.mean).collect();
    let (first, mean) = (departures(&line.first), departures(&all));
    let (Some(most), Some(of_mean)) = (first.last(), mean.last()) else { return false };
    *most > SMEARED * of_mean && *most > UNUSUAL * median(&first)
}

/// How far the values are from their median, the least first.
fn departures(values: &[f64]) -> Vec<f64> {
    let mut finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    finite.sort_by(f64::total_cmp);
    let usual = median(&finite);
    let mut away: Vec<f64> = finite.iter().map(|x| (x - usual).abs()).collect();
    away.sort_by(f64::total_cmp);
    away
}

/// The middle of sorted values; zero if there are none.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// The greatest value of the first replication, of those lines that have it drawn.
pub(super) fn highest_of_first<'l>(lines: impl Iterator<Item = Option<&'l Line>>) -> f64 {
    let values = lines.flatten().filter(|line| is_smeared(Some(line))).flat_map(|line| &line.first);
    values.copied().filter(|x| x.is_finite()).fold(0.0, f64::max)
}

/// How many of all there are in a chart, where that is not all: ` · 6 of 12 request types`.
pub(super) fn drawn(shown: usize, all: usize, what: &str) -> String {
    if shown < all { format!(" · {shown} of {all} {what}") } else { String::new() }
}

/// The indices of the `count` greatest, greatest first; what is not a number is left out.
pub(super) fn greatest(sizes: impl IntoIterator<Item = f64>, count: usize) -> Vec<usize> {
    let mut order: Vec<(usize, f64)> =
        sizes.into_iter().enumerate().filter(|(_, x)| x.is_finite()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().take(count).map(|(i, _)| i).collect()
}
