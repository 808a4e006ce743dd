//! Does one of several things, by chance.

use super::check::nothing;
use super::{Ask, Demand, StepKind, StepSpec, Structure};
use crate::document::{At, Problem, Problems, record};
use crate::units::Share;

record! {
    /// What is done with some probability.
    pub struct BranchSpec {
        /// The probability; if not given, which only the last may leave out, whatever is left.
        pub p: Option<At<Share>>,
        /// The steps that are then done.
        pub steps: At<Vec<StepSpec>> = "[]",
    }
}

fn percent(share: f64) -> String {
    format!("{}%", libm::round(share.max(0.0) * 1e8) / 1e6)
}

/// Does one of several things, by chance.
pub(super) struct Branch;

impl StepKind for Branch {
    type Spec = At<Vec<BranchSpec>>;

    fn structure(branches: &At<Vec<BranchSpec>>) -> Structure<'_> {
        let mut left = 1.0;
        let branch = |branch: &BranchSpec| {
            let p = branch.p.as_ref().map_or(left, |p| p.value.0);
            left = (left - p).max(0.0);
            p
        };
        let shares: Vec<f64> = branches.value.iter().map(branch).collect();
        let steps = branches.value.iter().map(|branch| &branch.steps.value[..]);
        Structure::Chance(shares.into_iter().zip(steps).collect())
    }

    fn check(branches: &At<Vec<BranchSpec>>, _: f64, problems: &mut Problems) {
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

    fn demand(_: &At<Vec<BranchSpec>>) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(_: &At<Vec<BranchSpec>>) -> Option<Ask<'_>> {
        None
    }
}
