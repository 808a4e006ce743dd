//! One figure of a run: a metric, what it is about, and which part of the run.

use super::metric::{Metric, Reading};
use super::term::{Argument, Distribution, Durations, Resource, Scope, Term};
use super::unit::Unit;
use super::{EndedAs, Meter, Owner, Recorder};
use crate::stats::{Buckets, CoarseHistogram, Histogram, PartOfWhole};
use crate::units::{Span, Time};

/// What a figure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The requests of these types, counted over all clients.
    Requests(Vec<usize>),
    /// A component, by its number.
    Component(usize),
    /// Some of its instances, by their numbers.
    Instances(usize, Vec<usize>),
    /// A link that messages share, by its name: `a -> b` for questions, `a <- b` for answers.
    Link(String),
    /// The whole run.
    Run,
}

/// Which part of a run a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// All of the measured time.
    Run,
    /// Each window of the time series.
    Windows,
    /// From one time to another since the start of the run.
    Part(Span, Span),
}

/// A figure that is asked of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// What is measured.
    pub metric: &'static Metric,
    /// The parameter in its name.
    pub argument: Argument,
    /// Of what.
    pub subject: Subject,
    /// When.
    pub over: Over,
}

/// What a replication says of a figure beyond its value, where figures of several replications are
/// more than the mean of their values.
#[derive(Clone, Debug, Default)]
pub enum Basis {
    /// Nothing.
    #[default]
    Value,
    /// How often something happened, of how often it could.
    Share(PartOfWhole),
    /// The durations of which it is a quantile.
    Durations(Buckets),
}

/// Where the counts of a subject are.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent {
    types: Vec<usize>,
    /// In their order.
    nodes: Vec<usize>,
    visits: Option<usize>,
}

/// What was counted between two instants.
pub(super) struct Counted {
    /// By term and owner.
    pub(super) sums: Vec<Vec<u128>>,
    pub(super) length: Span,
    pub(super) durations: Option<Box<dyn Distribution>>,
}

impl Counted {
    /// The sum of a term over all owners.
    fn sum(&self, term: usize) -> f64 {
        self.sums[term].iter().map(|&sum| number(sum)).sum()
    }

    /// The same of times, in seconds.
    fn seconds(&self, term: usize) -> f64 {
        self.sums[term].iter().map(|&sum| number(sum) * 1e-9).sum()
    }

    /// The mean over time of a level, of all owners together.
    fn level(&self, term: usize) -> f64 {
        let length = self.length.nanos() as f64;
        self.sums[term].iter().map(|&sum| number(sum) / length).sum()
    }

    /// How much of a resource these instances had together on average over time; `None` where one
    /// has no limit. `there` is the term that says for how long each was there.
    fn capacity(&self, meters: &[&Meter], resource: Resource, there: usize) -> Option<f64> {
        let length = self.length.nanos() as f64;
        let of_each = meters.iter().zip(&self.sums[there]);
        let had = |(meter, &time): (&&Meter, &u128)| {
            Some(meter.capacity(resource)? as f64 * (number(time) / length))
        };
        of_each.map(had).sum()
    }
}

/// A difference; those in flight may have become fewer.
fn number(difference: u128) -> f64 {
    match i128::try_from(difference) {
        Ok(_) => difference as f64,
        Err(_) => difference as i128 as f64,
    }
}

/// `part / whole`, not a number where there is nothing to divide.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// The quantile of what is known and of so many more that are longer than any of it.
fn of_all(p: f64, known: &dyn Distribution, longer: f64) -> f64 {
    let (known_count, all) = (known.count() as f64, known.count() as f64 + longer);
    // A hair less, or 0.07 of 100 values would be the 8th.
    let rank = libm::ceil(p * all * (1.0 - 4.0 * f64::EPSILON)).max(1.0);
    if all == 0.0 {
        f64::NAN
    } else if rank > known_count {
        f64::INFINITY
    } else {
        known.quantile(rank / known_count)
    }
}

impl Probe {
    /// The same of each of the component's instances; as it is where it is of no component.
    pub fn of_each(self, instances: usize) -> Vec<Probe> {
        let (component, which) = match &self.subject {
            Subject::Component(component) => (*component, (0..instances).collect()),
            Subject::Instances(component, which) => (*component, which.clone()),
            Subject::Requests(_) | Subject::Link(_) | Subject::Run => return vec![self],
        };
        let one = |index| {
            let subject = Subject::Instances(component, vec![index]);
            Probe { subject, ..self.clone() }
        };
        which.into_iter().map(one).collect()
    }

    /// The sums that it is made of.
    pub(super) fn terms(&self) -> Vec<Term> {
        self.metric.reading.terms(&self.argument)
    }

    /// The value, from what was counted.
    pub(super) fn evaluate(&self, run: &Recorder, counted: &Counted) -> f64 {
        let meters = || run.meters_of(&self.subject);
        let quantile = |p| counted.durations.as_ref().map_or(f64::NAN, |all| all.quantile(p));
        match &self.metric.reading {
            Reading::Count(_) | Reading::Ended => counted.sum(0),
            Reading::Money(_) => counted.sum(0) * 1e-9,
            Reading::Rate(_) => counted.sum(0) / counted.length.secs(),
            Reading::Ratio(..) | Reading::EndedShare => share(counted.sum(0), counted.sum(1)),
            Reading::Part(..) => match counted.sum(1) {
                whole if whole > 0.0 => counted.sum(0) / whole,
                _ => 0.0,
            },
            Reading::Time(..) => share(counted.seconds(0), counted.sum(1)),
            Reading::Level(_) => counted.level(0),
            Reading::Quantile(_) => match self.argument {
                Argument::Quantile(p) => quantile(p),
                _ => f64::NAN,
            },
            Reading::QuantileOfAll(..) => match (&self.argument, &counted.durations) {
                (Argument::Quantile(p), Some(known)) => of_all(*p, known.as_ref(), counted.sum(0)),
                _ => f64::NAN,
            },
            Reading::Longest(_) => quantile(1.0),
            Reading::Mean(_) => counted.durations.as_ref().map_or(f64::NAN, |all| all.mean()),
            Reading::Capacity => {
                self.resource().and_then(|of| counted.capacity(&meters(), of, 0)).unwrap_or(0.0)
            }
            Reading::Used => {
                let capacity = self.resource().and_then(|of| counted.capacity(&meters(), of, 1));
                capacity.map_or(f64::NAN, |capacity| share(counted.level(0), capacity))
            }
            Reading::Busiest => {
                let there = Resource::WORKING.len();
                let used = |(term, of)| {
                    let capacity = counted.capacity(&meters(), of, there);
                    capacity.map_or(0.0, |capacity| share(counted.level(term), capacity))
                };
                (0..).zip(Resource::WORKING).map(used).fold(0.0, f64::max)
            }
            Reading::AtLeast => counted.level(0) / meters().len() as f64,
            Reading::Imbalance(_) => {
                let most = counted.sums[0].iter().map(|&sum| number(sum)).fold(0.0, f64::max);
                share(most * counted.sums[0].len() as f64, counted.sum(0))
            }
            Reading::Peak(of) => meters().into_iter().map(of).max().unwrap_or(0) as f64,
            Reading::Start => run.start().secs(),
        }
    }

    /// What the value is made of.
    pub(super) fn basis(&self, counted: &Counted) -> Basis {
        match (&self.metric.reading, &counted.durations) {
            (Reading::Ratio(..) | Reading::EndedShare, _) if self.metric.unit == Unit::Share => {
                Basis::Share([counted.sum(0), counted.sum(1)])
            }
            (Reading::Quantile(_), Some(durations)) => Basis::Durations(durations.buckets()),
            _ => Basis::Value,
        }
    }

    fn resource(&self) -> Option<Resource> {
        match self.argument {
            Argument::Resource(resource) => Some(resource),
            _ => None,
        }
    }
}

impl Recorder {
    /// The value of a figure in this replication; not-a-number where there was nothing to measure.
    ///
    /// # Panics
    /// If it is about a part of the run and has not been asked before the run.
    pub fn value(&self, probe: &Probe) -> f64 {
        if probe.over == Over::Run {
            let counted = self.counted(probe);
            return probe.evaluate(self, &counted);
        }
        self.windows().part(probe).expect("figures of a part of a run are asked before it")
    }

    /// What the value of a figure is made of in this replication.
    ///
    /// # Panics
    /// If it is about a part of the run and has not been asked before the run.
    pub fn basis(&self, probe: &Probe) -> Basis {
        if probe.over == Over::Run {
            return probe.basis(&self.counted(probe));
        }
        let found = self.windows().part_basis(probe);
        found.expect("figures of a part of a run are asked before it")
    }

    fn counted(&self, probe: &Probe) -> Counted {
        let extent = self.extent(&probe.subject);
        let read = |term: &Term| self.read(term, &extent, self.end(), Scope::Sent);
        Counted {
            sums: probe.terms().iter().map(read).collect(),
            length: self.end().since(self.start()),
            durations: probe.metric.reading.durations().map(|of| self.durations(of, &extent)),
        }
    }

    /// Whether all instances of a subject have so much of a resource and no more.
    pub fn has(&self, subject: &Subject, resource: Resource) -> bool {
        self.meters_of(subject).iter().all(|meter| meter.capacity(resource).is_some())
    }

    /// The visits to a component or a link.
    pub fn visits_to(&self, subject: &Subject) -> Option<&super::Visits> {
        self.extent(subject).visits.map(|of| &self.visits()[of])
    }

    /// What is in use of the memory of a component without any request (bytes).
    pub fn idle_memory(&self, subject: &Subject) -> f64 {
        let meters = self.meters_of(subject).into_iter();
        meters.filter_map(|meter| meter.memory.as_ref()).map(|memory| memory.idle as f64).sum()
    }

    /// For each range of numbers from 1 to the most that were ever present, the share of the time
    /// that at least so many were, on average over the instances and the numbers of the range.
    pub fn shares_present(&self, subject: &Subject) -> Vec<(u64, u64, f64)> {
        let meters = self.meters_of(subject);
        let mut sums: Vec<(u64, u64, u128)> = Vec::new();
        for meter in &meters {
            for (index, reached) in meter.present.reached(self.end()).enumerate() {
                match sums.get_mut(index) {
                    Some((.., sum)) => *sum += reached.time,
                    None => sums.push((reached.from, reached.to, reached.time)),
                }
            }
        }
        let last = sums.iter().rposition(|(.., sum)| *sum > 0).map_or(0, |last| last + 1);
        let length = self.end().since(self.start()).nanos() as f64 * meters.len() as f64;
        let share = |(from, to, sum)| (from, to, sum as f64 / length / (to - from + 1) as f64);
        sums.into_iter().take(last).map(share).collect()
    }

    /// How many instances a subject has.
    pub fn instances(&self, subject: &Subject) -> usize {
        self.extent(subject).nodes.len()
    }

    /// How many requests ended so.
    pub fn ended_as(&self, subject: &Subject, how: &EndedAs) -> u64 {
        let types = self.extent(subject).types;
        types.iter().map(|&of| self.trackers()[of].ended_as(how, self.links())).sum()
    }

    fn meters_of(&self, subject: &Subject) -> Vec<&Meter> {
        self.extent(subject).nodes.iter().map(|&node| &self.meters()[node]).collect()
    }

    /// Where the counts of a subject are.
    pub(super) fn extent(&self, subject: &Subject) -> Extent {
        match subject {
            Subject::Requests(types) => Extent { types: types.clone(), ..Extent::default() },
            Subject::Component(component) => {
                let nodes = self.nodes_of(*component).collect();
                Extent { nodes, visits: Some(*component), ..Extent::default() }
            }
            Subject::Instances(component, which) => {
                let first = self.nodes_of(*component).start;
                let nodes = which.iter().map(|index| first + index).collect();
                Extent { nodes, visits: Some(*component), ..Extent::default() }
            }
            Subject::Link(name) => {
                let pipe = self.pipes().iter().find(|pipe| pipe.name == *name);
                let pipe = pipe.expect("the names of links are checked");
                let nodes = vec![pipe.node];
                Extent { nodes, visits: Some(pipe.component), ..Extent::default() }
            }
            Subject::Run => Extent::default(),
        }
    }

    /// A sum as it stands, for each owner.
    pub(super) fn read(&self, term: &Term, of: &Extent, now: Time, scope: Scope) -> Vec<u128> {
        let meters = || of.nodes.iter().map(|&node| &self.meters()[node]);
        let trackers = || of.types.iter().map(|&of| &self.trackers()[of]);
        match term {
            Term::Requests(count) => trackers().map(|t| count(t, scope).into()).collect(),
            Term::Ended(how) => trackers().map(|t| t.ended_as(how, self.links()).into()).collect(),
            Term::Instance(sum) => meters().map(|meter| sum(meter, now)).collect(),
            Term::Older(age) => meters().map(|meter| meter.time_older(*age, now)).collect(),
            Term::Present(n) => meters().map(|m| m.present.time_at_least(*n, now)).collect(),
            Term::Visits(sum) => of.visits.iter().map(|&of| sum(&self.visits()[of])).collect(),
            Term::Run(sum) => vec![sum(self, now)],
            Term::Counters(family, sum) => {
                let owns = |owner: usize| match family.owner {
                    Owner::RequestType => of.types.contains(&owner),
                    Owner::Instance | Owner::Component => of.nodes.binary_search(&owner).is_ok(),
                };
                let counters = self.all_counters().iter();
                let mine = counters.filter(|all| all.family == *family && owns(all.owner));
                mine.map(|all| sum(all, now)).collect()
            }
        }
    }

    fn durations(&self, durations: Durations, of: &Extent) -> Box<dyn Distribution> {
        match durations {
            Durations::Latency => {
                let mut merged = Histogram::new();
                of.types.iter().for_each(|&of| merged.merge(&self.trackers()[of].latency));
                Box::new(merged)
            }
            Durations::Wait => Box::new(self.visits_of(of, |visits| &visits.wait)),
            Durations::Sojourn => Box::new(self.visits_of(of, |visits| &visits.sojourn)),
            Durations::Completion => Box::new(self.visits_of(of, |visits| &visits.completion)),
            Durations::Backlog => Box::new(self.visits_of(of, |visits| &visits.backlogs)),
            Durations::Lag => Box::new(self.visits_of(of, |visits| &visits.lags)),
        }
    }

    fn visits_of(
        &self,
        of: &Extent,
        which: fn(&super::Visits) -> &CoarseHistogram,
    ) -> CoarseHistogram {
        of.visits.map_or_else(CoarseHistogram::new, |of| which(&self.visits()[of]).clone())
    }

    /// The waits and sojourns of a subject as they stand during the run, when those who never
    /// waited are not yet among the waits.
    pub(super) fn visits_so_far(&self, of: &Extent) -> super::Visits {
        of.visits.map_or_else(super::Visits::default, |of| self.visits()[of].clone())
    }
}

impl Extent {
    /// The request types it has.
    pub(super) fn types(&self) -> &[usize] {
        &self.types
    }
}
