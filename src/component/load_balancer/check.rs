//! What is wrong with a load balancer, beyond whom it names.

use crate::component::kind::Topology;
use crate::document::{Name, Problem, Problems, quoted};
use crate::placement::check_instances;
use crate::units::Span;

use super::{HealthCheckSpec, LoadBalancerSpec, Policy, TieBreak};

/// The greatest weight of a backend.
const MOST_WEIGHT: u64 = 1_000_000;
/// The most that all replicas of a balancer may have to remember: something for each backend, or
/// for each of its virtual nodes.
const MOST_PLACES: u64 = 20_000_000;

/// Checks more often than this are about nothing else.
const SHORTEST: Span = Span::from_millis(1);

/// Reports everything that is wrong with the balancer `name`.
pub(super) fn check(
    name: &Name,
    balancer: &LoadBalancerSpec,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    check_instances(balancer.instances(), name, problems);
    if balancer.backends.is_empty() {
        let title = format!("{} has no backends", quoted(&name.value));
        problems.push(Problem::new(name.place, title, "expected at least one in `backends`"));
    }
    for (index, backend) in balancer.backends.iter().enumerate() {
        let before = &balancer.backends[..index];
        if before.iter().any(|other| other.to.value == backend.to.value) {
            let label = "this is the second time";
            problems.push(Problem::new(backend.to.place, "a backend is listed twice", label));
        }
    }
    // What is not there is reported by its name.
    let instances = |to: &Name| topology.find(&to.value).map(|found| found.kind.instances());
    let known: Option<Vec<u64>> =
        balancer.backends.iter().map(|backend| instances(&backend.to)).collect();
    let backends = known.map(|known| known.iter().fold(0, |sum: u64, n| sum.saturating_add(*n)));
    let found = weights(balancer).into_iter().chain(balancer.policy.check(backends));
    let found =
        found.chain(turns(balancer)).chain(checks(balancer)).chain(size(name, balancer, backends));
    found.for_each(|problem| problems.push(problem));
}

fn weights(balancer: &LoadBalancerSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for backend in &balancer.backends {
        let weight = backend.weight.value.get();
        if weight > MOST_WEIGHT {
            let label = format!("at most {MOST_WEIGHT} is possible");
            problems.push(Problem::new(
                backend.weight.place,
                format!("a weight of {weight}"),
                label,
            ));
        } else if weight > 1 && !balancer.policy.weighs() {
            let title = format!("{} pays no heed to weights", balancer.policy.word());
            let problem = Problem::new(backend.weight.place, title, "this would change nothing");
            let words: Vec<String> = Policy::weighing().map(|word| format!("`{word}`")).collect();
            let (last, others) = words.split_last().expect("some do");
            problems.push(problem.help(format!("{} and {last} do", others.join(", "))));
        }
    }
    problems
}

/// Backends that are looked at by chance have no turns.
fn turns(balancer: &LoadBalancerSpec) -> Option<Problem> {
    let tie_break = balancer.tie_break.as_ref()?;
    let policy = &balancer.policy;
    (tie_break.value == TieBreak::RoundRobin && !policy.takes_turns()).then(|| {
        let title = format!("{} takes no turns", quoted(policy.word()));
        Problem::new(tie_break.place, title, "expected `random` or `lowest`")
    })
}

fn checks(balancer: &LoadBalancerSpec) -> Option<Problem> {
    let HealthCheckSpec { interval, timeout, .. } = balancer.health_check.as_ref()?;
    let label = "expected a duration above zero";
    if interval.value < SHORTEST {
        let title = "backends are checked more than a thousand times a second";
        return Some(Problem::new(interval.place, title, "expected at least 1ms"));
    }
    let problem = Problem::new(timeout.place, "every check has failed at once", label);
    (timeout.value == Span::ZERO).then_some(problem)
}

fn size(name: &Name, balancer: &LoadBalancerSpec, backends: Option<u64>) -> Option<Problem> {
    let (each, what, place) = balancer.policy.memory().unwrap_or((1, "backends", name.place));
    let places = balancer.instances().saturating_mul(backends?).saturating_mul(each);
    let title = format!("{places} {what} over all replicas of {}", quoted(&name.value));
    let label = format!("at most {MOST_PLACES} are possible");
    (places > MOST_PLACES).then(|| Problem::new(place, title, label))
}
