//! Calls: what a caller does while it waits for an answer.

mod consistency;
mod rules;
mod timeout;

pub use consistency::Consistency;
pub use rules::CallRules;
pub use timeout::Timeout;
