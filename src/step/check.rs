//! What typed reading cannot see of the steps of an endpoint: probabilities beyond 1, nothing where
//! something is to be done, rounds without end.

use crate::document::{Place, Problem, Problems};

use super::{Often, StepSpec};

/// The most rounds of all repetitions around a step, and the most subrequests at once, multiplied.
const MOST_ROUNDS: f64 = 100_000.0;
/// How deep looks into caches nest at most.
const DEEPEST: usize = 4;

impl StepSpec {
    /// Reports what could not be meant of this step of an endpoint and of those within it.
    pub(crate) fn check(&self, problems: &mut Problems) {
        self.walk(Often::ONCE, &mut |step, often| step.check_alone(often.times, problems));
        if let Some(deep) = too_deep(self, DEEPEST) {
            let label = format!("at most {DEEPEST} are possible");
            problems.push(Problem::new(deep, "too many looks one within another", label));
        }
    }
}

/// Where looks into caches nest deeper than `most` in a step.
fn too_deep(step: &StepSpec, most: usize) -> Option<Place> {
    let mut found = None;
    step.walk(Often::ONCE, &mut |step, _| {
        let StepSpec::Cache(cache) = step else { return };
        let inside = || match most {
            0 => Some(cache.r#in.place),
            _ => cache.miss.iter().find_map(|step| too_deep(step, most - 1)),
        };
        found = found.or_else(inside);
    });
    found
}

/// Reports steps that one request does so often that it would hardly end.
pub(super) fn check_rounds(place: Place, rounds: f64, problems: &mut Problems) {
    if rounds > MOST_ROUNDS {
        let title = format!("one request does these steps {rounds:.0} times");
        let label = format!("at most {MOST_ROUNDS} are possible, those around it multiplied");
        problems.push(Problem::new(place, title, label));
    }
}

/// A list that lacks a step.
pub(super) fn nothing(place: Place) -> Problem {
    Problem::new(place, "there is nothing to do", "expected at least one step")
}
