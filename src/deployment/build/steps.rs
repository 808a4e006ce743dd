//! From the steps of a scenario, one within the other, to one list with jumps.

use crate::document::Name;
use crate::engine::Stream;
use crate::message::{Operation, SizesId};
use crate::step::{BranchSpec, CallSpec, ParallelSpec, RepeatSpec, StepSpec, Wait};
use crate::units::Span;
use crate::work::{Branch, Call, Fork, Step};

use super::Builder;

impl Builder<'_, '_> {
    /// Appends what `list` says to the steps of the station `from`. `path` names the list: each
    /// step's draws are told from others by its place.
    pub(super) fn compile(
        &mut self,
        from: &str,
        list: &[StepSpec],
        path: Stream,
        steps: &mut Vec<Step>,
    ) {
        for (index, step) in list.iter().enumerate() {
            let path = path.named(&index.to_string());
            let salt = path.salt();
            match step {
                StepSpec::Cpu(cost) => steps.push(Step::Cpu { cost: cost.clone(), salt }),
                StepSpec::Io(delay) | StepSpec::Sleep(delay) => {
                    steps.push(Step::Io { delay: delay.clone(), salt });
                }
                StepSpec::Call(call) => steps.push(self.call(from, call, salt)),
                StepSpec::Read(to) => steps.push(self.database_call(from, to, "read", salt)),
                StepSpec::Write(to) => steps.push(self.database_call(from, to, "write", salt)),
                StepSpec::Parallel(parallel) => self.fork(from, parallel, path, steps),
                StepSpec::Branch(branches) => self.branch(from, &branches.value, path, steps),
                StepSpec::Cache(cache) => self.look(from, cache, path, steps),
                StepSpec::Invalidate(cache) => steps.push(self.invalidate(from, cache, path)),
                StepSpec::IfModified(list) => {
                    let at = here(steps);
                    steps.push(Step::Join);
                    self.compile(from, &list.value, path, steps);
                    steps[at as usize] = Step::IfModified { otherwise: here(steps) };
                }
                StepSpec::Repeat(repeat) => self.repeat(from, repeat, path, steps),
            }
        }
    }

    fn fork(&mut self, from: &str, parallel: &ParallelSpec, path: Stream, steps: &mut Vec<Step>) {
        let at = here(steps);
        steps.push(Step::Join);
        let mut strands = Vec::new();
        for (index, list) in parallel.steps.value.iter().enumerate() {
            strands.extend((0..parallel.copies.value.get()).map(|_| here(steps) - 1));
            self.compile(from, list, path.named(&index.to_string()), steps);
            steps.push(Step::Join);
        }
        let wait = match parallel.wait.value {
            Wait::All => strands.len() as u32,
            Wait::For(count) => u32::try_from(count).expect("no more than there are strands"),
        };
        let (after, salt) = (here(steps), path.salt());
        steps[at as usize] = Step::Fork(Fork { strands: strands.into(), wait, after, salt });
    }

    fn branch(&mut self, from: &str, branches: &[BranchSpec], path: Stream, steps: &mut Vec<Step>) {
        let at = here(steps);
        steps.push(Step::Join);
        let (mut arms, mut ends, mut up_to) = (Vec::new(), Vec::new(), 0.0);
        for (index, branch) in branches.iter().enumerate() {
            up_to = branch.p.as_ref().map_or(1.0, |p| up_to + p.value.0);
            arms.push((up_to, here(steps)));
            self.compile(from, &branch.steps.value, path.named(&index.to_string()), steps);
            ends.push(here(steps));
            steps.push(Step::Join);
        }
        let (otherwise, salt) = (here(steps), path.salt());
        for end in ends {
            steps[end as usize] = Step::Jump(otherwise);
        }
        steps[at as usize] = Step::Branch(Branch { arms: arms.into(), otherwise, salt });
    }

    fn repeat(&mut self, from: &str, repeat: &RepeatSpec, path: Stream, steps: &mut Vec<Step>) {
        let (times, salt) = (repeat.times.value.clone(), path.salt());
        steps.push(Step::Repeat { times, salt });
        let body = here(steps);
        self.compile(from, &repeat.steps.value, path, steps);
        steps.push(Step::Again { body, salt });
    }

    fn call(&mut self, from: &str, call: &CallSpec, salt: u64) -> Step {
        let operation = call.endpoint.as_ref().map(|name| self.operation(&name.value));
        let sizes = self.sizes(&call.request_size, &call.response_size);
        Step::Call(self.call_step(from, &call.to, operation, sizes, call.timeout, salt))
    }

    pub(super) fn database_call(
        &mut self,
        from: &str,
        to: &Name,
        operation: &str,
        salt: u64,
    ) -> Step {
        let sizes = self.sizes_of(operation);
        Step::Call(self.call_step(from, to, Some(self.operation(operation)), sizes, None, salt))
    }

    /// A call, of which the request waits for the answer and fails with it.
    pub(super) fn call_step(
        &mut self,
        from: &str,
        to: &Name,
        operation: Option<Operation>,
        sizes: SizesId,
        timeout: Option<Span>,
        salt: u64,
    ) -> Call {
        let (callee, link) = (self.replicas(&to.value), self.link(from, &to.value));
        let (lenient, patience) = (false, None);
        let spread = self.spread(&to.value);
        Call { callee, link, sizes, operation, salt, spread, lenient, timeout, patience }
    }
}

/// The place of the next step.
pub(super) fn here(steps: &[Step]) -> u32 {
    u32::try_from(steps.len()).expect("a scenario has fewer steps than 2^32")
}
