//! Figures over time: what is asked of every window of a run, and what comes of it.

use crate::deployment::metrics::metrics;
use crate::measure::{
    About, Argument, Form, Metric, Over, Probe, Recorder, Resource, Subject, percentile,
};
use crate::scenario::Scenario;
use crate::stats::Estimate;

use super::measure::{Part, parts};
use super::results::{Line, Lines, Series};

/// The quantiles over time, lowest first.
const QUANTILES: [f64; 2] = [0.5, 0.99];
/// The most instances that are looked at each alone.
const MOST_ALONE: usize = 64;
/// How much of a resource is in use, and how many visits end.
const UTILISATION: &str = "utilisation";
pub(super) const VISITS: &str = "visits";

/// What is asked of every window: for each request type, for all together, and for each component
/// and link.
struct WindowTarget {
    requests: Vec<Vec<(String, Probe)>>,
    total: Vec<(String, Probe)>,
    components: Vec<Vec<(String, Probe)>>,
    resources: Vec<Vec<(String, Probe)>>,
}

fn asked(scenario: &Scenario) -> WindowTarget {
    let deployment = &scenario.deployment;
    let count = deployment.request_types().iter().map(Vec::len).sum();
    let types: Vec<usize> = (0..count).collect();
    let of_requests = |types: &[usize]| {
        let has = |metric: &Metric| deployment.have(types, metric.needs);
        over_time(About::Requests, &Subject::Requests(types.to_vec()), has)
    };
    let of_part =
        |part: &Part<'_>| over_time(About::Component, &part.subject, |metric| part.tells(metric));
    WindowTarget {
        requests: types.iter().map(|&kind| of_requests(&[kind])).collect(),
        // Latencies of all together would be merged window by window; nothing shows them.
        total: of_requests(&types)
            .into_iter()
            .filter(|(_, probe)| probe.metric.reading.durations().is_none())
            .collect(),
        components: parts(deployment).iter().map(of_part).collect(),
        resources: {
            let alone = !deployment.faults.is_empty();
            parts(deployment).iter().map(|part| of_resources(part, alone)).collect()
        },
    }
}

/// What statements about a component's resources go by: how much of each is in use, of each
/// instance `alone` too where they are few, and how many visits end. No file has it.
fn of_resources(part: &Part<'_>, alone: bool) -> Vec<(String, Probe)> {
    let of = |metric, argument, subject| Probe { metric, argument, subject, over: Over::Windows };
    let probe = |metric, argument| of(metric, argument, part.subject.clone());
    let instances = if alone && part.instances() <= MOST_ALONE { part.instances() } else { 0 };
    let single = |metric, resource: Resource, name: &str| -> Vec<(String, Probe)> {
        let Subject::Component(component) = part.subject else { return Vec::new() };
        let one = |i| {
            let subject = Subject::Instances(component, vec![i]);
            (format!("{name}[{i}]"), of(metric, Argument::Resource(resource), subject))
        };
        (0..instances).map(one).collect()
    };
    let listed = |metric: &'static Metric| match metric.form {
        Form::Resource(stem @ UTILISATION) => {
            let has = |resource: &Resource| part.has(*resource) && part.tells(metric);
            let each = |resource: Resource| {
                let name = format!("{stem}:{}", resource.word(part.slots()));
                let singles = single(metric, resource, &name);
                [(name, probe(metric, Argument::Resource(resource)))].into_iter().chain(singles)
            };
            Resource::ALL.into_iter().filter(has).flat_map(each).collect()
        }
        Form::Word(word @ VISITS) if part.tells(metric) => {
            vec![(word.to_owned(), probe(metric, Argument::None))]
        }
        _ => Vec::new(),
    };
    metrics().filter(|metric| metric.about == About::Component).flat_map(listed).collect()
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
    let WindowTarget { requests, total, components, resources } = asked(scenario);
    let groups = requests.into_iter().chain([total]).chain(components).chain(resources);
    groups.flatten().map(|(_, probe)| probe).collect()
}

/// The values of a figure of a component in each window, by replication; none if it has no such.
pub(super) fn of_each<'r>(
    scenario: &Scenario,
    runs: &'r [Recorder],
    component: usize,
    name: &str,
) -> Vec<&'r [f64]> {
    let WindowTarget { requests, total, components, resources } = asked(scenario);
    let before = requests.iter().chain([&total]).map(Vec::len).sum::<usize>();
    let mine = [component, components.len() + component];
    let groups = components.into_iter().chain(resources).enumerate();
    let all = groups.flat_map(|(number, group)| {
        group.into_iter().map(move |(known, _)| mine.contains(&number) && known == name)
    });
    let index = { all }.position(|is_it| is_it);
    let of = |index| runs.iter().map(move |run| run.windows().series(before + index)).collect();
    index.map_or_else(Vec::new, of)
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
            let first = runs[0].windows().series(number)[..count].to_vec();
            number += 1;
            Line { name, unit: probe.metric.unit.word(), values, first }
        };
        Lines(group.into_iter().map(line).collect())
    };
    let WindowTarget { requests, total, components, resources } = asked(scenario);
    Series {
        window,
        starts: (0..count).map(|index| start + index as f64 * window.secs()).collect(),
        requests: requests.into_iter().map(&mut lines).collect(),
        total: lines(total),
        components: components.into_iter().map(&mut lines).collect(),
        resources: resources.into_iter().map(&mut lines).collect(),
    }
}
