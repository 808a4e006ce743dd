//! Runs the cases and decides them by the two-stage rule of `stats::acceptance`.
//!
//! Every replication of every case has a seed of its own, so that no chance is shared. The seeds
//! are fixed unless `DEPLOYSIM_FRESH_SEED` gives another root.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use deploysim::experiment::{Plan, Results, replicate};
use deploysim::scenario::load_text;
use deploysim::stats::acceptance::{Decision, Stage, Verdict, judge};
use deploysim::stats::{Estimate, t_quantile};
use rayon::prelude::*;

use crate::case::Case;
use crate::choice::is_taken;

/// Independent replications of each case.
pub(crate) const REPLICATIONS: u64 = 30;

/// How much longer the replications of the second stage are.
const SECOND: f64 = 4.0;

/// The share of the full length that is run. Without optimisation, for an hour's work would be too
/// much, runs are short and nobody asks how finely they resolve.
pub(crate) const EFFORT: f64 = if cfg!(debug_assertions) { 0.02 } else { 1.0 };

/// Runs averaged to one value are made so many at a time, to spare memory.
const BATCH: u64 = 250;

/// What was found of one metric.
pub(crate) struct Finding {
    pub(crate) case: usize,
    pub(crate) metric: usize,
    /// The mean over replications with its 95% interval, of the stage that decided.
    pub(crate) estimate: Estimate,
    pub(crate) first: Verdict,
    pub(crate) second: Option<Verdict>,
}

/// How a metric came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Conclusion {
    Agrees,
    NotResolved,
    Disagrees,
}

impl Finding {
    /// The verdict that decided.
    pub(crate) fn verdict(&self) -> &Verdict {
        self.second.as_ref().unwrap_or(&self.first)
    }

    pub(crate) fn conclusion(&self) -> Conclusion {
        let stage = if self.second.is_some() { Stage::Second } else { Stage::First };
        match self.verdict().decision {
            Decision::Accept => Conclusion::Agrees,
            Decision::Reject => Conclusion::Disagrees,
            Decision::NotResolved if EFFORT < 1.0 && !too_far(self.verdict(), stage) => {
                Conclusion::Agrees
            }
            Decision::NotResolved if EFFORT < 1.0 => Conclusion::Disagrees,
            Decision::NotResolved => Conclusion::NotResolved,
        }
    }
}

/// Whether the values are farther from the expected one than chance explains, however they scatter.
fn too_far(verdict: &Verdict, stage: Stage) -> bool {
    let degrees = REPLICATIONS as usize - 1;
    verdict.t.is_nan() || verdict.t.abs() > t_quantile(degrees, 1.0 - stage.alpha() / 2.0)
}

/// Decides all metrics of all cases.
pub(crate) fn decide(cases: &[Case]) -> Vec<Finding> {
    let chosen: Vec<usize> = (0..cases.len()).filter(|&case| is_taken(&cases[case])).collect();
    let firsts = simulate(cases, &chosen, Stage::First);
    let mut findings = Vec::new();
    for (&case, values) in chosen.iter().zip(&firsts) {
        for (metric, values) in values.iter().enumerate() {
            let first = judge(values, &cases[case].metrics[metric].reference, Stage::First);
            let estimate = Estimate::of(values.iter().copied());
            findings.push(Finding { case, metric, estimate, first, second: None });
        }
    }
    let doubtful = |finding: &Finding| too_far(&finding.first, Stage::First);
    let mut again: Vec<usize> =
        findings.iter().filter(|f| doubtful(f)).map(|finding| finding.case).collect();
    again.dedup();
    let seconds = simulate(cases, &again, Stage::Second);
    for finding in findings.iter_mut().filter(|f| doubtful(f)) {
        let index = again.iter().position(|&case| case == finding.case);
        let values = &seconds[index.expect("every doubtful case runs again")][finding.metric];
        let reference = &cases[finding.case].metrics[finding.metric].reference;
        finding.second = Some(judge(values, reference, Stage::Second));
        finding.estimate = Estimate::of(values.iter().copied());
    }
    findings
}

/// The values of each metric of each of these cases, one per replication.
fn simulate(cases: &[Case], chosen: &[usize], stage: Stage) -> Vec<Vec<Vec<f64>>> {
    let jobs: Vec<(usize, u64)> = (0..REPLICATIONS)
        .flat_map(|replication| chosen.iter().map(move |&case| (case, replication)))
        .collect();
    let values: Vec<Vec<f64>> = (jobs.par_iter().with_max_len(1))
        .map(|&(case, replication)| observe(&cases[case], replication, stage))
        .collect();
    let of = |position: usize| -> Vec<Vec<f64>> {
        let replications = values.iter().skip(position).step_by(chosen.len());
        let metrics = cases[chosen[position]].metrics.len();
        (0..metrics).map(|metric| replications.clone().map(|v| v[metric]).collect()).collect()
    };
    (0..chosen.len()).map(of).collect()
}

/// One value of each metric.
fn observe(case: &Case, replication: u64, stage: Stage) -> Vec<f64> {
    let longer = EFFORT * if stage == Stage::First { 1.0 } else { SECOND };
    if case.ensemble == 1 {
        let results = run(case, case.measured * longer, 1, seed(case, replication, stage, 0));
        return case.metrics.iter().map(|metric| (metric.read)(&results)).collect();
    }
    let wanted = ((case.ensemble as f64 * longer) as u64).max(1);
    let size = BATCH.min(wanted);
    let batches = wanted.div_ceil(size);
    let mut values = vec![0.0; case.metrics.len()];
    for batch in 0..batches {
        let results = run(case, case.measured, size, seed(case, replication, stage, batch));
        for (value, metric) in values.iter_mut().zip(&case.metrics) {
            *value += (metric.read)(&results) / batches as f64;
        }
    }
    values
}

fn run(case: &Case, measured: f64, replications: u64, seed: u64) -> Results {
    let Case { id, yaml, warmup, .. } = case;
    let duration = warmup + measured;
    let text = format!(
        "seed: {seed}\nreplications: {replications}\n\
         duration: {duration:.9}s\nwarmup: {warmup:.9}s\n{yaml}"
    );
    let scenario = load_text(Path::new(id), &text, &[]).unwrap_or_else(|faults| panic!("{faults}"));
    let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
    replicate(&scenario, &plan).expect("nobody stops it")
}

/// A seed that no other run has: FNV-1a over what the run is.
fn seed(case: &Case, replication: u64, stage: Stage, batch: u64) -> u64 {
    let root = std::env::var("DEPLOYSIM_FRESH_SEED").unwrap_or_else(|_| "1".to_owned());
    let name = format!("{root}/{}/{stage:?}/{replication}/{batch}", case.id);
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}
