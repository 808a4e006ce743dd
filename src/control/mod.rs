//! What happens to components from outside: faults, and whom they concern.

mod fault;
mod faults;
mod verb;

pub use fault::{FaultSpec, Way};
pub(crate) use faults::{Faults, Schedule};
pub use verb::Verb;
pub(crate) use verb::{FaultDomain, Ground, Known, MembershipChange};
