//! Fetches under way, and who waits for what they bring.

use crate::message::AttemptKey;
use crate::units::Time;

/// A fetch of one object.
#[derive(Clone, Debug)]
struct Flight {
    object: u64,
    /// When nobody waits for it any longer.
    ends: Time,
    /// Who waits, longest first.
    waiters: Vec<AttemptKey>,
}

/// All fetches under way, by object. Few at a time: a search by halves and a shift.
#[derive(Clone, Debug, Default)]
pub(super) struct Coalescing {
    under_way: Vec<Flight>,
    /// Room that is used again.
    spare: Vec<Vec<AttemptKey>>,
}

impl Coalescing {
    fn find(&self, object: u64) -> Result<usize, usize> {
        self.under_way.binary_search_by_key(&object, |flight| flight.object)
    }

    /// Somebody misses an object: returns whether the fetch of another is to be waited for. If not
    /// one begins, to end by `ends`.
    pub(super) fn join(&mut self, object: u64, key: AttemptKey, ends: Time) -> bool {
        match self.find(object) {
            Ok(at) => {
                self.under_way[at].waiters.push(key);
                true
            }
            Err(at) => {
                let waiters = self.spare.pop().unwrap_or_default();
                self.under_way.insert(at, Flight { object, ends, waiters });
                false
            }
        }
    }

    /// A fetch has brought its object: takes those who wait for it.
    pub(super) fn land(&mut self, object: u64) -> Vec<AttemptKey> {
        self.find(object).map_or_else(|_| Vec::new(), |at| self.under_way.remove(at).waiters)
    }

    /// Gives the room for waiters back.
    pub(super) fn recycle(&mut self, mut waiters: Vec<AttemptKey>) {
        waiters.clear();
        if waiters.capacity() > 0 {
            self.spare.push(waiters);
        }
    }

    /// The time of a fetch is over, if it is one that ends `now`: returns who begins another in its
    /// place, to end by `ends`, if somebody waits for whom `waits` holds.
    pub(super) fn expire(
        &mut self,
        object: u64,
        now: Time,
        ends: Time,
        waits: impl Fn(AttemptKey) -> bool,
    ) -> Option<AttemptKey> {
        let at = self.find(object).ok().filter(|&at| self.under_way[at].ends == now)?;
        let flight = &mut self.under_way[at];
        if let Some(first) = flight.waiters.iter().position(|&key| waits(key)) {
            flight.ends = ends;
            return flight.waiters.drain(..=first).next_back();
        }
        let waiters = self.under_way.remove(at).waiters;
        self.recycle(waiters);
        None
    }

    /// Nobody fetches anything any more: takes all who wait.
    pub(super) fn cancel(&mut self) -> Vec<AttemptKey> {
        self.under_way.drain(..).flat_map(|flight| flight.waiters).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fetches_and_the_others_wait_in_their_order() {
        let key = |n: u64| AttemptKey::from_bits(n);
        let at = Time::from_nanos;
        let mut coalescing = Coalescing::default();
        assert!(!coalescing.join(7, key(1), at(10)));
        assert!(!coalescing.join(3, key(2), at(11)));
        assert!(coalescing.join(7, key(3), at(12)));
        assert!(coalescing.join(7, key(4), at(13)));
        // The deadline of an older fetch concerns nobody.
        assert_eq!(coalescing.expire(7, at(9), at(19), |_| true), None);
        // The first who still waits is next.
        assert_eq!(coalescing.expire(7, at(10), at(20), |waiter| waiter != key(3)), Some(key(4)));
        assert!(coalescing.join(7, key(5), at(21)));
        assert_eq!(coalescing.land(7), [key(5)]);
        assert!(coalescing.land(7).is_empty());
        assert_eq!(coalescing.expire(3, at(11), at(21), |_| true), None);
        assert!(!coalescing.join(3, key(6), at(30)));
    }
}
