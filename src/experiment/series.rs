//! Figures over time: what is asked of every window of a run, and what comes of it.

use crate::deployment::metrics::metrics;
use crate::measure::{About, Argument, Form, Metric, Over, Probe, Recorder, Subject, percentile};
use crate::scenario::Scenario;
use crate::stats::Estimate;

use super::measure::{Part, parts};
use super::results::{Line, Lines, Series};

/// The quantiles over time, lowest first.
const QUANTILES: [f64; 2] = [0.5, 0.99];

/// What is asked of every window: for each request type, for all together, and for each component
/// and link.
struct WindowTarget {
    requests: Vec<Vec<(String, Probe)>>,
    total: Vec<(String, Probe)>,
    components: Vec<Vec<(String, Probe)>>,
}

fn asked(scenario: &Scenario) -> WindowTarget {
    let deployment = &scenario.deployment;
    let count = deployment.request_types().iter().map(Vec::len).sum();
    let types: Vec<usize> = (0..count).collect();
    let of_requests = |types: &[usize]| {
        let has = |metric: &Metric| deployment.have(types, metric.needs);
        over_time(About::Requests, &Subject::Requests(types.to_vec()), has)
    };
    let of_part = |part: &Part<'_>| {
        over_time(About::Component, &part.subject, |metric| part.has(metric.needs))
    };
    WindowTarget {
        requests: types.iter().map(|&kind| of_requests(&[kind])).collect(),
        // Latencies of all together would be merged window by window; nothing shows them.
        total: of_requests(&types)
            .into_iter()
            .filter(|(_, probe)| probe.metric.reading.durations().is_none())
            .collect(),
        components: parts(deployment).iter().map(of_part).collect(),
    }
}

/// The figures of a subject that the time series have unasked.
fn over_time(
    about: About,
    subject: &Subject,
    has: impl Fn(&Metric) -> bool,
) -> Vec<(String, Probe)> {
    let listed = metrics().filter(|m| m.series && m.about == about && has(m));
    let probe = |metric, argument| Probe {
        metric,
        argument,
        subject: subject.clone(),
        over: Over::Windows,
    };
    let of = |metric: &'static Metric| match metric.form {
        Form::Percentile(stem) => {
            let one = |p| (percentile(stem, p), probe(metric, Argument::Quantile(p)));
            QUANTILES.map(one).to_vec()
        }
        form => vec![(form.stem().to_owned(), probe(metric, Argument::None))],
    };
    listed.flat_map(of).collect()
}

/// What is asked of every window, one after the other.
pub(super) fn probes(scenario: &Scenario) -> Vec<Probe> {
    let WindowTarget { requests, total, components } = asked(scenario);
    let groups = requests.into_iter().chain([total]).chain(components);
    groups.flatten().map(|(_, probe)| probe).collect()
}

/// What came of it.
pub(super) fn series(scenario: &Scenario, runs: &[Recorder]) -> Series {
    let windows = runs[0].windows();
    let count = runs.iter().map(|run| run.windows().finished()).min().unwrap_or(0);
    let (window, start) = (windows.length(), runs[0].start().secs());
    let mut number = 0;
    let mut lines = |group: Vec<(String, Probe)>| -> Lines {
        let line = |(name, probe): (String, Probe)| {
            let of =
                |at: usize| Estimate::of(runs.iter().map(|run| run.windows().series(number)[at]));
            let values = (0..count).map(of).collect();
            number += 1;
            Line { name, unit: probe.metric.unit.word(), values }
        };
        Lines(group.into_iter().map(line).collect())
    };
    let WindowTarget { requests, total, components } = asked(scenario);
    Series {
        window,
        starts: (0..count).map(|index| start + index as f64 * window.secs()).collect(),
        requests: requests.into_iter().map(&mut lines).collect(),
        total: lines(total),
        components: components.into_iter().map(&mut lines).collect(),
    }
}
