//! How requests end.

use super::{LinkId, NodeId};

/// How a request ended, as its caller learns it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Answered well.
    Ok,
    /// Answered, but with an older version of an object than there was when the client asked. Only
    /// clients learn of it.
    Stale,
    /// Turned away by this component.
    Rejected(NodeId),
    /// Given up by this component, because a call of its own went wrong or it is out of order.
    Failed(NodeId),
    /// Never answered: this link lost its question or its answer too often.
    Lost(LinkId),
}

impl Outcome {
    /// Whether there is an answer to go by.
    pub fn is_answer(self) -> bool {
        matches!(self, Outcome::Ok | Outcome::Stale)
    }
}

/// An [`Outcome`] in half a word: its kind above the number of the component or link, which is
/// below 2^29.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending(u32);

impl Ending {
    const OK: u32 = 0;

    /// Out of line: most requests end well, and what is in line would become a jump by a table.
    #[inline(never)]
    fn of_others(outcome: Outcome) -> Ending {
        Ending(match outcome {
            Outcome::Ok => Ending::OK,
            Outcome::Stale => 1,
            Outcome::Rejected(NodeId(by)) => 1 << 30 | by,
            Outcome::Failed(NodeId(at)) => 2 << 30 | at,
            Outcome::Lost(LinkId(on)) => 3 << 30 | on,
        })
    }

    #[inline(never)]
    fn other(self) -> Outcome {
        let number = self.0 & ((1 << 30) - 1);
        match self.0 >> 30 {
            0 if number == Ending::OK => Outcome::Ok,
            0 => Outcome::Stale,
            1 => Outcome::Rejected(NodeId(number)),
            2 => Outcome::Failed(NodeId(number)),
            _ => Outcome::Lost(LinkId(number)),
        }
    }
}

impl From<Outcome> for Ending {
    #[inline]
    fn from(outcome: Outcome) -> Ending {
        if outcome == Outcome::Ok { Ending(Ending::OK) } else { Ending::of_others(outcome) }
    }
}

impl From<Ending> for Outcome {
    #[inline]
    fn from(ending: Ending) -> Outcome {
        if ending.0 == Ending::OK { Outcome::Ok } else { ending.other() }
    }
}
