//! The greatest load that holds the objectives, or the least equipment.
//!
//! At each value replications are added until it is clear whether the objectives hold. The errors
//! add up: a wrong answer needs a wrong decision at one of at most [`POINTS`] values, at one of a
//! few looks. So the probability that all may be wrong together is shared out among them
//! (Bonferroni), and the interval that comes out holds the edge with [`CONFIDENCE`], as long as
//! replications' values are near enough to normal and the objectives hold on one side of the edge
//! only.

use std::ops::Range;

use crate::parallel::*;
use crate::scenario::{Expectation, Scenario};
use crate::stats::Estimate;
use crate::units::Span;

use super::expectation::Evidence;
pub use super::expectation::Said;
use super::replicate::{AdvanceOnly, Omitted, Plan, horizon, omit, run_one};
use super::results::Decision;
use super::search::Search;
use super::target::horizon_with;

/// The edge is in the interval with this probability.
pub const CONFIDENCE: f64 = 0.95;
/// The most values that are tried.
pub const POINTS: usize = 40;

/// What was found.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// The values that were tried, in their order.
    pub points: Vec<Point>,
    /// The boldest value at which the objectives hold, if there is one.
    pub holds: Option<f64>,
    /// The value nearest to that at which they fail, if there is one.
    pub fails: Option<f64>,
    /// The value at which there is no scenario, such as one that would not fit in memory.
    pub refused: Option<f64>,
    /// Whether the search was ended from outside.
    pub interrupted: bool,
}

/// One value that was tried.
#[derive(Clone, Debug)]
pub struct Point {
    /// The number.
    pub value: f64,
    /// Replications that it took.
    pub replications: usize,
    /// What was found of each objective, as it is told.
    pub found: Vec<String>,
    /// The same as figures with their 95% intervals.
    pub figures: Vec<Estimate>,
    /// Whether all objectives hold there.
    pub decision: Decision,
}

/// Replications that are to be made at a value.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The value.
    pub value: f64,
    /// The scenario with it.
    pub scenario: &'a Scenario,
    /// How much of the start their figures leave out.
    pub warmup: Span,
    /// Which replications.
    pub numbers: Range<u64>,
}

impl Asked<'_> {
    /// Makes them here, on all threads. `None` if they were stopped.
    pub fn run(&self, objectives: &[Expectation], plan: &Plan) -> Option<Vec<Vec<Said>>> {
        let figures = objectives.iter().map(|objective| &objective.figure);
        let measured = horizon(self.scenario, self.warmup);
        let horizon = horizon_with(measured, self.scenario, figures.clone());
        let evidence: Vec<Evidence> =
            figures.map(|figure| Evidence::of(self.scenario, figure)).collect();
        let one = |number| {
            let run = run_one(self.scenario, &horizon, number, plan)?;
            Some(evidence.iter().map(|evidence| evidence.reading(&run)).collect())
        };
        let said: Vec<_> = self.numbers.clone().into_par_iter().filter_map(one).collect();
        (said.len() as u64 == self.numbers.end - self.numbers.start).then_some(said)
    }
}

/// Who makes replications, and says of each what it says of every objective; `None` if they were
/// stopped.
pub type Runs<'a, E> = dyn FnMut(&Asked<'_>) -> Result<Option<Vec<Vec<Said>>>, E> + 'a;

/// Searches for the edge on this machine, as [`capacity_by`].
pub fn capacity<E>(
    search: &Search,
    objectives: &[Expectation],
    most: u64,
    build: impl Fn(f64) -> Result<Scenario, E>,
    plan: &Plan,
) -> Result<Capacity, E> {
    let quiet = AdvanceOnly(plan.progress);
    let quiet = Plan { progress: &quiet, stop: plan.stop };
    let mut runs = |asked: &Asked<'_>| Ok(asked.run(objectives, &quiet));
    capacity_by(search, objectives, most, build, plan, &mut runs)
}

/// Searches for the edge. `build` makes the scenario with a value, or says why there is none: then
/// nothing beyond that is tried. Each value takes at most `most` replications, which `runs` makes.
pub fn capacity_by<E>(
    search: &Search,
    objectives: &[Expectation],
    most: u64,
    build: impl Fn(f64) -> Result<Scenario, E>,
    plan: &Plan,
    runs: &mut Runs<'_, E>,
) -> Result<Capacity, E> {
    let mut search = *search;
    let mut points: Vec<Point> = Vec::new();
    let mut done = 0;
    let mut refused = None;
    let mut interrupted = false;
    while points.len() < POINTS {
        let tried: Vec<_> = points.iter().map(|point| (point.value, point.decision)).collect();
        let Some(next) = search.next(&tried) else { break };
        let scenario = match build(next) {
            Ok(scenario) => scenario,
            Err(error) if points.is_empty() => return Err(error),
            // What cannot be built bounds the search.
            Err(error) => {
                refused = Some(next);
                let values = points.iter().map(|point| point.value);
                if values.clone().all(|value| value < next) {
                    search.high = values.fold(f64::MIN, f64::max);
                } else if values.clone().all(|value| value > next) {
                    search.low = values.fold(f64::MAX, f64::min);
                } else {
                    return Err(error);
                }
                continue;
            }
        };
        let point = try_one(&scenario, objectives, next, most, &mut done, plan, runs)?;
        let Some(point) = point else {
            interrupted = true;
            break;
        };
        points.push(point);
    }
    let tried: Vec<_> = points.iter().map(|point| (point.value, point.decision)).collect();
    let (holds, fails) = search.edges(&tried);
    Ok(Capacity { points, holds, fails, refused, interrupted })
}

/// The looks at one value: after the first replications, and each time that they have doubled.
fn looks(first: u64, most: u64) -> Vec<u64> {
    let doubled = std::iter::successors(Some(first.max(3).min(most)), |n| n.checked_mul(2));
    let mut looks: Vec<u64> = doubled.take_while(|n| *n < most).collect();
    looks.push(most);
    looks
}

/// Decides one value. `None` if it was stopped. `done` counts the runs of all values so far.
fn try_one<E>(
    scenario: &Scenario,
    objectives: &[Expectation],
    at: f64,
    most: u64,
    done: &mut usize,
    plan: &Plan,
    runs: &mut Runs<'_, E>,
) -> Result<Option<Point>, E> {
    let quiet = AdvanceOnly(plan.progress);
    let quiet = Plan { progress: &quiet, stop: plan.stop };
    let Some(Omitted { warmup, .. }) = omit(scenario, &quiet) else { return Ok(None) };
    let figures = objectives.iter().map(|objective| &objective.figure);
    let looks = looks(scenario.replications, most);
    // One side of the interval decides, and any of the objectives can fail.
    let share = (1.0 - CONFIDENCE) / (POINTS * looks.len() * objectives.len().max(1)) as f64;
    let confidence = 1.0 - 2.0 * share;
    let mut evidence: Vec<Evidence> =
        figures.map(|figure| Evidence::of(scenario, figure)).collect();
    let mut count = 0;
    for look in looks {
        *done += usize::try_from(look - count).unwrap_or(usize::MAX);
        plan.progress.expect(*done);
        let asked = Asked { value: at, scenario, warmup, numbers: count..look };
        let Some(said) = runs(&asked)? else { return Ok(None) };
        for each in said {
            evidence.iter_mut().zip(each).for_each(|(evidence, said)| evidence.take(said));
        }
        count = look;
        let decision = all(&evidence, objectives, confidence);
        if decision != Decision::Undecided || look == most {
            let found = objectives.iter().zip(&evidence);
            let found = found.map(|(one, evidence)| evidence.written(one.figure.metric.unit));
            let replications = usize::try_from(count).unwrap_or(usize::MAX);
            let figures = evidence.iter().map(Evidence::estimate).collect();
            let found = found.collect();
            return Ok(Some(Point { value: at, replications, found, figures, decision }));
        }
    }
    Ok(None)
}

/// Whether all objectives hold, or one fails.
fn all(evidence: &[Evidence], objectives: &[Expectation], confidence: f64) -> Decision {
    let each = evidence.iter().zip(objectives);
    let each = each.map(|(evidence, objective)| evidence.decision(objective, confidence));
    let each: Vec<Decision> = each.collect();
    if each.contains(&Decision::Fails) {
        Decision::Fails
    } else if each.contains(&Decision::Undecided) {
        Decision::Undecided
    } else {
        Decision::Holds
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::experiment::search::Goal;
    use crate::scenario::{Change, load_text, objectives};

    const TEXT: &str = "seed: 3\nduration: 60s\nwarmup: 5s\nreplications: 10\n\
        clients: {users: {arrivals: poisson(50/s), target: app, requests: {get: }}}\n\
        topology:\n  app:\n    server: {cores: 1, workers: 1, queue: {limit: unlimited}, \
        endpoints: {get: [cpu: exp(10ms)]}}\n";

    fn scenario(set: String) -> Scenario {
        let loaded = load_text(Path::new("x.yaml"), TEXT, &[Change::Set(set)]);
        loaded.unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn found(objective: &str, search: &Search, set: impl Fn(f64) -> String) -> Capacity {
        let first = scenario(set(search.start));
        let objective = objectives(&first, &[objective.to_owned()]);
        let objective = objective.unwrap_or_else(|faults| panic!("{faults}"));
        let stop = AtomicBool::new(false);
        let plan = Plan { progress: &(), stop: &stop };
        let build = |value| Ok::<_, ()>(scenario(set(value)));
        capacity(search, &objective, 160, build, &plan).expect("all can be built")
    }

    fn load() -> Search {
        let (low, high, tolerance) = (0.05, 5e4, 0.02);
        Search { goal: Goal::Most, start: 50.0, low, high, whole: false, tolerance }
    }

    /// M/M/1: latency is exponential with mean 1/(100/s - load), so p99 < 150 ms up to
    /// 100/s - ln(100)/150ms = 69.30/s, and the mean is below 25 ms up to 60/s.
    #[test]
    fn the_capacity_of_a_single_queue_is_where_theory_says() {
        let edge = 100.0 - libm::log(100.0) / 0.15;
        for (objective, edge) in [("p99 < 150ms", edge), ("mean_latency < 25ms", 60.0)] {
            let found = found(objective, &load(), |x| format!("users.arrivals=poisson({x}/s)"));
            let (Some(holds), Some(fails)) = (found.holds, found.fails) else {
                panic!("{found:?}")
            };
            assert!(holds <= edge && edge <= fails, "{objective}: {found:?}");
            assert!(fails - holds < 0.12 * edge, "{objective}: {found:?}");
        }
    }

    /// The same the other way round: 50/s need 1/(mean) = 50/s + ln(100)/150ms = 80.7/s, or a mean
    /// of at most 12.39 ms.
    #[test]
    fn a_design_is_searched_as_a_load_is() {
        let set = |x: f64| format!("app.endpoints.get[0].cpu=exp({x}ms)");
        let found = found("p99 < 150ms", &Search { start: 5.0, ..load() }, set);
        let edge = 1000.0 / (50.0 + libm::log(100.0) / 0.15);
        assert!(found.holds <= Some(edge) && found.fails >= Some(edge), "{found:?}");
    }

    #[test]
    fn what_never_holds_and_what_always_holds_has_no_edge() {
        let set = |x: f64| format!("users.arrivals=poisson({x}/s)");
        let narrow = Search { low: 20.0, high: 80.0, ..load() };
        let never = found("p99 < 1ms", &narrow, set);
        assert_eq!((never.holds, never.fails), (None, Some(20.0)), "{never:?}");
        let always = found("error_rate < 50%", &narrow, set);
        assert_eq!((always.holds, always.fails), (Some(80.0), None), "{always:?}");
    }

    /// Everybody gives up before the answer comes: the first value fails, and there is an end.
    #[test]
    fn where_nothing_is_answered_the_objective_fails() {
        let set = |x: f64| format!("app.endpoints.get=[cpu: {x}s]");
        let narrow = Search { start: 2.0, low: 2.0, high: 2.0, ..load() };
        let found = found("p99 < 100s", &narrow, set);
        assert_eq!((found.points[0].decision, found.points[0].replications), (Decision::Fails, 10));
        assert_eq!(found.points[0].found, ["no answer at all"], "{found:?}");
    }

    #[test]
    fn looks_double_up_to_the_most() {
        assert_eq!(looks(10, 160), [10, 20, 40, 80, 160]);
        assert_eq!(looks(10, 100), [10, 20, 40, 80, 100]);
        assert_eq!(looks(10, 10), [10]);
        assert_eq!(looks(1, 2), [2]);
    }
}
