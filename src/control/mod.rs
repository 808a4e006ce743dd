//! What happens to components from outside: faults, and whom they concern.

mod failover;
mod fault;
mod faults;
mod verb;

pub(crate) use failover::Failovers;
pub use fault::{FaultSpec, Way};
pub(crate) use faults::{Faults, Schedule};
pub use verb::Verb;
pub(crate) use verb::{FaultDomain, Ground, Known, MembershipChange};
