//! What components say to each other: plain types that know nothing of who handles them.

mod attempt;
mod command;
mod event;
mod outcome;
mod replicas;
mod request;

pub(crate) use attempt::{Attempt, AttemptKey, Phase, Question, Reply, Visit};
pub(crate) use command::Command;
pub(crate) use event::Event;
pub(crate) use outcome::Ending;
pub use outcome::Outcome;
pub(crate) use replicas::Replicas;
pub use request::{LinkId, NodeId};
pub(crate) use request::{Operation, Request, SizesId};
