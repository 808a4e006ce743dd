//! Requests that are kept whole: so many of them, chosen by what they are, or the slowest.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::units::Span;

use super::trace::{Identity, Trace};

/// Which requests are wanted of those that are sent after the warm-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of which types; of all if empty.
    pub request_types: Vec<u16>,
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
pub(crate) struct Selection {
    wanted: Wanted,
    /// What is in flight of those chosen by chance has no trace yet.
    kept: BTreeMap<Rank, Option<Trace>>,
}

impl Wanted {
    /// Where a request stands among those wanted.
    pub fn rank(&self, trace: &Trace) -> impl Ord + use<> {
        rank(&self.by, trace)
    }
}

fn rank(by: &Choice, trace: &Trace) -> Rank {
    let latency = match (by, trace.ended) {
        (Choice::Latency, Some((ended, _))) => ended - trace.sent,
        _ => Span::ZERO,
    };
    (Reverse(latency), trace.identity.id)
}

impl Selection {
    pub(crate) fn new(wanted: Wanted) -> Selection {
        Selection { wanted, kept: BTreeMap::new() }
    }

    /// Those that are kept, the first of those wanted first.
    pub(crate) fn kept(self) -> Vec<Trace> {
        self.kept.into_values().flatten().collect()
    }

    /// Whether this request, which is sent now, may be among those that are kept.
    pub(super) fn wants(&mut self, identity: &Identity) -> bool {
        let request_types = &self.wanted.request_types;
        if !request_types.is_empty() && !request_types.contains(&identity.request_type) {
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
    pub(super) fn read(&mut self, trace: &mut Trace) {
        let rank = rank(&self.wanted.by, trace);
        let among = match self.wanted.by {
            Choice::Latency => trace.ended.is_some() && self.has_room(&rank),
            Choice::Chance | Choice::Name(_) => self.kept.contains_key(&rank),
        };
        if among {
            let identity = trace.identity;
            let whole = std::mem::replace(trace, Trace::new(identity, trace.sent));
            self.keep(rank, Some(whole));
        }
    }

    /// Whether one of this rank is among the first.
    fn has_room(&self, rank: &Rank) -> bool {
        let last = || self.kept.last_key_value().is_some_and(|(last, _)| rank < last);
        self.kept.len() < self.wanted.count || last()
    }

    fn keep(&mut self, rank: Rank, trace: Option<Trace>) -> bool {
        if !self.kept.contains_key(&rank) {
            if !self.has_room(&rank) {
                return false;
            }
            if self.kept.len() == self.wanted.count {
                self.kept.pop_last();
            }
        }
        self.kept.insert(rank, trace);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Outcome;
    use crate::units::Time;

    /// A request of this identity that took so long (ns).
    fn trace(id: u64, took: u64) -> Trace {
        let identity = Identity { id, request_type: (id % 2) as u16, user: None, number: id };
        let mut trace = Trace::new(identity, Time::from_nanos(5));
        trace.ended = Some((Time::from_nanos(5 + took), Some(Outcome::Ok)));
        trace
    }

    fn kept(wanted: Wanted, requests: &[(u64, u64)]) -> Vec<u64> {
        let mut selection = Selection::new(wanted);
        for &(id, took) in requests {
            let mut trace = trace(id, took);
            if selection.wants(&trace.identity) {
                selection.read(&mut trace);
            }
        }
        selection.kept().iter().map(|trace| trace.identity.id).collect()
    }

    #[test]
    fn those_kept_are_the_first_by_identity_or_by_latency_in_whatever_order_they_come() {
        let mut requests = [(3, 10), (8, 40), (1, 20), (6, 30), (5, 50)];
        for _ in 0..2 {
            let wanted = |by, request_types| Wanted { request_types, count: 2, by };
            assert_eq!(kept(wanted(Choice::Chance, vec![]), &requests), [1, 3]);
            assert_eq!(kept(wanted(Choice::Chance, vec![0]), &requests), [6, 8]);
            assert_eq!(kept(wanted(Choice::Latency, vec![]), &requests), [5, 8]);
            assert_eq!(kept(wanted(Choice::Latency, vec![0]), &requests), [8, 6]);
            requests.reverse();
        }
    }
}
