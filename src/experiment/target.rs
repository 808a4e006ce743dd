//! A figure that is asked of each replication, and what replications together say of it.

use serde::{Deserialize, Serialize};

use crate::measure::{Argument, Basis, Horizon, Over, Probe, Recorder};
use crate::scenario::{Figure, Scenario};
use crate::stats::{Buckets, Estimate, Influence, PartOfWhole, Pooled, share, share_influence};

/// A figure with its values so far, by replication. What is told of the busiest instance is asked
/// of each; which is the busiest is seen from the values.
#[derive(Clone, Debug)]
pub(super) struct Target {
    probes: Vec<Probe>,
    values: Vec<Vec<f64>>,
    together: Together,
}

/// What replications say of a figure together, beside the value of each.
#[derive(Clone, Debug)]
enum Together {
    /// The mean of their values.
    Mean,
    /// A share: how often something happened, of how often it could.
    Share(Vec<PartOfWhole>),
    /// A quantile of all durations, by its probability.
    Quantile(f64, Pooled),
}

/// What one replication says of a figure: the value at each probe, and what it is of. It may be
/// written, and is read as the same to the last bit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Reading {
    values: Vec<f64>,
    basis: Basis,
}

/// A reading on paper: its numbers as their bits, since JSON knows neither all of them nor that
/// there is none.
#[derive(Serialize, Deserialize)]
struct Written {
    values: Vec<u64>,
    share: Option<[u64; 2]>,
    durations: Option<Buckets>,
}

impl From<Reading> for Written {
    fn from(Reading { values, basis }: Reading) -> Written {
        let values = values.into_iter().map(f64::to_bits).collect();
        let (share, durations) = match basis {
            Basis::Value => (None, None),
            Basis::Share(part) => (Some(part.map(f64::to_bits)), None),
            Basis::Durations(durations) => (None, Some(durations)),
        };
        Written { values, share, durations }
    }
}

impl From<Written> for Reading {
    fn from(Written { values, share, durations }: Written) -> Reading {
        let values = values.into_iter().map(f64::from_bits).collect();
        let share = share.map(|part| Basis::Share(part.map(f64::from_bits)));
        let basis = share.or(durations.map(Basis::Durations)).unwrap_or_default();
        Reading { values, basis }
    }
}

impl Together {
    /// Adds a replication. What a figure is made of is the same in all of them.
    fn push(&mut self, basis: Basis, argument: &Argument) {
        match (&mut *self, basis) {
            (Together::Share(parts), Basis::Share(part)) => parts.push(part),
            (Together::Quantile(_, pooled), Basis::Durations(run)) => pooled.push(run),
            (_, Basis::Share(part)) => *self = Together::Share(vec![part]),
            (_, Basis::Durations(run)) => {
                let Argument::Quantile(p) = *argument else { return };
                let mut pooled = Pooled::default();
                pooled.push(run);
                *self = Together::Quantile(p, pooled);
            }
            (_, Basis::Value) => {}
        }
    }
}

impl Target {
    /// A figure of a scenario.
    pub(super) fn new(scenario: &Scenario, figure: &Figure) -> Target {
        Target::of(figure.probes(&scenario.deployment))
    }

    /// The same, as it is asked of runs.
    pub(super) fn of(probes: Vec<Probe>) -> Target {
        let values = vec![Vec::new(); probes.len()];
        Target { probes, values, together: Together::Mean }
    }

    /// Takes the values of further replications.
    pub(super) fn read(&mut self, runs: &[Recorder]) {
        runs.iter().for_each(|run| self.take(self.reading(run)));
    }

    /// What a replication says of it.
    pub(super) fn reading(&self, run: &Recorder) -> Reading {
        let values = self.probes.iter().map(|probe| run.value(probe)).collect();
        // What is asked of each instance is neither a share by count nor a quantile.
        let basis = match &self.probes[..] {
            [probe] => run.basis(probe),
            _ => Basis::Value,
        };
        Reading { values, basis }
    }

    /// Takes what one more replication says.
    pub(super) fn take(&mut self, reading: Reading) {
        for (values, value) in self.values.iter_mut().zip(reading.values) {
            values.push(value);
        }
        if let [probe] = &self.probes[..] {
            self.together.push(reading.basis, &probe.argument);
        }
    }

    /// Takes the value of one more replication.
    #[cfg(test)]
    pub(super) fn push(&mut self, value: f64) {
        self.values[0].push(value);
    }

    /// The figure with an interval of this confidence.
    pub(super) fn estimate(&self, confidence: f64) -> Estimate {
        match &self.together {
            Together::Mean => self.mean(confidence),
            Together::Share(parts) => share(parts, confidence),
            Together::Quantile(p, pooled) => pooled.quantile(*p, confidence),
        }
    }

    /// The mean over replications.
    fn mean(&self, confidence: f64) -> Estimate {
        let known = self.values().iter().filter(|value| !value.is_nan());
        let (n, endless) = (known.clone().count(), known.filter(|v| v.is_infinite()).count());
        if endless > 0 {
            // Where all are, so is every mean; where some are, nothing is known of its interval.
            let half_width = (n >= 2 && endless == n).then_some(0.0);
            return Estimate { half_width, n, ..Estimate::point(f64::INFINITY) };
        }
        Estimate::with_confidence(self.values().iter().copied(), confidence)
    }

    /// What each replication contributes to the figure; nothing where the figure is not known.
    pub(super) fn influence(&self) -> Option<Influence> {
        match &self.together {
            Together::Mean => None,
            Together::Share(parts) => Some(share_influence(parts)),
            Together::Quantile(p, pooled) => pooled.influence(*p),
        }
    }

    /// The values by replication.
    pub(super) fn values(&self) -> &[f64] {
        // Of an instance that was never there nothing is known: another is the busiest.
        let mean = |values: &&Vec<f64>| Estimate::of(values.iter().copied()).mean.max(-1.0);
        let busiest = self.values.iter().max_by(|a, b| mean(a).total_cmp(&mean(b)));
        busiest.expect("a component has an instance")
    }
}

/// A run measured so that these figures can be asked of it too.
pub(super) fn horizon_with<'a>(
    horizon: Horizon,
    scenario: &Scenario,
    figures: impl Iterator<Item = &'a Figure>,
) -> Horizon {
    let of = |figure: &Figure| {
        let deployment = &scenario.deployment;
        figure.probes(deployment).into_iter().chain(figure.answers(deployment))
    };
    let probes = figures.flat_map(of);
    let parts = probes.filter(|probe| probe.over != Over::Run);
    let probes: Vec<Probe> = horizon.probes.iter().cloned().chain(parts).collect();
    Horizon { probes: probes.into(), ..horizon }
}

#[cfg(test)]
mod tests;
