//! What can happen to a component: the contract between components and the world.

use super::Ctx;
use crate::message::{AttemptKey, Command, Outcome, Reply};
use crate::units::Time;

/// What can happen to a component. A method that a component does not write says that this never
/// happens to it.
pub(crate) trait Node {
    /// The run begins.
    fn on_start(&mut self, _: &mut Ctx) {}

    /// A request has arrived and wants an answer.
    fn on_request(&mut self, _: AttemptKey, _: &mut Ctx) {
        unreachable!("this component is asked nothing");
    }

    /// A pause taken for this request is over.
    fn on_resume(&mut self, _: AttemptKey, _: &mut Ctx) {
        unreachable!("this component takes no pauses");
    }

    /// The time for which a request may wait here is over; the request may have been answered
    /// meanwhile.
    fn on_impatience(&mut self, _: AttemptKey, _: &mut Ctx) {
        unreachable!("requests wait at this component for as long as it takes");
    }

    /// A request that this component asked has been answered; its slot is free again. The outcome,
    /// which has just been written, comes by itself: copied with the rest it would have to wait
    /// until it has reached the cache.
    fn on_answer(&mut self, _: &Reply, _: Outcome, _: &mut Ctx) {
        unreachable!("this component asks nothing");
    }

    /// The answer to a request that this component passed on to `backend` in its slot, when it was
    /// `passed`, is on its way back.
    fn on_return(&mut self, _backend: u32, _passed: Time, _: &mut Ctx) {
        unreachable!("this component passes nothing on");
    }

    /// A request that this component asked has not been answered in time; it is abandoned.
    fn on_timeout(&mut self, _: &Reply, _: &mut Ctx) {
        unreachable!("this component waits for ever");
    }

    /// Something is done to this component from outside; its condition shows it already.
    fn on_control(&mut self, _: Command, _: &mut Ctx) {
        unreachable!("a scenario is checked for faults that a component cannot feel");
    }

    /// An alarm that this component set goes off.
    fn on_alarm(&mut self, _tag: u32, _: &mut Ctx) {
        unreachable!("this component sets no alarms");
    }
}
