//! Replications until a figure is known well enough: a sequential procedure.
//!
//! Law and Kelton (Simulation Modeling and Analysis, "obtaining a specified precision"): stop when
//! the half-width is at most g / (1 + g) of the estimate, which makes the error at most g of the
//! truth. That intervals keep their confidence in the limit although the data choose their number
//! is due to Chow and Robbins (1965) and, for simulations, Glynn and Whitt (1992). On the way there
//! it costs some: stopping early is likeliest where the spread came out too small by chance. Of
//! skewed values, 95% intervals that stop at about 25 replications hold the truth 92% of the time
//! after a first look at 10, and 93% after one at 20; those that take a hundred lose nothing.

use crate::scenario::{Precision, Scenario};

use super::replicate::{AdvanceOnly, Plan, horizon, omit, run_some};
use super::results::{Attained, Results};
use super::summary::summarise;
use super::target::{Target, horizon_with};

/// The first look comes after so many replications.
const LEAST: u64 = 20;

/// Runs replications until the figure is as precise as asked for, or `most` are done. `None` if it
/// was stopped before the first was finished.
pub fn replicate_until(
    scenario: &Scenario,
    precision: &Precision,
    most: u64,
    plan: &Plan,
) -> Option<Results> {
    let mut scenario = scenario.clone();
    scenario.replications = scenario.replications.max(LEAST).min(most);
    let figure = &precision.figure;
    let quiet = AdvanceOnly(plan.progress);
    let plan = Plan { progress: &quiet, stop: plan.stop };
    quiet.0.expect(usize::try_from(scenario.replications).unwrap_or(usize::MAX));
    let omitted = omit(&scenario, &plan)?;
    let horizon = horizon(&scenario, omitted.warmup);
    let horizon = horizon_with(horizon, &scenario, std::iter::once(figure));
    let (mut runs, mut asked) = (Vec::new(), Target::new(&scenario, figure));
    let attained = loop {
        let done = runs.len() as u64;
        let more = run_some(&scenario, &horizon, done..scenario.replications, &plan);
        asked.read(&more);
        runs.extend(more);
        let attained = attained(precision, &asked);
        let interrupted = (runs.len() as u64) < scenario.replications;
        if interrupted || attained.reached || scenario.replications == most {
            break attained;
        }
        scenario.replications = next(scenario.replications, &attained).min(most);
        quiet.0.expect(usize::try_from(scenario.replications).unwrap_or(usize::MAX));
    };
    if runs.is_empty() {
        return None;
    }
    let mut results = summarise(&scenario, omitted, &runs);
    results.precision = Some(attained);
    Some(results)
}

fn attained(precision: &Precision, figure: &Target) -> Attained {
    let estimate = figure.estimate(0.95);
    let relative = estimate.relative_half_width().unwrap_or(f64::INFINITY);
    let asked = precision.relative;
    let reached = relative <= asked / (1.0 + asked);
    Attained { figure: precision.name.clone(), asked, relative, reached }
}

/// How many replications the next look is to have: as many as the spread calls for, but at least a
/// fifth more and at most twice as many, for the spread is not yet known well.
fn next(done: u64, attained: &Attained) -> u64 {
    let ratio = attained.relative * (1.0 + attained.asked) / attained.asked;
    let wanted = libm::ceil(done as f64 * ratio * ratio);
    let (least, most) = (done + done.div_ceil(5), 2 * done);
    // A relative error around nothing is endless or no number.
    if wanted < most as f64 { (wanted as u64).max(least) } else { most }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::scenario::{load_text, precision};

    /// M/M/1 at half load: the mean latency is 2 ms. A replication of a thousand requests has a
    /// standard deviation of about a tenth of that.
    fn mm1(seed: u64, replications: u64) -> Scenario {
        let text = format!(
            "seed: {seed}\nduration: 2200ms\nwarmup: 200ms\nreplications: {replications}\n\
             clients: {{users: {{arrivals: poisson(500/s), target: app, requests: {{get: }}}}}}\n\
             topology:\n  app:\n    server: {{cores: 1, workers: 1, queue: {{limit: unlimited}}, \
             endpoints: {{get: [cpu: exp(1ms)]}}}}\n"
        );
        load_text(Path::new("x.yaml"), &text, &[]).unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn run(scenario: &Scenario, asked: &str, most: u64) -> Results {
        let stop = AtomicBool::new(false);
        let plan = Plan { progress: &(), stop: &stop };
        let asked = precision(scenario, asked).unwrap_or_else(|faults| panic!("{faults}"));
        replicate_until(scenario, &asked, most, &plan).expect("nothing stops it")
    }

    #[test]
    fn replications_go_on_until_the_precision_is_reached_or_no_more_are_allowed() {
        let results = run(&mm1(1, 3), "5%", 1000);
        let attained = results.precision.expect("it was asked for");
        assert!(attained.reached && attained.relative <= 0.05 / 1.05, "{attained:?}");
        assert!((15..60).contains(&results.replications), "{}", results.replications);
        assert_eq!(results.planned, results.replications);
        let short = run(&mm1(1, 3), "5%", 12);
        assert_eq!((short.replications, short.precision.unwrap().reached), (12, false));
        let other = run(&mm1(1, 3), "utilisation(app) = 20%", 1000);
        assert_eq!(other.replications, 20, "the least, for that is known at once");
    }

    #[test]
    fn what_was_reached_is_what_as_many_replications_give() {
        let until = run(&mm1(2, 10), "p99 = 8%", 1000);
        let stop = AtomicBool::new(false);
        let plan = Plan { progress: &(), stop: &stop };
        let same = mm1(2, until.replications as u64);
        let same = super::super::replicate(&same, &plan).expect("nothing stops it");
        assert_eq!(same.total.latency, until.total.latency);
    }

    /// 400 experiments of about 25 replications each. Stopping when it looks good may cost a 95%
    /// interval three points at most: one that holds the truth with a probability of 92% fails this
    /// test one time in ten thousand (binomial: mean 368, standard deviation 5.4). A sample of 40
    /// finds gross errors only.
    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        let is_sample = cfg!(debug_assertions) || !crate::full_length();
        let experiments = if is_sample { 40 } else { 400 };
        let holds = |seed: &u64| {
            let results = run(&mm1(*seed, 10), "5%", 1000);
            let found = results.total.mean_latency;
            (found.low()..=found.high()).contains(&0.002)
        };
        let held = (1_000..1_000 + experiments).filter(holds).count();
        println!("{held} of {experiments}");
        assert!(held >= if is_sample { 30 } else { 347 }, "{held}");
        assert!(held < 400, "an interval that always holds it is too wide");
    }
}
