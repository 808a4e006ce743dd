//! What a visit takes, from what it does: means and variances of its turns at a core, and how much
//! of each part the request waits for.

use crate::distribution::Size;
use crate::engine::{Dist, Stream};
use crate::units::Span;

use super::flow::State;
use super::node::{Draft, Node, Scale};

/// Parts drawn to know how long what is done at once takes: for the first such step.
const DRAWN: f64 = 4e5;

/// A call that a visit makes.
#[derive(Clone, Debug)]
pub(super) struct Callee {
    pub(super) state: State,
    /// How often a visit makes it, on average.
    pub(super) times: f64,
    /// How often a visit waits for it while nobody else is there: at once counts in part.
    pub(super) line: f64,
    /// By how much a visit takes longer where each such call does.
    pub(super) extra: f64,
    /// On the link there and back, on average (s).
    pub(super) link: f64,
    /// Several of them are made at once.
    pub(super) at_once: bool,
    /// The cache that is asked before.
    pub(super) missed: Option<usize>,
    /// How long it is waited for.
    pub(super) timeout: Option<Span>,
}

/// What a visit does.
#[derive(Clone, Debug, Default)]
pub(super) struct Work {
    /// Processor time, on average (s).
    pub(super) cpu: f64,
    /// How much of it the request waits for, and by how much longer where all of it takes longer.
    pub(super) cpu_line: f64,
    pub(super) cpu_extra: f64,
    /// The mean square of all processor time of a visit (s²).
    pub(super) square: f64,
    /// The mean square of each turn at the processor, summed over the turns (s²).
    pub(super) turn_squares: f64,
    /// The mean, if the processor time is exponential; where there is none, if all io is.
    pub(super) exponential: Option<f64>,
    /// Waiting for what is no core, on average (s).
    pub(super) io: f64,
    /// How often a visit waits for io or a call.
    pub(super) pauses: f64,
    /// Several turns at the processor may be taken at once.
    pub(super) at_once: bool,
    /// How often a visit looks into the component's own cache.
    pub(super) local: f64,
    pub(super) calls: Vec<Callee>,
}

impl Work {
    /// How long a visit takes while nobody waits, its calls included, which take so long (s).
    pub(super) fn alone(&self, alone: &[f64]) -> f64 {
        let calls = self.calls.iter().map(|call| call.line * (call.link + alone[call.state]));
        self.cpu_line + self.io + calls.sum::<f64>()
    }

    /// How long its calls take on the link and over there, of which they take so long (s).
    pub(super) fn away(&self, alone: &[f64], times: &[f64]) -> f64 {
        let call = |call: &Callee| {
            let (before, now) = (alone[call.state], times[call.state]);
            let extra = if call.extra > 0.0 { call.extra * (now - before) } else { 0.0 };
            call.line * (call.link + before) + extra
        };
        self.calls.iter().map(call).sum()
    }
}

/// How often a part is done, and how much of it is waited for.
#[derive(Clone, Copy)]
struct Weight {
    times: f64,
    line: f64,
    extra: f64,
    at_once: bool,
    missed: Option<usize>,
}

impl Weight {
    const ONCE: Weight = Weight { times: 1.0, line: 1.0, extra: 1.0, at_once: false, missed: None };

    fn by(self, factor: f64) -> Weight {
        let Weight { times, line, extra, .. } = self;
        Weight { times: times * factor, line: line * factor, extra: extra * factor, ..self }
    }
}

/// Times by their mean and variance (s, s²).
#[derive(Clone, Copy)]
struct Moments(f64, f64);

/// All that is known of what a visit may call.
pub(super) struct Known<'f> {
    pub(super) component: usize,
    pub(super) alone: &'f [f64],
    pub(super) nodes: &'f [Node],
    pub(super) scales: &'f [Scale],
    /// How many times are known by drawing them.
    pub(super) forks: u32,
}

impl Known<'_> {
    /// What a visit takes that does this.
    pub(super) fn work(&mut self, node: &Node) -> Work {
        let mut work = Work::default();
        self.add(node, Weight::ONCE, &mut work);
        let Moments(mean, variance) = moments(node);
        work.square = variance + mean * mean;
        let own = work.cpu > 0.0 || work.calls.is_empty();
        work.exponential = exponential(node, work.cpu > 0.0).filter(|_| own);
        work
    }

    fn add(&mut self, node: &Node, weight: Weight, work: &mut Work) {
        match node {
            Node::Core(cost, unit) => {
                let (mean, spread) = (cost.mean() * unit, cost.variance() * unit * unit);
                work.cpu += weight.times * mean;
                work.cpu_line += weight.line * mean;
                work.cpu_extra += weight.extra * mean;
                work.turn_squares += weight.times * (spread + mean * mean);
                work.at_once |= weight.at_once;
            }
            Node::Time(delay) => {
                work.io += weight.line * delay.mean() * 1e-9;
                work.pauses += weight.times;
            }
            Node::Ask(state, link, timeout) => self.ask(*state, (*link, *timeout), weight, work),
            Node::Serial(nodes) => nodes.iter().for_each(|node| self.add(node, weight, work)),
            Node::Chance(nodes) => {
                nodes.iter().for_each(|(p, node)| self.add(node, weight.by(*p), work));
            }
            Node::Repeat(times, node) => self.add(node, weight.by(times.mean()), work),
            Node::AtOnce { nodes, copies, wait } => {
                self.at_once(nodes, *copies, *wait, weight, work);
            }
            Node::Aside(node) => {
                self.add(node, Weight { line: 0.0, extra: 0.0, ..weight }, work);
            }
            Node::Missed { cache, p, node } => {
                if *cache == self.component {
                    work.local += weight.times;
                }
                self.add(node, Weight { missed: Some(*cache), ..weight.by(*p) }, work);
            }
        }
    }

    fn ask(
        &self,
        state: State,
        (link, timeout): (f64, Option<Span>),
        weight: Weight,
        work: &mut Work,
    ) {
        let Weight { times, line, extra, at_once, missed } = weight;
        work.pauses += times;
        let same = |call: &&mut Callee| {
            (call.state, call.missed, call.timeout) == (state, missed, timeout)
        };
        match work.calls.iter_mut().find(same) {
            Some(call) => {
                call.times += times;
                call.line += line;
                call.extra += extra;
                call.at_once |= at_once;
            }
            None => {
                work.calls.push(Callee {
                    state,
                    times,
                    line,
                    extra,
                    link,
                    at_once,
                    missed,
                    timeout,
                });
            }
        }
    }

    /// Adds what is done at once. The time until so many are done is drawn while nobody waits; what
    /// waiting adds to each is taken to be exponential and independent.
    fn at_once(&mut self, nodes: &[Node], copies: u64, wait: u64, weight: Weight, work: &mut Work) {
        let all = nodes.len() as f64 * copies as f64;
        let sum: f64 = nodes.iter().map(|node| self.mean(node)).sum::<f64>() * copies as f64;
        let time = if all > 1.0 { self.last(nodes, copies, wait, sum) } else { sum };
        let share = if sum > 0.0 { time / sum } else { 0.0 };
        let each = Weight {
            times: weight.times * copies as f64,
            line: weight.line * share * copies as f64,
            extra: weight.extra * last_of_exponentials(all, wait as f64) / nodes.len() as f64,
            at_once: weight.at_once || all > 1.0,
            missed: weight.missed,
        };
        nodes.iter().for_each(|node| self.add(node, each, work));
    }

    /// How long a node takes while nobody waits (s).
    fn mean(&mut self, node: &Node) -> f64 {
        let mut work = Work::default();
        self.add(node, Weight::ONCE, &mut work);
        work.alone(self.alone)
    }

    /// The mean time until so many are done of what is done at once, all of which take `sum`
    /// together on average (s). Drawn, with that sum as a control variate.
    fn last(&mut self, nodes: &[Node], copies: u64, wait: u64, sum: f64) -> f64 {
        self.forks += 1;
        let parts: f64 = nodes.iter().map(|node| node.parts(self.scales)).sum();
        let each = (parts * copies as f64).max(1.0);
        let fixed = nodes.iter().all(|node| node.is_fixed(self.scales));
        let drawn = (DRAWN / f64::from(self.forks) / each).clamp(64.0, 1e4);
        let drawn = if fixed { 1 } else { drawn as u64 };
        let stream = Stream::root(u64::from(self.forks), 0);
        let (draws, counts) = (stream.named("times").draws(), stream.named("counts"));
        let (nodes_of, scales, alone) = (self.nodes, self.scales, self.alone);
        let mut draft = Draft { nodes: nodes_of, scales, alone, draws, counts, drawn: 0 };
        let found: Vec<[f64; 2]> = (0..drawn).map(|_| draft.at_once(nodes, copies, wait)).collect();
        let mean = |of: &dyn Fn(&[f64; 2]) -> f64| found.iter().map(of).sum::<f64>() / drawn as f64;
        let (last, all) = (mean(&|one| one[0]), mean(&|one| one[1]));
        let covariance = mean(&|one| (one[0] - last) * (one[1] - all));
        let variance = mean(&|one| (one[1] - all) * (one[1] - all));
        let slope = if variance > 0.0 { covariance / variance } else { 0.0 };
        if sum.is_finite() { (last + slope * (sum - all)).max(0.0) } else { last }
    }
}

/// The mean of the `wait`-th of so many independent exponential times of mean 1.
fn last_of_exponentials(all: f64, wait: f64) -> f64 {
    let terms = wait.min(1e5) as u64;
    (0..terms).map(|index| 1.0 / (all - index as f64)).sum()
}

/// The processor time of a node.
fn moments(node: &Node) -> Moments {
    match node {
        Node::Core(cost, unit) => Moments(cost.mean() * unit, cost.variance() * unit * unit),
        Node::Time(_) | Node::Ask(..) => Moments(0.0, 0.0),
        Node::Serial(nodes) => sum(nodes),
        Node::Chance(nodes) => chance(nodes.iter().map(|(p, node)| (*p, node))),
        Node::Repeat(times, node) => {
            let (Moments(mean, variance), count) = (moments(node), times.mean());
            Moments(count * mean, count * variance + spread(times) * mean * mean)
        }
        Node::AtOnce { nodes, copies, .. } => {
            let Moments(mean, variance) = sum(nodes);
            Moments(mean * *copies as f64, variance * *copies as f64)
        }
        Node::Aside(node) => moments(node),
        Node::Missed { p, node, .. } => chance(std::iter::once((*p, &**node))),
    }
}

fn sum(nodes: &[Node]) -> Moments {
    let all = nodes.iter().map(moments);
    all.fold(Moments(0.0, 0.0), |sum, one| Moments(sum.0 + one.0, sum.1 + one.1))
}

fn chance<'n>(nodes: impl Iterator<Item = (f64, &'n Node)>) -> Moments {
    let (mut mean, mut square) = (0.0, 0.0);
    for (p, node) in nodes {
        let one = moments(node);
        mean += p * one.0;
        square += p * (one.1 + one.0 * one.0);
    }
    Moments(mean, (square - mean * mean).max(0.0))
}

/// The variance of a count.
fn spread(count: &Size) -> f64 {
    match *count {
        Size::Fixed(_) => 0.0,
        Size::Geometric(mean) => mean * (mean - 1.0),
        Size::Uniform(low, high) => {
            let choices = f64::from(high - low) + 1.0;
            (choices * choices - 1.0) / 12.0
        }
    }
}

/// The mean (s) of what is one exponential time, done once: of the turns at a core, or else of what
/// is no core.
fn exponential(node: &Node, core: bool) -> Option<f64> {
    let mut found = Vec::new();
    collect(node, core, true, &mut found);
    match found[..] {
        [Some(mean)] => Some(mean),
        _ => None,
    }
}

/// The parts of one sort that take any time, each with its mean if it is exponential and certain.
fn collect(node: &Node, core: bool, certain: bool, found: &mut Vec<Option<f64>>) {
    let mut add = |dist: &Dist, unit: f64| {
        if dist.mean() > 0.0 {
            let mean = dist.exponential().filter(|_| certain);
            found.push(mean.map(|mean| mean * unit));
        }
    };
    match node {
        Node::Core(cost, unit) if core => add(cost, *unit),
        Node::Time(delay) if !core => add(delay, 1e-9),
        Node::Core(..) | Node::Time(_) | Node::Ask(..) => {}
        Node::Serial(nodes) => nodes.iter().for_each(|node| collect(node, core, certain, found)),
        Node::Chance(nodes) => nodes.iter().filter(|(p, _)| *p > 0.0).for_each(|(p, node)| {
            collect(node, core, certain && *p == 1.0, found);
        }),
        Node::Repeat(times, node) => {
            collect(node, core, certain && *times == Size::Fixed(1), found);
        }
        Node::AtOnce { nodes, copies, .. } => {
            let single = *copies == 1 && nodes.len() == 1;
            nodes.iter().for_each(|node| collect(node, core, certain && single, found));
        }
        Node::Aside(node) => collect(node, core, false, found),
        Node::Missed { p, node, .. } if *p > 0.0 => {
            collect(node, core, certain && *p == 1.0, found);
        }
        Node::Missed { .. } => {}
    }
}
