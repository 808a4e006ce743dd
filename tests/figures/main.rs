//! The record of figures: every figure of every shipped scenario at its full length, and of 500
//! small scenarios drawn at random, stays the same to the last bit. It is the same on every
//! platform, with any number of threads and a year from now; a difference is a bug, or a change
//! that the changelog announces.
//!
//! `record.txt` has a digest of each scenario. The plain test checks a sample in a few seconds,
//! `DEPLOYSIM_FULL=1` all of it. What has changed is seen by comparing two versions of the program:
//!
//! ```sh
//! DEPLOYSIM_FIGURES=/tmp/before cargo test --release --test figures   # the one
//! DEPLOYSIM_FIGURES=/tmp/after cargo test --release --test figures    # the other
//! diff -r /tmp/before /tmp/after
//! ```
//!
//! Each scenario has a file there, one figure a line: scenario, table, subject, metric, mean,
//! half-width and number of replications, with tabs between, sorted by bytes. The text of a random
//! scenario stands beside it. After metrics were renamed, the files of before take the new names:
//!
//! ```sh
//! for file in /tmp/before/*.tsv; do
//!     sed 's/\tsession_calls\t/\tsession_lookups\t/' $file | LC_ALL=C sort -o $file
//! done
//! diff -r /tmp/before /tmp/after
//! ```
//!
//! Where only that is different which was meant to be, `DEPLOYSIM_BLESS=1` writes the record anew.
//! The failing test tells apart where names alone have changed.

mod record;
mod rows;
#[path = "../support/small.rs"]
mod small;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use deploysim::experiment::{Plan, replicate};
use deploysim::scenario::{Scenario, load_text};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use rayon::prelude::*;

use record::Record;
use rows::{Row, rows};
use small::{SCHEDULING, small};

const RANDOM: usize = 500;

/// How many random scenarios the plain test runs.
const RANDOM_SAMPLE: usize = 60;

/// The shipped scenarios that the plain test runs: short ones, with all kinds of figures.
const SHIPPED_SAMPLE: [&str; 7] = [
    "closed-users",
    "eviction",
    "failing-server",
    "max-age",
    "narrow-link",
    "session-stores",
    "shared-private-page",
];

/// A scenario of which figures are recorded.
enum Source {
    Shipped(PathBuf),
    Random(String),
}

impl Source {
    fn load(&self) -> Scenario {
        let scenario = match self {
            Source::Shipped(path) => {
                let text = fs::read_to_string(path).expect("the scenario can be read");
                load_text(path, &text, &[])
            }
            Source::Random(text) => load_text(Path::new("random.yaml"), text, &[]),
        };
        scenario.unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// Every figure of a plain run.
    fn rows(&self) -> Vec<Row> {
        let plan = Plan { progress: &(), stop: &AtomicBool::new(false) };
        rows(&replicate(&self.load(), &plan).expect("nobody stops it"))
    }
}

/// All of them by name.
fn sources() -> BTreeMap<String, Source> {
    let config = Config { rng_seed: RngSeed::Fixed(2), ..Config::default() };
    let (mut runner, small) = (TestRunner::new(config), small());
    let random = (0..RANDOM).map(|i| {
        let drawn = small.new_tree(&mut runner).expect("nothing is filtered").current();
        let text = drawn.yaml(SCHEDULING[i % SCHEDULING.len()]);
        (format!("random-{i:03}"), Source::Random(text))
    });
    let shipped = support::shipped().into_iter().map(|path| {
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        (name, Source::Shipped(support::root().join(path)))
    });
    shipped.chain(random).collect()
}

/// Whether the plain test runs a scenario.
fn in_sample(name: &str) -> bool {
    let random = name.strip_prefix("random-").and_then(|number| number.parse::<usize>().ok());
    random.map_or(SHIPPED_SAMPLE.contains(&name), |number| number < RANDOM_SAMPLE)
}

fn records(sources: &BTreeMap<String, Source>) -> BTreeMap<String, Record> {
    let record = |(name, source): (&String, &Source)| (name.clone(), Record::new(&source.rows()));
    sources.par_iter().map(record).collect()
}

/// A file for each scenario, with all of its figures.
fn write_figures(sources: &BTreeMap<String, Source>, folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let write = |name: String, text: &str| {
        fs::write(folder.join(name), text).expect("the folder takes files");
    };
    sources.par_iter().for_each(|(name, source)| {
        let lines: String = source.rows().iter().map(|row| row.line(name)).collect();
        write(format!("{name}.tsv"), &lines);
        if let Source::Random(text) = source {
            write(format!("{name}.yaml"), text);
        }
    });
}

#[test]
fn every_figure_is_the_recorded_one() {
    let asked = |name: &str| std::env::var_os(name);
    let path = support::root().join("tests/figures/record.txt");
    let mut sources = sources();
    if let Some(folder) = asked("DEPLOYSIM_FIGURES") {
        return write_figures(&sources, Path::new(&folder));
    }
    if asked("DEPLOYSIM_BLESS").is_some() {
        return fs::write(path, record::write(&records(&sources))).expect("it can be written");
    }
    let known = record::read(&fs::read_to_string(path).expect("there is a record"));
    assert!(known.keys().eq(sources.keys()), "other scenarios than in the record: {HOW}");
    if asked("DEPLOYSIM_FULL").is_none() {
        sources.retain(|name, _| in_sample(name));
    }
    let found = records(&sources);
    let changes = found.iter().filter_map(|(name, found)| {
        known[name].change(found).map(|change| format!("{name}: {change}"))
    });
    let changes: Vec<String> = changes.collect();
    assert!(changes.is_empty(), "{changes:#?}\n{HOW}");
}

const HOW: &str = "tests/figures/main.rs says how to compare two versions, and what to do then";
