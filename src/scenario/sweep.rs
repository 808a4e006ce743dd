//! Sweeps: the scenarios that a `sweep:` block makes of one, all of them checked before any is run.
//!
//! *Invariant:* a cell is the scenario's tree with the values of its point put in, and goes through
//! the same reading and the same checks. Cells are numbered with the last axis fastest.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::document::{
    Entries, Files, Node, Path, Place, Problem, Problems, Read, Sources, Step, Value, quoted,
};
use crate::parallel::*;

use super::axis::{Axis, AxisSpec, Point, check_columns, read_axes};
use super::load::{Draft, Faults, Scenario, complete, folder};
use super::overrides::{Change, put_at, steps};
use super::spec::{ScenarioSpec, Warmup};
use super::text::ScenarioText;
use super::traces::Traces;

/// The most cells of a sweep.
pub const MOST_CELLS: usize = 1_000_000;

/// A scenario and everything that its sweep makes of it.
#[derive(Debug)]
pub struct Sweep {
    /// The scenario as it stands, with the axes.
    pub base: Scenario,
    /// SHA-256 of what decides the results: the digest, the seed, the length and the number of
    /// replications of every cell that was checked.
    pub digest: String,
    /// How much there is to do in each cell that was checked.
    pub work: BTreeMap<usize, Work>,
    path: PathBuf,
    root: Node,
    sources: Sources,
    text: Sha256,
    schema: serde_json::Value,
    traces: Traces,
}

/// How much there is to do in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Replications of its scenario.
    pub replications: u64,
    /// What is said of its warm-up.
    pub warmup: Warmup,
    /// The first bytes of the SHA-256 of what decides its results.
    mark: [u8; 8],
}

/// Loads a scenario with these changes, and all cells of its sweep.
pub fn sweep(text: &ScenarioText, changes: &[Change]) -> Result<Sweep, Faults> {
    sweep_of(text, changes, |all| (0..all).collect())
}

/// Loads a scenario with these changes, and the cells of its sweep that `chosen` gives of so many.
pub fn sweep_of(
    text: &ScenarioText,
    changes: &[Change],
    chosen: impl FnOnce(usize) -> Vec<usize>,
) -> Result<Sweep, Faults> {
    let path = &text.path;
    let mut draft = Draft::new(path, &text.text, None, changes);
    let traces = Traces::default();
    let digest = draft.digest.clone();
    let base = draft.scenario(path, &traces);
    let (Some(base), Some(root)) = (base, draft.root) else {
        return Err(Faults { problems: draft.problems, sources: draft.sources });
    };
    if base.axes.is_empty() {
        let label = "expected a `sweep:` block here, or --vary on the command line";
        let problem = Problem::new(root.place, "there is nothing to vary", label);
        let problem = problem.help("such as --vary app.replicas=1,2,4");
        return Err(Faults { problems: problem.into(), sources: draft.sources });
    }
    let mut sweep = Sweep {
        path: path.to_owned(),
        root: bare(&root),
        sources: draft.sources,
        text: digest,
        schema: super::schema(),
        traces,
        digest: base.digest.clone(),
        work: BTreeMap::new(),
        base,
    };
    let cells = chosen(sweep.cells());
    sweep.check(&cells)?;
    Ok(sweep)
}

impl Sweep {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.base.axes.iter().map(|axis| axis.points.len()).product()
    }

    /// The point of each axis at which a cell lies.
    pub fn points(&self, cell: usize) -> Vec<&Point> {
        let mut rest = cell;
        let mut points: Vec<&Point> = Vec::new();
        for axis in self.base.axes.iter().rev() {
            points.push(&axis.points[rest % axis.points.len()]);
            rest /= axis.points.len();
        }
        points.reverse();
        points
    }

    /// The scenario of a cell, which was sound when the sweep was loaded: a fault is one of a file
    /// that has changed since.
    pub fn cell(&self, cell: usize) -> Result<Scenario, Faults> {
        let fault = |problems| Faults { problems, sources: self.sources.clone() };
        self.try_cell(cell).map_err(fault)
    }

    fn try_cell(&self, cell: usize) -> Result<Scenario, Problems> {
        let mut problems = Problems::with_files(Files::below(folder(&self.path)));
        let mut root = self.root.clone();
        for point in self.points(cell) {
            put_point(&mut root, point, &self.schema, &mut problems);
        }
        let mut digest = self.text.clone();
        let scenario = complete(&self.path, &root, &mut digest, &self.traces, &mut problems);
        scenario.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// A digest of what decides the results of these cells, which were checked.
    pub fn mark(&self, cells: impl Iterator<Item = usize>) -> String {
        let mut digest = Sha256::new();
        cells.filter_map(|cell| self.work.get(&cell)).for_each(|work| digest.update(work.mark));
        hex(&digest.finalize())
    }

    /// Checks these cells.
    fn check(&mut self, cells: &[usize]) -> Result<(), Faults> {
        let check = |cell| {
            self.try_cell(cell).map(|scenario| {
                let Scenario { digest, seed, duration, replications, warmup, .. } = scenario;
                let line = format!("{digest} {seed} {} {replications}\n", duration.nanos());
                let mut mark = [0; 8];
                mark.copy_from_slice(&Sha256::digest(&line)[..8]);
                (line, Work { replications, warmup, mark })
            })
        };
        let checked: Vec<_> = cells.par_iter().map(|&cell| check(cell)).collect();
        let mut digest = Sha256::new();
        let mut wrong = Vec::new();
        for (&cell, checked) in cells.iter().zip(checked) {
            match checked {
                Ok((line, work)) => {
                    digest.update(line);
                    self.work.insert(cell, work);
                }
                Err(problems) => wrong.push((cell, problems)),
            }
        }
        if !wrong.is_empty() {
            let problems = self.in_cells(&wrong);
            return Err(Faults { problems, sources: self.sources.clone() });
        }
        for axis in &self.base.axes {
            for point in &axis.points {
                digest.update(format!("{}\0{}\0", axis.name, point.label));
            }
        }
        self.digest = hex(&digest.finalize());
        Ok(())
    }

    /// Each problem once, with the first cell that has it and how many others do.
    fn in_cells(&self, wrong: &[(usize, Problems)]) -> Problems {
        let mut found: BTreeMap<(Place, &str), (usize, usize, &Problem)> = BTreeMap::new();
        for (cell, problems) in wrong {
            for problem in problems.sorted() {
                let first = (*cell, 0, problem);
                found.entry((problem.place, &problem.title)).or_insert(first).1 += 1;
            }
        }
        let mut problems = Problems::new();
        for (cell, cells, problem) in found.into_values() {
            let axes = self.base.axes.iter().zip(self.points(cell));
            let named: Vec<_> = axes.map(|(a, p)| format!("{}={}", a.name, p.label)).collect();
            let others = match cells {
                1 => String::new(),
                2 => " and one other".to_owned(),
                _ => format!(" and {} others", cells - 1),
            };
            let mut problem = problem.clone();
            problem.title += &format!(", in the cell {}{others}", named.join(", "));
            let points = self.points(cell);
            if points.iter().all(|point| point.place != problem.place) {
                for point in points {
                    problem = problem.also(point.place, format!("here {}", quoted(&point.label)));
                }
            }
            problems.push(problem);
        }
        problems
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The tree without its sweep: what a cell is made of.
fn bare(root: &Node) -> Node {
    let mut root = root.clone();
    if let Value::Mapping(entries) = &mut root.value {
        entries.retain(|(key, _)| key.text != "sweep");
    }
    root
}

fn put_point(root: &mut Node, point: &Point, schema: &serde_json::Value, problems: &mut Problems) {
    for (path, value) in &point.changes {
        if let Err(problem) = put_at(root, path.clone(), value.clone(), schema) {
            problems.push(problem);
        }
    }
}

/// The axes of a scenario, as far as they can be checked without making its cells.
pub(super) fn axes(root: &Node, spec: &Entries<AxisSpec>, problems: &mut Problems) -> Vec<Axis> {
    if spec.is_empty() {
        return Vec::new();
    }
    let axes = read_axes(spec, problems);
    check_columns(&axes, problems);
    check_paths(root, &axes, problems);
    let cells = axes.iter().try_fold(1_usize, |cells, axis| cells.checked_mul(axis.points.len()));
    if cells.is_none_or(|cells| cells > MOST_CELLS)
        && let Some(last) = axes.last()
    {
        let sizes: Vec<_> = axes.iter().map(|axis| axis.points.len().to_string()).collect();
        let title = format!("the sweep has {} cells", sizes.join(" × "));
        let label = format!("expected {MOST_CELLS} at most");
        problems.push(Problem::new(last.place, title, label));
    }
    axes
}

/// Whether each path leads somewhere, from the first point of the axes before it, and whether any
/// is varied twice.
fn check_paths(root: &Node, axes: &[Axis], problems: &mut Problems) {
    let schema = super::schema();
    let mut root = bare(root);
    let mut seen: Vec<(Vec<Step>, Place)> = Vec::new();
    for axis in axes {
        let mut mine: Vec<(Vec<Step>, Place)> = Vec::new();
        let tried = if axis.uneven { axis.points.len() } else { 1 };
        for point in &axis.points[..tried] {
            mine.extend(
                point.changes.iter().map(|(path, _)| (steps(&root, path.clone()), whole(path))),
            );
            check_point(&root, point, &schema, problems);
        }
        for (steps, place) in &mine {
            if let Some((_, first)) = seen.iter().find(|(other, _)| other == steps) {
                let problem = Problem::new(*place, "this path is varied twice", "the second time");
                problems.push(problem.also(*first, "the first"));
            }
        }
        seen.extend(mine);
        put_point(&mut root, &axis.points[0], &schema, &mut Problems::new());
    }
}

fn check_point(root: &Node, point: &Point, schema: &serde_json::Value, problems: &mut Problems) {
    for (path, _) in &point.changes {
        if path.steps[0].0 == Step::Key("sweep".to_owned()) {
            let label = "expected a path outside of `sweep:`";
            problems.push(Problem::new(whole(path), "a sweep cannot vary itself", label));
            return;
        }
    }
    let mut root = root.clone();
    put_point(&mut root, point, schema, problems);
    // A last key is put where it is none; that it is none is for the reader to say.
    let mut found = Problems::new();
    ScenarioSpec::read(&root, &mut found);
    let keys = point.changes.iter().flat_map(|(path, _)| path.steps.iter().map(|step| step.1));
    let keys: Vec<Place> = keys.collect();
    for problem in found.sorted().into_iter().filter(|problem| keys.contains(&problem.place)) {
        problems.push(problem.clone());
    }
}

/// Where the whole of a path stands.
fn whole(path: &Path) -> Place {
    let (first, last) = (path.steps[0].1, path.steps[path.steps.len() - 1].1);
    Place { end: last.end, ..first }
}
