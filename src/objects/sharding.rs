//! On which node of a cache, or on which shard of a database, each object is, as those know it who
//! ask.

use crate::document::{At, Count, Name, Problem, Problems, quoted, record, variant};
use crate::engine::{Ring, Stream};

use super::{Object, Objects};

variant! {
    /// How the node of an object is found.
    pub enum ShardingRule {
        /// The next on a ring of hashes: when a node comes or goes, only the objects move that are
        /// or were its own.
        Ring(HashRingSpec) = "ring",
        /// The hash modulo the number of nodes: when that changes, nearly all objects move.
        Modulo = "modulo",
    }
}

record! {
    /// A ring of hashes, on which each node has many places.
    #[short = virtual_nodes]
    pub struct HashRingSpec {
        /// How many places each node has; 100 if not given.
        pub virtual_nodes: Option<Count>,
    }
}

impl Default for ShardingRule {
    fn default() -> ShardingRule {
        ShardingRule::Ring(HashRingSpec { virtual_nodes: None })
    }
}

impl HashRingSpec {
    /// How many places each node has.
    fn places(&self) -> u64 {
        self.virtual_nodes.map_or(100, Count::get)
    }
}

impl ShardingRule {
    /// How many places so many nodes have on a ring; none where there is no ring.
    pub(crate) fn places(&self, nodes: u64) -> u64 {
        match self {
            ShardingRule::Ring(ring) => nodes.saturating_mul(ring.places()),
            ShardingRule::Modulo => 0,
        }
    }
}

record! {
    /// Parts of a database, each with machines of its own.
    #[short = count]
    pub struct ShardsSpec {
        /// How many there are.
        pub count: At<Count>,
        /// On which of them each object is.
        pub by: ShardingKey = "hash",
    }
}

variant! {
    /// How the shard of an object is found.
    pub enum ShardingKey {
        /// The hash of its key modulo the number of shards.
        Hash = "hash",
        /// The next on a ring of hashes.
        Ring(HashRingSpec) = "ring",
        /// Its key: each shard has as many neighbours as any other. Keys are numbered by how often
        /// they are asked for, the most popular being 0.
        Range = "range",
        /// Its key, by a list of where ranges begin and which shard has them.
        Directory(Vec<KeyRangeSpec>) = "directory",
    }
}

record! {
    /// A range of keys, up to where the next begins.
    pub struct KeyRangeSpec {
        /// Its first key.
        pub from: At<u64>,
        /// The shard that it is on, counted from 0.
        pub shard: At<u64>,
    }
}

/// The most shards of anything.
const MOST_SHARDS: u64 = 1024;

impl ShardsSpec {
    /// How many there are.
    pub(crate) fn shards(&self) -> u64 {
        self.count.value.get()
    }

    /// Reports what could not be meant of the shards of `name`.
    pub(crate) fn check(&self, name: &Name, problems: &mut Problems) {
        let shards = self.shards();
        if shards > MOST_SHARDS {
            let title = format!("{} has {shards} shards", quoted(&name.value));
            let label = format!("at most {MOST_SHARDS} are possible");
            problems.push(Problem::new(self.count.place, title, label));
        }
        let ShardingKey::Directory(ranges) = &self.by else { return };
        let mut next = 0;
        for (index, KeyRangeSpec { from, shard }) in ranges.iter().enumerate() {
            if index == 0 && from.value > 0 {
                let label = "expected the first range to begin at 0";
                problems.push(Problem::new(from.place, "the first keys are nowhere", label));
            }
            if index > 0 && from.value < next {
                let title = "these keys are in another range already";
                let label = format!("expected {next} or more");
                problems.push(Problem::new(from.place, title, label));
            }
            if shard.value >= shards {
                let title = format!("there is no shard {}", shard.value);
                let label = format!("expected 0 to {}", shards - 1);
                problems.push(Problem::new(shard.place, title, label));
            }
            next = from.value.saturating_add(1);
        }
        let lacks = |shard: &u64| ranges.iter().all(|range| range.shard.value != *shard);
        if let Some(shard) = (0..shards.min(MOST_SHARDS)).find(lacks) {
            let title = format!("shard {shard} of {} has no keys", quoted(&name.value));
            let problem = Problem::new(self.count.place, title, "this many are said");
            problems
                .push(problem.help(format!("add {{from: KEY, shard: {shard}}} to `directory`")));
        }
    }
}

/// What says where an object is.
#[derive(Clone, Debug)]
enum Rule {
    /// A ring on which each node has so many places.
    Ring(u64),
    Modulo,
    /// Equal parts of the keys of a catalog.
    Range,
    /// Where ranges begin, ascending, and which node has them.
    Directory(Vec<(u64, u32)>),
}

impl From<&ShardingRule> for Rule {
    fn from(rule: &ShardingRule) -> Rule {
        match rule {
            ShardingRule::Ring(ring) => Rule::Ring(ring.places()),
            ShardingRule::Modulo => Rule::Modulo,
        }
    }
}

impl From<&ShardingKey> for Rule {
    fn from(key: &ShardingKey) -> Rule {
        let range = |range: &KeyRangeSpec| (range.from.value, range.shard.value as u32);
        match key {
            ShardingKey::Hash => Rule::Modulo,
            ShardingKey::Ring(ring) => Rule::Ring(ring.places()),
            ShardingKey::Range => Rule::Range,
            ShardingKey::Directory(ranges) => Rule::Directory(ranges.iter().map(range).collect()),
        }
    }
}

/// Which node has which objects, as far as those know who ask: they hear of nodes that leave and
/// join.
#[derive(Debug)]
pub(crate) struct Sharding {
    rule: Rule,
    /// The nodes that are known, in their order.
    members: Vec<u32>,
    ring: Option<Ring>,
    /// Where the places of nodes on the ring, and of objects, come from.
    nodes: Stream,
    keys: Stream,
}

impl Sharding {
    /// Among so many nodes of a cache at first.
    pub(crate) fn new(rule: &ShardingRule, nodes: u32, stream: Stream) -> Sharding {
        Sharding::by(rule.into(), nodes, stream)
    }

    /// Among the shards of a database.
    pub(crate) fn of_shards(spec: &ShardsSpec, stream: Stream) -> Sharding {
        Sharding::by((&spec.by).into(), spec.shards() as u32, stream)
    }

    fn by(rule: Rule, nodes: u32, stream: Stream) -> Sharding {
        let mut sharding = Sharding {
            rule,
            members: (0..nodes).collect(),
            ring: None,
            nodes: stream.named("nodes"),
            keys: stream.named("keys"),
        };
        sharding.gather();
        sharding
    }

    /// A node is known from now on, or known to be gone.
    pub(crate) fn list(&mut self, node: u32, listed: bool) {
        match (self.members.binary_search(&node), listed) {
            (Err(place), true) => self.members.insert(place, node),
            (Ok(place), false) => drop(self.members.remove(place)),
            _ => return,
        }
        self.gather();
    }

    fn gather(&mut self) {
        let Rule::Ring(each) = self.rule else { return };
        let places = self.members.iter().map(|&node| (node, self.nodes.at(u64::from(node))));
        self.ring = Some(Ring::new(places, each));
    }

    /// The node of an object.
    pub(crate) fn node(&self, object: Object, objects: &Objects) -> u32 {
        let count = self.members.len() as u64;
        let hash = || self.keys.at(object.number()).salt();
        match &self.rule {
            Rule::Ring(_) => {
                let ring = self.ring.as_ref().expect("what goes by a ring has one");
                ring.after(hash()).next().expect("a ring has places")
            }
            Rule::Modulo => self.members[(hash() % count) as usize],
            Rule::Range => {
                let (key, keys) = objects.key(object);
                let part = u128::from(key) * u128::from(count) / u128::from(keys);
                self.members[part as usize]
            }
            Rule::Directory(ranges) => {
                let (key, _) = objects.key(object);
                let after = ranges.partition_point(|&(from, _)| from <= key);
                ranges[after.saturating_sub(1)].1
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, Read, Sources, parse};

    /// Where each of 10,000 objects is before and after ten nodes have lost one, and after one has
    /// come.
    fn places(rule: &str) -> [Vec<u32>; 3] {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", rule.to_owned());
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let rule = ShardingRule::read(&node, &mut problems).expect("a sound rule");
        let mut sharding = Sharding::new(&rule, 10, Stream::root(3, 0));
        let none = Objects::new([].into_iter(), 1, Stream::root(3, 1));
        let all = |of: &Sharding| {
            (0..10_000).map(|key| of.node(Object::new(0, key), &none)).collect::<Vec<_>>()
        };
        let first = all(&sharding);
        sharding.list(9, false);
        let lost = all(&sharding);
        sharding.list(10, true);
        [first, lost, all(&sharding)]
    }

    /// How many objects are elsewhere.
    fn moved(from: &[u32], to: &[u32]) -> usize {
        from.iter().zip(to).filter(|(from, to)| from != to).count()
    }

    #[test]
    fn on_a_ring_only_what_is_lost_moves_and_only_to_what_is_new() {
        let [first, lost, added] = places("ring");
        for ((first, lost), added) in first.iter().zip(&lost).zip(&added) {
            assert!(first == lost || *first == 9);
            assert!(lost == added || *added == 10);
        }
        let of_nine = first.iter().filter(|&&node| node == 9).count();
        assert_eq!(moved(&first, &lost), of_nine);
        // A tenth, as 100 places each spread it: with a standard deviation of 9.5% of that.
        assert!((700..1300).contains(&of_nine), "{of_nine}");
        assert!((700..1300).contains(&moved(&lost, &added)));
    }

    /// A shard has a sixteenth of the requests on average, and that of the first key its share
    /// besides: 16 p + 1 - p times as many, p = 1 / H(10,000) = 0.10217 (Zipf's law). Over 200 maps
    /// its standard error is 0.46 / sqrt(200) = 0.033, of which the band is five.
    #[test]
    fn the_shard_of_a_hot_key_has_what_it_has_and_its_part_of_the_rest() {
        let spec: ShardsSpec = crate::document::read_text("16");
        let none = Objects::new([].into_iter(), 1, Stream::root(3, 1));
        let weights: Vec<f64> = (1..=10_000).map(|rank| 1.0 / f64::from(rank)).collect();
        let total: f64 = weights.iter().sum();
        let of_hottest = |map| {
            let sharding = Sharding::of_shards(&spec, Stream::root(7, map));
            let node = |key| sharding.node(Object::new(0, key), &none);
            let hottest = node(0);
            let here = (0..).zip(&weights).filter(|(key, _)| node(*key) == hottest);
            here.map(|(_, weight)| weight / total * 16.0).sum::<f64>()
        };
        let mean = (0..200).map(of_hottest).sum::<f64>() / 200.0;
        assert!((mean - 2.532_55).abs() < 0.17, "{mean}");
    }

    /// Neighbours are together, and each shard has as many.
    #[test]
    fn by_range_each_shard_has_as_many_neighbours() {
        let catalog = crate::document::read_text("10");
        let objects = Objects::new([("all", &catalog)].into_iter(), 1, Stream::root(3, 1));
        let places = |spec: &str| -> Vec<u32> {
            let spec: ShardsSpec = crate::document::read_text(spec);
            let sharding = Sharding::of_shards(&spec, Stream::root(7, 0));
            (0..10).map(|key| sharding.node(Object::new(0, key), &objects)).collect()
        };
        assert_eq!(places("{count: 5, by: range}"), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
        let listed = "{count: 2, by: {directory: [{from: 0, shard: 1}, {from: 7, shard: 0}]}}";
        assert_eq!(places(listed), [1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
    }

    /// A hash stays where it is if its remainders by 9 and by 10 are the same: 1 in 10 does. The
    /// bands are six standard deviations of 30.
    #[test]
    fn by_the_remainder_nearly_all_move() {
        let [first, lost, added] = places("modulo");
        assert!((8820..9180).contains(&moved(&first, &lost)));
        assert!((8820..9180).contains(&moved(&lost, &added)));
    }
}
