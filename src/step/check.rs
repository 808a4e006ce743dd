//! What typed reading cannot see of the steps of an endpoint: probabilities beyond 1, nothing where
//! something is to be done, rounds without end.

use crate::document::{At, Place, Problem, Problems};

use super::{BranchSpec, Often, ParallelSpec, RepeatSpec, StepSpec, Wait};

/// The most rounds of all repetitions around a step, and the most subrequests at once, multiplied.
const MOST_ROUNDS: f64 = 100_000.0;
/// How deep looks into caches nest at most.
const DEEPEST: usize = 4;

impl StepSpec {
    /// Reports what could not be meant of this step of an endpoint and of those within it.
    pub(crate) fn check(&self, problems: &mut Problems) {
        self.walk(Often::ONCE, &mut |step, often| check_step(step, often.times, problems));
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

fn check_step(step: &StepSpec, rounds: f64, problems: &mut Problems) {
    match step {
        StepSpec::Parallel(parallel) => check_parallel(parallel, rounds, problems),
        StepSpec::Branch(branches) => check_branches(branches, problems),
        StepSpec::IfModified(steps) if steps.value.is_empty() => {
            problems.push(nothing(steps.place))
        }
        StepSpec::Repeat(repeat) => check_repeat(repeat, rounds, problems),
        _ => {}
    }
}

fn check_parallel(parallel: &ParallelSpec, rounds: f64, problems: &mut Problems) {
    let ParallelSpec { steps, wait, copies } = parallel;
    if steps.value.is_empty() {
        problems.push(nothing(steps.place));
        return;
    }
    let most = steps.value.len() as f64 * copies.value.get() as f64;
    match wait.value {
        Wait::For(count) if count as f64 > most => {
            let title = format!("{most} at once, and {count} to be waited for");
            problems.push(Problem::new(wait.place, title, format!("expected at most {most}")));
        }
        _ => {}
    }
    check_rounds(copies.place, rounds.max(1.0) * most, problems);
}

fn check_branches(branches: &At<Vec<BranchSpec>>, problems: &mut Problems) {
    let Some((last, others)) = branches.value.split_last() else {
        problems.push(nothing(branches.place));
        return;
    };
    let mut sum = 0.0;
    for branch in others {
        let Some(p) = &branch.p else {
            let label = "give it a probability `p`";
            let title = "only the last branch takes whatever is left";
            problems.push(Problem::new(branch.steps.place, title, label));
            return;
        };
        sum += p.value.0;
    }
    // Shares such as 0.1 are not exact.
    let slack = 1e-9;
    match &last.p {
        Some(p) if sum + p.value.0 > 1.0 + slack => {
            let title = "the probabilities sum to more than 1";
            let label = format!("{} remain for this one", percent(1.0 - sum));
            problems.push(Problem::new(p.place, title, label));
        }
        None if sum > 1.0 + slack => {
            let title = "the probabilities sum to more than 1";
            let place = others.last().and_then(|branch| branch.p.as_ref()).map(|p| p.place);
            let place = place.unwrap_or(branches.place);
            problems.push(Problem::new(place, title, "lower this one, or one before"));
        }
        None if sum > 1.0 - slack => {
            let title = "the last branch is never taken";
            let label = "the probabilities of the others sum to 1";
            problems.push(Problem::new(last.steps.place, title, label));
        }
        _ => {}
    }
}

fn check_repeat(repeat: &RepeatSpec, rounds: f64, problems: &mut Problems) {
    if repeat.steps.value.is_empty() {
        problems.push(nothing(repeat.steps.place));
    }
    check_rounds(repeat.times.place, rounds.max(1.0) * repeat.times.value.mean(), problems);
}

fn check_rounds(place: Place, rounds: f64, problems: &mut Problems) {
    if rounds > MOST_ROUNDS {
        let title = format!("one request does these steps {rounds:.0} times");
        let label = format!("at most {MOST_ROUNDS} are possible, those around it multiplied");
        problems.push(Problem::new(place, title, label));
    }
}

fn nothing(place: Place) -> Problem {
    Problem::new(place, "there is nothing to do", "expected at least one step")
}

fn percent(share: f64) -> String {
    format!("{}%", libm::round(share.max(0.0) * 1e8) / 1e6)
}
