//! Where requests wait for a worker or a connection: how many may, who of them is next, and what
//! happens to the rest. And who takes messages from where those wait.

mod consumer;
mod order;
mod pool;

pub(crate) use consumer::Consumer;
pub use consumer::ConsumesSpec;
pub use pool::QueueSpec;
pub(crate) use pool::{Admission, Classes, Pool};
