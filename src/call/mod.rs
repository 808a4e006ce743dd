//! Calls: what a caller does while it waits for an answer.

mod rules;
mod timeout;

pub use rules::CallRules;
pub use timeout::Timeout;
