//! The replications of a search on a cluster: the values are tried one after another, and the
//! replications of each are shared out among all slots.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde_json::json;

use crate::experiment::capacity::{Asked, Said};
use crate::experiment::{Plan, Progress};
use crate::scenario::{Expectation, Scenario, ScenarioText};
use crate::units::Span;

use super::cluster::{Cluster, Done, On, Order};
use super::spread::place;
use super::task::{Portion, Task};
use super::terminal::print;
use super::{OK, stop};

/// Where a search ran stands in this file alone.
pub(super) const WHERE: &str = "capacity-where.json";

/// A cluster that makes replications.
pub(super) struct SpreadRuns {
    cluster: Cluster,
    words: Vec<String>,
    path: std::path::PathBuf,
    done: Vec<Done>,
}

impl SpreadRuns {
    /// Starts a cluster for the search that these words say, whose results come into `folder`.
    pub(super) fn start(
        on: &On,
        text: &ScenarioText,
        words: Vec<String>,
        folder: &Path,
    ) -> anyhow::Result<SpreadRuns> {
        let Some(cluster) = Cluster::start(on, &text.text, folder)? else {
            bail!("interrupted before anything was begun");
        };
        let words = [vec!["capacity".to_owned()], words].concat();
        Ok(SpreadRuns { cluster, words, path: text.path.clone(), done: Vec::new() })
    }

    /// Makes replications at a value. `None` if they were stopped.
    pub(super) fn runs(
        &mut self,
        asked: &Asked<'_>,
        progress: &dyn Progress,
    ) -> anyhow::Result<Option<Vec<Vec<Said>>>> {
        let portions = portions(&asked.numbers, self.cluster.ready.slots);
        for numbers in &portions {
            self.cluster.submit(self.order(asked, numbers));
        }
        let mut found: BTreeMap<String, Vec<Vec<Said>>> = BTreeMap::new();
        while found.len() < portions.len() {
            let Some(done) = self.cluster.next()? else { return Ok(None) };
            let said: Vec<Vec<Said>> = serde_json::from_str(&done.stdout)
                .with_context(|| format!("{} said what is no replication", done.worker))?;
            said.iter().for_each(|_| progress.advance(1.0));
            found.insert(done.name.clone(), said);
            self.done.push(done);
        }
        let mut all = Vec::new();
        for numbers in &portions {
            let said = found.remove(&name(asked, numbers)).unwrap_or_default();
            ensure!(said.len() as u64 == numbers.end - numbers.start, "replications are missing");
            all.extend(said);
        }
        Ok(Some(all))
    }

    fn order(&self, asked: &Asked<'_>, numbers: &Range<u64>) -> Order {
        let path = self.path.clone();
        Order {
            name: name(asked, numbers),
            words: self.words.clone(),
            keeps: None,
            about: Task {
                file: path.display().to_string(),
                path,
                digest: None,
                mark: None,
                portion: Some(Portion {
                    value: asked.value.to_bits(),
                    digest: asked.scenario.digest.clone(),
                    warmup: asked.warmup.nanos(),
                    numbers: [numbers.start, numbers.end],
                }),
            },
        }
    }

    /// Where it ran.
    pub(super) fn place(self) -> Vec<u8> {
        place(&self.cluster.ready, &self.done, json!({}))
    }
}

/// What these replications are called.
fn name(asked: &Asked<'_>, numbers: &Range<u64>) -> String {
    format!("{}: {} to {}", asked.value, numbers.start + 1, numbers.end)
}

/// As many portions as run at once, none of them empty.
fn portions(numbers: &Range<u64>, slots: usize) -> Vec<Range<u64>> {
    let size = (numbers.end - numbers.start).div_ceil(slots.max(1) as u64).max(1);
    let starts = numbers.clone().step_by(usize::try_from(size).unwrap_or(usize::MAX));
    starts.map(|start| start..(start + size).min(numbers.end)).collect()
}

/// Makes replications of a task, and prints what they say.
pub(super) fn perform(
    portion: &Portion,
    objectives: &[Expectation],
    build: impl Fn(f64) -> anyhow::Result<Scenario>,
) -> anyhow::Result<u8> {
    let value = f64::from_bits(portion.value);
    let scenario = build(value)?;
    ensure!(
        scenario.digest == portion.digest,
        "it is another scenario here: a file that it names has other contents than where the \
         search was begun"
    );
    let [start, end] = portion.numbers;
    let warmup = Span::from_nanos(portion.warmup);
    let asked = Asked { value, scenario: &scenario, warmup, numbers: start..end };
    let plan = Plan { progress: &(), stop: stop::on_interrupt() };
    let said = asked.run(objectives, &plan).context("interrupted")?;
    print(&serde_json::to_string(&said)?)?;
    Ok(OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replications_are_shared_out_and_none_is_left_out() {
        for (from, to, slots, expected) in
            [(0, 10, 2, 2), (10, 20, 3, 3), (0, 3, 8, 3), (4, 5, 0, 1)]
        {
            let found = portions(&(from..to), slots);
            assert_eq!(found.len(), expected, "{found:?}");
            let all: Vec<u64> = found.into_iter().flatten().collect();
            assert_eq!(all, (from..to).collect::<Vec<_>>());
        }
    }
}
