//! A worker at work: it follows the program for one request after the other.

use crate::message::{AttemptKey, Outcome, Question, Request};
use crate::runtime::Ctx;
use crate::units::Span;

use super::program::Step;
use super::subrequests::Ended;
use super::{Station, end_wait};

/// What has become of a request after its steps were followed as far as they go for now.
pub(crate) enum Progress {
    /// It waits and keeps its worker.
    Held,
    /// It waits without a worker.
    Waiting,
    /// It has been answered.
    Done,
}

impl Station {
    /// Lets the worker that `key` holds work on it, and then on those that wait for a worker, until
    /// all workers are held.
    #[inline(never)]
    pub(super) fn work(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.work_in_line(key, ctx);
    }

    /// The same where most work goes on.
    #[inline(always)]
    pub(super) fn work_in_line(&mut self, mut key: AttemptKey, ctx: &mut Ctx) {
        if self.upkeep.is_some() {
            return self.work_and_keep_up(key, ctx);
        }
        loop {
            if let Progress::Held = self.follow(key, ctx) {
                return;
            }
            let Some(next) = self.pool.hand_over() else {
                let now = ctx.now();
                ctx.meter().slots.fall(now);
                return;
            };
            end_wait(next, ctx);
            key = next;
        }
    }

    /// Follows the steps of a request that has a worker, as far as they go without waiting.
    #[inline(always)]
    pub(super) fn follow(&mut self, mut key: AttemptKey, ctx: &mut Ctx) -> Progress {
        let now = ctx.now();
        loop {
            let attempt = ctx.attempt(key);
            let stream = attempt.stream;
            match &self.program.steps[attempt.visit.step as usize] {
                Step::Cpu { cost, salt } => {
                    let demand = self.equipment.time_of(cost.draw(stream.beside(*salt)));
                    if demand > Span::ZERO {
                        attempt.visit.demand = demand;
                        self.cpu.start(key, demand, ctx);
                        return Progress::Held;
                    }
                    attempt.visit.step += 1;
                }
                Step::Io { delay, salt } => {
                    let delay = delay.draw(stream.beside(*salt));
                    if delay > Span::ZERO {
                        ctx.pause_for_io(key, delay);
                        return self.while_waiting();
                    }
                    attempt.visit.step += 1;
                }
                Step::Call(call) => {
                    let operation = call.operation.unwrap_or(attempt.request.operation);
                    let request = Request { parent: key, operation, ..attempt.request };
                    let stream = stream.at(call.salt);
                    attempt.visit.since = now;
                    let callee = call.asks(key, stream, ctx);
                    ctx.ask(Question {
                        request,
                        callee,
                        link: call.link,
                        sizes: call.sizes,
                        tag: 0,
                        stream,
                        timeout_lane: call.timeout_lane,
                    });
                    return self.while_waiting();
                }
                Step::Done => {
                    ctx.answer_in_line(key, Outcome::Ok);
                    return Progress::Done;
                }
                Step::Branch(branch) => attempt.visit.step = branch.choose(stream),
                Step::Jump(to) => attempt.visit.step = *to,
                Step::Repeat { times, salt } => {
                    self.loops.enter(attempt, times, *salt);
                    attempt.visit.step += 1;
                }
                Step::Again { body, salt } => self.loops.again(attempt, *body, *salt),
                Step::Fork(fork) => {
                    attempt.visit.step = fork.after;
                    self.subrequests.start(key, fork, ctx);
                    return self.while_waiting();
                }
                Step::Join => match self.subrequests.end(key, ctx) {
                    Ended::InVain => return self.while_waiting(),
                    Ended::Decides(whole) => key = whole,
                },
                _ => {
                    if let Some(progress) = self.remember(key, ctx) {
                        return progress;
                    }
                }
            }
        }
    }

    /// What becomes of the worker of a request that waits. A subrequest has none that is held.
    pub(super) fn while_waiting(&self) -> Progress {
        if self.equipment.blocking { Progress::Held } else { Progress::Waiting }
    }
}
