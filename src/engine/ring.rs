//! A ring of hashes (Karger et al. 1997): each member has places on it, and whatever hashes to a
//! point belongs to the member whose place follows. When a member comes or goes, only what is its
//! own moves.

use super::random::Stream;

/// Members by their places on a ring.
#[derive(Clone, Debug)]
pub struct Ring {
    /// In order, each with the member that has it.
    places: Vec<(u64, u32)>,
}

impl Ring {
    /// A ring on which each member has so many places, drawn from the member's stream. There is at
    /// least one place.
    pub fn new(members: impl Iterator<Item = (u32, Stream)>, places_each: u64) -> Ring {
        let place = |member: u32, stream: Stream, n| (stream.at(n).salt(), member);
        let of = |(member, stream)| (0..places_each).map(move |n| place(member, stream, n));
        let mut places: Vec<(u64, u32)> = members.flat_map(of).collect();
        places.sort_unstable();
        Ring { places }
    }

    /// The members whose places follow a point, one after the other, again and again.
    #[inline]
    pub fn after(&self, point: u64) -> impl Iterator<Item = u32> {
        let first = self.places.partition_point(|&(place, _)| place < point);
        let (before, rest) = self.places.split_at(first);
        rest.iter().chain(before).cycle().map(|&(_, member)| member)
    }

    /// All places in order, each with the member that has it.
    pub fn places(&self) -> &[(u64, u32)] {
        &self.places
    }
}
