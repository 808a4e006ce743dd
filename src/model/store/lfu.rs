//! Least frequently used with dynamic ageing: Arlitt, Cherkasova, Dilley, Friedrich and Jin,
//! Evaluating Content Management Techniques for Web Proxy Caches, Performance Evaluation Review 27
//! (2000).
//!
//! An entry ranks by its uses, the first included, plus the age of the store when it was last used;
//! that age is the rank of the last entry that made room. So what is new starts where the last one
//! ended, and what was wanted often, but long ago, is overtaken. Of equal ones the one that has not
//! been used for longest goes first.

use super::nodes::Nodes;

/// In ascending order of who goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Uses and age.
    worth: u64,
    /// The number of the last use among all.
    used: u64,
    /// How often, while it is here.
    uses: u64,
}

/// A heap of places: logarithmic time, 28 bytes an entry. An entry's mark says where in the heap it
/// stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Lfu {
    heap: Vec<u32>,
    /// By place.
    ranks: Vec<Rank>,
    age: u64,
    uses: u64,
}

impl Lfu {
    pub(super) fn used(&mut self, nodes: &mut Nodes, place: u32) {
        self.rank(place, self.ranks[place as usize].uses + 1);
        self.sink(nodes, nodes[place].mark as usize);
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        if self.ranks.len() <= place as usize {
            self.ranks.resize(place as usize + 1, Rank::default());
        }
        self.rank(place, 1);
        self.heap.push(place);
        self.rise(nodes, self.heap.len() - 1);
    }

    /// There is at least one.
    pub(super) fn victim(&mut self) -> u32 {
        let place = self.heap[0];
        self.age = self.ranks[place as usize].worth;
        place
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        let at = nodes[place].mark as usize;
        self.heap.swap_remove(at);
        if at < self.heap.len() {
            self.rise(nodes, at);
            self.sink(nodes, nodes[self.heap[at]].mark as usize);
        }
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
        (self.age, self.uses) = (0, 0);
    }

    fn rank(&mut self, place: u32, uses: u64) {
        self.uses += 1;
        self.ranks[place as usize] = Rank { worth: self.age + uses, used: self.uses, uses };
    }

    fn before(&self, one: usize, other: usize) -> bool {
        let rank = |at: usize| self.ranks[self.heap[at] as usize];
        rank(one) < rank(other)
    }

    fn rise(&mut self, nodes: &mut Nodes, mut at: usize) {
        while at > 0 && self.before(at, (at - 1) / 2) {
            self.heap.swap(at, (at - 1) / 2);
            self.note(nodes, at);
            at = (at - 1) / 2;
        }
        self.note(nodes, at);
    }

    fn sink(&mut self, nodes: &mut Nodes, mut at: usize) {
        while let Some(least) = self.lesser_child(at).filter(|&child| self.before(child, at)) {
            self.heap.swap(at, least);
            self.note(nodes, at);
            at = least;
        }
        self.note(nodes, at);
    }

    fn lesser_child(&self, at: usize) -> Option<usize> {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let right_is_less = right < self.heap.len() && self.before(right, left);
        (left < self.heap.len()).then_some(if right_is_less { right } else { left })
    }

    fn note(&self, nodes: &mut Nodes, at: usize) {
        nodes[self.heap[at]].mark = u32::try_from(at).expect("fewer than 2^32 entries");
    }
}
