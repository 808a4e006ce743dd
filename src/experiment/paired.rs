//! The requests that fare most differently in two variants: the same user, asking for the same with
//! the same demands.
//!
//! Two passes, each the same runs once more. The first keeps of every request no more than how it
//! ended, of one replication at a time on each thread and of at most `MOST_FATES` requests; those
//! that differ most are then followed in the second.

use std::cmp::Reverse;

use crate::deployment::digests;
use crate::engine::Stream;
use crate::parallel::*;
use crate::scenario::Scenario;
use crate::tracing::{Choice, Digest, MOST_DIGESTS, Manner, Wanted};
use crate::units::Span;

use super::replicate::{AdvanceOnly, Plan, horizon};
use super::traced::{TracedRequest, follow_all};

/// How the requests of a variant fared, beside those of the first.
#[derive(Clone, Debug, Default)]
pub struct PairedRequests {
    /// Requests that were sent in both and ended in both.
    pub compared: u64,
    /// Of them, those that ended differently: answered, turned away, failed, lost or given up.
    pub ended_differently: u64,
    /// Of the others, those that took longer in this variant.
    pub slower: u64,
    /// Those that took less time.
    pub faster: u64,
    /// Requests that were sent in one variant only, or had not ended in both.
    pub apart: u64,
    /// Not all requests were looked at, there being so many.
    pub sampled: bool,
    /// Those that differ most, in the first and in this variant: those first that ended
    /// differently, then by how much longer or shorter they took.
    pub pairs: Vec<[TracedRequest; 2]>,
}

/// A request that fared differently: how much, in which replication, and which. The greatest
/// difference comes first.
type Differs = (Reverse<(bool, Span)>, usize, u64);

/// For each variant but the first, the `count` requests that fare most differently. `None` if it
/// was stopped.
pub fn paired_requests(
    variants: &[(String, Scenario)],
    warmup: Span,
    replications: usize,
    count: usize,
    plan: &Plan,
) -> Option<Vec<PairedRequests>> {
    plan.progress.expect(replications.saturating_mul(4 * variants.len() - 2));
    let quiet = AdvanceOnly(plan.progress);
    let plan = &Plan { progress: &quiet, stop: plan.stop };
    let found = look(variants, warmup, replications, count, plan)?;
    let (_, first) = variants.first()?;
    let mut all = Vec::new();
    for ((mut paired, mut differs), (_, this)) in found.into_iter().zip(&variants[1..]) {
        differs.sort_unstable();
        differs.truncate(count);
        let follow = |scenario: &Scenario| {
            let wanted: Vec<Vec<u64>> = (0..replications)
                .map(|replication| {
                    let here = differs.iter().filter(|differs| differs.1 == replication);
                    here.map(|differs| differs.2).collect()
                })
                .collect();
            let wanted = |replication: usize| {
                let mut names = wanted[replication].clone();
                names.sort_unstable();
                Wanted { request_types: Vec::new(), count: names.len(), by: Choice::Name(names) }
            };
            follow_all(scenario, warmup, replications, &wanted, plan)
        };
        let sides = [follow(first)?, follow(this)?];
        for (_, replication, id) in &differs {
            let of = |side: &Vec<TracedRequest>| {
                let same = |r: &&TracedRequest| (r.replication, r.id) == (*replication, *id);
                side.iter().find(same).cloned()
            };
            if let (Some(one), Some(other)) = (of(&sides[0]), of(&sides[1])) {
                paired.pairs.push([one, other]);
            }
        }
        all.push(paired);
    }
    Some(all)
}

/// What differs, for each variant but the first: how many, and the most of each replication.
fn look(
    variants: &[(String, Scenario)],
    warmup: Span,
    replications: usize,
    count: usize,
    plan: &Plan,
) -> Option<Vec<(PairedRequests, Vec<Differs>)>> {
    let run = |scenario: &Scenario, replication: usize| {
        let stream = Stream::root(scenario.seed, replication as u64);
        let horizon = horizon(scenario, warmup);
        let found = digests(&scenario.deployment, horizon, stream, plan.stop);
        plan.progress.advance(1.0);
        found
    };
    let one = |replication: usize| -> Option<Vec<(PairedRequests, Vec<Differs>)>> {
        let first = run(&variants[0].1, replication)?;
        let others = variants[1..].iter();
        others
            .map(|(_, this)| Some(join(&first, &run(this, replication)?, replication, count)))
            .collect()
    };
    let all: Vec<Vec<(PairedRequests, Vec<Differs>)>> =
        (0..replications).into_par_iter().map(one).collect::<Option<_>>()?;
    all.into_iter().reduce(|mut sum, next| {
        for ((paired, differs), (other, more)) in sum.iter_mut().zip(next) {
            paired.add(&other);
            differs.extend(more);
        }
        sum
    })
}

impl PairedRequests {
    fn add(&mut self, other: &PairedRequests) {
        self.compared += other.compared;
        self.ended_differently += other.ended_differently;
        self.slower += other.slower;
        self.faster += other.faster;
        self.apart += other.apart;
        self.sampled |= other.sampled;
    }
}

/// Lays the requests of one replication side by side; both are in the order of their identities.
fn join(
    first: &[Digest],
    this: &[Digest],
    replication: usize,
    count: usize,
) -> (PairedRequests, Vec<Differs>) {
    let sampled = first.len() == MOST_DIGESTS || this.len() == MOST_DIGESTS;
    let mut paired = PairedRequests { sampled, ..PairedRequests::default() };
    // Where not all are kept, what lies above the last of either is not known of both.
    let last = |of: &[Digest]| match of.last() {
        Some(digest) if of.len() == MOST_DIGESTS => digest.id,
        _ => u64::MAX,
    };
    let last = last(first).min(last(this));
    let mut differs: Vec<Differs> = Vec::new();
    let mut others = this.iter().take_while(|digest| digest.id <= last).peekable();
    for one in first.iter().take_while(|digest| digest.id <= last) {
        while others.next_if(|other| other.id < one.id).is_some() {
            paired.apart += 1;
        }
        let other = others.next_if(|other| other.id == one.id);
        let Some(other) = other.filter(|other| ![one.manner, other.manner].contains(&Manner::Open))
        else {
            paired.apart += 1;
            continue;
        };
        paired.compared += 1;
        let ended = one.manner != other.manner;
        paired.ended_differently += u64::from(ended);
        paired.slower += u64::from(!ended && other.latency > one.latency);
        paired.faster += u64::from(!ended && other.latency < one.latency);
        let by = one.latency.max(other.latency) - one.latency.min(other.latency);
        if ended || by > Span::ZERO {
            differs.push((Reverse((ended, by)), replication, one.id));
        }
        if differs.len() >= 1024.max(4 * count) {
            differs.sort_unstable();
            differs.truncate(count);
        }
    }
    paired.apart += others.count() as u64;
    differs.sort_unstable();
    differs.truncate(count);
    (paired, differs)
}
