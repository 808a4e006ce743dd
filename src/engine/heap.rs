//! A four-ary min-heap with a hole: a pop leaves the root empty, and the push that usually follows
//! fills it, so that one sift does where a pop and a push make two.

use std::hint::select_unpredictable;

/// One pending event: when, in which order among the same instant, and what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<P> {
    /// `time << 64 | sequence`: one comparison gives the total order.
    pub(super) key: u128,
    pub(super) payload: P,
}

#[derive(Clone, Debug)]
pub(super) struct Heap<P> {
    entries: Vec<Entry<P>>,
    /// The root has been popped and not yet replaced.
    hole: bool,
}

const ARITY: usize = 4;

impl<P: Copy> Heap<P> {
    pub(super) fn new() -> Heap<P> {
        Heap { entries: Vec::new(), hole: false }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len() - usize::from(self.hole)
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry<P>) {
        if self.hole {
            self.hole = false;
            self.sift_down(entry);
        } else {
            self.entries.push(entry);
            self.sift_up(self.entries.len() - 1, entry);
        }
    }

    /// The key of the earliest entry.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u128> {
        self.fill_hole();
        self.entries.first().map(|entry| entry.key)
    }

    /// Takes the earliest entry. Must follow a [`Heap::peek`] with nothing between.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<P> {
        debug_assert!(!self.hole, "peek closes the hole");
        let first = self.entries.first()?;
        self.hole = true;
        Some(first.payload)
    }

    #[inline]
    fn fill_hole(&mut self) {
        if self.hole {
            self.hole = false;
            if let Some(last) = self.entries.pop()
                && !self.entries.is_empty()
            {
                self.sift_down(last);
            }
        }
    }

    /// Puts `entry` at the root and lets it sink.
    #[inline]
    fn sift_down(&mut self, entry: Entry<P>) {
        let entries = &mut self.entries[..];
        let mut at = 0;
        while at * ARITY + 1 < entries.len() {
            let least = least_child(entries, at * ARITY + 1);
            if entry.key < entries[least].key {
                break;
            }
            entries[at] = entries[least];
            at = least;
        }
        entries[at] = entry;
    }

    #[inline]
    fn sift_up(&mut self, mut at: usize, entry: Entry<P>) {
        let entries = &mut self.entries[..];
        while at > 0 {
            let parent = (at - 1) / ARITY;
            if entries[parent].key < entry.key {
                break;
            }
            entries[at] = entries[parent];
            at = parent;
        }
        entries[at] = entry;
    }
}

/// The sibling with the least key, of those from `first` on; there is at least one. A full set is a
/// small tournament without branches, which no predictor could guess.
#[inline]
fn least_child<P>(entries: &[Entry<P>], first: usize) -> usize {
    if let Some([a, b, c, d]) = entries.get(first..first + ARITY) {
        let left = usize::from(b.key < a.key);
        let (left_key, right_key) = (a.key.min(b.key), c.key.min(d.key));
        let right = 2 + usize::from(d.key < c.key);
        return first + select_unpredictable(right_key < left_key, right, left);
    }
    let mut least = first;
    for child in first + 1..entries.len() {
        if entries[child].key < entries[least].key {
            least = child;
        }
    }
    least
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
            for (sequence, step) in steps.into_iter().enumerate() {
                if let Some(time) = step {
                    let key = u128::from(time) << 64 | sequence as u128;
                    heap.push(Entry { key, payload: sequence });
                    map.insert(key, sequence);
                } else {
                    prop_assert_eq!(heap.peek(), map.keys().next().copied());
                    prop_assert_eq!(heap.pop(), map.pop_first().map(|(_, sequence)| sequence));
                }
                prop_assert_eq!(heap.len(), map.len());
            }
        }
    }
}
