//! What became of every request, in a few words each: enough to find the few that are worth a
//! closer look.

use crate::message::Outcome;
use crate::units::Span;

use super::trace::Trace;

/// The most requests of a run whose digests are kept. Of more, those of the lowest identities are:
/// the same ones in every variant.
pub const MOST_DIGESTS: usize = 1_000_000;

/// How a request ended, wherever that was.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Manner {
    /// Answered well.
    Ok,
    /// Answered with what was no longer true.
    Stale,
    /// Turned away.
    Rejected,
    /// Failed further in.
    Failed,
    /// Lost on the way.
    Lost,
    /// The client gave up.
    TimedOut,
    /// It is still in flight.
    Open,
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digest {
    /// Which one.
    pub id: u64,
    /// How long it took its client; of no meaning while it is in flight.
    pub latency: Span,
    /// How it ended.
    pub manner: Manner,
}

/// The digests of a run.
#[derive(Debug)]
pub(crate) struct Digests {
    kept: Vec<Digest>,
    most: usize,
}

impl Digests {
    /// At most so many.
    pub(crate) fn new(most: usize) -> Digests {
        Digests { kept: Vec::new(), most }
    }

    /// All that are kept, by identity.
    pub(crate) fn kept(mut self) -> Vec<Digest> {
        self.kept.sort_unstable_by_key(|digest| digest.id);
        self.kept.truncate(self.most);
        self.kept
    }

    /// Nothing more happens to a request.
    pub(super) fn read(&mut self, trace: &Trace) {
        let manner = match trace.ended {
            None => Manner::Open,
            Some((_, None)) => Manner::TimedOut,
            Some((_, Some(Outcome::Ok))) => Manner::Ok,
            Some((_, Some(Outcome::Stale))) => Manner::Stale,
            Some((_, Some(Outcome::Rejected(_)))) => Manner::Rejected,
            Some((_, Some(Outcome::Failed(_)))) => Manner::Failed,
            Some((_, Some(Outcome::Lost(_)))) => Manner::Lost,
        };
        let latency = trace.ended.map_or(Span::ZERO, |(ended, _)| ended - trace.sent);
        self.kept.push(Digest { id: trace.identity.id, latency, manner });
        // Only now and then, so that each costs the same in the end.
        if self.kept.len() >= 2 * self.most {
            self.kept.select_nth_unstable_by_key(self.most, |digest| digest.id);
            self.kept.truncate(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracing::trace::Identity;
    use crate::units::Time;

    #[test]
    fn those_of_the_lowest_identities_are_kept() {
        let mut digests = Digests::new(3);
        for n in 0..100_u64 {
            let identity = Identity { id: n * 37 % 101, request_type: 0, user: None, number: n };
            let mut trace = Trace::new(identity, Time::ZERO);
            trace.ended = (n % 2 == 0).then_some((Time::from_nanos(n), None));
            digests.read(&trace);
        }
        let found = digests.kept();
        assert_eq!(found.iter().map(|digest| digest.id).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(
            found.iter().all(|digest| matches!(digest.manner, Manner::Open | Manner::TimedOut))
        );
    }
}
