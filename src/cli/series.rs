//! `deploysim series`: where the warm-up of somebody's numbers ends, and how sure their mean is.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::json;

use crate::document::{NumberTable, Problems, Sources, listed, nearest};
use crate::experiment::output_analysis::{OutputAnalysis, analyse, longest_window};
use crate::report;
use crate::scenario::Faults;

use super::OK;
use super::options::{Drawing, Format, Output};
use super::terminal::{colour, print, print_json, width};

#[derive(Args)]
pub(super) struct Arguments {
    /// The numbers: one a line, or a table (CSV); - for standard input
    file: PathBuf,
    /// The column of a table that holds them, by its name or its number from 1; several are
    /// replications of one series
    #[arg(long = "column", value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    /// Values on each side that Welch's moving average takes, at most a quarter of all; a twentieth
    /// if not given
    #[arg(long, value_name = "COUNT")]
    window: Option<usize>,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    output: Output,
}

type Series = Vec<(String, Vec<f64>)>;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<u8> {
    let name = called(&arguments.file);
    let series = read(&arguments.file, &name, &arguments.columns)?;
    let longest = longest_window(&series);
    if let Some(window) = arguments.window {
        ensure!(window <= longest, "--window {window} is above {longest}, a quarter of the values");
    }
    let file = format!("series-{}", Path::new(&name).with_extension("").display());
    let file = PathBuf::from(file.replace(std::path::MAIN_SEPARATOR, "-") + ".csv");
    let folder = arguments.output.folder_of(&report::SERIES, "series", &file)?;
    let found = analyse(&series, arguments.window);
    let mut files = vec![
        ("series.txt".into(), report::analysis(&name, &found, false, width()).into_bytes()),
        ("series.csv".into(), report::analysis_csv(&found)),
    ];
    if arguments.drawing.charts() == report::Charts::Drawn {
        files.extend(report::chart_files(vec![report::welch_chart(&found)])?);
    }
    let manifest = manifest(&name, &found);
    let written = report::write_files(&folder, &report::SERIES, &files, &manifest)
        .with_context(|| format!("cannot write the results to {}", folder.display()));
    match arguments.output.format {
        _ if arguments.output.quiet => {}
        Format::Json => print_json(&report::analysis_json(&found))?,
        Format::Text => {
            let contents = arguments.drawing.contents();
            let files = format!("\n{contents}: {}\n", folder.display());
            let text = report::analysis(&name, &found, colour(), width());
            print(&(text + if written.is_ok() { &files } else { "" }))?;
        }
    }
    written?;
    Ok(OK)
}

/// What messages call the file.
fn called(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { file.display().to_string() }
}

/// The columns that are asked for, with their names.
fn read(file: &Path, name: &str, asked: &[String]) -> anyhow::Result<Series> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => std::io::stdin().lock().read_to_string(&mut text),
        false => crate::files::open(file).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.with_context(|| format!("cannot read {name}"))?;
    let table = NumberTable::of(&text);
    let chosen = chosen(&table.names, asked, name)?;
    let (mut sources, mut problems) = (Sources::new(), Problems::new());
    let source = sources.add(name, &*text);
    let columns = table.read(&chosen, source, &mut problems);
    if !problems.is_empty() {
        return Err(Faults::new(problems, sources).into());
    }
    let series: Series =
        chosen.iter().map(|&column| table.names[column].clone()).zip(columns).collect();
    match series.iter().find(|(_, numbers)| numbers.is_empty()) {
        Some((column, _)) => bail!("column {column:?} of {name} has no number"),
        None => Ok(series),
    }
}

/// Where the columns are that are asked for, or the only one.
fn chosen(names: &[String], asked: &[String], file: &str) -> anyhow::Result<Vec<usize>> {
    ensure!(!names.is_empty(), "{file} has no number: expected a number a line, or a table");
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    if asked.is_empty() {
        ensure!(
            all.len() == 1,
            "{file} has {} columns: say which holds the series with --column ({})",
            all.len(),
            listed(&all, "or")
        );
        return Ok(vec![0]);
    }
    let find = |asked: &String| {
        let number = asked.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let by_number = || number.filter(|&number| number < all.len());
        all.iter().position(|name| name == asked).or_else(by_number).with_context(|| {
            let near = nearest(asked, all.iter().copied());
            let near = near.map_or(String::new(), |near| format!("did you mean {near:?}? "));
            format!("{file} has no column {asked:?}: {near}there is {}", listed(&all, "and"))
        })
    };
    asked.iter().map(find).collect()
}

/// All that is needed to repeat it.
fn manifest(file: &str, found: &OutputAnalysis) -> serde_json::Value {
    let columns: Vec<&str> = found.replications.iter().map(|one| one.name.as_str()).collect();
    json!({
        "program": "deploysim",
        "version": env!("CARGO_PKG_VERSION"),
        "command": "series",
        "file": file,
        "columns": columns,
        "window": found.window,
    })
}
