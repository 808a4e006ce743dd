//! The machine on which a station runs, and its other tenants.

use crate::distribution::Delay;
use crate::document::{At, Name, Problem, Problems, record};
use crate::engine::Stream;
use crate::units::{Share, Span};

use super::Scheduling;

/// Neighbours that change more often than this do not differ from a slower core (s).
const SHORTEST: f64 = 1e-3;

record! {
    /// A machine shared with others. In turn the neighbours are quiet, and a core has all its
    /// speed, or noisy, and it has a share of it. Each instance is on a machine of its own.
    pub struct NeighboursSpec {
        /// What is left of a core's speed while the neighbours are noisy. With nothing left, work
        /// stops and goes on later where it was.
        pub share: Share,
        /// For how long they are noisy, each time.
        pub noisy: At<Delay> = "exp(10s)",
        /// For how long they are quiet, each time; so it begins.
        pub quiet: At<Delay> = "exp(30s)",
    }
}

impl NeighboursSpec {
    /// Reports what could not be meant of the machine of `name`, whose cores are given so.
    pub(crate) fn check(&self, name: &Name, scheduling: Scheduling, problems: &mut Problems) {
        for sojourn in [&self.noisy, &self.quiet] {
            if sojourn.value.mean() < SHORTEST {
                let title = "the neighbours change more than a thousand times a second";
                let label = "expected a mean of at least 1ms";
                let problem = Problem::new(sojourn.place, title, label);
                problems.push(problem.help("a core that is always slower has a lower `speed`"));
            }
        }
        if scheduling == Scheduling::PreemptivePriority {
            let title = "a core with noisy neighbours cannot be preempted";
            let label = "expected no `neighbours`, or another `scheduling`";
            problems.push(Problem::new(name.place, title, label));
        }
    }
}

/// The neighbours of one station.
#[derive(Clone, Debug)]
pub(super) struct Neighbours {
    share: f64,
    noisy: Delay,
    quiet: Delay,
    stream: Stream,
    changes: u64,
}

impl Neighbours {
    pub(super) fn new(spec: &NeighboursSpec, stream: Stream) -> Neighbours {
        let (noisy, quiet) = (spec.noisy.value.clone(), spec.quiet.value.clone());
        Neighbours { share: spec.share.0, noisy, quiet, stream, changes: 0 }
    }

    /// What a core has from now on, 1 being all, and for how long.
    pub(super) fn change(&mut self) -> (f64, Span) {
        let is_quiet = self.changes.is_multiple_of(2);
        let (speed, lasts) = if is_quiet { (1.0, &self.quiet) } else { (self.share, &self.noisy) };
        let lasts = lasts.draw(self.stream.at(self.changes));
        self.changes += 1;
        (speed, lasts)
    }
}
