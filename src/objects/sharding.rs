//! On which node of a cache each object is, as callers of the cache know it.

use crate::document::{At, Count, choice, record};
use crate::engine::{Ring, Stream};
use crate::units::{Span, Time};

use super::Object;

record! {
    /// The nodes of a cache, among which objects are spread by the hash of their key. A caller
    /// of the cache knows at once which nodes there are.
    #[short = count]
    pub struct NodesSpec {
        /// How many there are at first.
        pub count: At<Count> = "1",
        /// How the node of an object is found.
        pub spread: ShardingRule = "ring",
        /// How many places each node has on the ring.
        pub virtual_nodes: Count = "100",
        /// Nodes that are lost or added during the run.
        pub changes: Vec<NodeChange> = "[]",
    }
}

record! {
    /// Nodes that are lost, those that came last first, or added, without any entries.
    pub struct NodeChange {
        /// When, from the start of the run, warm-up included.
        pub at: At<Span>,
        /// How many are lost, with all that they remember. What is on its way to them fails.
        pub lose: u64 = "0",
        /// How many are added.
        pub add: u64 = "0",
    }
}

choice! {
    /// How the node of an object is found.
    pub enum ShardingRule {
        /// The next on a ring of hashes: when a node comes or goes, only the objects move that are
        /// or were its own.
        Ring = "ring",
        /// The hash modulo the number of nodes: when that changes, nearly all objects move.
        Modulo = "modulo",
    }
}

impl NodesSpec {
    /// How many there are in all, at any time.
    pub fn instances(&self) -> u64 {
        let added = self.changes.iter().map(|change| change.add);
        added.fold(self.count.value.get(), u64::saturating_add)
    }

    /// The nodes that are there after so many of the changes. A node that is lost never returns.
    fn members(&self, changes: usize) -> Vec<u32> {
        let mut next = self.count.value.get() as u32;
        let mut members: Vec<u32> = (0..next).collect();
        for change in &self.changes[..changes] {
            members.truncate(members.len() - change.lose as usize);
            members.extend(next..next + change.add as u32);
            next += change.add as u32;
        }
        members
    }

    /// When a node is lost, if it ever is.
    pub(crate) fn lost(&self, node: u32) -> Option<Span> {
        let is_there = |changes| self.members(changes).contains(&node);
        let lost = |&change: &usize| is_there(change) && !is_there(change + 1);
        (0..self.changes.len()).find(lost).map(|change| self.changes[change].at.value)
    }
}

/// Which node has which objects, and how that changes.
#[derive(Debug)]
pub(crate) struct Sharding {
    spec: NodesSpec,
    /// How many of the changes have happened.
    changes: usize,
    members: Vec<u32>,
    ring: Ring,
    /// Where the places of nodes on the ring, and of objects, come from.
    nodes: Stream,
    keys: Stream,
}

impl Sharding {
    pub(crate) fn new(spec: &NodesSpec, stream: Stream) -> Sharding {
        let mut sharding = Sharding {
            spec: spec.clone(),
            changes: 0,
            members: Vec::new(),
            ring: Ring::new([(0, stream)].into_iter(), 1),
            nodes: stream.named("nodes"),
            keys: stream.named("keys"),
        };
        sharding.gather();
        sharding
    }

    /// Nodes have come or gone.
    fn gather(&mut self) {
        self.members = self.spec.members(self.changes);
        let places = self.members.iter().map(|&node| (node, self.nodes.at(u64::from(node))));
        self.ring = Ring::new(places, self.spec.virtual_nodes.get());
    }

    /// The node of an object at `now`, which must not be before the last time that anybody asked.
    pub(crate) fn node(&mut self, object: Object, now: Time) -> u32 {
        let due = |change: &NodeChange| Time::ZERO + change.at.value <= now;
        while self.spec.changes.get(self.changes).is_some_and(due) {
            self.changes += 1;
            self.gather();
        }
        let hash = self.keys.at(object.number()).salt();
        match self.spec.spread {
            ShardingRule::Ring => self.ring.after(hash).next().expect("a ring has places"),
            ShardingRule::Modulo => self.members[(hash % self.members.len() as u64) as usize],
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
        let changes = "changes: [{at: 1s, lose: 1}, {at: 2s, add: 1}]";
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", format!("{{count: 10, spread: {rule}, {changes}}}"));
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let spec = NodesSpec::read(&node, &mut problems).expect("a sound spec");
        assert_eq!((spec.instances(), spec.lost(9)), (11, Some(Span::from_secs(1))));
        assert_eq!((spec.lost(8), spec.lost(10)), (None, None));
        let mut sharding = Sharding::new(&spec, Stream::root(3, 0));
        [0, 1, 2].map(|second| {
            let now = Time::ZERO + Span::from_secs(second);
            (0..10_000).map(|key| sharding.node(Object::new(0, key), now)).collect()
        })
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
