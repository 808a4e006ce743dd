//! The share of lookups that a cache answers, before anything is simulated.
//!
//! Sources: Che, Tung and Wang, *Hierarchical Web Caching Systems* (2002), for LRU by its
//! characteristic time; Fricker, Robert and Roberts, *A Versatile and Accurate Approximation for
//! LRU Cache Performance* (2012), for FIFO and random eviction; Fofack, Nain, Neglia and Towsley
//! (2014) for entries with a time to live. Requests come as a Poisson process for each object.

use crate::caching::{CacheSpec, Ttl};
use crate::objects::CatalogSpec;
use crate::store::{Capacity, Eviction};
use crate::units::Span;

use super::load::Window;
use super::solver::Solver;

/// So many of the most popular objects are looked at one by one; others in groups, each of which
/// spans ranks that differ by no more than a hundredth.
const SINGLE: u64 = 1000;
/// Rounds in which the characteristic time is found.
const HALVINGS: usize = 100;

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

/// What a cache is asked: how many nodes it has, and all objects.
struct Asked<'a> {
    cache: &'a CacheSpec,
    nodes: f64,
    objects: Vec<Objects>,
}

/// So many at once miss what has expired, on average of the object that is asked for most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stampede(pub(super) f64);

/// A share of the misses beyond this is worth a word.
const NOTICEABLE: f64 = 0.01;

/// The share of the lookups that the cache of each component answers, if requests come as this
/// solver says; 0 where there is none.
pub(super) fn hit_ratios(solver: &Solver) -> Vec<f64> {
    let ratio = |asked: Option<Asked>| asked.map_or(0.0, |asked| asked.hit_ratio());
    asked(solver).into_iter().map(ratio).collect()
}

/// Where many miss at once what has expired: while one fetches it, others ask for it as well.
pub(super) fn stampedes(solver: &Solver) -> Vec<Option<Stampede>> {
    let mut fetch = vec![0.0_f64; solver.stations.len()];
    for work in &solver.flow.works {
        for call in &work.calls {
            if let Some(cache) = call.missed {
                fetch[cache] = fetch[cache].max(call.link + solver.flow.alone[call.state]);
            }
        }
    }
    let stampede = |(asked, fetch): (Option<Asked>, f64)| asked?.stampede(fetch);
    asked(solver).into_iter().zip(fetch).map(stampede).collect()
}

/// Which caches are empty at the start of a run and still fill in this part of it.
pub(super) fn filling(solver: &Solver, window: Window) -> Vec<bool> {
    let asked = asked(solver).into_iter();
    asked.map(|asked| asked.is_some_and(|asked| asked.is_filling(window))).collect()
}

fn asked<'a>(solver: &Solver<'a>) -> Vec<Option<Asked<'a>>> {
    let deployment = solver.deployment;
    let caches = deployment.any_can(|can| can.cache().is_some());
    let by_catalog = if caches { lookups_by_catalog(solver) } else { Vec::new() };
    let components = deployment.topology.iter().enumerate();
    let asked = components.map(|(component, (_, spec))| {
        let can = spec.kind().capabilities();
        let cache = can.cache()?;
        // Each replica of a server has a cache of its own; the nodes of a cache share the objects.
        let instances = spec.kind().instances() as f64;
        let (apart, nodes) =
            if can.own_cache.is_some() { (instances, 1.0) } else { (1.0, instances) };
        let mut objects = Vec::new();
        for (catalog, lookups) in by_catalog.iter().enumerate() {
            let (_, spec) = &deployment.catalog.0[catalog];
            let [rate, removed] = lookups[component].map(|rate| rate / apart);
            if rate > 0.0 {
                collect(spec, cache, [rate, removed], &mut objects);
            }
        }
        Some(Asked { cache, nodes, objects })
    });
    asked.collect()
}

/// For each catalog and component, lookups and invalidations per second.
fn lookups_by_catalog(solver: &Solver) -> Vec<Vec<[f64; 2]>> {
    let (flow, deployment) = (&solver.flow, solver.deployment);
    let ones = vec![1.0; solver.stations.len()];
    let of = |catalog: usize| {
        let types = flow.types.iter().zip(&solver.sent);
        let about =
            types.map(|(request, &sent)| if request.catalog == Some(catalog) { sent } else { 0.0 });
        let rates = flow.rates(&about.collect::<Vec<f64>>(), &ones);
        let mut found = vec![[0.0; 2]; ones.len()];
        for (state, rate) in rates.iter().enumerate() {
            let (component, operation) = &flow.asked[state];
            let can = deployment.topology.0[*component].1.kind().capabilities();
            found[*component][0] += rate * flow.works[state].local;
            match operation.as_str() {
                _ if can.entries.is_none() => {}
                "lookup" => found[*component][0] += rate,
                "invalidate" => found[*component][1] += rate,
                _ => {}
            }
        }
        found
    };
    (0..deployment.catalog.0.len()).map(of).collect()
}

/// Adds the objects of a catalog, which are looked up and removed so often in all.
fn collect(
    catalog: &CatalogSpec,
    cache: &CacheSpec,
    [rate, removed]: [f64; 2],
    objects: &mut Vec<Objects>,
) {
    let keys = catalog.keys.value.get();
    let popularity = catalog.popularity.over(keys);
    let weight = match cache.capacity {
        Capacity::Bytes(_) => catalog.size.0.mean(),
        Capacity::Entries(_) | Capacity::Unlimited => 1.0,
    };
    let kept = if cache.negative_ttl.is_some() { 1.0 } else { 1.0 - catalog.absent.0 };
    let mut first = 0;
    while first < keys {
        let count = if first < SINGLE { 1 } else { (first / 100).min(keys - first) };
        let share = popularity.probability(first + count / 2);
        let (rate, removed) = (rate * share, removed * share);
        objects.push(Objects { count: count as f64, rate, removed, weight, kept });
        first += count;
    }
}

impl Asked<'_> {
    /// How long entries that are not used stay, where room is made for others (s).
    fn time(&self) -> f64 {
        let room = match self.cache.capacity {
            Capacity::Entries(entries) => entries as f64 * self.nodes,
            Capacity::Bytes(bytes) => bytes.0 as f64 * self.nodes,
            Capacity::Unlimited => f64::INFINITY,
        };
        // Who asks at a random moment finds what is there: the share answered is that of the time.
        let held = |time: f64| self.sum(&|one| one.weight * hit(self.cache, one, time));
        if held(f64::INFINITY) <= room { f64::INFINITY } else { filled(&held, room) }
    }

    fn sum(&self, of: &dyn Fn(&Objects) -> f64) -> f64 {
        self.objects.iter().map(|one| one.count * of(one)).sum()
    }

    fn hit_ratio(&self) -> f64 {
        let (asked, time) = (self.sum(&|one| one.rate), self.time());
        let answered = self.sum(&|one| one.rate * hit(self.cache, one, time));
        if asked > 0.0 { answered / asked } else { 0.0 }
    }

    fn stampede(&self, fetch: f64) -> Option<Stampede> {
        let Ttl::For(ttl) = self.cache.ttl.as_ref()?.value else { return None };
        let one_fetches = self.cache.coalesce || self.cache.stale_while_revalidate > Span::ZERO;
        let missed = 1.0 - self.hit_ratio();
        let asked = self.sum(&|one| one.rate);
        let expires = |one: &Objects| 1.0 / (ttl.secs() + fetch + 1.0 / one.rate);
        let others = self.sum(&|one| one.rate * fetch * expires(one));
        let most = self.objects.iter().map(|one| one.rate).fold(0.0, f64::max);
        let many = others > NOTICEABLE * missed * asked && !one_fetches;
        many.then_some(Stampede(most * fetch))
    }

    /// Whether many are asked for the first time, and would be there in the long run.
    fn is_filling(&self, window: Window) -> bool {
        let (from, to) = (window.from.secs(), window.to.secs());
        let (asked, time) = (self.sum(&|one| one.rate), self.time());
        let first = |one: &Objects| {
            let asked = libm::exp(-one.rate * from) - libm::exp(-one.rate * to);
            hit(self.cache, one, time) * asked / (to - from)
        };
        self.sum(&first) > NOTICEABLE * asked
    }
}

/// How long entries stay where room is made for others, so that so much is held (s).
fn filled(held: &dyn Fn(f64) -> f64, room: f64) -> f64 {
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
