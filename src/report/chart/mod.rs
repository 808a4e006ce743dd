//! Charts as SVG, one file each. A new chart is a file here and a line in [`CHARTS`].

use std::error::Error;

use crate::experiment::results::Results;

mod axis;
pub(super) mod capacity;
pub(super) mod differences;
mod hits;
mod latency;
mod latency_over_time;
mod plot;
#[cfg(feature = "png")]
pub mod png;
mod queue;
mod style;
pub(super) mod sweep;
mod throughput;
mod utilisation;
mod waterfall;
pub(super) mod welch;
mod whisker;

/// Why a chart could not be drawn or turned into pixels.
pub type Fault = Box<dyn Error + Send + Sync>;

/// A chart that has been drawn.
pub struct Drawn {
    /// What its files are called.
    pub name: String,
    /// The chart as SVG.
    pub svg: Result<String, Fault>,
}

/// A kind of chart.
#[derive(Clone, Copy)]
pub struct Chart {
    /// What its files are called.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What it shows.
    pub doc: &'static str,
    /// Whether there is anything of which it could speak.
    pub concerns: fn(&Results) -> bool,
    /// Draws it: results in, SVG out.
    pub draw: fn(&Results) -> Result<String, Fault>,
}

fn always(_: &Results) -> bool {
    true
}

/// Every chart there is.
pub const CHARTS: &[Chart] = &[
    Chart {
        name: "latency",
        title: "Latency",
        doc: "The share of requests slower than a given latency, by request type, on log scales.",
        concerns: always,
        draw: latency::draw,
    },
    Chart {
        name: "latency_over_time",
        title: "Latency over time",
        doc: "Median and 99th percentile of each window, of the most frequent request types.",
        concerns: always,
        draw: latency_over_time::draw,
    },
    Chart {
        name: "throughput",
        title: "Throughput",
        doc: "Requests sent, answered well and ended badly per second, over time.",
        concerns: always,
        draw: throughput::draw,
    },
    Chart {
        name: "utilisation",
        title: "Utilisation",
        doc: "How much of each resource of each component is in use, and of the busiest instance.",
        concerns: always,
        draw: utilisation::draw,
    },
    Chart {
        name: "queue",
        title: "Queues",
        doc: "Mean number of requests waiting in each component, over time.",
        concerns: always,
        draw: queue::draw,
    },
    Chart {
        name: "hit_ratio",
        title: "Hit ratio",
        doc: "The share of the lookups in each cache that needed no fetch of their own, over time.",
        concerns: |results| results.components.iter().any(|component| component.cache.is_some()),
        draw: hits::draw,
    },
];

/// Drawn only where single requests were traced.
pub const WATERFALL: Chart = Chart {
    name: "requests",
    title: "Requests",
    doc: "The slowest of the requests that were traced: what each of their calls did, and when.",
    concerns: always,
    draw: waterfall::draw,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_chart_is_drawn_alike_twice() {
        let results = fixture::shop();
        for chart in CHARTS {
            let svg = (chart.draw)(&results).unwrap();
            assert_eq!(svg, (chart.draw)(&results).unwrap(), "{}", chart.name);
        }
    }

    #[test]
    fn no_results_are_too_strange_to_draw() {
        use fixture::{crowded, empty, instant, silent};
        for results in [silent(), crowded(), instant(), empty()] {
            for chart in CHARTS {
                let svg = (chart.draw)(&results).unwrap();
                assert!(svg.contains("</svg>") && !svg.contains("NaN"), "{}", chart.name);
            }
        }
    }

    /// XML 1.0 has no such characters, and a single one makes a file unreadable.
    #[test]
    fn names_that_cannot_be_shown_are_drawn_all_the_same() {
        let mut results = fixture::shop();
        results.name = "a\u{1b}[31mb\u{ffff}".to_owned();
        results.requests[0].request = "GET \u{0}\u{9b}".to_owned();
        for chart in CHARTS {
            let svg = (chart.draw)(&results).unwrap();
            assert!(svg.chars().all(crate::text::is_shown), "{}", chart.name);
            #[cfg(feature = "png")]
            png::from_svg(&svg).unwrap();
        }
    }

    #[test]
    fn the_queue_chart_has_its_parts() {
        let svg = (CHARTS[4].draw)(&fixture::shop()).unwrap();
        let tags = |tag: &str| svg.matches(&format!("<{tag} ")).count();
        let text: Vec<&str> = svg
            .split("<text ")
            .skip(1)
            .map(|part| part.split_once(">\n").unwrap().1.split_once("\n<").unwrap().0)
            .collect();
        insta::assert_snapshot!(format!(
            "bands {}, lines {}\n{}",
            tags("polygon"),
            tags("polyline"),
            text.join("\n")
        ));
    }
}
