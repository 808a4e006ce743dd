//! What stands beside requests: a column has a value of its own for each request in flight, by its
//! slot, and is told of the moments at which that may change.

use crate::engine::Slab;
use crate::measure::Recorder;
use crate::message::{Attempt, AttemptKey};
use crate::network::Links;
use crate::units::Time;

/// What has just happened to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    /// It was made. Its phase says how: sent over a link, started as a subrequest, or answered from
    /// what its client had.
    Sent,
    /// It has reached its callee.
    Arrived,
    /// A balancer passes it on in its slot: its callee is another now.
    Forwarded,
    /// Its answer is back at the balancer that passed it on, and on its way from there.
    CameBack,
    /// Its callee has answered; its ending is set.
    Answered,
    /// Its answer has reached its caller, who may have given up.
    Returned,
    /// Its caller has given it up.
    GivenUp,
    /// It is over without an answer: a subrequest that is done, or what was lost and is given up.
    Ended,
}

/// Some of the moments, as a set of bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Moments(u8);

impl Moments {
    /// These.
    pub(crate) const fn of(moments: &[Moment]) -> Moments {
        let (mut bits, mut index) = (0, 0);
        while index < moments.len() {
            bits |= 1 << moments[index] as u8;
            index += 1;
        }
        Moments(bits)
    }

    /// These and others.
    pub(crate) const fn with(self, others: Moments) -> Moments {
        Moments(self.0 | others.0)
    }

    /// Whether this is among them.
    #[inline]
    pub(crate) const fn include(self, moment: Moment) -> bool {
        self.0 & 1 << moment as u8 != 0
    }
}

/// What a column sees of a run when it is told of a moment.
pub(crate) struct Scene<'a> {
    /// The simulated time.
    pub(crate) now: Time,
    /// All requests in flight.
    pub(crate) attempts: &'a mut Slab<Attempt>,
    /// The links over which they are sent.
    pub(crate) links: &'a Links,
    /// The figures of the run.
    pub(crate) recorder: &'a mut Recorder,
}

/// Something that stands beside requests.
pub(crate) trait Column {
    /// The moments that it is told of.
    const MOMENTS: Moments;

    /// This has just happened to a request, which is still in its slot.
    fn at(&mut self, moment: Moment, key: AttemptKey, scene: &mut Scene);
}
