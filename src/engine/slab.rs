//! Values in numbered slots that are used again, with keys that go stale: a key whose value has
//! been removed finds nothing, even when its slot has a new tenant.

use std::marker::PhantomData;

/// Finds one value in a [`Slab`] for as long as it is there.
pub struct Key<T> {
    index: u32,
    generation: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.generation == other.generation
    }
}

impl<T> Eq for Key<T> {}

impl<T> std::fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}v{}", self.index, self.generation)
    }
}

impl<T> Key<T> {
    /// A key that never finds anything.
    pub const NONE: Key<T> = Key { index: u32::MAX, generation: 0, of: PhantomData };

    /// Whether this is [`Key::NONE`].
    #[inline]
    pub fn is_none(self) -> bool {
        self.index == u32::MAX
    }
}

/// Even generations are free, odd ones taken; a free slot's `next` chains the free list.
#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    next: u32,
    value: T,
}

/// Values in slots that are used again. Grows to the most values ever present at once.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: u32,
    len: usize,
}

impl<T: Copy> Default for Slab<T> {
    fn default() -> Self {
        Slab::new()
    }
}

impl<T: Copy> Slab<T> {
    /// An empty slab.
    pub fn new() -> Slab<T> {
        Slab { slots: Vec::new(), free: u32::MAX, len: 0 }
    }

    /// Number of values present.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no value is present.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts `value` into a free slot.
    #[inline]
    pub fn insert(&mut self, value: T) -> Key<T> {
        self.len += 1;
        if let Some(slot) = self.slots.get_mut(self.free as usize) {
            let index = self.free;
            self.free = slot.next;
            slot.generation = slot.generation.wrapping_add(1);
            slot.value = value;
            return Key { index, generation: slot.generation, of: PhantomData };
        }
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 requests in flight");
        self.slots.push(Slot { generation: 1, next: u32::MAX, value });
        Key { index, generation: 1, of: PhantomData }
    }

    /// The value, unless it has been removed.
    #[inline]
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        let slot = self.slots.get(key.index as usize)?;
        (slot.generation == key.generation).then_some(&slot.value)
    }

    /// The value, unless it has been removed.
    #[inline]
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index as usize)?;
        (slot.generation == key.generation).then_some(&mut slot.value)
    }

    /// Takes the value out, unless it has been removed already.
    #[inline]
    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let slot = self.slots.get_mut(key.index as usize)?;
        if slot.generation != key.generation {
            return None;
        }
        slot.generation = slot.generation.wrapping_add(1);
        slot.next = self.free;
        self.free = key.index;
        self.len -= 1;
        Some(slot.value)
    }

    /// The values present, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter(|slot| slot.generation % 2 == 1).map(|slot| &slot.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_key_finds_nothing_even_when_its_slot_is_taken_again() {
        let mut slab = Slab::new();
        let first = slab.insert('a');
        assert_eq!(slab.remove(first), Some('a'));
        assert_eq!(slab.remove(first), None);
        let second = slab.insert('b');
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get(second), Some(&'b'));
        assert_eq!(slab.get(Key::NONE), None);
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn slots_are_used_again() {
        let mut slab = Slab::new();
        for i in 0..1000 {
            let keys = [slab.insert(i), slab.insert(i + 1)];
            assert!(keys.into_iter().all(|key| slab.remove(key).is_some()));
        }
        assert!(slab.is_empty());
        assert_eq!(slab.slots.len(), 2);
    }

    #[test]
    fn iteration_passes_over_the_free_slots() {
        let mut slab = Slab::new();
        let keys: Vec<_> = (0..4).map(|i| slab.insert(i)).collect();
        slab.remove(keys[1]);
        assert_eq!(slab.iter().copied().collect::<Vec<_>>(), [0, 2, 3]);
    }
}
