//! A store beside a plain model of it; its hit ratios beside theory are in `theory.rs`.

mod plain;
mod theory;

use proptest::prelude::*;

use super::*;
use crate::document::Choice;
use crate::units::Bytes;
use plain::PlainStore;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Get(u64),
    Insert(u64, u64),
    /// As a cache does: looked up, and put in if it is not there.
    Fetch(u64),
    Remove(u64),
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    // Squared, so that some keys are wanted more often.
    let key = || (0..12_u64).prop_map(|n| n * n / 4);
    let operation = prop_oneof![
        4 => key().prop_map(Operation::Get),
        4 => (key(), 0..12_u64).prop_map(|(key, size)| Operation::Insert(key, size)),
        12 => key().prop_map(Operation::Fetch),
        2 => key().prop_map(Operation::Remove),
    ];
    prop::collection::vec(operation, 1..400)
}

fn capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![
        4 => (1..30_u64).prop_map(Capacity::Entries),
        4 => (1..80_u64).prop_map(|bytes| Capacity::Bytes(Bytes(bytes))),
        1 => Just(Capacity::Unlimited),
    ]
}

/// Does the same to a store and to its plain model, which must give the same answers.
fn compare(capacity: Capacity, eviction: Eviction, operations: &[Operation]) {
    let stream = Stream::root(1, 0);
    let mut store: Store<u64> = Store::new(capacity, eviction, stream);
    let mut plain = PlainStore::new(capacity, eviction, stream);
    for (step, &operation) in (0..).zip(operations) {
        match operation {
            Operation::Get(key) => assert_eq!(store.get(key).copied(), plain.get(key)),
            Operation::Insert(key, size) => {
                assert_eq!(store.insert(key, size, step), plain.insert(key, size, step));
            }
            Operation::Fetch(key) => {
                let found = store.get(key).copied();
                assert_eq!(found, plain.get(key));
                if found.is_none() {
                    let size = 1 + key % 7;
                    assert_eq!(store.insert(key, size, step), plain.insert(key, size, step));
                }
            }
            Operation::Remove(key) => assert_eq!(store.remove(key), plain.remove(key)),
        }
        assert_eq!(store.len(), plain.entries.len());
        assert_eq!(store.bytes(), plain.entries.values().map(|(size, _)| size).sum::<u64>());
        match capacity {
            Capacity::Entries(most) => assert!(store.len() as u64 <= most),
            Capacity::Bytes(most) => assert!(store.bytes() <= most.0),
            Capacity::Unlimited => {}
        }
        for key in 0..40 {
            let expected = plain.entries.get(&key).map(|(_, value)| value);
            assert_eq!(store.peek(key), expected, "{eviction}: {key} after step {step}");
        }
    }
}

proptest! {
    #[test]
    fn every_policy_does_what_its_plain_model_does(
        capacity in capacity(),
        operations in operations(),
    ) {
        for &eviction in Eviction::ALL {
            compare(capacity, eviction, &operations);
        }
    }
}

/// The keys that are left when these have been fetched one after the other.
fn left(eviction: Eviction, entries: u64, keys: &[u64]) -> Vec<u64> {
    let mut store = Store::new(Capacity::Entries(entries), eviction, Stream::root(1, 0));
    for &key in keys {
        if store.get(key).is_none() {
            store.insert(key, 1, ());
        }
    }
    (0..100).filter(|&key| store.peek(key).is_some()).collect()
}

#[test]
fn the_least_recently_used_goes_first() {
    assert_eq!(left(Eviction::Lru, 3, &[1, 2, 3, 1, 4]), [1, 3, 4]);
    assert_eq!(left(Eviction::Fifo, 3, &[1, 2, 3, 1, 4]), [2, 3, 4]);
}

/// Three uses are worth more than the age of the store, until two have made room.
#[test]
fn the_least_used_goes_first_but_uses_of_long_ago_fade() {
    assert_eq!(left(Eviction::Lfu, 2, &[1, 1, 1, 2, 3, 4]), [1, 4]);
    assert_eq!(left(Eviction::Lfu, 2, &[1, 1, 1, 2, 3, 4, 5]), [4, 5]);
}

/// Seven entries of which the hand spares those used: 1 and 2, then 4, and 1 again.
#[test]
fn the_hand_of_sieve_spares_what_was_used_and_goes_on_from_where_it_was() {
    let mut keys = vec![1, 2, 3, 4, 5, 6, 7, 1, 2, 7, 8];
    assert_eq!(left(Eviction::Sieve, 7, &keys), [1, 2, 4, 5, 6, 7, 8]);
    keys.extend([1, 4, 9]);
    assert_eq!(left(Eviction::Sieve, 7, &keys), [1, 2, 4, 6, 7, 8, 9]);
    keys.extend([2, 10]);
    assert_eq!(left(Eviction::Sieve, 7, &keys), [1, 2, 4, 7, 8, 9, 10]);
    // 7 is spared, 8 is not.
    keys.extend([11]);
    assert_eq!(left(Eviction::Sieve, 7, &keys), [1, 2, 4, 7, 9, 10, 11]);
}

/// Ten entries: 0 is used twice and 1 once, so that 0 moves to the main queue and 1 is dropped; it
/// comes again and is then in the main queue, where it outlives what is only new.
#[test]
fn s3_fifo_keeps_what_is_used_twice_or_comes_again() {
    let mut keys: Vec<u64> = (0..10).chain([0, 0, 1, 10]).collect();
    assert_eq!(left(Eviction::S3Fifo, 10, &keys), [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    keys.push(1);
    assert_eq!(left(Eviction::S3Fifo, 10, &keys), [0, 1, 3, 4, 5, 6, 7, 8, 9, 10]);
    keys.extend(20..40);
    assert_eq!(left(Eviction::S3Fifo, 10, &keys), [0, 1, 32, 33, 34, 35, 36, 37, 38, 39]);
}

/// A window of one entry before a main part of four.
#[test]
fn w_tiny_lfu_takes_in_only_what_is_used_more_often_than_what_would_go() {
    let mut keys = vec![1, 2, 3, 4, 5, 1, 1, 6];
    assert_eq!(left(Eviction::WTinyLfu, 5, &keys), [1, 2, 3, 4, 6], "5 is no better than 2");
    keys.extend([6, 7]);
    assert_eq!(left(Eviction::WTinyLfu, 5, &keys), [1, 3, 4, 6, 7], "6 is");
}

/// Fifty keys that are used again and again, and four times as often a key that never comes again.
#[test]
fn a_scan_does_not_wash_out_what_is_in_use_but_from_the_simplest() {
    for &eviction in Eviction::ALL {
        let capacity = Capacity::Entries(100);
        let mut store = Store::new(capacity, eviction, Stream::root(1, 0));
        let mut fetch = |key| {
            let hit = store.get(key).is_some();
            if !hit {
                store.insert(key, 1, ());
            }
            hit
        };
        let warm = (0..500).filter(|n| fetch(n % 50)).count();
        assert_eq!(warm, 450);
        let mut hits = 0;
        for n in 0..5_000 {
            hits += u32::from(fetch(n % 50));
            (0..4).for_each(|scan| _ = fetch(1_000 + 4 * n + scan));
        }
        let simplest = matches!(eviction, Eviction::Lru | Eviction::Fifo | Eviction::Random);
        let expected = if simplest { 0..2_000 } else { 4_900..5_001 };
        assert!(expected.contains(&hits), "{eviction}: {hits} of 5000");
    }
}

#[test]
fn what_is_larger_than_the_whole_is_not_kept() {
    for &eviction in Eviction::ALL {
        let capacity = Capacity::Bytes(Bytes(100));
        let mut store = Store::new(capacity, eviction, Stream::root(1, 0));
        store.insert(1, 40, 'a');
        assert_eq!(store.insert(2, 101, 'b'), 0);
        assert_eq!((store.len(), store.bytes()), (1, 40));
        // An entry that has become too large is no longer there either.
        store.insert(1, 101, 'c');
        assert!(store.is_empty());
    }
}

#[test]
fn several_small_ones_make_room_for_a_large_one() {
    for eviction in [Eviction::Lru, Eviction::Fifo, Eviction::Random] {
        let mut store = Store::new(Capacity::Bytes(Bytes(100)), eviction, Stream::root(1, 0));
        (0..10).for_each(|key| assert_eq!(store.insert(key, 10, ()), 0));
        assert_eq!(store.insert(10, 35, ()), 4);
        assert_eq!((store.len(), store.bytes()), (7, 95));
    }
}

#[test]
fn a_cleared_store_is_as_good_as_new() {
    for &eviction in Eviction::ALL {
        let capacity = Capacity::Entries(5);
        let mut store = Store::new(capacity, eviction, Stream::root(1, 0));
        (0..20).for_each(|key| _ = store.insert(key, 3, key));
        store.clear();
        assert_eq!((store.len(), store.bytes(), store.get(19)), (0, 0, None));
        (0..5).for_each(|key| assert_eq!(store.insert(key, 3, key), 0));
        assert_eq!((store.len(), store.bytes()), (5, 15));
    }
}

#[test]
fn a_full_store_allocates_nothing_and_its_memory_is_as_stated() {
    for &eviction in Eviction::ALL {
        let mut store = Store::new(Capacity::Entries(1000), eviction, Stream::root(1, 0));
        let mut draws = Stream::root(2, 0).draws();
        let mut use_it = |store: &mut Store<u64>, times: usize| {
            for _ in 0..times {
                let key = draws.below(3000) as u64;
                if store.get(key).is_none() {
                    store.insert(key, 1, key);
                }
            }
        };
        use_it(&mut store, 10_000);
        let counted = allocation_counter::measure(|| use_it(&mut store, 100_000));
        assert_eq!(counted.count_total, 0, "{eviction}");
        let index = store.index.memory() as f64 / 1000.0;
        assert!((10.0..=24.0).contains(&index), "{index} bytes an entry");
    }
    assert_eq!(std::mem::size_of::<nodes::Node>(), 32);
}
