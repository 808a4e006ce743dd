//! Where requests wait for a worker or a connection: how many may, who of them is next, and what
//! happens to the rest.

mod order;
mod pool;

pub use pool::QueueSpec;
pub(crate) use pool::{Admission, Classes, Pool};
