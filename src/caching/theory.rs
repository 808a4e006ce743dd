//! The share of lookups that a cache answers, before anything is simulated.
//!
//! Sources: Che, Tung and Wang, *Hierarchical Web Caching Systems* (2002), for LRU by its
//! characteristic time; Fricker, Robert and Roberts, *A Versatile and Accurate Approximation for
//! LRU Cache Performance* (2012), for FIFO and random eviction; Fofack, Nain, Neglia and Towsley
//! (2014) for entries with a time to live. Requests come as a Poisson process for each object.

use crate::objects::CatalogSpec;
use crate::store::{Capacity, Eviction};
use crate::units::Span;

use super::{CacheSpec, Ttl};

/// So many of the most popular objects are looked at one by one; others in groups, each of which
/// spans ranks that differ by no more than a hundredth.
const SINGLE: u64 = 1000;
/// Rounds in which the characteristic time is found.
const HALVINGS: usize = 100;

/// A share of the misses beyond this is worth a word.
const NOTICEABLE: f64 = 0.01;

/// Objects that are asked for equally often.
#[derive(Clone, Copy, Debug)]
struct Objects {
    count: f64,
    /// Lookups of one of them per second.
    rate: f64,
    /// Invalidations of one of them per second.
    removed: f64,
    /// What one of them weighs in the cache.
    weight: f64,
    /// The share of them under which there is something to keep.
    kept: f64,
}

/// What a cache of so many nodes is asked.
pub(crate) struct Lookups<'a> {
    cache: &'a CacheSpec,
    nodes: f64,
    objects: Vec<Objects>,
}

impl CacheSpec {
    /// Nothing is asked yet of so many nodes.
    pub(crate) fn lookups(&self, nodes: f64) -> Lookups<'_> {
        Lookups { cache: self, nodes, objects: Vec::new() }
    }
}

impl Lookups<'_> {
    /// The objects of a catalog are looked up and removed so often per second in all.
    pub(crate) fn add(&mut self, catalog: &CatalogSpec, [rate, removed]: [f64; 2]) {
        let keys = catalog.keys.value.get();
        let popularity = catalog.popularity.over(keys);
        let weight = match self.cache.capacity {
            Capacity::Bytes(_) => catalog.size.0.mean(),
            Capacity::Entries(_) | Capacity::Unlimited => 1.0,
        };
        let kept = if self.cache.negative_ttl.is_some() { 1.0 } else { 1.0 - catalog.absent.0 };
        let mut first = 0;
        while first < keys {
            let count = if first < SINGLE { 1 } else { (first / 100).min(keys - first) };
            let share = popularity.probability(first + count / 2);
            let (rate, removed) = (rate * share, removed * share);
            self.objects.push(Objects { count: count as f64, rate, removed, weight, kept });
            first += count;
        }
    }

    /// How long entries that are not used stay, where room is made for others (s).
    fn time(&self) -> f64 {
        let room = match self.cache.capacity {
            Capacity::Entries(entries) => entries as f64 * self.nodes,
            Capacity::Bytes(bytes) => bytes.0 as f64 * self.nodes,
            Capacity::Unlimited => f64::INFINITY,
        };
        // Who asks at a random moment finds what is there: the share answered is that of the time.
        let held = |time: f64| self.sum(&|one| one.weight * hit(self.cache, one, time));
        if held(f64::INFINITY) <= room { f64::INFINITY } else { characteristic_time(&held, room) }
    }

    fn sum(&self, of: &dyn Fn(&Objects) -> f64) -> f64 {
        self.objects.iter().map(|one| one.count * of(one)).sum()
    }

    /// The share of the lookups that are answered in the long run.
    pub(crate) fn hit_ratio(&self) -> f64 {
        let (asked, time) = (self.sum(&|one| one.rate), self.time());
        let answered = self.sum(&|one| one.rate * hit(self.cache, one, time));
        if asked > 0.0 { answered / asked } else { 0.0 }
    }

    /// Where many miss at once what has expired, since a fetch takes so long (s): how many of those
    /// who ask for what is asked for most.
    pub(crate) fn stampede(&self, fetch: f64) -> Option<f64> {
        let Ttl::For(ttl) = self.cache.ttl.as_ref()?.value else { return None };
        let one_fetches = self.cache.coalesce || self.cache.stale_while_revalidate > Span::ZERO;
        let missed = 1.0 - self.hit_ratio();
        let asked = self.sum(&|one| one.rate);
        let expires = |one: &Objects| 1.0 / (ttl.secs() + fetch + 1.0 / one.rate);
        let others = self.sum(&|one| one.rate * fetch * expires(one));
        let most = self.objects.iter().map(|one| one.rate).fold(0.0, f64::max);
        let many = others > NOTICEABLE * missed * asked && !one_fetches;
        many.then_some(most * fetch)
    }

    /// Whether between two moments of a run, at the start of which it is empty, many objects are
    /// asked for the first time that would be there in the long run.
    pub(crate) fn is_filling(&self, from: Span, to: Span) -> bool {
        let (from, to) = (from.secs(), to.secs());
        let (asked, time) = (self.sum(&|one| one.rate), self.time());
        let first = |one: &Objects| {
            let asked = libm::exp(-one.rate * from) - libm::exp(-one.rate * to);
            hit(self.cache, one, time) * asked / (to - from)
        };
        self.sum(&first) > NOTICEABLE * asked
    }
}

/// How long entries stay where room is made for others: the time for which so much is held, which
/// grows with it. In the unit of the time that `held` is given.
pub(crate) fn characteristic_time(held: &dyn Fn(f64) -> f64, room: f64) -> f64 {
    let (mut low, mut high) = (-30.0_f64, 40.0_f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if held(libm::exp(middle)) < room { low = middle } else { high = middle }
    }
    libm::exp(low)
}

/// The share of the lookups of one object that are answered where entries that are not used make
/// room after `time` (s).
fn hit(cache: &CacheSpec, object: &Objects, time: f64) -> f64 {
    let Objects { rate, removed, kept, .. } = *object;
    let ttl = match cache.ttl.as_ref().map(|ttl| ttl.value) {
        Some(Ttl::For(ttl)) => ttl.secs(),
        Some(Ttl::Header) | None => f64::INFINITY,
    };
    // Entries that each use keeps for longer.
    let renewed = if cache.eviction == Eviction::Fifo || cache.eviction == Eviction::Random {
        f64::INFINITY
    } else {
        time
    };
    let renewed = if cache.sliding { renewed.min(ttl) } else { renewed };
    // The next lookup comes before the entry is removed, or is not used for too long.
    let all = rate + removed;
    let next = rate / all * -libm::expm1(-all * renewed);
    let while_used = next / (1.0 - next);
    // Lookups within the life of an entry that no use prolongs.
    let life = match cache.eviction {
        Eviction::Fifo => time.min(if cache.sliding { f64::INFINITY } else { ttl }),
        Eviction::Random => match cache.sliding {
            false if time.is_infinite() => ttl,
            false if ttl.is_finite() => -time * libm::expm1(-ttl / time),
            _ => time,
        },
        _ if cache.sliding => f64::INFINITY,
        _ => ttl,
    };
    let hits = 1.0 / (1.0 / while_used + 1.0 / (rate * life));
    let share = if hits.is_finite() { hits / (1.0 + hits) } else { 1.0 };
    kept * share
}
