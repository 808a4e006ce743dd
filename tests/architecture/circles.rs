//! Circles in a graph: its strongly connected components of more than one node, by Tarjan's method.

use std::collections::{BTreeMap, BTreeSet};

/// A graph: from each node to those that it needs.
pub(crate) type Graph<N> = BTreeMap<N, BTreeSet<N>>;

/// Every circle, as all nodes that reach each other.
pub(crate) fn circles<N: Ord + Copy>(graph: &Graph<N>) -> Vec<BTreeSet<N>> {
    let mut search = Search { graph, low: BTreeMap::new(), stack: Vec::new(), found: Vec::new() };
    for &node in graph.keys() {
        if !search.low.contains_key(&node) {
            search.visit(node);
        }
    }
    search.found.retain(|circle| circle.len() > 1);
    search.found
}

struct Search<'a, N> {
    graph: &'a Graph<N>,
    /// When each node was first met; then the earliest that it reaches. Without bound once its
    /// component is known.
    low: BTreeMap<N, usize>,
    stack: Vec<N>,
    found: Vec<BTreeSet<N>>,
}

impl<N: Ord + Copy> Search<'_, N> {
    fn visit(&mut self, node: N) -> usize {
        let (met, place) = (self.low.len(), self.stack.len());
        self.low.insert(node, met);
        self.stack.push(node);
        let mut low = met;
        for &next in self.graph.get(&node).into_iter().flatten() {
            let reached = self.low.get(&next).copied();
            low = low.min(reached.unwrap_or_else(|| self.visit(next)));
        }
        self.low.insert(node, low);
        if low == met {
            let component: BTreeSet<N> = self.stack.drain(place..).collect();
            self.low.extend(component.iter().map(|&node| (node, usize::MAX)));
            self.found.push(component);
            return usize::MAX;
        }
        low
    }
}

#[test]
fn circles_are_found_and_what_leads_to_them_is_left_out() {
    let edges = [(1, 2), (2, 3), (3, 2), (3, 4), (4, 5), (5, 6), (6, 4), (6, 7), (1, 7), (7, 7)];
    let mut graph: Graph<u32> = BTreeMap::new();
    for (from, to) in edges {
        graph.entry(from).or_default().insert(to);
    }
    assert_eq!(circles(&graph), [BTreeSet::from([4, 5, 6]), BTreeSet::from([2, 3])]);
}
