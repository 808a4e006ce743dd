//! Why a deployment behaves as it does: what theory says before anything is simulated, how that
//! agrees with what is then seen, where the time of requests goes, and what would help.

mod agreement;
mod analytic;
mod arrivals;
mod assumptions;
mod cache;
mod closed;
mod deviations;
mod drain;
mod flow;
mod latency;
mod load;
mod machines;
mod mix;
mod node;
mod queue;
mod remedy;
mod solver;
mod station;
mod surge;
mod tier;
mod users;
mod work;

pub use agreement::{Agreement, Verdict};
pub use analytic::{AnalyticModel, Bounds, ComponentTheory, ResourceTheory, analytic_model};
pub use assumptions::{Broken, Truth};
pub use drain::Drain;
pub use latency::{Latency, Share};
#[cfg(feature = "cli")]
pub(crate) use queue::queue;
pub use remedy::{Remedies, Remedy};

use crate::measure::Recorder;
use crate::scenario::{Change, Scenario};

use super::replicate::{AdvanceOnly, Plan, run_all};
use super::results::Results;
use super::summary::summarise;

/// All that explains a scenario.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What theory says.
    pub analytic_model: AnalyticModel,
    /// What it says where the hit ratios of caches are those that were simulated.
    pub informed_model: AnalyticModel,
    /// What was simulated.
    pub results: Results,
    /// The one beside the other.
    pub agreements: Vec<Agreement>,
    /// Where the time goes: of all requests, then of each request type.
    pub latencies: Vec<Latency>,
    /// What would help, the best first.
    pub remedies: Remedies,
}

impl Explanation {
    /// Whether something was left out because it was stopped.
    pub fn is_interrupted(&self) -> bool {
        self.results.is_interrupted() || self.latencies.is_empty() || self.remedies.left_out > 0
    }
}

/// The scenario with more changes; `None` where that is no scenario.
pub type Changed<'a> = &'a dyn Fn(Vec<Change>) -> Option<Scenario>;

/// Explains a scenario whose analytic model is known. `None` if it was stopped before the first
/// replication was finished; what is stopped later is left out.
pub fn explain(
    scenario: &Scenario,
    analytic_model: AnalyticModel,
    changed: Changed,
    plan: &Plan,
) -> Option<Explanation> {
    let each = usize::try_from(scenario.replications).unwrap_or(usize::MAX);
    let changes = remedy::possible(&scenario.deployment).min(remedy::TRIED);
    plan.progress.expect(each.saturating_mul(2 + changes));
    let together = AdvanceOnly(plan.progress);
    let plan = &Plan { progress: &together, stop: plan.stop };
    let (runs, omitted) = run_all(scenario, plan)?;
    let mut results = summarise(scenario, omitted, &runs);
    let latencies = latency::latencies(scenario, &results, &runs, plan);
    let before: Vec<remedy::Figures> = runs.iter().map(remedy::Figures::of).collect();
    drop::<Vec<Recorder>>(runs);
    let candidates = remedy::candidates(&scenario.deployment, &results);
    let remedies = remedy::remedies(candidates, changed, results.warmup, &before, plan);
    let informed_model = analytic::informed_model(scenario, &analytic_model, &results);
    let agreements = agreement::agreements(&analytic_model, &informed_model, &results);
    results.warnings.extend(left_out(&latencies, &remedies));
    Some(Explanation { analytic_model, informed_model, results, agreements, latencies, remedies })
}

/// What was not come to before it was stopped.
fn left_out(latencies: &[Latency], remedies: &Remedies) -> Option<String> {
    let untried = match remedies.left_out {
        1 => "1 change was not tried".to_owned(),
        some => format!("{some} changes were not tried"),
    };
    match (latencies.is_empty(), remedies.left_out) {
        (false, 0) => None,
        (false, _) => Some(format!("interrupted: {untried}")),
        (true, _) => Some(format!("interrupted: where the time goes is not known, and {untried}")),
    }
}
