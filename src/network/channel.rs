//! One direction of a link that is more than a delay.

use crate::distribution::Delay;
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::units::{Bandwidth, Bytes, Share, Span, Time};

use super::pipe::Pipe;
use super::spec::{Direction, MessageOrder, PipeSpec, RetransmitSpec};
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

/// What becomes of a message that is put on a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Crossing {
    /// It arrives so long from now.
    Arrives(Span),
    /// It does not, and its sender will know in so long.
    Lost(Span),
}

/// One direction of a link.
#[derive(Debug)]
pub(super) struct Channel {
    delay: Delay,
    outlet: Outlet,
    /// When the latest message arrives, where messages keep their order.
    latest: Option<Time>,
    loss: Share,
    retransmit: RetransmitSpec,
    salts: Salts,
}

impl Channel {
    /// A channel as `direction` says; a shared pipe reports its figures as `name`.
    pub(super) fn new(
        direction: Direction,
        name: String,
        salts: Salts,
        recorder: &mut Recorder,
    ) -> Channel {
        let outlet = match (direction.bandwidth, direction.pipe) {
            (None, _) => Outlet::Open,
            (Some(bandwidth), PipeSpec::Own) => Outlet::Own(bandwidth),
            (Some(bandwidth), PipeSpec::Shared) => {
                Outlet::Shared(Pipe::new(bandwidth, direction.buffer, recorder.add_pipe(name)))
            }
        };
        Channel {
            delay: direction.delay,
            outlet,
            latest: (direction.order == MessageOrder::Kept).then_some(Time::ZERO),
            loss: direction.loss,
            retransmit: direction.retransmit,
            salts,
        }
    }

    /// How often a message is sent in all.
    pub(super) fn tries(&self) -> u64 {
        self.retransmit.tries.value.get()
    }

    /// A message of this size, of the request with this stream, is sent, after so many tries that
    /// were lost. It comes so much `later` than it would.
    pub(super) fn send(
        &mut self,
        now: Time,
        later: Span,
        (size, stream, tries): (Bytes, Stream, u16),
        recorder: &mut Recorder,
    ) -> Crossing {
        let left = match &mut self.outlet {
            Outlet::Open => Some(now),
            Outlet::Own(bandwidth) => Some(now + bandwidth.time_of(size)),
            Outlet::Shared(pipe) => pipe.pass(now, size, recorder),
        };
        let Some(left) = left.filter(|_| !self.loses(stream, tries)) else {
            return Crossing::Lost(self.wait(tries));
        };
        let mut arrives = left + self.delay.draw(stream.beside(self.salts.delay)) + later;
        if let Some(latest) = &mut self.latest {
            arrives = arrives.max(*latest);
            *latest = arrives;
        }
        Crossing::Arrives(arrives - now)
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
    pub(super) fn wait(&self, tries: u16) -> Span {
        let factor = 1_u64.checked_shl(u32::from(tries)).unwrap_or(u64::MAX);
        let after = self.retransmit.after.value;
        Span::from_nanos(after.nanos().saturating_mul(factor)).min(LONGEST_WAIT.max(after))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{At, Count, Place, Read, Sources};
    use crate::engine::Dist;
    use crate::measure::Horizon;
    use crate::measure::Windows;
    use proptest::prelude::*;

    fn recorder() -> Recorder {
        let duration = Span::from_secs(100);
        let probes = [].into();
        let horizon = Horizon { duration, warmup: Span::ZERO, windows: 1, probes };
        Recorder::new(Vec::new(), 0, Windows::new(duration, &horizon))
    }

    fn direction(delay: Dist) -> Direction {
        let source = Sources::new().add("test", "");
        let place = Place { source, start: 0, end: 0 };
        let after = At { value: Span::from_millis(200), place };
        let tries = At { value: Count::stand_in().expect("one"), place };
        Direction {
            delay: Delay(delay),
            order: MessageOrder::Free,
            bandwidth: None,
            pipe: PipeSpec::Shared,
            buffer: None,
            loss: Share(0.0),
            retransmit: RetransmitSpec { after, tries },
        }
    }

    const SALTS: Salts = Salts { delay: 0x1234_5678_9ABC_DEF0, loss: 0x0FED_CBA9_8765_4321 };

    fn channel(direction: Direction, recorder: &mut Recorder) -> Channel {
        Channel::new(direction, "a -> b".to_owned(), SALTS, recorder)
    }

    proptest! {
        /// Each arrives as without order, or with the one before it if that is later.
        #[test]
        fn order_is_kept_under_any_jitter(
            gaps in prop::collection::vec(0_u64..5_000_000, 1..100),
            jitter in prop::sample::select(vec![
                Dist::Exponential(3e6),
                Dist::Uniform { low: 0.0, high: 1e7 },
                Dist::Constant(2e6),
            ]),
            bandwidth in prop::option::of(1_000_000_u64..100_000_000),
        ) {
            let mut recorder = recorder();
            let free = Direction { bandwidth: bandwidth.map(Bandwidth), ..direction(jitter) };
            let kept = Direction { order: MessageOrder::Kept, ..free.clone() };
            let mut free = channel(free, &mut recorder);
            let mut kept = channel(kept, &mut recorder);
            let (mut now, mut latest) = (Time::ZERO, Time::ZERO);
            for (n, gap) in (0..).zip(gaps) {
                now = now + Span::from_nanos(gap);
                let stream = Stream::root(1, n);
                let mut send = |channel: &mut Channel| {
                    match channel.send(now, Span::ZERO, (Bytes(1500), stream, 0), &mut recorder) {
                        Crossing::Arrives(delay) => now + delay,
                        Crossing::Lost(_) => panic!("nothing is lost"),
                    }
                };
                latest = latest.max(send(&mut free));
                prop_assert_eq!(send(&mut kept), latest);
            }
        }

        /// What leaves a pipe is what Lindley's recursion says; its figures obey the laws at any
        /// time.
        #[test]
        fn a_pipe_obeys_the_laws(
            messages in prop::collection::vec((0_u64..3_000, 1_u64..3_000), 1..100),
            rest in 0_u64..5_000,
        ) {
            let mut recorder = recorder();
            // A byte takes a nanosecond.
            let bandwidth = Some(Bandwidth(8_000_000_000));
            let mut channel = channel(
                Direction { bandwidth, ..direction(Dist::Constant(0.0)) },
                &mut recorder,
            );
            let (mut now, mut free) = (Time::ZERO, Time::ZERO);
            let mut sent = 0;
            for (n, &(gap, size)) in (0..).zip(&messages) {
                now = now + Span::from_nanos(gap);
                free = free.max(now) + Span::from_nanos(size);
                sent += size;
                let message = (Bytes(size), Stream::root(1, n), 0);
                let crossing = channel.send(now, Span::ZERO, message, &mut recorder);
                prop_assert_eq!(crossing, Crossing::Arrives(free - now));
            }
            for end in [now + Span::from_nanos(rest), free.max(now)] {
                channel.settle(end, &mut recorder);
                let pipe = channel.pipe().expect("it is shared");
                prop_assert!(pipe.laws_hold(end, recorder.meters()));
            }
            let meter = &recorder.meters()[0];
            prop_assert_eq!(meter.slots.area(free.max(now)), u128::from(sent));
            prop_assert_eq!(meter.ok, messages.len() as u64);
        }
    }

    #[test]
    fn waits_double_up_to_two_minutes() {
        let channel = channel(direction(Dist::Constant(0.0)), &mut recorder());
        let waits = [0, 1, 2, 9, 10, 64, 99].map(|tries| channel.wait(tries).secs());
        assert_eq!(waits, [0.2, 0.4, 0.8, 102.4, 120.0, 120.0, 120.0]);
    }

    /// Within five standard errors: a false alarm about once in 10^5 runs over fresh seeds.
    #[test]
    fn tries_are_lost_independently() {
        let direction = Direction { loss: Share(0.3), ..direction(Dist::Constant(0.0)) };
        let channel = channel(direction, &mut recorder());
        let n = 100_000;
        let mut counts = [0_u32; 4];
        for request in 0..n {
            let stream = Stream::root(7, request);
            let lost = (0..3).take_while(|&tries| channel.loses(stream, tries)).count();
            counts[lost] += 1;
        }
        for (count, p) in counts.iter().zip([0.7, 0.21, 0.063, 0.027]) {
            let (mean, error) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
            assert!((f64::from(*count) - mean).abs() < 5.0 * error, "{counts:?}");
        }
    }
}
