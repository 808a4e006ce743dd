//! A four-ary min-heap with a hole: a pop leaves the root empty, and the push that usually follows
//! fills it, so that one sift does where a pop and a push make two.

use std::hint::select_unpredictable;

/// One pending event: when, in which order among the same instant, and what.
///
/// Plain words, each written and read as a whole: a processor forwards such a store to the load
/// that follows, and stalls on one that spans two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// When (ns).
    pub(super) time: u64,
    pub(super) sequence: u64,
    pub(super) payload: u64,
}

impl Entry {
    /// One comparison gives the total order.
    #[inline]
    pub(super) fn key(&self) -> u128 {
        u128::from(self.time) << 64 | u128::from(self.sequence)
    }
}

/// *Invariant:* beyond the `len` entries there are `ARITY` or more whose keys are above all others,
/// so that every entry has a full set of children to choose from.
#[derive(Clone, Debug)]
pub(super) struct Heap {
    entries: Vec<Entry>,
    /// The hole counts.
    len: usize,
    /// The root has been popped and not yet replaced.
    hole: bool,
}

const ARITY: usize = 4;

/// What stands behind the entries.
const BEYOND: Entry = Entry { time: u64::MAX, sequence: u64::MAX, payload: 0 };

impl Heap {
    pub(super) fn new() -> Heap {
        Heap { entries: Vec::new(), len: 0, hole: false }
    }

    pub(super) fn len(&self) -> usize {
        self.len - usize::from(self.hole)
    }

    #[inline(always)]
    pub(super) fn push(&mut self, entry: Entry) {
        if self.hole {
            self.hole = false;
            self.sift_down(entry);
        } else {
            if self.len + ARITY >= self.entries.len() {
                self.grow();
            }
            self.len += 1;
            self.sift_up(self.len - 1, entry);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.entries.resize(2 * self.len + 2 * ARITY, BEYOND);
    }

    /// Whether the earliest entry is for `time` or before; the hole stays as it is.
    #[inline]
    pub(super) fn is_due(&self, time: u64) -> bool {
        if let (true, Some([_, a, b, c, d])) = (self.hole, self.entries.get(..=ARITY)) {
            a.time.min(b.time).min(c.time.min(d.time)) <= time
        } else {
            self.entries.first().is_some_and(|entry| entry.time <= time)
        }
    }

    /// The earliest entry, where [`Heap::pop`] will find it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<&Entry> {
        self.fill_hole();
        self.entries[..self.len].first()
    }

    /// Takes the earliest entry away. Must follow a [`Heap::peek`] with nothing between.
    #[inline]
    pub(super) fn pop(&mut self) {
        debug_assert!(!self.hole && self.len > 0, "a peek has closed the hole and seen the entry");
        self.hole = true;
    }

    #[inline]
    fn fill_hole(&mut self) {
        if self.hole {
            self.hole = false;
            self.len -= 1;
            let last = self.entries[self.len];
            self.entries[self.len] = BEYOND;
            if self.len > 0 {
                self.sift_down(last);
            }
        }
    }

    /// Puts `entry` at the root and lets it sink.
    #[inline(always)]
    fn sift_down(&mut self, entry: Entry) {
        let mut at = 0;
        while at * ARITY + 1 < self.len {
            let least = least_child(&self.entries, at * ARITY + 1);
            if entry.key() < self.entries[least].key() {
                break;
            }
            self.entries[at] = self.entries[least];
            at = least;
        }
        self.entries[at] = entry;
    }

    #[inline]
    fn sift_up(&mut self, mut at: usize, entry: Entry) {
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if self.entries[parent].key() < entry.key() {
                break;
            }
            self.entries[at] = self.entries[parent];
            at = parent;
        }
        self.entries[at] = entry;
    }
}

/// The sibling with the least key, of those from `first` on: a small tournament without branches,
/// which no predictor could guess.
#[inline]
fn least_child(entries: &[Entry], first: usize) -> usize {
    let [a, b, c, d] = &entries[first..first + ARITY] else { unreachable!("as many as asked for") };
    let left = usize::from(b.key() < a.key());
    let (left_key, right_key) = (a.key().min(b.key()), c.key().min(d.key()));
    let right = 2 + usize::from(d.key() < c.key());
    first + select_unpredictable(right_key < left_key, right, left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn entries_come_out_as_from_a_sorted_map(
            steps in prop::collection::vec(prop::option::of(any::<u16>()), 1..400),
        ) {
            let (mut heap, mut map) = (Heap::new(), BTreeMap::new());
            for (sequence, step) in (0..).zip(steps) {
                if let Some(time) = step {
                    let time = u64::from(time);
                    heap.push(Entry { time, sequence, payload: sequence });
                    map.insert((time, sequence), sequence);
                } else {
                    let entry = heap.peek().map(|entry| ((entry.time, entry.sequence), entry.payload));
                    prop_assert_eq!(entry, map.pop_first());
                    if entry.is_some() {
                        heap.pop();
                    }
                }
                if let Some(((time, _), _)) = map.first_key_value() {
                    prop_assert!(heap.is_due(*time) && (*time == 0 || !heap.is_due(*time - 1)));
                }
                prop_assert_eq!(heap.len(), map.len());
            }
        }
    }
}
