//! Does several things at once.

use super::check::{check_rounds, nothing};
use super::{Ask, Demand, StepKind, StepSpec, Structure};
use crate::document::{At, Count, Definitions, Node, Problem, Problems, Read, parsed, record};
use crate::units::Quantity;

record! {
    /// Several things at once. A worker that is held while its request waits does them all itself.
    #[short = steps]
    pub struct ParallelSpec {
        /// What is done at once: each a step, or a list of steps that follow one another.
        pub steps: At<Vec<Vec<StepSpec>>>,
        /// How many must be done before the request goes on: `all`, `first`, or a number. The
        /// others run to their end all the same, as wasted work. The request fails when too many
        /// have failed.
        pub wait: At<Wait> = "all",
        /// How often each is there, such as once for each shard.
        pub copies: At<Count> = "1",
    }
}

/// For how many of several things a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For all of them.
    All,
    /// For so many, at least one.
    For(u64),
}

impl Read for Wait {
    fn read(node: &Node, problems: &mut Problems) -> Option<Wait> {
        let parse = |text: &str| match text {
            "all" => Some(Wait::All),
            "first" => Some(Wait::For(1)),
            number => u64::parse(number).filter(|&count| count > 0).map(Wait::For),
        };
        parsed(node, "`all`, `first`, or a whole number from 1", parse, problems)
    }

    fn stand_in() -> Option<Wait> {
        Some(Wait::All)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "`all`, `first` or a number",
            "anyOf": [
                { "enum": ["all", "first"] },
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": <u64 as Quantity>::PATTERN },
            ],
        })
    }
}

/// Does several things at once.
pub(super) struct Parallel;

impl StepKind for Parallel {
    type Spec = ParallelSpec;

    fn structure(parallel: &ParallelSpec) -> Structure<'_> {
        let (lists, copies) = (&parallel.steps.value[..], parallel.copies.value.get());
        let all = copies.saturating_mul(lists.len() as u64);
        let wait = match parallel.wait.value {
            Wait::All => all,
            Wait::For(count) => count.min(all),
        };
        Structure::AtOnce { lists, copies, wait }
    }

    fn check(parallel: &ParallelSpec, rounds: f64, problems: &mut Problems) {
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

    fn demand(_: &ParallelSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(_: &ParallelSpec) -> Option<Ask<'_>> {
        None
    }
}
