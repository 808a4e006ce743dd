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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    /// Uses and age.
    worth: u64,
    /// The number of the last use among all.
    used: u64,
    place: u32,
}

/// A heap: logarithmic time, 24 bytes an entry. An entry's mark says where in the heap it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Lfu {
    heap: Vec<Ranked>,
    age: u64,
    uses: u64,
}

impl Lfu {
    pub(super) fn used(&mut self, nodes: &mut Nodes, place: u32) {
        let at = nodes[place].mark as usize;
        self.heap[at] = self.rank(nodes, place);
        self.sink(nodes, at);
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        let ranked = self.rank(nodes, place);
        self.heap.push(ranked);
        self.rise(nodes, self.heap.len() - 1);
    }

    /// There is at least one.
    pub(super) fn victim(&mut self) -> u32 {
        self.age = self.heap[0].worth;
        self.heap[0].place
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        let at = nodes[place].mark as usize;
        self.heap.swap_remove(at);
        if at < self.heap.len() {
            self.rise(nodes, at);
            self.sink(nodes, at);
        }
    }

    pub(super) fn clear(&mut self) {
        self.heap.clear();
        (self.age, self.uses) = (0, 0);
    }

    /// The rank of an entry that is used now.
    fn rank(&mut self, nodes: &mut Nodes, place: u32) -> Ranked {
        let uses = nodes[place].uses.saturating_add(1);
        nodes[place].uses = uses;
        self.uses += 1;
        Ranked { worth: self.age + u64::from(uses), used: self.uses, place }
    }

    fn rise(&mut self, nodes: &mut Nodes, mut at: usize) {
        while at > 0 && self.heap[at] < self.heap[(at - 1) / 2] {
            self.heap.swap(at, (at - 1) / 2);
            self.note(nodes, at);
            at = (at - 1) / 2;
        }
        self.note(nodes, at);
    }

    fn sink(&mut self, nodes: &mut Nodes, mut at: usize) {
        while let Some(least) =
            self.lesser_child(at).filter(|&child| self.heap[child] < self.heap[at])
        {
            self.heap.swap(at, least);
            self.note(nodes, at);
            at = least;
        }
        self.note(nodes, at);
    }

    fn lesser_child(&self, at: usize) -> Option<usize> {
        let (left, right) = (2 * at + 1, 2 * at + 2);
        let right_is_less = right < self.heap.len() && self.heap[right] < self.heap[left];
        (left < self.heap.len()).then_some(if right_is_less { right } else { left })
    }

    fn note(&self, nodes: &mut Nodes, at: usize) {
        nodes[self.heap[at].place].mark = u32::try_from(at).expect("fewer than 2^32 entries");
    }
}
