//! The files of a sweep.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::experiment::cells::Cell;
use crate::experiment::results::Decision;

use super::super::chart::sweep::{charts as drawn, possible_names};
use super::super::number;
use super::super::write::{Charts, remove, replace, write_charts};
use super::{Brief, Outline, sweep_table};

/// Columns of `summary.txt`.
const WIDTH: usize = 128;

type Table = ::csv::Writer<BufWriter<File>>;

/// A table that is written row by row, beside its place until it is whole.
struct Rows {
    table: Table,
    path: PathBuf,
    unfinished: PathBuf,
    rows: usize,
}

impl Rows {
    fn new(dir: &Path, name: &str, outline: &Outline<'_>, columns: &[&str]) -> io::Result<Rows> {
        let unfinished = dir.join(format!(".{name}.part"));
        let table = ::csv::Writer::from_writer(BufWriter::new(File::create(&unfinished)?));
        let mut rows = Rows { table, path: dir.join(name), unfinished, rows: 0 };
        let axes = outline.axes.iter().flat_map(|axis| &axis.columns).map(String::as_str);
        let header: Vec<&str> = axes.chain(["cell"]).chain(columns.iter().copied()).collect();
        rows.table.write_record(header)?;
        Ok(rows)
    }

    fn add(&mut self, keys: &[String], fields: &[&str]) -> io::Result<()> {
        self.rows += 1;
        let row = keys.iter().map(String::as_str).chain(fields.iter().copied());
        Ok(self.table.write_record(row)?)
    }

    /// Puts the table in its place; one that is `optional` only if it has a row.
    fn finish(self, optional: bool) -> io::Result<()> {
        drop(self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?);
        if optional && self.rows == 0 {
            fs::remove_file(self.unfinished)?;
            // Of an earlier sweep.
            return remove(&self.path);
        }
        fs::rename(self.unfinished, self.path)
    }
}

/// Writes everything into `dir`, reading each of `cells` once and in order, and returns what is
/// shown of each. No file is ever half there.
pub fn write_sweep(
    dir: &Path,
    outline: &Outline<'_>,
    cells: impl Iterator<Item = io::Result<Cell>>,
    charts: Charts,
    manifest: &Value,
) -> io::Result<Vec<Brief>> {
    fs::create_dir_all(dir)?;
    let figures =
        ["kind", "name", "request", "metric", "unit", "statistic", "value", "half_width", "n"];
    let mut sweep = Rows::new(dir, "sweep.csv", outline, &figures)?;
    let mut warnings = Rows::new(dir, "warnings.csv", outline, &["warning"])?;
    let mut verdicts = Rows::new(dir, "expectations.csv", outline, &["expectation", "verdict"])?;
    let mut briefs = Vec::new();
    for cell in cells {
        let cell = cell?;
        let points = outline.points(cell.cell).into_iter();
        let mut keys: Vec<String> = points.flat_map(|point| point.values.clone()).collect();
        keys.push(cell.cell.to_string());
        add_figures(&mut sweep, &keys, &cell)?;
        for warning in &cell.warnings {
            warnings.add(&keys, &[warning])?;
        }
        for (expectation, decision) in &cell.verdicts {
            verdicts.add(&keys, &[expectation, word(*decision)])?;
        }
        briefs.push(Brief::of(&cell));
    }
    sweep.finish(false)?;
    warnings.finish(true)?;
    verdicts.finish(true)?;
    replace(dir, "summary.txt", sweep_table(outline, &briefs, false, WIDTH).as_bytes())?;
    let drawn = if charts == Charts::Drawn { drawn(outline, &briefs) } else { Vec::new() };
    write_charts(dir, drawn, possible_names())?;
    replace(dir, "manifest.json", format!("{manifest:#}\n").as_bytes())?;
    Ok(briefs)
}

fn add_figures(sweep: &mut Rows, keys: &[String], cell: &Cell) -> io::Result<()> {
    for figure in &cell.figures {
        let estimate = &figure.estimate;
        let half_width = estimate.half_width.map_or(String::new(), number);
        let (value, n) = (number(estimate.mean), estimate.n.to_string());
        let words = [&figure.kind, &figure.name, &figure.request, &figure.metric];
        let words = words.into_iter().chain([&figure.unit, &figure.statistic]);
        let fields: Vec<&str> =
            words.chain([&value, &half_width, &n]).map(String::as_str).collect();
        sweep.add(keys, &fields)?;
    }
    Ok(())
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Holds => "holds",
        Decision::Fails => "fails",
        Decision::Undecided => "undecided",
    }
}
