//! How much of each resource is in use.

use plotters::prelude::{PathElement, Rectangle, ShapeStyle, Text};
use plotters::style::text_anchor::HPos;

use crate::experiment::results::{Bottleneck, ResourceResult, Results, Standing};

use super::super::{label, number};
use super::Fault;
use super::axis::{Axis, Unit};
use super::plot::{Plot, drawn, greatest};
use super::style::{
    COLOURS, GREY, INK, Sheet, anchored, bold, chart, nothing, px, stroke, type_of,
};

/// The most bars that one chart can hold.
const SHOWN: usize = 14;
/// Room for the names beside the bars [px].
const NAMES: f64 = 220.0;

struct Bar<'r> {
    name: String,
    resource: &'r ResourceResult,
    first_full: bool,
}

pub(super) fn draw(results: &Results) -> Result<String, Fault> {
    let bars = bars(results);
    if bars.is_empty() {
        return nothing(results, "No component has a resource in use");
    }
    let title = match (&results.deadlock, &results.bottleneck) {
        (Some(found), _) => label::deadlock(found),
        (None, Some(found)) => label::bottleneck_headline(found),
        (None, None) => "How much of each resource is in use".to_owned(),
    };
    let all = results.components.iter().flat_map(|component| &component.resources);
    let all = all.filter(|resource| resource.utilisation.mean.is_finite()).count();
    let drawn = drawn(bars.len(), all, "resources");
    let when = results.bottleneck.as_ref().and_then(label::bottleneck_over);
    let when = when.map_or(String::new(), |when| format!(" · title: {when}"));
    let how = format!("{when}{drawn} · whisker: 95% · tick: busiest instance");
    chart(results, &title, &how, |sheet| rows(&bars, sheet))
}

/// The [`SHOWN`] fullest resources in the scenario's order.
fn bars(results: &Results) -> Vec<Bar<'_>> {
    let found = results.bottleneck.as_ref();
    let all = results.components.iter().flat_map(|c| c.resources.iter().map(move |r| (c, r)));
    let all: Vec<_> = all.collect();
    let mut shown = greatest(all.iter().map(|(_, r)| r.utilisation.mean), SHOWN);
    shown.sort_unstable();
    let bar = |i: usize| {
        let (component, resource) = all[i];
        let same = |name: &str, of: &str| name == component.name && of == resource.name;
        let alike = |b: &Bottleneck| match &b.standing {
            Standing::First { alike, .. } => {
                alike.iter().any(|of| same(&of.component, of.resource))
            }
            _ => false,
        };
        let is = |b: &Bottleneck| same(&b.component, b.resource) || alike(b);
        let name = format!("{} · {}", label::shorten(&component.name, 14), resource.name);
        Bar { name, resource, first_full: found.is_some_and(is) }
    };
    shown.into_iter().map(bar).collect()
}

fn rows(bars: &[Bar<'_>], sheet: &Sheet<'_>) -> Result<(), Fault> {
    let x = (Axis::from_zero(1.0, Unit::Percent), "share in use");
    let count = bars.len() as f64;
    let plot = Plot::new(sheet, x, (Axis::places(bars.len()), ""), NAMES)?;
    plot.rule((1.0, 0.0), (1.0, count))?;
    for (i, bar) in bars.iter().enumerate() {
        row(bar, count - i as f64 - 0.5, &plot, sheet)?;
    }
    plot.finish()
}

fn row(bar: &Bar<'_>, middle: f64, plot: &Plot<'_, '_>, sheet: &Sheet<'_>) -> Result<(), Fault> {
    let used = &bar.resource.utilisation;
    let half = ((plot.spot(0.0, middle - 0.5).1 - plot.spot(0.0, middle).1) * 5 / 8).min(px(15.0));
    let ((from, y), (to, _)) = (plot.spot(0.0, middle), plot.spot(used.mean, middle));
    let colour = if bar.first_full { COLOURS[1] } else { COLOURS[0] };
    let body = [(from, y - half), (to, y + half)];
    sheet.draw(&Rectangle::new(body, ShapeStyle::from(colour).filled()))?;

    let half_width = used.half_width.filter(|w| w.is_finite()).unwrap_or(0.0);
    let (low, high) =
        (plot.spot(used.mean - half_width, middle).0, plot.spot(used.mean + half_width, middle).0);
    if half_width > 0.0 {
        let cap = half / 3;
        for path in [
            [(low, y), (high, y)],
            [(low, y - cap), (low, y + cap)],
            [(high, y - cap), (high, y + cap)],
        ] {
            sheet.draw(&PathElement::new(path, stroke(INK, 1.25)))?;
        }
    }
    let busiest = bar.resource.busiest.mean;
    if busiest > used.mean + 1e-3 {
        let (tick, _) = plot.spot(busiest, middle);
        let path = [(tick, y - half - px(3.0)), (tick, y + half + px(3.0))];
        sheet.draw(&PathElement::new(path, stroke(INK, 2.5)))?;
    }

    let (name, value) = if bar.first_full {
        (bold(12.0, INK), bold(12.0, INK))
    } else {
        (type_of(12.0, INK), type_of(12.0, GREY))
    };
    let at = (from - px(10.0), y);
    sheet.draw(&Text::new(bar.name.clone(), at, anchored(name, HPos::Right)))?;
    let (edge, _) = plot.spot(1.0, middle);
    let at = (edge + px(14.0), y);
    let busiest = label::busiest(bar.resource);
    let also = if busiest.is_empty() { busiest } else { format!(", max {busiest}") };
    let text = number::percent(used).text() + &also;
    Ok(sheet.draw(&Text::new(text, at, anchored(value, HPos::Left)))?)
}
