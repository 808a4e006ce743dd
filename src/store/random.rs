//! Any entry goes, all equally likely.

use crate::engine::Draws;

use super::nodes::Nodes;

/// The places that are taken, in any order. An entry's mark says where among them it stands.
/// 4 bytes an entry.
#[derive(Clone, Debug)]
pub(super) struct Random {
    places: Vec<u32>,
    draws: Draws,
}

impl Random {
    pub(super) fn new(draws: Draws) -> Random {
        Random { places: Vec::new(), draws }
    }

    pub(super) fn add(&mut self, nodes: &mut Nodes, place: u32) {
        nodes[place].mark = u32::try_from(self.places.len()).expect("fewer than 2^32 entries");
        self.places.push(place);
    }

    /// There is at least one.
    pub(super) fn victim(&mut self) -> u32 {
        self.places[self.draws.below(self.places.len())]
    }

    pub(super) fn remove(&mut self, nodes: &mut Nodes, place: u32) {
        let at = nodes[place].mark;
        self.places.swap_remove(at as usize);
        if let Some(&moved) = self.places.get(at as usize) {
            nodes[moved].mark = at;
        }
    }

    pub(super) fn clear(&mut self) {
        self.places.clear();
    }
}
