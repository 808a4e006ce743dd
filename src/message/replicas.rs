//! A component as those see it who ask it by its name: one instance, or several side by side of
//! which each request meets any.

use crate::engine::Stream;

use super::NodeId;

/// Tells the choice of an instance from a request's other draws.
const INSTANCE: u64 = 0x696E_7374;

/// The instances of a component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replicas {
    pub(crate) first: NodeId,
    pub(crate) count: u32,
}

impl Replicas {
    /// One of them.
    pub(crate) fn nth(self, nth: u32) -> NodeId {
        NodeId(self.first.0 + nth)
    }

    /// The instance that a request with this stream meets, all being equally likely.
    #[inline]
    pub(crate) fn pick(self, stream: Stream) -> NodeId {
        if self.count == 1 {
            return self.first;
        }
        let nth = stream.at(INSTANCE).draws().below(self.count as usize);
        NodeId(self.first.0 + nth as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Binomial counts with standard deviation 82; the band is six of those.
    #[test]
    fn every_instance_is_as_likely_as_another_and_one_needs_no_draw() {
        let replicas = Replicas { first: NodeId(5), count: 3 };
        let mut counts = [0_i32; 3];
        for n in 0..30_000 {
            counts[(replicas.pick(Stream::root(4, n)).0 - 5) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 490), "{counts:?}");
        let one = Replicas { first: NodeId(7), count: 1 };
        assert_eq!(one.pick(Stream::root(4, 0)), NodeId(7));
    }
}
