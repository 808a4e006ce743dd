//! What happens to components from outside: faults, and whom they concern.

mod fault;
mod faults;
mod scope;

pub use fault::{FaultSpec, Verb, Way};
pub(crate) use faults::{Effect, Faults, Schedule};
pub use scope::Scope;
