//! One direction of a link that is more than a delay.

use crate::engine::Stream;
use crate::model::delay::Delay;
use crate::model::recorder::Recorder;
use crate::units::{Bandwidth, Bytes, Share, Span, Time};

use super::pipe::Pipe;
use super::spec::{Direction, Order, PipeSpec, RetransmitSpec};
use super::table::Salts;

/// The longest wait before a message is sent again: that of Linux.
const LONGEST_WAIT: Span = Span::from_secs(120);

/// How messages leave.
#[derive(Debug)]
enum Outlet {
    /// At once.
    Open,
    /// Each through a pipe of its own.
    Own(Bandwidth),
    /// All through one.
    Shared(Pipe),
}

/// What becomes of a message that is put on a wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It arrives so long from now.
    Arrives(Span),
    /// It does not, and its sender will know in so long.
    Lost(Span),
}

/// One direction of a link.
#[derive(Debug)]
pub(super) struct Wire {
    delay: Delay,
    outlet: Outlet,
    /// When the latest message arrives, where messages keep their order.
    latest: Option<Time>,
    loss: Share,
    retransmit: RetransmitSpec,
    salts: Salts,
}

impl Wire {
    /// A wire as `direction` says; a shared pipe reports its figures as `name`.
    pub(super) fn new(
        direction: Direction,
        name: String,
        salts: Salts,
        recorder: &mut Recorder,
    ) -> Wire {
        let outlet = match (direction.bandwidth, direction.pipe) {
            (None, _) => Outlet::Open,
            (Some(bandwidth), PipeSpec::Own) => Outlet::Own(bandwidth),
            (Some(bandwidth), PipeSpec::Shared) => {
                Outlet::Shared(Pipe::new(bandwidth, direction.buffer, recorder.add_pipe(name)))
            }
        };
        Wire {
            delay: direction.delay,
            outlet,
            latest: (direction.order == Order::Kept).then_some(Time::ZERO),
            loss: direction.loss,
            retransmit: direction.retransmit,
            salts,
        }
    }

    /// How often a message is sent in all.
    pub(super) fn tries(&self) -> u64 {
        self.retransmit.tries.get()
    }

    /// A message of the request with this stream is sent, after `tries` that were lost.
    pub(super) fn send(
        &mut self,
        now: Time,
        size: Bytes,
        stream: Stream,
        tries: u16,
        recorder: &mut Recorder,
    ) -> Fate {
        let left = match &mut self.outlet {
            Outlet::Open => Some(now),
            Outlet::Own(bandwidth) => Some(now + bandwidth.time_of(size)),
            Outlet::Shared(pipe) => pipe.pass(now, size, recorder),
        };
        let Some(left) = left.filter(|_| !self.loses(stream, tries)) else {
            return Fate::Lost(self.wait(tries));
        };
        let mut arrives = left + self.delay.draw(stream.beside(self.salts.delay));
        if let Some(latest) = &mut self.latest {
            arrives = arrives.max(*latest);
            *latest = arrives;
        }
        Fate::Arrives(arrives - now)
    }

    fn loses(&self, stream: Stream, tries: u16) -> bool {
        if self.loss.0 == 0.0 {
            return false;
        }
        let first = stream.beside(self.salts.loss);
        let stream = if tries == 0 { first } else { first.at(u64::from(tries)) };
        stream.draws().unit() < self.loss.0
    }

    /// How long a sender waits after the try that follows so many others.
    fn wait(&self, tries: u16) -> Span {
        let factor = 1_u64.checked_shl(u32::from(tries)).unwrap_or(u64::MAX);
        let nanos = self.retransmit.after.nanos().saturating_mul(factor);
        Span::from_nanos(nanos).min(LONGEST_WAIT.max(self.retransmit.after))
    }

    /// The pipe that messages share.
    pub(super) fn pipe(&self) -> Option<&Pipe> {
        match &self.outlet {
            Outlet::Shared(pipe) => Some(pipe),
            Outlet::Open | Outlet::Own(_) => None,
        }
    }

    /// Brings the figures up to date.
    pub(super) fn settle(&mut self, now: Time, recorder: &mut Recorder) {
        if let Outlet::Shared(pipe) = &mut self.outlet {
            pipe.settle(now, recorder);
        }
    }
}
