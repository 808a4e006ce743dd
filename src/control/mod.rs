//! What happens to components from outside: faults.

mod fault;

pub use fault::{FaultSpec, Instances};
