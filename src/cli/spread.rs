//! A sweep on a cluster: its shards run as tasks, and become the files of one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};
use serde_json::{Value, json};

use crate::experiment::checkpoint::{self, Header, Reading, Shards};
use crate::experiment::{Progress, Shard};
use crate::files;
use crate::scenario::{ScenarioText, Sweep};

use super::cluster::{Cluster, Done, On, Order, Ready};
use super::estimate::{Estimate, measure};
use super::folder::Folder;
use super::merge::within;
use super::progress::Bar;
use super::stop;
use super::task::Task;

/// Where a sweep ran stands in this file alone.
pub(super) const WHERE: &str = "where.json";
/// A shard is to take so long [s of one core], so that what a task costs besides is little.
const SHARD: f64 = 2.0;
/// The most shards, whatever the number of cells: a scheduler takes some milliseconds for each.
pub(super) const MOST_SHARDS: usize = 10_000;
/// The journals of shards and that of the whole.
const COPIES: f64 = 2.0;

/// A sweep that is to run on a cluster.
pub(super) struct Spread<'a> {
    pub(super) on: &'a On,
    pub(super) shards: Option<usize>,
    pub(super) resume: bool,
    pub(super) yes: bool,
    pub(super) quiet: bool,
    pub(super) text: &'a ScenarioText,
    /// The scenario as it was asked for, and the words of the command that change it.
    pub(super) file: String,
    pub(super) words: Vec<String>,
    pub(super) sweep: &'a Sweep,
    pub(super) header: &'a Header,
    pub(super) folder: &'a Folder,
}

impl Spread<'_> {
    /// Runs what is not finished, and leaves the journal of the whole sweep. Otherwise the status
    /// with which the command ends.
    pub(super) fn run(&self) -> anyhow::Result<Result<(), u8>> {
        if self.is_finished()? {
            self.clear()?;
            return Ok(Ok(()));
        }
        let there = self.there()?;
        let mut finished = BTreeSet::new();
        for shard in there.into_iter().flat_map(Shard::all) {
            if self.has(shard)? {
                finished.insert(shard);
            }
        }
        let before = finished.len();
        let Some(mut cluster) = Cluster::start(self.on, &self.text.text, self.folder)? else {
            return Ok(Err(stop::interrupted("nothing was begun")));
        };
        let count = match there.or(self.shards) {
            Some(count) => count,
            None => match self.number(&cluster)? {
                Some(count) => count,
                None => return Ok(Err(stop::interrupted("nothing was begun"))),
            },
        };
        let done = self.tasks(&mut cluster, Shard::all(count), &mut finished);
        let ready = cluster.ready.clone();
        // Ends workers first, which may be at work there.
        drop(cluster);
        let (len, folder) = (finished.len(), self.folder.display());
        let kept = format!("{len} of {count} shards are finished and kept in {folder}");
        let goes_on = "the same command with --resume goes on";
        let done = done.with_context(|| format!("the sweep stopped; {kept}; {goes_on}"))?;
        if len < count {
            return Ok(Err(stop::interrupted(format!("{kept}; {goes_on}"))));
        }
        self.join(Shard::all(count))?;
        let told = json!({ "shards": count, "finished_before": before });
        files::replace(&self.folder.join(WHERE), &place(&ready, &done, told))?;
        Ok(Ok(()))
    }

    /// Whether the whole sweep is there already; refused if a part of it is, of one machine.
    fn is_finished(&self) -> anyhow::Result<bool> {
        let path = self.folder.join(checkpoint::NAME);
        let Some(known) = reading(&path)? else { return Ok(false) };
        let (done, all) = (known.finished(), known.header.own().count());
        if done > 0 && done < all {
            bail!(
                "{} holds {done} of {all} cells of a sweep on this machine: without --on, --resume \
                 goes on with it; to begin anew, remove {}",
                self.folder.display(),
                path.display()
            );
        }
        Ok(self.resume && done == all && self.header.differs(&known.header).is_none())
    }

    /// How many shards there are of a sweep that is gone on with.
    fn there(&self) -> anyhow::Result<Option<usize>> {
        let folder = self.folder.display();
        let found = within(self.folder)?;
        let names = found.iter().filter_map(|path| path.file_name()?.to_str());
        let counts: BTreeSet<usize> =
            names.filter_map(Shard::of_folder).map(|shard| shard.count).collect();
        let Some(&count) = counts.first() else { return Ok(None) };
        ensure!(
            self.resume,
            "{folder} holds shards of a sweep: --resume goes on with them; to begin anew, remove \
             its folders shard-*-of-{count}"
        );
        let last = counts.last().copied().unwrap_or(count);
        ensure!(
            count == last,
            "{folder} holds shards of {count} and of {last} in all: remove those that are not meant"
        );
        ensure!(
            self.shards.is_none_or(|shards| shards == count),
            "{folder} holds shards of {count} in all: go on with --shards {count}, or without it"
        );
        Ok(Some(count))
    }

    /// Chooses the number of shards by what a cell costs here; `None` if that is too much.
    fn number(&self, cluster: &Cluster) -> anyhow::Result<Option<usize>> {
        let cells: Vec<usize> = self.header.own().collect();
        let cost = measure(self.sweep, &cells, &mut |_| Ok(()))?;
        let estimate = Estimate {
            left: cells.len(),
            cells: cells.len(),
            cost,
            cores: cluster.ready.slots.max(1),
            copies: COPIES,
        };
        if !self.quiet && !estimate.agreed(self.yes) {
            return Ok(None);
        }
        Ok(Some(shards(cells.len(), cost.seconds)))
    }

    /// Whether a shard is there and finished; an error if it is of another sweep.
    fn has(&self, shard: Shard) -> anyhow::Result<bool> {
        let path = self.folder.join(shard.folder()).join(checkpoint::NAME);
        let Some(known) = reading(&path)? else { return Ok(false) };
        if let Some(why) = self.header.differs(&known.header) {
            bail!("{} cannot be gone on with: {why}", path.display());
        }
        let expected = Header { shard, ..self.header.clone() };
        ensure!(known.header == expected, "{} is not of this sweep", path.display());
        Ok(known.finished() == known.header.own().count())
    }

    /// Runs those that are not finished, and says who did them.
    fn tasks(
        &self,
        cluster: &mut Cluster,
        all: impl Iterator<Item = Shard>,
        finished: &mut BTreeSet<Shard>,
    ) -> anyhow::Result<Vec<Done>> {
        let bar = Bar::new(self.quiet);
        let left: Vec<Shard> = all.filter(|shard| !finished.contains(shard)).collect();
        bar.expect(left.iter().map(|shard| self.runs(*shard)).sum::<f64>() as usize);
        left.iter().for_each(|shard| cluster.submit(self.order(*shard)));
        let mut names: BTreeMap<String, Shard> =
            left.into_iter().map(|shard| (shard.to_string(), shard)).collect();
        let mut all = Vec::new();
        while let Some(done) = cluster.next()? {
            let shard = names.remove(&done.name).context("a task that was not asked for")?;
            let whole = self.has(shard)?;
            ensure!(whole, "{} did not finish shard {shard}", done.worker);
            finished.insert(shard);
            bar.advance(self.runs(shard));
            all.push(done);
        }
        bar.finish();
        Ok(all)
    }

    /// Replications in a shard.
    fn runs(&self, shard: Shard) -> f64 {
        let cells = shard.cells(self.header.cells);
        cells.map(|cell| self.sweep.work[&cell].replications as f64).sum()
    }

    /// The command of a shard.
    fn order(&self, shard: Shard) -> Order {
        let mut words = vec!["sweep".to_owned()];
        words.extend(self.words.iter().cloned());
        words.push(format!("--shard={shard}"));
        words.extend(["--resume", "--quiet", "--no-charts"].map(str::to_owned));
        Order {
            name: shard.to_string(),
            words,
            keeps: Some(Path::new(&shard.folder()).join(checkpoint::NAME)),
            about: Task {
                file: self.file.clone(),
                path: self.text.path.clone(),
                digest: Some(self.sweep.digest.clone()),
                mark: Some(self.sweep.mark(shard.cells(self.header.cells))),
                portion: None,
            },
        }
    }

    /// Puts the journals of all shards together.
    fn join(&self, all: impl Iterator<Item = Shard>) -> anyhow::Result<()> {
        let mut shards = Shards::default();
        for shard in all {
            let path = self.folder.join(shard.folder()).join(checkpoint::NAME);
            let known = reading(&path)?.with_context(|| format!("{} is gone", path.display()))?;
            shards.add(known).map_err(|why| anyhow!(why))?;
        }
        let header = shards.whole().map_err(|why| anyhow!(why))?;
        let cannot = || format!("cannot write the results to {}", self.folder.display());
        shards.write(&header, self.folder).with_context(cannot)?;
        self.clear()
    }

    /// Removes the shards of this sweep, whose journal is whole.
    fn clear(&self) -> anyhow::Result<()> {
        for folder in within(self.folder)? {
            let name = folder.file_name().and_then(|name| name.to_str());
            let shard = name.and_then(Shard::of_folder);
            if shard.is_none_or(|shard| self.has(shard).is_err()) {
                continue;
            }
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        Ok(())
    }
}

/// The journal at `path`, if there is one.
fn reading(path: &Path) -> anyhow::Result<Option<Reading>> {
    match Reading::of(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        found => found.with_context(|| format!("cannot read {}", path.display())),
    }
}

/// So many that each takes two seconds of a core, and no more than can be.
fn shards(cells: usize, seconds: f64) -> usize {
    let whole = libm::floor(cells as f64 * seconds / SHARD) as usize;
    whole.clamp(1, MOST_SHARDS.min(cells.max(1)))
}

/// Where tasks ran, with what is to be told of them besides.
pub(super) fn place(ready: &Ready, done: &[Done], mut told: Value) -> Vec<u8> {
    told["on"] = json!("dask");
    told["dask"] = json!(ready.dask);
    told["scheduler"] = json!(ready.scheduler);
    told["workers"] = json!(workers(done));
    format!("{told:#}\n").into_bytes()
}

/// What each worker did.
fn workers(done: &[Done]) -> Vec<Value> {
    let mut workers: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for one in done {
        let (tasks, seconds) = workers.entry(&one.worker).or_default();
        *tasks += 1;
        *seconds += one.seconds;
    }
    let told = workers.into_iter();
    told.map(|(worker, (tasks, seconds))| {
        let seconds = libm::round(1000.0 * seconds) / 1000.0;
        json!({ "worker": worker, "tasks": tasks, "seconds": seconds })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_takes_two_seconds_or_more_and_there_are_ten_thousand_at_most() {
        assert_eq!(shards(10, 1e-3), 1);
        assert_eq!(shards(1000, 0.1), 50);
        assert_eq!(shards(10, 60.0), 10);
        assert_eq!(shards(1_000_000, 0.005), 2500);
        assert_eq!(shards(1_000_000, 5.0), 10_000);
    }
}
