//! The backend with the least load by its last report.

use std::collections::VecDeque;

use super::ties::Ties;
use super::{Backend, Balancing, Incoming, LAST_TAG, OFF_THE_LIST, Setup};
use crate::component::kind::{Choice, Truth};
use crate::document::{At, Problem, choice, record};
use crate::engine::Tournament;
use crate::runtime::Ctx;
use crate::units::Span;

/// The least time from one report to the next.
const LEAST: Span = Span::from_millis(1);

record! {
    /// How backends report how many requests they have.
    pub struct LeastReportedLoadSpec {
        /// Time between two reports of a backend.
        pub interval: At<Span> = "1s",
        /// How old a report is when the balancer learns of it.
        pub delay: Span = "0",
        /// When the backends report.
        pub reports: Reports = "staggered",
    }
}

choice! {
    /// When backends report their loads.
    pub enum Reports {
        /// Each at its own time within the interval.
        Staggered = "staggered",
        /// All at once, as if on a board that is updated every interval.
        Together = "together",
    }
}

/// The alarm by which the next report arrives; the others let one backend report each.
const ARRIVAL: u32 = LAST_TAG;

/// The least load by the last report.
#[derive(Clone, Debug)]
pub(crate) struct LeastReportedLoad {
    spec: LeastReportedLoadSpec,
    ties: Ties,
    tournament: Tournament,
    /// The load of each by its last report, and whether it is on the list.
    loads: Vec<(u64, bool)>,
    /// Reports that have been sent and not received, with whom they are from.
    on_the_way: VecDeque<(u32, u64)>,
}

impl LeastReportedLoad {
    fn of(spec: &LeastReportedLoadSpec, ties: Ties, count: usize) -> LeastReportedLoad {
        LeastReportedLoad {
            spec: spec.clone(),
            ties,
            tournament: Tournament::new(count),
            loads: vec![(0, true); count],
            on_the_way: VecDeque::new(),
        }
    }

    /// A backend sends a report. All take the same time to arrive.
    fn send(&mut self, backend: u32, load: u64) {
        self.on_the_way.push_back((backend, load));
    }

    /// The first report on its way arrives.
    fn receive(&mut self) {
        if let Some((backend, load)) = self.on_the_way.pop_front() {
            self.loads[backend as usize].0 = load;
            self.play(backend as usize);
        }
    }

    fn play(&mut self, backend: usize) {
        let (load, listed) = self.loads[backend];
        self.tournament.set(backend, if listed { load } else { OFF_THE_LIST });
    }
}

impl Balancing for LeastReportedLoad {
    type Spec = LeastReportedLoadSpec;
    const CHOICE: Option<Choice> = Some(Choice {
        how: "goes by reports, which a herd may follow",
        truth: Truth::Either,
        at_best_one_queue: false,
    });

    fn new(spec: &LeastReportedLoadSpec, setup: &Setup) -> LeastReportedLoad {
        LeastReportedLoad::of(spec, setup.ties(), setup.count())
    }

    fn check(spec: &LeastReportedLoadSpec, _: Option<u64>) -> Option<Problem> {
        let label = format!("expected {LEAST} or more");
        (spec.interval.value < LEAST)
            .then(|| Problem::new(spec.interval.place, "reports would never end", label))
    }

    fn choose(&mut self, incoming: &Incoming) -> usize {
        self.ties.least(&self.tournament, incoming)
    }

    /// A backend is on the list from now on, or is not.
    fn list(&mut self, backend: usize, listed: bool) {
        self.loads[backend].1 = listed;
        self.play(backend);
    }

    fn start(&mut self, backends: &[Backend], ctx: &mut Ctx) {
        for (index, backend) in backends.iter().enumerate() {
            let phase = match self.spec.reports {
                Reports::Staggered => backend.places.named("report").draws().unit(),
                Reports::Together => 1.0,
            };
            ctx.alarm(self.spec.interval.value.times(phase), index as u32);
        }
    }

    /// A backend reports its load, or the balancer learns of a report.
    fn on_alarm(&mut self, tag: u32, backends: &[Backend], ctx: &mut Ctx) {
        if tag == ARRIVAL {
            self.receive();
            return;
        }
        self.send(tag, ctx.present_at(backends[tag as usize].node));
        ctx.alarm(self.spec.delay, ARRIVAL);
        ctx.alarm(self.spec.interval.value, tag);
    }
}

#[cfg(test)]
mod tests {
    use super::super::TieBreak;
    use super::super::tests::incoming;
    use super::*;
    use crate::document::{Place, Sources};

    fn two() -> LeastReportedLoad {
        let source = Sources::new().add("test", "");
        let place = Place { source, start: 0, end: 0 };
        let interval = At { value: Span::from_secs(1), place };
        let reports = Reports::Together;
        let spec = LeastReportedLoadSpec { interval, delay: Span::ZERO, reports };
        LeastReportedLoad::of(&spec, Ties::new(TieBreak::Lowest, &[1; 2]), 2)
    }

    #[test]
    fn a_report_counts_from_when_it_arrives_and_what_is_sent_does_not() {
        let mut least = two();
        least.send(0, 5);
        assert_eq!(least.choose(&incoming(0)), 0);
        least.receive();
        assert_eq!([least.choose(&incoming(1)), least.choose(&incoming(2))], [1, 1]);
    }

    #[test]
    fn a_backend_off_the_list_is_not_the_least() {
        let mut least = two();
        least.list(0, false);
        least.send(1, 9);
        least.receive();
        assert_eq!(least.choose(&incoming(6)), 1);
        least.list(0, true);
        assert_eq!(least.choose(&incoming(7)), 0);
    }
}
