//! What a sweep will cost, told before most of it is run: time, memory, files.
//!
//! The first moments of the sweep itself are measured, on cells that lie everywhere in it, and what
//! they found is kept. The rest is taken to cost as much a cell.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::anyhow;

use crate::experiment::cells::Cell;
use crate::experiment::{Plan, Progress, Sink, run_cells};
use crate::parallel;
use crate::report::brief_bytes;
use crate::scenario::Sweep;
use crate::stats::reading::count as counted;
use crate::units::Span;

use super::stop;
use super::terminal::note;

/// Cells are measured for so long.
const MEASURED: Duration = Duration::from_secs(2);
/// Beyond any of these a sweep is large: its time, its files, its memory.
const LONG: f64 = 3600.0;
const MANY_BYTES: f64 = 5e9;
const MUCH_MEMORY: f64 = 2e9;
/// What a cell has in memory when the files of a sweep are written, beside what is shown of it:
/// where its line stands and what there is to do in it [bytes].
const KEPT: usize = 150;
/// The tables of a cell take about as much as its line of the journal.
const TABLES: f64 = 1.0;

/// What a cell costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Time of one core [s].
    pub(super) seconds: f64,
    /// Its line in the journal [bytes]; 0 if that could not be seen.
    pub(super) line: f64,
}

/// What a sweep will cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Estimate {
    /// Cells that are not finished, and those of the whole sweep.
    pub(super) left: usize,
    pub(super) cells: usize,
    /// What a cell costs, and how many cores there are.
    pub(super) cost: Cost,
    pub(super) cores: usize,
    /// How many copies there are of the journal.
    pub(super) copies: f64,
}

/// Hears how much has run, and ends it when that is enough.
struct Meter {
    /// When the first run was about to begin.
    since: OnceLock<Instant>,
    enough: AtomicBool,
    /// Runs that have passed, and that there are [millionths of a run].
    passed: AtomicU64,
    all: AtomicU64,
}

const WHOLE: f64 = 1e6;

impl Meter {
    fn elapsed(&self) -> Duration {
        self.since.get().map_or(Duration::ZERO, Instant::elapsed)
    }
}

impl Progress for Meter {
    fn expect(&self, runs: usize) {
        #[expect(clippy::disallowed_methods, reason = "no figure depends on how long this takes")]
        self.since.get_or_init(Instant::now);
        self.all.store((runs as f64 * WHOLE) as u64, Ordering::Relaxed);
    }

    fn advance(&self, share: f64) {
        self.passed.fetch_add(libm::round(share * WHOLE) as u64, Ordering::Relaxed);
        if self.elapsed() > MEASURED || stop::on_interrupt().load(Ordering::Relaxed) {
            self.enough.store(true, Ordering::Relaxed);
        }
    }
}

/// Runs cells that lie everywhere among these until two seconds have passed, hands those that are
/// finished to `sink`, and says what one costs.
pub(super) fn measure(sweep: &Sweep, cells: &[usize], sink: &mut Sink<'_>) -> anyhow::Result<Cost> {
    let meter = Meter {
        since: OnceLock::new(),
        enough: AtomicBool::new(false),
        passed: AtomicU64::new(0),
        all: AtomicU64::new(0),
    };
    let plan = Plan { progress: &meter, stop: &meter.enough };
    let (mut lines, mut bytes) = (0_usize, 0_usize);
    let mut counted = |cell: &Cell| {
        lines += 1;
        bytes += serde_json::to_string(cell).map_or(0, |text| text.len());
        sink(cell)
    };
    let ran = run_cells(sweep, &scattered(cells), &plan, &mut counted);
    ran.map_err(|error| anyhow!(error))?;
    let passed = meter.passed.load(Ordering::Relaxed).max(1) as f64;
    let share = passed / meter.all.load(Ordering::Relaxed).max(1) as f64;
    let cores = parallel::threads().min(cells.len().max(1)) as f64;
    let seconds = meter.elapsed().as_secs_f64() * cores;
    let seconds = seconds / (share * cells.len().max(1) as f64);
    Ok(Cost { seconds, line: bytes as f64 / lines.max(1) as f64 })
}

/// The same cells, so that any number of the first lie everywhere: by the bits of their places,
/// read from the other end.
fn scattered(cells: &[usize]) -> Vec<usize> {
    let bits = cells.len().next_power_of_two().trailing_zeros().max(1);
    let places = (0..1_usize << bits).map(|place| place.reverse_bits() >> (usize::BITS - bits));
    places.filter_map(|place| cells.get(place).copied()).collect()
}

impl Estimate {
    /// How long it will take [s].
    pub(super) fn time(&self) -> f64 {
        self.left as f64 * self.cost.seconds / self.cores.max(1) as f64
    }

    fn files(&self) -> f64 {
        self.cells as f64 * self.cost.line * (self.copies + TABLES)
    }

    fn memory(&self) -> f64 {
        (self.cells * (brief_bytes() + KEPT)) as f64
    }

    fn is_large(&self) -> bool {
        self.time() > LONG || self.files() > MANY_BYTES || self.memory() > MUCH_MEMORY
    }

    fn told(&self) -> String {
        let unit = if self.time() > 120.0 { 60.0 } else { 1.0 };
        let time = Span::from_secs((libm::ceil(self.time() / unit) * unit) as u64);
        format!(
            "{} of {} cells are left: about {time} on {} cores, {} of files, {} of memory",
            counted(self.left as u64),
            counted(self.cells as u64),
            self.cores,
            size(self.files()),
            size(self.memory()),
        )
    }

    /// Tells what a large sweep will cost, and on a terminal asks whether it is to be run.
    pub(super) fn agreed(&self, yes: bool) -> bool {
        if !self.is_large() {
            return true;
        }
        note(self.told());
        if yes || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return true;
        }
        let _ = std::io::stderr().write_all(b"Go on? [y/N] ");
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}

/// A size as people write it.
fn size(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB")];
    let (unit, name) = units.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1e3, "kB"));
    let number = bytes / unit;
    if number < 10.0 { format!("{number:.1} {name}") } else { format!("{number:.0} {name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cells_lie_everywhere_and_none_is_left_out() {
        for count in [1, 2, 7, 64, 100] {
            let cells: Vec<usize> = (0..count).map(|cell| 3 * cell).collect();
            let mut found = scattered(&cells);
            if count == 64 {
                assert_eq!(found[..4], [0, 96, 48, 144]);
            }
            found.sort_unstable();
            assert_eq!(found, cells);
        }
    }

    #[test]
    fn what_is_large_is_told_in_words() {
        let cells = 1_000_000;
        let cost = Cost { seconds: 5e-3, line: 5e3 };
        let one = Estimate { left: cells, cells, cost, cores: 2, copies: 1.0 };
        assert_eq!(one.time(), 2500.0);
        assert!(one.is_large());
        let told = one.told();
        assert!(told.contains("1,000,000 of 1,000,000 cells are left: about 42min"), "{told}");
        assert!(told.contains("on 2 cores, 10 GB of files"), "{told}");
        let small = Estimate { cells: 1000, left: 1000, ..one };
        assert!(!small.is_large() && small.agreed(false));
        let slow = Cost { seconds: 8.0, ..cost };
        assert!(Estimate { cost: slow, ..small }.is_large());
    }
}
