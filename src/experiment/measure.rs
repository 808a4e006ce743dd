//! Every figure of a run, by the declarations of the registry: the one list behind tables, CSV,
//! JSON, sweeps and all that compares runs.

use crate::component::ComponentSpec;
use crate::deployment::Deployment;
use crate::deployment::metrics::{BANDWIDTH, link_has, metrics};
use crate::measure::{
    About, Argument, EndedAs, Form, Metric, Over, Probe, Recorder, Resource, Statistic, Subject,
    Unit, percentile,
};
use crate::scenario::pipes;
use crate::stats::{Estimate, Influence, prediction};
use crate::work::MachineSpec;

use super::results::QUANTILES;
use super::target::Target;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Such as `p99` or `outcome_count:timed out`.
    pub name: String,
    /// Such as `s`, `1/s`, `share`, `requests`.
    pub unit: &'static str,
    /// How the values of replications were put together.
    pub statistic: Statistic,
    /// What came out; a sum, a greatest value and a constant have no interval.
    pub estimate: Estimate,
    /// The value of each replication; not-a-number where there was nothing to measure.
    pub values: Vec<f64>,
    /// What each replication contributes to a figure that is not the mean of their values; none
    /// where the figure is not known.
    pub influence: Option<Influence>,
}

impl Measure {
    /// Where the figure of one more run of the same length will be, with a confidence of 95%:
    /// Student's t over the values of replications, as if they were normal. `None` of fewer than
    /// two values, and of what is the same in every run.
    pub fn one_run(&self) -> Option<[f64; 2]> {
        let varies = self.statistic != Statistic::Constant;
        let [low, high] = varies.then(|| prediction(self.values.iter().copied(), 0.95))??;
        let negative = self.values.iter().any(|value| *value < 0.0);
        let low = if negative { low } else { low.max(0.0) };
        Some([low, if self.unit == Unit::Share.word() { high.min(1.0) } else { high }])
    }
}

/// The figures of one subject.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures(pub Vec<Measure>);

impl Measures {
    /// The figure of this name, if its subject has it.
    pub fn get(&self, name: &str) -> Option<&Measure> {
        self.0.iter().find(|measure| measure.name == name)
    }

    /// The estimate of a figure that its subject has.
    ///
    /// # Panics
    /// If it has not.
    pub fn estimate(&self, name: &str) -> Estimate {
        let found = self.get(name).unwrap_or_else(|| panic!("no metric is called {name}"));
        found.estimate
    }

    /// The same of a sum.
    pub(super) fn sum(&self, name: &str) -> u64 {
        self.estimate(name).mean as u64
    }
}

/// What has figures of its own: a component, a link that messages share, or machines with
/// something that those on them share.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) subject: Subject,
    pub(super) is: Is<'a>,
}

/// What has figures of its own, as a scenario says it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Is<'a> {
    Component(&'a ComponentSpec),
    Link,
    Machine(&'a MachineSpec),
}

impl Part<'_> {
    /// The word of the scenario for what it is.
    pub(super) fn kind(&self) -> &'static str {
        match self.is {
            Is::Component(spec) => spec.word(),
            Is::Link => "link",
            Is::Machine(_) => "machine",
        }
    }

    /// What it has slots for.
    pub(super) fn slots(&self) -> &'static str {
        match self.is {
            Is::Component(spec) => spec.slots(),
            Is::Link => BANDWIDTH,
            Is::Machine(_) => "",
        }
    }

    pub(super) fn instances(&self) -> usize {
        let instances = match self.is {
            Is::Component(spec) => spec.instances(),
            Is::Link => 1,
            Is::Machine(spec) => spec.count.get(),
        };
        usize::try_from(instances).expect("instances are few")
    }

    /// Whether a metric is told of it.
    pub(super) fn tells(&self, metric: &Metric) -> bool {
        match self.is {
            Is::Component(spec) => spec.has(metric.needs),
            Is::Link => link_has(metric.needs),
            Is::Machine(spec) => spec.has(metric.needs),
        }
    }

    /// Whether it has a resource of which a metric may be.
    pub(super) fn has(&self, resource: Resource) -> bool {
        match self.is {
            Is::Component(spec) => spec.has(resource.needs()),
            Is::Link => link_has(resource.needs()),
            Is::Machine(spec) => spec.has_resource(resource),
        }
    }
}

/// The components in the scenario's order, then the links that messages share, then machines.
pub(super) fn parts(deployment: &Deployment) -> Vec<Part<'_>> {
    let components = deployment.topology.iter().enumerate();
    let components = components.map(|(index, (name, spec))| Part {
        name: name.value.clone(),
        subject: Subject::Component(index),
        is: Is::Component(spec),
    });
    let links = pipes(deployment).into_iter();
    let links = links.map(|name| Part { subject: Subject::Link(name.clone()), name, is: Is::Link });
    let machines = deployment.equipped().into_iter().map(|machine| Part {
        name: machine.name.value.clone(),
        subject: Subject::Component(machine.component),
        is: Is::Machine(machine.spec),
    });
    components.chain(links).chain(machines).collect()
}

/// The figures of requests of these types together.
pub(super) fn of_requests(deployment: &Deployment, types: &[usize], runs: &[Recorder]) -> Measures {
    let listed = metrics()
        .filter(|metric| metric.about == About::Requests && deployment.have(types, metric.needs));
    let subject = Subject::Requests(types.to_vec());
    let outcomes = outcomes(deployment, &runs[0]);
    let of = |metric: &'static Metric| -> Vec<Measure> {
        match metric.form {
            Form::Outcome(stem) => {
                let outcomes = outcomes.iter();
                let told = outcomes.filter(|(_, how)| occurs(how, &subject, runs));
                told.map(|(word, how)| {
                    let name = format!("{stem}:{word}");
                    tell(name, probe(metric, Argument::Ended(how.clone()), &subject), runs)
                })
                .collect()
            }
            _ => plain(metric, &subject, runs),
        }
    };
    Measures(listed.flat_map(of).collect())
}

/// The figures of a component, or of a link that messages share.
pub(super) fn of_part(part: &Part<'_>, runs: &[Recorder]) -> Measures {
    let listed = metrics().filter(|metric| metric.about == About::Component && part.tells(metric));
    let of = |metric: &'static Metric| -> Vec<Measure> {
        match metric.form {
            Form::Resource(stem) => {
                let has = |resource: &Resource| runs[0].has(&part.subject, *resource);
                let resources = Resource::ALL.into_iter().filter(has);
                resources
                    .map(|resource| {
                        let name = format!("{stem}:{}", resource.word(part.slots()));
                        let argument = Argument::Resource(resource);
                        tell(name, probe(metric, argument, &part.subject), runs)
                    })
                    .collect()
            }
            _ => plain(metric, &part.subject, runs),
        }
    };
    Measures(listed.flat_map(of).collect())
}

/// The figures of the whole run.
pub(super) fn of_run(runs: &[Recorder]) -> Measures {
    let listed = metrics().filter(|metric| metric.about == About::Run);
    Measures(listed.flat_map(|metric| plain(metric, &Subject::Run, runs)).collect())
}

/// The figures of a metric whose parameters are the same for every subject. One whose parameter is
/// a number or a duration is told where it is asked.
fn plain(metric: &'static Metric, subject: &Subject, runs: &[Recorder]) -> Vec<Measure> {
    match metric.form {
        Form::Word(word) => {
            vec![tell(word.to_owned(), probe(metric, Argument::None, subject), runs)]
        }
        Form::Percentile(stem) => QUANTILES
            .map(|p| tell(percentile(stem, p), probe(metric, Argument::Quantile(p), subject), runs))
            .into(),
        // Where errors are few it is as good as that of those answered: told where it is asked.
        Form::PercentileOfAll(_) => Vec::new(),
        Form::Resource(_) | Form::Outcome(_) => Vec::new(),
        Form::Number(_) | Form::Duration(_) => Vec::new(),
    }
}

/// A metric over the whole run.
pub(super) fn probe(metric: &'static Metric, argument: Argument, subject: &Subject) -> Probe {
    Probe { metric, argument, subject: subject.clone(), over: Over::Run }
}

/// A figure from all replications.
fn tell(name: String, probe: Probe, runs: &[Recorder]) -> Measure {
    let (statistic, unit) = (probe.metric.statistic, probe.metric.unit_of(&probe.argument).word());
    let mut asked = Target::of(match statistic {
        Statistic::BusiestInstance => {
            let instances = runs[0].instances(&probe.subject);
            probe.clone().of_each(instances)
        }
        _ => vec![probe.clone()],
    });
    asked.read(runs);
    let values = asked.values().to_vec();
    let known = |value: f64| Estimate { n: runs.len(), ..Estimate::point(value) };
    let estimate = match statistic {
        Statistic::Mean | Statistic::BusiestInstance | Statistic::Pooled => asked.estimate(0.95),
        Statistic::Sum => known(values.iter().sum()),
        Statistic::Max => known(values.iter().copied().fold(f64::NAN, f64::max)),
        Statistic::Constant => known(values[0]),
    };
    Measure { name, unit, statistic, estimate, values, influence: asked.influence() }
}

/// Every way in which requests may end, in the order in which they are told.
fn outcomes(deployment: &Deployment, run: &Recorder) -> Vec<(String, EndedAs)> {
    let mut all = vec![
        ("ok".to_owned(), EndedAs::Ok),
        ("stale".to_owned(), EndedAs::Stale),
        ("timed out".to_owned(), EndedAs::TimedOut),
    ];
    for (index, name) in deployment.topology.names().enumerate() {
        all.push((format!("rejected by {name}"), EndedAs::RejectedBy(index)));
        all.push((format!("failed at {name}"), EndedAs::FailedAt(index)));
    }
    let links = run.links().iter();
    all.extend(links.map(|link| (format!("lost on {link}"), EndedAs::LostOn(link.clone()))));
    all.push(("in flight at the end".to_owned(), EndedAs::InFlight));
    all
}

/// Whether requests end so in any replication, or are meant to.
fn occurs(how: &EndedAs, subject: &Subject, runs: &[Recorder]) -> bool {
    let any = |run: &Recorder| run.ended_as(subject, how) > 0;
    *how == EndedAs::Ok || runs.iter().any(any)
}
