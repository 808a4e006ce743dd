//! What a visit does with all names resolved, and one such visit drawn at random while nobody else
//! is there.

use crate::distribution::Size;
use crate::engine::{Dist, Draws, Stream};
use crate::units::Span;

use super::flow::State;

/// What is done for a request.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A turn at a core, with the seconds of a unit of its cost.
    Core(Dist, f64),
    /// Time that passes (ns).
    Time(Dist),
    /// A call, with the time on its link there and back (s), and how long it is waited for.
    Ask(State, f64, Option<Span>),
    Serial(Vec<Node>),
    /// One of several, each with its probability; with what is left of it, nothing.
    Chance(Vec<(f64, Node)>),
    Repeat(Size, Box<Node>),
    /// Several at once, each so many times, of which `wait` are waited for.
    AtOnce {
        nodes: Vec<Node>,
        copies: u64,
        wait: u64,
    },
    /// What goes on while nobody waits for it.
    Aside(Box<Node>),
    /// What is done with probability `p` where the cache of this component does not have it.
    Missed {
        cache: usize,
        p: f64,
        node: Box<Node>,
    },
}

/// Beyond so many parts a call is taken to last as long as on average.
const DEEPEST: f64 = 1e4;

impl Node {
    /// Whether every request takes the same time.
    pub(super) fn is_fixed(&self, states: &[Scale]) -> bool {
        match self {
            Node::Core(dist, _) | Node::Time(dist) => dist.constant().is_some(),
            Node::Ask(state, ..) => states[*state].fixed,
            Node::Serial(all) | Node::AtOnce { nodes: all, .. } => {
                all.iter().all(|node| node.is_fixed(states))
            }
            Node::Repeat(times, node) => matches!(times, Size::Fixed(_)) && node.is_fixed(states),
            Node::Chance(_) | Node::Missed { .. } => false,
            Node::Aside(_) => true,
        }
    }

    /// How many parts one request draws, on average.
    pub(super) fn parts(&self, states: &[Scale]) -> f64 {
        match self {
            Node::Core(..) | Node::Time(_) => 1.0,
            Node::Ask(state, ..) => states[*state].parts.clamp(1.0, DEEPEST),
            Node::Serial(all) => all.iter().map(|node| node.parts(states)).sum(),
            Node::Chance(all) => all.iter().map(|(p, node)| p * node.parts(states)).sum(),
            Node::Repeat(times, node) => times.mean() * node.parts(states),
            Node::AtOnce { nodes: all, copies, .. } => {
                *copies as f64 * all.iter().map(|node| node.parts(states)).sum::<f64>()
            }
            Node::Aside(_) => 0.0,
            Node::Missed { p, node, .. } => p * node.parts(states),
        }
    }
}

/// How much drawing one visit takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// How many parts it has, those of its calls included.
    parts: f64,
    /// Every visit takes the same time.
    fixed: bool,
}

impl Scale {
    /// Of a visit that calls such `states`.
    pub(super) fn of(node: &Node, states: &[Scale]) -> Scale {
        Scale { parts: node.parts(states), fixed: node.is_fixed(states) }
    }
}

/// Draws times of visits while nobody else is there.
pub(super) struct Draft<'f> {
    pub(super) nodes: &'f [Node],
    pub(super) scales: &'f [Scale],
    pub(super) alone: &'f [f64],
    pub(super) draws: Draws,
    /// Numbers the counts that are drawn.
    pub(super) counts: Stream,
    pub(super) drawn: u64,
}

impl Draft<'_> {
    /// How long one visit takes (s).
    pub(super) fn time(&mut self, node: &Node) -> f64 {
        match node {
            Node::Core(cost, unit) => cost.draw(&mut self.draws) * unit,
            Node::Time(delay) => delay.draw(&mut self.draws) * 1e-9,
            Node::Ask(state, link, _) => {
                let deep = self.scales[*state].parts >= DEEPEST;
                link + if deep { self.alone[*state] } else { self.time(&self.nodes[*state]) }
            }
            Node::Serial(all) => all.iter().map(|node| self.time(node)).sum(),
            Node::Chance(all) => {
                let mut left = self.draws.unit();
                let chosen = all.iter().find(|(p, _)| {
                    left -= p;
                    left < 0.0
                });
                chosen.map_or(0.0, |(_, node)| self.time(node))
            }
            Node::Repeat(times, node) => {
                self.drawn += 1;
                let times = times.draw(self.counts.at(self.drawn));
                (0..times).map(|_| self.time(node)).sum()
            }
            Node::AtOnce { nodes, copies, wait } => self.at_once(nodes, *copies, *wait)[0],
            Node::Aside(_) => 0.0,
            Node::Missed { p, node, .. } => {
                if self.draws.unit() < *p {
                    self.time(node)
                } else {
                    0.0
                }
            }
        }
    }

    /// How long it takes until so many are done of what is done at once, and the time of all of
    /// them together (s).
    pub(super) fn at_once(&mut self, nodes: &[Node], copies: u64, wait: u64) -> [f64; 2] {
        let mut times = Vec::new();
        for _ in 0..copies {
            times.extend(nodes.iter().map(|node| self.time(node)));
        }
        let sum = times.iter().sum();
        let last = usize::try_from(wait).unwrap_or(usize::MAX).clamp(1, times.len()) - 1;
        let (_, time, _) = times.select_nth_unstable_by(last, f64::total_cmp);
        [*time, sum]
    }
}
