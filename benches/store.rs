//! A store that is full: looked up by Zipf's law, what is missing put in and something evicted.
//! Every policy, the `lru` crate and a bare map take turns, and processor time is compared. After
//! that, ranks by Zipf's law alone. See the README beside this file.

use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::hint::black_box;
use std::num::NonZeroUsize;

use deploysim::Choice;
use deploysim::engine::{Dist, Popularity, Stream};
use deploysim::store::{Capacity, Eviction, Store};
use hashbrown::HashMap;
use lru::LruCache;
use rand_distr::{Distribution, Zipf};

const ROUNDS: usize = 7;
const KEYS: u64 = 1_000_000;
const ENTRIES: u64 = 100_000;
const REQUESTS: usize = 3_000_000;

/// The hash that the store has, for what is compared with it.
#[derive(Clone, Copy)]
struct OwnHash(u64);

impl BuildHasher for OwnHash {
    type Hasher = OwnHash;
    fn build_hasher(&self) -> OwnHash {
        *self
    }
}

impl Hasher for OwnHash {
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers")
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = Stream::root(1, 0).at(key).salt();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Asks for keys; returns how many were there.
type Ask = Box<dyn FnMut(&[u64]) -> usize>;

struct Subject {
    name: String,
    ask: Ask,
}

fn store(eviction: Eviction) -> Subject {
    let mut store = Store::new(Capacity::Entries(ENTRIES), eviction, Stream::root(1, 0));
    let mut fetch = move |key| match store.get(key) {
        Some(value) => *value == key,
        None => {
            store.insert(key, 1, key);
            false
        }
    };
    let ask = Box::new(move |keys: &[u64]| keys.iter().filter(|&&key| fetch(key)).count());
    Subject { name: eviction.to_string(), ask }
}

fn lru_crate() -> Subject {
    let entries = NonZeroUsize::new(ENTRIES as usize).expect("there are some");
    let mut cache = LruCache::with_hasher(entries, OwnHash(0));
    let mut fetch = move |key| match cache.get(&key) {
        Some(value) => *value == key,
        None => {
            cache.put(key, key);
            false
        }
    };
    let ask = Box::new(move |keys: &[u64]| keys.iter().filter(|&&key| fetch(key)).count());
    Subject { name: "lru crate".to_owned(), ask }
}

/// Keeps what came first, for ever: the lookup alone.
fn bare_map() -> Subject {
    let mut map = HashMap::with_hasher(OwnHash(0));
    let mut fetch = move |key: u64| match map.get(&key) {
        Some(value) => *value == key,
        None => {
            if map.len() < ENTRIES as usize {
                map.insert(key, key);
            }
            false
        }
    };
    let ask = Box::new(move |keys: &[u64]| keys.iter().filter(|&&key| fetch(key)).count());
    Subject { name: "bare map".to_owned(), ask }
}

fn stores() {
    let popularity = Popularity::zipf(KEYS, 0.9);
    let keys = |round: usize| -> Vec<u64> {
        let mut draws = Stream::root(1, round as u64).draws();
        (0..REQUESTS).map(|_| popularity.draw(&mut draws)).collect()
    };
    let mut subjects = vec![bare_map(), lru_crate()];
    subjects.extend(Eviction::ALL.iter().map(|&eviction| store(eviction)));
    let first = keys(0);
    let memory: Vec<f64> = subjects
        .iter_mut()
        .map(|subject| {
            let counted = allocation_counter::measure(|| _ = (subject.ask)(&first));
            counted.bytes_current as f64 / ENTRIES as f64
        })
        .collect();
    let mut times = vec![Vec::new(); subjects.len()];
    let mut hits = vec![0; subjects.len()];
    for round in 1..=ROUNDS {
        let keys = keys(round);
        for (which, subject) in subjects.iter_mut().enumerate() {
            let (time, had) = timed(|| (subject.ask)(&keys));
            times[which].push(time);
            hits[which] += had;
        }
    }
    println!("{KEYS} keys, {ENTRIES} entries; speed beside that of the bare map");
    for (which, subject) in subjects.iter().enumerate() {
        let hit_ratio = hits[which] as f64 / (ROUNDS * REQUESTS) as f64;
        let memory = memory[which];
        print!("{:10}: hits {hit_ratio:.3}, {memory:3.0} bytes an entry, ", subject.name);
        print_speed(&times[which], &times[0]);
    }
}

/// One draw, each from a stream of its own.
fn ranks() {
    type Draw = Box<dyn Fn(u64) -> u64>;
    let stream = Stream::root(1, 0);
    let zipf = |things, exponent| -> Draw {
        let popularity = Popularity::zipf(things, exponent);
        Box::new(move |n| popularity.draw(&mut stream.at(n).draws()))
    };
    let exponential = Dist::Exponential(1e6);
    let other = Zipf::new(1e7, 0.9).expect("valid");
    let subjects: Vec<(&str, Draw)> = vec![
        ("exp", Box::new(move |n| exponential.draw(&mut stream.at(n).draws()) as u64)),
        ("uniform of 10M", zipf(10_000_000, 0.0)),
        ("zipf(0.9) of 10", zipf(10, 0.9)),
        ("zipf(0.9) of 10M", zipf(10_000_000, 0.9)),
        ("zipf(1) of 10M", zipf(10_000_000, 1.0)),
        ("zipf(1.2) of 10M", zipf(10_000_000, 1.2)),
        ("rand_distr's zipf(0.9) of 10M", {
            Box::new(move |n| other.sample(&mut stream.at(n).draws()) as u64)
        }),
    ];
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..ROUNDS {
        for (which, (_, draw)) in subjects.iter().enumerate() {
            let sum = || (0..REQUESTS as u64).map(draw).fold(0, u64::wrapping_add);
            times[which].push(timed(|| black_box(sum())).0);
        }
    }
    println!("Ranks; speed beside that of an exponential");
    for (which, (name, _)) in subjects.iter().enumerate() {
        print!("{name:30}: ");
        print_speed(&times[which], &times[0]);
    }
}

/// The median of the rounds, and of their ratios to another's.
fn print_speed(times: &[f64], others: &[f64]) {
    let middle = ROUNDS / 2;
    let speeds = sorted(times.iter().map(|time| REQUESTS as f64 / time / 1e6));
    let ratios = sorted(times.iter().zip(others).map(|(time, other)| other / time));
    println!(
        "{:.1}M/s, ratio {:.2} ({:.2} to {:.2})",
        speeds[middle],
        ratios[middle],
        ratios[0],
        ratios[ROUNDS - 1]
    );
}

fn main() {
    stores();
    ranks();
}

/// The processor time of this thread that `work` took [s].
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = processor_time();
    let result = work();
    (processor_time() - start, result)
}

/// Processor time of this thread [s]; the scheduler brings it up to date every few milliseconds.
fn processor_time() -> f64 {
    let read = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux keeps schedstat");
    let nanos = read.split(' ').next().and_then(|field| field.parse::<f64>().ok());
    nanos.expect("it begins with a number") * 1e-9
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
