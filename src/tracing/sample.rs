//! Requests that are kept whole: so many of them, chosen by what they are, or the slowest.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::units::Span;

use super::journal::{Identity, Journal};

/// Which requests are wanted of those that are sent after the warm-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of which types; of all if empty.
    pub kinds: Vec<u16>,
    /// How many at most.
    pub count: usize,
    /// By what they are chosen.
    pub by: Choice,
}

/// By what requests are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// By their identity, as good as at random: the same ones whatever becomes of them.
    Chance,
    /// By how long they took: those that took longest, of those that ended.
    Latency,
    /// Those of these identities, in ascending order.
    Name(Vec<u64>),
}

/// What requests are ranked by, the first of those wanted first.
type Rank = (Reverse<Span>, u64);

/// The requests that are kept of a run.
#[derive(Debug)]
pub(crate) struct Sample {
    wanted: Wanted,
    /// What is in flight of those chosen by chance has no journal yet.
    kept: BTreeMap<Rank, Option<Journal>>,
}

impl Wanted {
    /// Where a request stands among those wanted.
    pub fn rank(&self, journal: &Journal) -> impl Ord + use<> {
        rank(&self.by, journal)
    }
}

fn rank(by: &Choice, journal: &Journal) -> Rank {
    let latency = match (by, journal.ended) {
        (Choice::Latency, Some((ended, _))) => ended - journal.sent,
        _ => Span::ZERO,
    };
    (Reverse(latency), journal.identity.id)
}

impl Sample {
    pub(crate) fn new(wanted: Wanted) -> Sample {
        Sample { wanted, kept: BTreeMap::new() }
    }

    /// Those that are kept, the first of those wanted first.
    pub(crate) fn kept(self) -> Vec<Journal> {
        self.kept.into_values().flatten().collect()
    }

    /// Whether this request, which is sent now, may be among those that are kept.
    pub(super) fn wants(&mut self, identity: &Identity) -> bool {
        let kinds = &self.wanted.kinds;
        if !kinds.is_empty() && !kinds.contains(&identity.kind) {
            return false;
        }
        let rank = (Reverse(Span::ZERO), identity.id);
        match &self.wanted.by {
            Choice::Latency => true,
            Choice::Chance => self.keep(rank, None),
            Choice::Name(names) => {
                names.binary_search(&identity.id).is_ok() && self.keep(rank, None)
            }
        }
    }

    /// Nothing more happens to a request.
    pub(super) fn read(&mut self, journal: &mut Journal) {
        let rank = rank(&self.wanted.by, journal);
        let among = match self.wanted.by {
            Choice::Latency => journal.ended.is_some() && self.has_room(&rank),
            Choice::Chance | Choice::Name(_) => self.kept.contains_key(&rank),
        };
        if among {
            let identity = journal.identity;
            let whole = std::mem::replace(journal, Journal::new(identity, journal.sent));
            self.keep(rank, Some(whole));
        }
    }

    /// Whether one of this rank is among the first.
    fn has_room(&self, rank: &Rank) -> bool {
        let last = || self.kept.last_key_value().is_some_and(|(last, _)| rank < last);
        self.kept.len() < self.wanted.count || last()
    }

    fn keep(&mut self, rank: Rank, journal: Option<Journal>) -> bool {
        if !self.kept.contains_key(&rank) {
            if !self.has_room(&rank) {
                return false;
            }
            if self.kept.len() == self.wanted.count {
                self.kept.pop_last();
            }
        }
        self.kept.insert(rank, journal);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Outcome;
    use crate::units::Time;

    /// A request of this identity that took so long (ns).
    fn journal(id: u64, took: u64) -> Journal {
        let identity = Identity { id, kind: (id % 2) as u16, user: None, number: id };
        let mut journal = Journal::new(identity, Time::from_nanos(5));
        journal.ended = Some((Time::from_nanos(5 + took), Some(Outcome::Ok)));
        journal
    }

    fn kept(wanted: Wanted, requests: &[(u64, u64)]) -> Vec<u64> {
        let mut sample = Sample::new(wanted);
        for &(id, took) in requests {
            let mut journal = journal(id, took);
            if sample.wants(&journal.identity) {
                sample.read(&mut journal);
            }
        }
        sample.kept().iter().map(|journal| journal.identity.id).collect()
    }

    #[test]
    fn those_kept_are_the_first_by_identity_or_by_latency_in_whatever_order_they_come() {
        let mut requests = [(3, 10), (8, 40), (1, 20), (6, 30), (5, 50)];
        for _ in 0..2 {
            let wanted = |by, kinds| Wanted { kinds, count: 2, by };
            assert_eq!(kept(wanted(Choice::Chance, vec![]), &requests), [1, 3]);
            assert_eq!(kept(wanted(Choice::Chance, vec![0]), &requests), [6, 8]);
            assert_eq!(kept(wanted(Choice::Latency, vec![]), &requests), [5, 8]);
            assert_eq!(kept(wanted(Choice::Latency, vec![0]), &requests), [8, 6]);
            requests.reverse();
        }
    }
}
