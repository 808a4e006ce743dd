//! What is done to messages on their way, from outside: they are lost, or come later.

use std::fmt;

use crate::message::{Attempt, LinkId, NodeId};
use crate::units::Span;

/// Something that is done to messages while it is on.
pub(crate) trait Interference: fmt::Debug {
    /// Whether it may be about messages over this link. Others are not looked at.
    fn concerns(&self, link: LinkId) -> bool;

    /// How much later the message of a request comes, the question or the answer, on its way from
    /// one instance to another; `None` if it is lost.
    fn impact(&self, attempt: &Attempt, from: NodeId, to: NodeId) -> Option<Span>;
}

/// All that is done to messages in a run.
#[derive(Debug, Default)]
pub(crate) struct Interferences {
    all: Vec<(Box<dyn Interference>, bool)>,
}

impl Interferences {
    /// One more, which is off; returns its number.
    pub(crate) fn add(&mut self, interference: Box<dyn Interference>) -> usize {
        self.all.push((interference, false));
        self.all.len() - 1
    }

    /// One begins or is over.
    pub(super) fn set(&mut self, number: usize, on: bool) {
        self.all[number].1 = on;
    }

    /// Whether messages over this link are to be looked at.
    pub(super) fn concern(&self, link: LinkId) -> bool {
        self.on().any(|interference| interference.concerns(link))
    }

    /// How much later a message comes; `None` if it is lost.
    pub(super) fn impact(&self, attempt: &Attempt, from: NodeId, to: NodeId) -> Option<Span> {
        let concerned = self.on().filter(|all| all.concerns(attempt.link));
        let mut impacts = concerned.map(|all| all.impact(attempt, from, to));
        impacts.try_fold(Span::ZERO, |sum, later| Some(sum + later?))
    }

    fn on(&self) -> impl Iterator<Item = &dyn Interference> {
        self.all.iter().filter(|(_, on)| *on).map(|(interference, _)| interference.as_ref())
    }
}
