//! On which node of a cache each object is, as callers of the cache know it.

use crate::document::{Count, record, variant};
use crate::engine::{Ring, Stream};

use super::Object;

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

/// Which node has which objects, as far as those know who ask: they hear of nodes that leave and
/// join.
#[derive(Debug)]
pub(crate) struct Sharding {
    rule: ShardingRule,
    /// The nodes that are known, in their order.
    members: Vec<u32>,
    ring: Option<Ring>,
    /// Where the places of nodes on the ring, and of objects, come from.
    nodes: Stream,
    keys: Stream,
}

impl Sharding {
    /// Among so many nodes at first.
    pub(crate) fn new(rule: &ShardingRule, nodes: u32, stream: Stream) -> Sharding {
        let mut sharding = Sharding {
            rule: rule.clone(),
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
        let ShardingRule::Ring(ring) = &self.rule else { return };
        let places = self.members.iter().map(|&node| (node, self.nodes.at(u64::from(node))));
        self.ring = Some(Ring::new(places, ring.places()));
    }

    /// The node of an object.
    pub(crate) fn node(&self, object: Object) -> u32 {
        let hash = self.keys.at(object.number()).salt();
        match &self.ring {
            Some(ring) => ring.after(hash).next().expect("a ring has places"),
            None => self.members[(hash % self.members.len() as u64) as usize],
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
        let all =
            |of: &Sharding| (0..10_000).map(|key| of.node(Object::new(0, key))).collect::<Vec<_>>();
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

    /// A hash stays where it is if its remainders by 9 and by 10 are the same: 1 in 10 does. The
    /// bands are six standard deviations of 30.
    #[test]
    fn by_the_remainder_nearly_all_move() {
        let [first, lost, added] = places("modulo");
        assert!((8820..9180).contains(&moved(&first, &lost)));
        assert!((8820..9180).contains(&moved(&lost, &added)));
    }
}
