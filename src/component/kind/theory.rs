//! What queueing theory is told of a component: what it has, what a visit does there, what it does
//! that no formula knows of, and what could be more of it.

use crate::queue::QueueSpec;
pub use crate::step::Truth;
use crate::units::three_digits;
use crate::work::{ContentionSpec, NeighboursSpec, Scheduling};

use super::Plan;

/// What theory asks of a kind of component.
pub(crate) trait Theory {
    /// What each instance has that requests queue for, if they queue for anything.
    fn capacity(&self) -> Option<Capacity>;

    /// What a visit for `operation` does here; of what passes requests on, those left out.
    fn visit(&self, operation: &str) -> Visit<'_>;

    /// What it does, where some wait, that no formula for waiting knows of.
    fn rules(&self) -> Vec<Broken>;

    /// What makes a visit take another time than its steps, or end otherwise, though nobody waits.
    fn sums(&self) -> Vec<Broken>;

    /// How what forwards chooses, where that is not at random.
    fn choice(&self) -> Option<Choice>;

    /// Each capacity a little greater.
    fn grown(&self) -> Vec<Grown>;
}

/// What a component's instances have, each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capacity {
    pub(crate) cores: u64,
    /// Whether there is work for the cores at all.
    pub(crate) works: bool,
    /// Workers or connections; `None` without a limit.
    pub(crate) slots: Option<u64>,
    /// How many may wait for one; `None` without a limit.
    pub(crate) line: Option<u64>,
    /// Cores are shared by more jobs than there are cores.
    pub(crate) shares: bool,
    /// A worker is held while a request waits for io or a call.
    pub(crate) blocking: bool,
    /// What the urgent do to others, where some may be more urgent than others.
    pub(crate) priority: Option<Priority>,
}

/// What the urgent do to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Priority {
    /// They are served before those who wait.
    Queued,
    /// They take a core from those who are served.
    Preemptive,
}

impl Capacity {
    /// A station of so many cores and workers that are held, with a queue in front.
    pub(crate) fn new(
        cores: u64,
        slots: Option<u64>,
        scheduling: Scheduling,
        queue: &QueueSpec,
    ) -> Capacity {
        let alone = slots.is_some_and(|slots| slots <= cores);
        let shares = scheduling == Scheduling::ProcessorSharing && !alone;
        let priority = match scheduling {
            Scheduling::PreemptivePriority => Some(Priority::Preemptive),
            _ => queue.is_by_priority().then_some(Priority::Queued),
        };
        let line = queue.limit.get();
        Capacity { cores, works: true, slots, line, shares, blocking: true, priority }
    }

    /// How many can be in one instance.
    pub(crate) fn room(&self) -> Option<u64> {
        Some(self.slots?.saturating_add(self.line?))
    }
}

/// What a visit does.
#[derive(Clone, Debug)]
pub(crate) struct Visit<'a> {
    /// How fast a core is: at 2 a turn takes half of its time.
    pub(crate) speed: f64,
    pub(crate) plan: Plan<'a>,
}

impl<'a> Visit<'a> {
    /// This plan on a core of speed 1.
    pub(crate) fn of(plan: Plan<'a>) -> Visit<'a> {
        Visit { speed: 1.0, plan }
    }
}

/// An assumption that does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// What does not hold, in a clause.
    pub what: String,
    /// How the true time differs.
    pub truth: Truth,
}

impl Broken {
    pub(crate) fn new(what: impl Into<String>, truth: Truth) -> Broken {
        Broken { what: what.into(), truth }
    }
}

/// What a station with this queue does that no formula for waiting knows of.
pub(crate) fn broken_by_queue(queue: &QueueSpec) -> Vec<Broken> {
    let text = "requests leave the queue when they have waited too long";
    queue.timeout.iter().map(|_| Broken::new(text, Truth::Shorter)).collect()
}

/// What a station that slows with the number at work does that no formula for waiting knows of.
pub(crate) fn broken_by_contention(contention: Option<&ContentionSpec>) -> Vec<Broken> {
    let text = "those at work slow one another";
    contention.iter().map(|_| Broken::new(text, Truth::Longer)).collect()
}

/// What makes visits take another time where cores are shared with others.
pub(crate) fn broken_by_neighbours(neighbours: Option<&NeighboursSpec>) -> Vec<Broken> {
    let text = "noisy neighbours slow its cores now and then";
    neighbours.iter().map(|_| Broken::new(text, Truth::Longer)).collect()
}

/// How what forwards differs from choosing at random.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// How it chooses, in a clause without its subject.
    pub(crate) how: &'static str,
    /// How the true time differs.
    pub(crate) truth: Truth,
    /// The wait is no shorter than if all stood in one queue.
    pub(crate) at_best_one_queue: bool,
}

/// How much faster, or how many more workers or connections.
const LITTLE: f64 = 0.1;

/// A capacity that is a little greater.
#[derive(Clone, Debug)]
pub(crate) struct Grown {
    /// Several where one alone would bring nothing.
    pub(crate) keys: Vec<&'static str>,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Grown {
    /// By one.
    pub(crate) fn one(keys: &[&'static str], now: u64) -> Grown {
        Grown::by(keys, now, 1)
    }

    /// By a tenth.
    pub(crate) fn some(key: &'static str, now: u64) -> Grown {
        Grown::by(&[key], now, (now as f64 * LITTLE) as u64)
    }

    fn by(keys: &[&'static str], now: u64, more: u64) -> Grown {
        let after = now.saturating_add(more.max(1)).to_string();
        Grown { keys: keys.to_vec(), before: now.to_string(), after }
    }

    fn faster(now: f64) -> Grown {
        let after = libm::round(now * (1.0 + LITTLE) * 1e6) / 1e6;
        Grown { keys: vec!["speed"], before: three_digits(now), after: after.to_string() }
    }
}

/// The capacities of a station, whose workers are called `word`, each a little greater.
pub(crate) fn grown_station(
    cores: u64,
    speed: f64,
    slots: Option<u64>,
    word: &'static str,
) -> Vec<Grown> {
    let mut list = match slots {
        // A core without a worker has nothing to do.
        Some(slots) if slots == cores => vec![Grown::one(&["cores", word], cores)],
        Some(slots) if slots < cores => vec![Grown::one(&[word], slots)],
        Some(slots) => vec![Grown::one(&["cores"], cores), Grown::some(word, slots)],
        None => vec![Grown::one(&["cores"], cores)],
    };
    list.push(Grown::faster(speed));
    list
}
