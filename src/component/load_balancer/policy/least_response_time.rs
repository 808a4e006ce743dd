//! Least response time by a peak-sensitive exponentially weighted moving average (peak EWMA), as
//! Finagle introduced it: a slow answer counts in full at once and is forgotten slowly.

use super::ties::Ties;
use super::{Balancing, Incoming, OFF_THE_LIST, Setup, TO_THE_LEAST};
use crate::component::kind::Choice;
use crate::document::{At, Problem, record};
use crate::engine::Tournament;
use crate::units::{Span, Time};

record! {
    /// How response times are remembered.
    pub struct LeastResponseTimeSpec {
        /// How long until a response time counts for 1/e. One above the average counts in full at
        /// once; without answers the average fades to nothing, so that a slow backend is tried
        /// again.
        pub decay: At<Span> = "10s",
    }
}

/// What is known of a backend.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// The average when it was last answered (ns); nothing before the first answer.
    average: Option<f64>,
    answered: Time,
    outstanding: u32,
    listed: bool,
}

/// The least product of the average response time and the requests outstanding, with the one to be
/// sent.
///
/// All averages fade at one rate, so that their order changes only when something happens to one of
/// them: log(average x requests) + time / decay is compared, which does not change meanwhile. A
/// backend that has never answered comes first while it has nothing to do, and last while it has.
#[derive(Clone, Debug)]
pub(crate) struct LeastResponseTime {
    ties: Ties,
    /// (ns)
    decay: f64,
    records: Vec<Record>,
    tournament: Tournament,
}

impl LeastResponseTime {
    fn of(decay: Span, ties: Ties, count: usize) -> LeastResponseTime {
        let record = Record { average: None, answered: Time::ZERO, outstanding: 0, listed: true };
        LeastResponseTime {
            ties,
            decay: decay.nanos() as f64,
            records: vec![record; count],
            tournament: Tournament::new(count),
        }
    }

    fn play(&mut self, backend: usize) {
        let Record { average, answered, outstanding, listed } = self.records[backend];
        let key = match average {
            _ if !listed => OFF_THE_LIST,
            Some(average) => {
                let product = average * (f64::from(outstanding) + 1.0);
                in_order(libm::log(product) + answered.nanos() as f64 / self.decay)
            }
            None if outstanding == 0 => 0,
            None => in_order(f64::INFINITY) + u64::from(outstanding),
        };
        self.tournament.set(backend, key);
    }
}

impl Balancing for LeastResponseTime {
    type Spec = LeastResponseTimeSpec;
    const CHOICE: Option<Choice> = TO_THE_LEAST;

    fn new(spec: &LeastResponseTimeSpec, setup: &Setup) -> LeastResponseTime {
        LeastResponseTime::of(spec.decay.value, setup.ties(), setup.count())
    }

    fn check(spec: &LeastResponseTimeSpec, _: Option<u64>) -> Option<Problem> {
        let label = "expected a duration above zero";
        (spec.decay.value == Span::ZERO)
            .then(|| Problem::new(spec.decay.place, "nothing would be remembered", label))
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        let chosen = self.ties.least(&self.tournament, incoming);
        self.sent(chosen);
        chosen
    }

    /// A request is sent to a backend, be it chosen here or not.
    fn sent(&mut self, backend: usize) {
        self.records[backend].outstanding += 1;
        self.play(backend);
    }

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool) {
        self.records[backend].listed = listed;
        self.play(backend);
    }

    fn answered(&mut self, backend: usize, sent: Time, now: Time) {
        // An answer in no time at all has no logarithm.
        let took = (now.since(sent).nanos() as f64).max(1.0);
        let record = &mut self.records[backend];
        let kept = libm::exp(-(now.since(record.answered).nanos() as f64) / self.decay);
        let faded = record.average.unwrap_or(0.0) * kept;
        record.average = Some(if took > faded { took } else { faded + took * (1.0 - kept) });
        record.answered = now;
        record.outstanding -= 1;
        self.play(backend);
    }
}

/// A number in the order of the numbers, and neither the least nor the greatest.
fn in_order(number: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = number.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::super::TieBreak;
    use super::super::tests::incoming;
    use super::*;

    fn at(millis: u64) -> Time {
        Time::ZERO + Span::from_millis(millis)
    }

    /// Three backends, each of which has answered once, after 10, 20 and 30 ms, by 30 ms.
    fn tried() -> LeastResponseTime {
        let ties = Ties::new(TieBreak::Lowest, &[1; 3]);
        let mut least = LeastResponseTime::of(Span::from_millis(100), ties, 3);
        for n in 0..3 {
            assert_eq!(least.choose(&incoming(n)), n as usize, "those not tried come first");
        }
        (0..3).for_each(|n| least.answered(n, at(0), at(10 * (n as u64 + 1))));
        least
    }

    #[test]
    fn a_backend_that_has_not_answered_yet_is_not_asked_again_while_another_has() {
        let ties = Ties::new(TieBreak::Lowest, &[1; 2]);
        let mut least = LeastResponseTime::of(Span::from_millis(100), ties, 2);
        assert_eq!((least.choose(&incoming(0)), least.choose(&incoming(1))), (0, 1));
        assert_eq!((least.choose(&incoming(2)), least.choose(&incoming(3))), (0, 1));
        least.answered(1, at(0), at(5000));
        assert_eq!([least.choose(&incoming(4)), least.choose(&incoming(5))], [1, 1]);
    }

    /// By 30 ms the averages are 10 e^-0.2 = 8.2, 20 e^-0.1 = 18.1 and 30.
    #[test]
    fn the_least_product_of_average_and_requests_is_taken() {
        let mut least = tried();
        let chosen: Vec<usize> = (3..8).map(|n| least.choose(&incoming(n))).collect();
        // 8.2 and 16.4 before 18.1; then 24.6 before 30.
        assert_eq!(chosen, [0, 0, 1, 0, 2]);
    }

    #[test]
    fn an_average_jumps_up_and_comes_down_slowly() {
        let mut least = tried();
        let chosen = least.choose(&incoming(3));
        least.answered(chosen, at(30), at(90));
        assert_eq!(least.records[0].average, Some(60e6));
        assert_eq!(least.choose(&incoming(4)), 1);
        least.records[0].outstanding += 1;
        least.answered(0, at(180), at(190));
        let kept = libm::exp(-1.0);
        let expect = 60e6 * kept + 10e6 * (1.0 - kept);
        let average = least.records[0].average.expect("it has answered");
        assert!((average - expect).abs() < 1.0, "{average} {expect}");
    }

    #[test]
    fn a_backend_off_the_list_is_not_asked() {
        let mut least = tried();
        least.list(0, false);
        assert_eq!([least.choose(&incoming(3)), least.choose(&incoming(4))], [1, 2]);
        least.list(0, true);
        assert_eq!(least.choose(&incoming(5)), 0);
    }

    /// Averages of 100 ms, last answered at 100 ms, and of 10 ms: as both fade by 1/e in 100 ms,
    /// the first is less once the second was last answered after 100 + 100 ln 10 = 330 ms.
    #[test]
    fn a_slow_backend_is_tried_again() {
        let ties = Ties::new(TieBreak::Lowest, &[1; 2]);
        let mut least = LeastResponseTime::of(Span::from_millis(100), ties, 2);
        (0..2).for_each(|n| assert_eq!(least.choose(&incoming(n)), n as usize));
        least.answered(0, at(0), at(100));
        least.answered(1, at(90), at(100));
        for (now, expect) in [(200, 1), (310, 1), (325, 1), (336, 0)] {
            let chosen = least.choose(&incoming(now as u32));
            assert_eq!(chosen, expect, "{now}");
            least.answered(chosen, at(now), at(now + 10));
        }
    }
}
