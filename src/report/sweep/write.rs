//! The files of a sweep.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use serde_json::Value;

use crate::experiment::cells::Cell;
use crate::experiment::results::Decision;

use super::super::chart::sweep::charts as drawn;
use super::super::csv::{cell, told};
use super::super::folder::{SWEEP, Staged};
use super::super::write::{Charts, chart_files};
use super::{Brief, Outline, sweep_table};

/// Columns of `summary.txt`.
const WIDTH: usize = 128;

type Table = ::csv::Writer<BufWriter<File>>;

/// A table that is written row by row.
struct Rows {
    table: Table,
    name: &'static str,
    rows: usize,
}

impl Rows {
    fn new(
        staged: &mut Staged<'_>,
        name: &'static str,
        outline: &Outline<'_>,
        columns: &[&str],
    ) -> io::Result<Rows> {
        let table = ::csv::Writer::from_writer(BufWriter::new(staged.create(name)?));
        let mut rows = Rows { table, name, rows: 0 };
        let axes = outline.axes.iter().flat_map(|axis| &axis.columns).map(String::as_str);
        let header: Vec<&str> = axes.chain(["cell"]).chain(columns.iter().copied()).collect();
        rows.table.write_record(header)?;
        Ok(rows)
    }

    fn add(&mut self, keys: &[String], fields: &[&str]) -> io::Result<()> {
        self.rows += 1;
        let row = keys.iter().map(String::as_str).chain(fields.iter().copied());
        Ok(self.table.write_record(row.map(|field| cell(field.as_bytes())))?)
    }

    /// Ends the table; one that is `optional` is given up if it has no row.
    fn finish(self, staged: &mut Staged<'_>, optional: bool) -> io::Result<()> {
        drop(self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?);
        if optional && self.rows == 0 { staged.take_back(self.name) } else { Ok(()) }
    }
}

/// Writes everything into `dir`, reading each of `cells` once and in order, and returns what is
/// shown of each. All files are put there together.
pub fn write_sweep(
    dir: &Path,
    outline: &Outline<'_>,
    cells: impl Iterator<Item = io::Result<Cell>>,
    charts: Charts,
    manifest: &Value,
) -> io::Result<Vec<Brief>> {
    let mut staged = Staged::new(dir, &SWEEP)?;
    let briefs = write_tables(&mut staged, outline, cells)?;
    staged.put("summary.txt", sweep_table(outline, &briefs, false, WIDTH).as_bytes())?;
    if charts == Charts::Drawn {
        for (name, bytes) in chart_files(drawn(outline, &briefs))? {
            staged.put(&name, &bytes)?;
        }
    }
    staged.place(manifest)?;
    Ok(briefs)
}

/// Writes the tables of all cells.
fn write_tables(
    staged: &mut Staged<'_>,
    outline: &Outline<'_>,
    cells: impl Iterator<Item = io::Result<Cell>>,
) -> io::Result<Vec<Brief>> {
    let figures = ["kind", "name", "request", "metric", "unit", "statistic"];
    let figures = [&figures[..], &["value", "half_width", "n", "low", "high"]].concat();
    let mut sweep = Rows::new(staged, "sweep.csv", outline, &figures)?;
    let mut warnings = Rows::new(staged, "warnings.csv", outline, &["warning"])?;
    let verdict = ["expectation", "verdict"];
    let mut verdicts = Rows::new(staged, "expectations.csv", outline, &verdict)?;
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
    sweep.finish(staged, false)?;
    warnings.finish(staged, true)?;
    verdicts.finish(staged, true)?;
    Ok(briefs)
}

fn add_figures(sweep: &mut Rows, keys: &[String], cell: &Cell) -> io::Result<()> {
    for figure in &cell.figures {
        let told = told(&figure.estimate);
        let words = [&figure.kind, &figure.name, &figure.request, &figure.metric];
        let words = words.into_iter().chain([&figure.unit, &figure.statistic]);
        let fields: Vec<&str> = words.chain(&told).map(String::as_str).collect();
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
