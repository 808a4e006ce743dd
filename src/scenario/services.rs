//! What typed reading cannot see of hosts and of services outside: what never happens, and what
//! happens too often.

use crate::component::{ComponentSpec, ExternalSpec};
use crate::deployment::Deployment;
use crate::distribution::Delay;
use crate::document::{At, Problem, Problems};
use crate::work::{NeighboursSpec, Scheduling};

/// Neighbours that change more often than this do not differ from a slower core (s).
const SHORTEST: f64 = 1e-3;

/// Reports impossible hosts and external services.
pub(super) fn check_services(deployment: &Deployment, problems: &mut Problems) {
    for (name, spec) in deployment.topology.iter() {
        let (host, scheduling) = match spec {
            ComponentSpec::Server(server) => (&server.neighbours, server.scheduling),
            ComponentSpec::Database(database) => (&database.neighbours, database.scheduling),
            ComponentSpec::External(external) => {
                check_external(external, problems);
                continue;
            }
            ComponentSpec::LoadBalancer(_) | ComponentSpec::Cache(_) => continue,
        };
        if let Some(NeighboursSpec { noisy, quiet, .. }) = host {
            check_sojourn(noisy, problems);
            check_sojourn(quiet, problems);
            if scheduling == Scheduling::PreemptivePriority {
                let title = "a core with noisy neighbours cannot be preempted";
                let label = "expected no `neighbours`, or another `scheduling`";
                problems.push(Problem::new(name.place, title, label));
            }
        }
    }
}

fn check_sojourn(sojourn: &At<Delay>, problems: &mut Problems) {
    if sojourn.value.mean() < SHORTEST {
        let title = "the neighbours change more than a thousand times a second";
        let label = "expected a mean of at least 1ms";
        let problem = Problem::new(sojourn.place, title, label);
        problems.push(problem.help("a core that is always slower has a lower `speed`"));
    }
}

fn check_external(external: &ExternalSpec, problems: &mut Problems) {
    if let Some(limit) = external.rate_limit.as_ref().filter(|limit| limit.rate.value.0 <= 0.0) {
        let label = "expected a rate above 0";
        problems.push(Problem::new(limit.rate.place, "this lets nothing pass", label));
    }
}
