//! Which backends are on a balancer's list.

/// The backends on the list, in their order.
#[derive(Clone, Debug)]
pub(super) struct Roster {
    listed: Vec<u32>,
}

impl Roster {
    /// So many backends, all on the list.
    pub(super) fn new(count: usize) -> Roster {
        Roster { listed: (0..count as u32).collect() }
    }

    /// A backend is on the list from now on, or is not.
    pub(super) fn list(&mut self, backend: usize, listed: bool) {
        let backend = backend as u32;
        match (self.listed.binary_search(&backend), listed) {
            (Err(place), true) => self.listed.insert(place, backend),
            (Ok(place), false) => {
                self.listed.remove(place);
            }
            _ => {}
        }
    }

    /// How many there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.listed.len()
    }

    /// The backend at a place of the list.
    #[inline]
    pub(super) fn at(&self, place: usize) -> usize {
        self.listed[place] as usize
    }

    /// The first place that is not before a backend; 0 if all are before it.
    #[inline]
    pub(super) fn from(&self, backend: usize) -> usize {
        let place = self.listed.partition_point(|&listed| (listed as usize) < backend);
        if place == self.listed.len() { 0 } else { place }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_off_the_list_are_passed_over() {
        let mut roster = Roster::new(4);
        roster.list(1, false);
        roster.list(1, false);
        roster.list(3, false);
        assert_eq!((roster.len(), roster.at(0), roster.at(1)), (2, 0, 2));
        assert_eq!([0, 1, 2, 3].map(|backend| roster.at(roster.from(backend))), [0, 2, 2, 0]);
        roster.list(1, true);
        assert_eq!((roster.len(), roster.at(1)), (3, 1));
    }
}
