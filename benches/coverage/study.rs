//! The study: what share of intervals hold the truth, for each system, figure, length and number of
//! replications.

use std::fs;
use std::path::Path;

use deploysim::engine::Stream;
use deploysim::stats::{Estimate, PartOfWhole, Pooled, prediction, share};

use super::system::{Run, System};

const MINUTES: [u32; 3] = [1, 5, 30];
const COUNTS: [usize; 3] = [5, 10, 30];
const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
const THREADS: usize = 4;
/// Where the table stands in the page.
const MARK: &str = "<!-- written by benches/coverage -->";

/// What came out.
pub(crate) struct Table {
    pub(crate) text: String,
    /// Cells that are told and do not lie between 92% and 98%.
    pub(crate) outside: Vec<String>,
}

/// A figure of one length, for each number of replications.
#[derive(Clone, Default)]
struct Row {
    name: String,
    cells: [Cell; 3],
}

/// How often an interval was told, and held the truth.
#[derive(Clone, Copy, Default)]
struct Cell {
    seeds: u32,
    /// What is said is right: the interval holds the truth, or it is above what it is said to be.
    right: u32,
    /// The value is told and not only above what it is.
    told: u32,
    told_right: u32,
}

impl Cell {
    fn add(&mut self, found: &Estimate, truth: f64) {
        let right = u32::from((found.low()..=found.high()).contains(&truth));
        let told = u32::from(!found.mean.is_nan());
        self.seeds += 1;
        self.right += right;
        self.told += told;
        self.told_right += right * told;
    }

    fn merge(&mut self, more: Cell) {
        self.seeds += more.seeds;
        self.right += more.right;
        self.told += more.told;
        self.told_right += more.told_right;
    }

    fn share(self) -> f64 {
        f64::from(self.right) / f64::from(self.seeds)
    }

    /// Whether it does not lie between 92% and 98%, by more than two standard errors.
    fn is_outside(self) -> bool {
        let share = self.share();
        let off = 2.0 * (share * (1.0 - share) / f64::from(self.seeds)).sqrt();
        !(0.92 - off..=0.98 + off).contains(&share)
    }

    /// Told by most seeds; otherwise the table has no coverage of it.
    fn is_told(self) -> bool {
        2 * self.told > self.seeds
    }

    fn text(self) -> String {
        let percent = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole);
        match (self.told, self.is_told()) {
            (0, _) => "–".to_owned(),
            (told, false) => format!("– ({:.0}%)", percent(told, self.seeds)),
            (told, true) if told == self.seeds => format!("{:.1}", 100.0 * self.share()),
            (told, true) => format!(
                "{:.1} ({:.0}%: {:.1})",
                100.0 * self.share(),
                percent(told, self.seeds),
                percent(self.told_right, told)
            ),
        }
    }
}

/// Runs all of it with so many seeds.
pub(crate) fn run(seeds: u64) -> Table {
    let mut table = Table { text: String::new(), outside: Vec::new() };
    table.text +=
        "| system | figure | minutes | 5 replications | 10 | 30 |\n|---|---|--:|--:|--:|--:|\n";
    for system in System::ALL {
        let rows: Vec<Vec<Row>> = MINUTES.iter().map(|&m| length(system, m, seeds)).collect();
        for figure in 0..rows[0].len() {
            for (minutes, rows) in MINUTES.iter().zip(&rows) {
                let Row { name, cells } = &rows[figure];
                let [a, b, c] = cells.map(Cell::text);
                let system = system.name();
                table.text += &format!("| {system} | {name} | {minutes} | {a} | {b} | {c} |\n");
                let outside = |cell: &Cell| cell.is_told() && seeds >= 500 && cell.is_outside();
                if cells.iter().any(outside) {
                    table.outside.push(format!("{system}, {name}, {minutes} min"));
                }
            }
        }
    }
    table
}

/// All figures of a system whose replications are so long. The first 5 and 10 of 30 replications
/// are those of the smaller numbers; one more is what a prediction is about.
fn length(system: System, minutes: u32, seeds: u64) -> Vec<Row> {
    let has_latency = !system.mean().is_nan();
    let mut names: Vec<String> = Vec::new();
    if has_latency {
        names.extend(["mean", "mean of one more run"].map(str::to_owned));
        names.extend(QUANTILES.map(|(name, _)| name.to_owned()));
    }
    if !system.failed().is_nan() {
        names.push("share that fails".to_owned());
    }
    let mut rows: Vec<Row> = names.into_iter().map(|name| Row { name, ..Row::default() }).collect();
    let truths: Vec<f64> = QUANTILES.iter().map(|&(_, p)| system.quantile(p)).collect();
    let parts = std::thread::scope(|scope| {
        let part = |thread: u64| {
            let (mut rows, truths) = (rows.clone(), &truths);
            scope.spawn(move || {
                (thread..seeds).step_by(THREADS).for_each(|seed| {
                    one_seed(system, minutes, seed, truths, &mut rows);
                });
                rows
            })
        };
        let threads: Vec<_> = (0..THREADS as u64).map(part).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread fails"))
            .collect::<Vec<_>>()
    });
    for part in parts {
        for (row, more) in rows.iter_mut().zip(part) {
            row.cells.iter_mut().zip(more.cells).for_each(|(cell, more)| cell.merge(more));
        }
    }
    rows
}

/// Adds what one seed says of each figure.
fn one_seed(system: System, minutes: u32, seed: u64, truths: &[f64], rows: &mut [Row]) {
    let has_latency = !system.mean().is_nan();
    let root = Stream::root(seed, u64::from(minutes)).at(system as u64);
    let one = |replication| system.run(root.at(replication), 60.0 * f64::from(minutes));
    let runs: Vec<Run> = (0..31).map(one).collect();
    let means: Vec<f64> = runs.iter().map(|run| run.latency.mean()).collect();
    for (column, &n) in COUNTS.iter().enumerate() {
        let mut found: Vec<(Estimate, f64)> = Vec::new();
        if has_latency {
            found.push((Estimate::of(means[..n].iter().copied()), system.mean()));
            let next = prediction(means[..n].iter().copied(), 0.95).expect("there are several");
            found.push((Estimate::between(next[0], next), means[30]));
            let mut pooled = Pooled::default();
            runs[..n].iter().for_each(|run| pooled.push(run.latency.all_buckets()));
            let quantiles = QUANTILES.iter().map(|&(_, p)| pooled.quantile(p, 0.95));
            found.extend(quantiles.zip(truths.iter().copied()));
        }
        if !system.failed().is_nan() {
            let part = |run: &Run| -> PartOfWhole { [run.failed as f64, run.sent as f64] };
            let parts: Vec<PartOfWhole> = runs[..n].iter().map(part).collect();
            found.push((share(&parts, 0.95), system.failed()));
        }
        for (row, (estimate, truth)) in rows.iter_mut().zip(found) {
            row.cells[column].add(&estimate, truth);
        }
    }
}

/// Puts the table and the date into the page.
pub(crate) fn write(text: &str, today: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let (head, _) = page.split_once(MARK).expect("the page has the mark");
    let page = format!("{head}{MARK}\n\nRun on {today}.\n\n{text}");
    fs::write(path, page).expect("the page can be written");
}
