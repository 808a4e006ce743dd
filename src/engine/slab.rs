//! Values in numbered slots that are used again, with keys that go stale: a key whose value has
//! been removed finds nothing, even when its slot has a new tenant.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// Generations wrap after so many, so that a key fits into 61 bits. A key would have to outlive
/// half as many tenants of its slot to be taken for another's.
const GENERATIONS: u32 = 1 << 29;

/// Finds one value in a [`Slab`] for as long as it is there. One word, so that it is stored and
/// loaded as a whole.
pub struct Key<T> {
    /// The generation above the index, which has 32 bits.
    bits: u64,
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
        self.bits == other.bits
    }
}

impl<T> Eq for Key<T> {}

impl<T> std::fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}v{}", self.index(), self.generation())
    }
}

impl<T> Key<T> {
    /// A key that never finds anything.
    pub const NONE: Key<T> = Key { bits: u32::MAX as u64, of: PhantomData };

    #[inline]
    fn new(index: u32, generation: u32) -> Key<T> {
        Key { bits: u64::from(generation) << 32 | u64::from(index), of: PhantomData }
    }

    /// The number of the slot: values at one time have different ones, and they stay small.
    #[inline]
    pub fn index(self) -> u32 {
        self.bits as u32
    }

    #[inline]
    fn generation(self) -> u32 {
        (self.bits >> 32) as u32
    }

    /// The key as a number below 2^61.
    #[inline]
    pub fn to_bits(self) -> u64 {
        self.bits
    }

    /// The key that [`Key::to_bits`] made into a number.
    #[inline]
    pub fn from_bits(bits: u64) -> Key<T> {
        Key { bits, of: PhantomData }
    }

    /// Whether this is [`Key::NONE`].
    #[inline]
    pub fn is_none(self) -> bool {
        self == Key::NONE
    }
}

/// Even generations are free, odd ones taken; a free slot's `next` chains the free list.
#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    next: u32,
    value: T,
}

impl<T> Slot<T> {
    #[inline]
    fn step(&mut self) {
        self.generation = (self.generation + 1) % GENERATIONS;
    }
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

    /// Puts a value into a free slot, made there and not moved.
    #[inline(always)]
    pub fn insert_with(&mut self, make: impl FnOnce() -> T) -> Key<T> {
        self.len += 1;
        let index = self.free;
        if let Some(slot) = self.slots.get_mut(index as usize) {
            slot.value = make();
            self.free = slot.next;
            slot.step();
            Key::new(index, slot.generation)
        } else {
            self.grow(make())
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, value: T) -> Key<T> {
        let index = u32::try_from(self.slots.len()).expect("fewer than 2^32 requests in flight");
        self.slots.push(Slot { generation: 1, next: u32::MAX, value });
        Key::new(index, 1)
    }

    /// The value, unless it has been removed.
    #[inline]
    pub fn get(&self, key: Key<T>) -> Option<&T> {
        let slot = self.slots.get(key.index() as usize)?;
        (slot.generation == key.generation()).then_some(&slot.value)
    }

    /// The value, unless it has been removed.
    #[inline]
    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index() as usize)?;
        (slot.generation == key.generation()).then_some(&mut slot.value)
    }

    /// Frees the value's slot. Returns whether there was a value.
    #[inline]
    pub fn remove(&mut self, key: Key<T>) -> bool {
        let Some(slot) = self.slots.get_mut(key.index() as usize) else { return false };
        if slot.generation != key.generation() {
            return false;
        }
        slot.step();
        slot.next = self.free;
        self.free = key.index();
        self.len -= 1;
        true
    }

    /// The key of the value in this slot, if there is one.
    pub fn occupant(&self, index: u32) -> Option<Key<T>> {
        let slot = self.slots.get(index as usize)?;
        (slot.generation % 2 == 1).then(|| Key::new(index, slot.generation))
    }

    /// The keys of the values present, in the order of their slots.
    pub fn keys(&self) -> impl Iterator<Item = Key<T>> {
        let slots = (0..).zip(&self.slots).filter(|(_, slot)| slot.generation % 2 == 1);
        slots.map(|(index, slot)| Key::new(index, slot.generation))
    }

    /// The values present, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter(|slot| slot.generation % 2 == 1).map(|slot| &slot.value)
    }
}

/// The value of a key whose value is there: an invariant of the caller, checked where debug
/// assertions are on. Most lookups of a run are such.
impl<T> Index<Key<T>> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, key: Key<T>) -> &T {
        let slot = &self.slots[key.index() as usize];
        debug_assert!(slot.generation == key.generation(), "the value is there");
        &slot.value
    }
}

impl<T> IndexMut<Key<T>> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, key: Key<T>) -> &mut T {
        let slot = &mut self.slots[key.index() as usize];
        debug_assert!(slot.generation == key.generation(), "the value is there");
        &mut slot.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_key_finds_nothing_even_when_its_slot_is_taken_again() {
        let mut slab = Slab::new();
        let first = slab.insert_with(|| 'a');
        assert_eq!(slab.get(first), Some(&'a'));
        assert!(slab.remove(first));
        assert!(!slab.remove(first));
        let second = slab.insert_with(|| 'b');
        assert_eq!(slab.get(first), None);
        assert_eq!(slab.get(second), Some(&'b'));
        assert_eq!(slab.get(Key::NONE), None);
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn slots_are_used_again() {
        let mut slab = Slab::new();
        for i in 0..1000 {
            let keys = [slab.insert_with(|| i), slab.insert_with(|| i + 1)];
            assert!(keys.into_iter().all(|key| slab.remove(key)));
        }
        assert!(slab.is_empty());
        assert_eq!(slab.slots.len(), 2);
    }

    #[test]
    fn a_key_survives_being_a_number() {
        let mut slab = Slab::new();
        let key = slab.insert_with(|| 'a');
        assert_eq!(Key::from_bits(key.to_bits()), key);
        assert!(key.to_bits() < 1 << 61);
    }

    #[test]
    fn iteration_passes_over_the_free_slots() {
        let mut slab = Slab::new();
        let keys: Vec<_> = (0..4).map(|i| slab.insert_with(|| i)).collect();
        slab.remove(keys[1]);
        assert_eq!(slab.iter().copied().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(slab.keys().collect::<Vec<_>>(), [keys[0], keys[2], keys[3]]);
        assert_eq!([0, 1, 9].map(|index| slab.occupant(index)), [Some(keys[0]), None, None]);
    }
}
