//! What became of every request, in a few words each: enough to find the few that are worth a
//! closer look.

use crate::message::Outcome;
use crate::units::Span;

use super::journal::Journal;

/// The most requests of a run whose fates are kept. Of more, those of the lowest identities are:
/// the same ones in every variant.
pub const MOST_FATES: usize = 1_000_000;

/// How a request ended, whoever did it.
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
pub struct Fate {
    /// Which one.
    pub id: u64,
    /// How long it took its client; of no meaning while it is in flight.
    pub latency: Span,
    /// How it ended.
    pub manner: Manner,
}

/// The fates of a run.
#[derive(Debug)]
pub(crate) struct Fates {
    kept: Vec<Fate>,
    most: usize,
}

impl Fates {
    /// At most so many.
    pub(crate) fn new(most: usize) -> Fates {
        Fates { kept: Vec::new(), most }
    }

    /// All that are kept, by identity.
    pub(crate) fn kept(mut self) -> Vec<Fate> {
        self.kept.sort_unstable_by_key(|fate| fate.id);
        self.kept.truncate(self.most);
        self.kept
    }

    /// Nothing more happens to a request.
    pub(super) fn read(&mut self, journal: &Journal) {
        let manner = match journal.ended {
            None => Manner::Open,
            Some((_, None)) => Manner::TimedOut,
            Some((_, Some(Outcome::Ok))) => Manner::Ok,
            Some((_, Some(Outcome::Stale))) => Manner::Stale,
            Some((_, Some(Outcome::Rejected(_)))) => Manner::Rejected,
            Some((_, Some(Outcome::Failed(_)))) => Manner::Failed,
            Some((_, Some(Outcome::Lost(_)))) => Manner::Lost,
        };
        let latency = journal.ended.map_or(Span::ZERO, |(ended, _)| ended - journal.sent);
        self.kept.push(Fate { id: journal.identity.id, latency, manner });
        // Only now and then, so that each costs the same in the end.
        if self.kept.len() >= 2 * self.most {
            self.kept.select_nth_unstable_by_key(self.most, |fate| fate.id);
            self.kept.truncate(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracing::journal::Identity;
    use crate::units::Time;

    #[test]
    fn those_of_the_lowest_identities_are_kept() {
        let mut fates = Fates::new(3);
        for n in 0..100_u64 {
            let identity = Identity { id: n * 37 % 101, kind: 0, user: None, number: n };
            let mut journal = Journal::new(identity, Time::ZERO);
            journal.ended = (n % 2 == 0).then_some((Time::from_nanos(n), None));
            fates.read(&journal);
        }
        let found = fates.kept();
        assert_eq!(found.iter().map(|fate| fate.id).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(found.iter().all(|fate| matches!(fate.manner, Manner::Open | Manner::TimedOut)));
    }
}
