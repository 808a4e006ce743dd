//! The checkpoint of a sweep: a line for each finished cell, so that nothing finished is run again.
//!
//! A line is a checksum, the cell's number and its results as JSON. A line that is not whole, and
//! all after it, count as not written: a sweep may be killed at any moment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::files;

use super::cells::Cell;
use super::shard::Shard;

mod header;

pub use header::Header;

/// What the checkpoint is called in its folder.
pub const NAME: &str = "cells.journal";

/// A checkpoint that is being written.
#[derive(Debug)]
pub struct Checkpoint(File);

impl Checkpoint {
    /// Begins a checkpoint in `folder`, in the place of what is there.
    pub fn create(folder: &Path, header: &Header) -> io::Result<Checkpoint> {
        fs::create_dir_all(folder)?;
        let mut file = open(&folder.join(NAME))?;
        file.set_len(0)?;
        let text = serde_json::to_string(header).map_err(io::Error::other)?;
        file.write_all(line("header", &text).as_bytes())?;
        Ok(Checkpoint(file))
    }

    /// Goes on with the checkpoint in `folder`; what is not whole at its end is cut off.
    pub fn resume(folder: &Path) -> io::Result<Checkpoint> {
        let file = open(&folder.join(NAME))?;
        let whole = Reading::of(&folder.join(NAME))?.map_or(0, |reading| reading.end);
        file.set_len(whole)?;
        let mut checkpoint = Checkpoint(file);
        checkpoint.0.seek(SeekFrom::End(0))?;
        Ok(checkpoint)
    }

    /// Adds a finished cell.
    pub fn append(&mut self, cell: &Cell) -> io::Result<()> {
        let text = serde_json::to_string(cell).map_err(io::Error::other)?;
        self.0.write_all(line(&cell.cell.to_string(), &text).as_bytes())
    }
}

/// Opens a checkpoint for writing; refused while another process has it, and if it is no file: what
/// a link leads to is of somebody else.
fn open(path: &Path) -> io::Result<File> {
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        let why = format!("{} is a link or a pipe, not a file", path.display());
        return Err(io::Error::other(why));
    }
    let file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::other("another deploysim is writing there"))
        }
        // A file system without locks.
        Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn line(what: &str, text: &str) -> String {
    let rest = format!("{what} {text}");
    format!("{} {rest}\n", checksum(&rest))
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a line is about, and its text; none if it is not whole.
fn parts(line: &str) -> Option<(&str, &str)> {
    let (sum, rest) = line.strip_suffix('\n')?.split_once(' ')?;
    (sum == checksum(rest)).then(|| rest.split_once(' '))?
}

/// A checkpoint that is being read. Only the places of its lines are kept.
#[derive(Debug)]
pub struct Reading {
    /// What it is about.
    pub header: Header,
    path: PathBuf,
    file: File,
    /// For each cell of the sweep, where its line is.
    lines: Vec<Option<Line>>,
    /// Where the last whole line ends.
    end: u64,
}

/// Where the line of a cell is.
#[derive(Clone, Copy, Debug)]
struct Line {
    at: u64,
    length: usize,
    /// From 1, for people.
    number: usize,
}

/// What a line must say of its cell.
#[derive(Deserialize)]
struct Numbered {
    cell: usize,
}

impl Reading {
    /// Reads what is whole of a checkpoint; none if not even its header is. A line that is whole
    /// and says what no sweep does is an error.
    pub fn of(path: &Path) -> io::Result<Option<Reading>> {
        let file = files::open(path)?;
        let mut text = BufReader::new(&file);
        let mut line = Vec::new();
        let mut at = text.read_until(b'\n', &mut line)? as u64;
        let header = std::str::from_utf8(&line).ok().and_then(parts);
        let header = header.filter(|(what, _)| *what == "header");
        let Some((_, header)) = header else { return Ok(None) };
        let invalid = |_| {
            let why = format!("{} is not a journal of this version", path.display());
            io::Error::new(io::ErrorKind::InvalidData, why)
        };
        let header: Header = serde_json::from_str(header).map_err(invalid)?;
        if let Some(fault) = header.fault() {
            return Err(unsound(path, 1, &fault));
        }
        let mut lines = vec![None; header.cells];
        for number in 2.. {
            line.clear();
            let length = text.read_until(b'\n', &mut line)?;
            let Some((said, body)) = std::str::from_utf8(&line).ok().and_then(parts) else { break };
            let own = said.parse().ok().filter(|&cell| header.shard.has(cell));
            let place = own.and_then(|cell: usize| lines.get_mut(cell));
            let Some(place) = place else {
                let fault = format!("there is no cell {said} in shard {}", header.shard);
                return Err(unsound(path, number, &fault));
            };
            let numbered = serde_json::from_str(body).map(|Numbered { cell }| cell.to_string());
            if numbered.ok().as_deref() != Some(said) {
                let fault = format!("it is said to be of cell {said}, and is not");
                return Err(unsound(path, number, &fault));
            }
            *place = Some(Line { at, length, number });
            at += length as u64;
        }
        Ok(Some(Reading { header, path: path.to_owned(), file, lines, end: at }))
    }

    /// Whether a cell is finished.
    pub fn has(&self, cell: usize) -> bool {
        self.lines.get(cell).is_some_and(Option::is_some)
    }

    /// The results of a finished cell.
    pub fn cell(&mut self, cell: usize) -> io::Result<Cell> {
        let line = self.line(cell)?;
        let (_, text) = parts(&line).ok_or_else(|| self.damaged())?;
        serde_json::from_str(text).map_err(|error| match self.lines[cell] {
            Some(Line { number, .. }) => unsound(&self.path, number, &error.to_string()),
            None => self.damaged(),
        })
    }

    fn damaged(&self) -> io::Error {
        let why = format!("{} has been damaged", self.path.display());
        io::Error::new(io::ErrorKind::InvalidData, why)
    }

    fn line(&mut self, cell: usize) -> io::Result<String> {
        let Some(Line { at, length, .. }) = self.lines[cell] else { return Err(self.damaged()) };
        let mut line = vec![0; length];
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut line)?;
        String::from_utf8(line).map_err(|_| self.damaged())
    }
}

/// A line whose checksum is right, and which no sweep wrote.
fn unsound(path: &Path, number: usize, fault: &str) -> io::Error {
    let why = format!("{}, line {number}: {fault}: run the sweep anew", path.display());
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A finished sweep: its cells lie in one checkpoint, or in those of its shards.
#[derive(Debug)]
pub struct Finished(Vec<Reading>);

impl Finished {
    /// These journals as one sweep; why not, if they are none.
    pub fn of(mut shards: Vec<Reading>) -> Result<Finished, String> {
        shards.sort_by_key(|reading| reading.header.shard);
        let Some(first) = shards.first() else {
            return Err("there is nothing to merge".to_owned());
        };
        let count = first.header.shard.count;
        for next in &shards {
            let (header, path) = (&next.header, next.path.display());
            if let Some(why) = first.header.differs(header) {
                return Err(format!(
                    "{path} is not of the same sweep as {}: {why}",
                    first.path.display()
                ));
            }
            if header.shard.count != count {
                let (one, other) = (first.header.shard, header.shard);
                return Err(format!(
                    "{path} is shard {other}, but {} is {one}",
                    first.path.display()
                ));
            }
            let missing = header.own().filter(|&cell| !next.has(cell)).count();
            if missing > 0 {
                let all = header.own().count();
                return Err(format!(
                    "{path} is not finished: {missing} of its {all} cells are missing; run its \
                     command again with --resume"
                ));
            }
        }
        for pair in shards.windows(2) {
            if pair[0].header.shard == pair[1].header.shard {
                let (one, other) = (pair[0].path.display(), pair[1].path.display());
                return Err(format!(
                    "shard {} is there twice: {one} and {other}",
                    pair[0].header.shard
                ));
            }
        }
        let there = |index| shards.iter().any(|reading| reading.header.shard.index == index);
        let missing: Vec<String> =
            (1..=count).filter(|&index| !there(index)).map(|i| format!("{i}/{count}")).collect();
        match missing.len() {
            0 => Ok(Finished(shards)),
            1 => Err(format!("shard {} is missing", missing[0])),
            _ => Err(format!("shards {} are missing", missing.join(", "))),
        }
    }

    /// What the sweep is about, as a whole.
    pub fn header(&self) -> Header {
        Header { shard: Shard::WHOLE, ..self.0[0].header.clone() }
    }

    fn home(&mut self, cell: usize) -> &mut Reading {
        let count = self.0.len();
        &mut self.0[cell % count]
    }

    /// The results of a cell.
    pub fn cell(&mut self, cell: usize) -> io::Result<Cell> {
        self.home(cell).cell(cell)
    }

    /// Writes the checkpoint of the whole sweep to `folder`, its cells in their order.
    pub fn write(&mut self, folder: &Path) -> io::Result<()> {
        let header = self.header();
        let cells: Vec<usize> = header.own().collect();
        write_in_order(folder, &header, &cells, |cell| self.home(cell).line(cell))
    }
}

/// Puts the checkpoint of a finished shard in the order of its cells, so that nothing of the order
/// in which they were finished is left.
pub fn put_in_order(folder: &Path) -> io::Result<()> {
    let Some(mut reading) = Reading::of(&folder.join(NAME))? else { return Ok(()) };
    let header = reading.header.clone();
    let cells: Vec<usize> = header.own().collect();
    write_in_order(folder, &header, &cells, |cell| reading.line(cell))
}

fn write_in_order(
    folder: &Path,
    header: &Header,
    cells: &[usize],
    mut text: impl FnMut(usize) -> io::Result<String>,
) -> io::Result<()> {
    let path = folder.join(NAME);
    let unfinished = files::unfinished(&path);
    let mut file = BufWriter::new(files::create(&unfinished)?);
    let words = serde_json::to_string(header).map_err(io::Error::other)?;
    file.write_all(line("header", &words).as_bytes())?;
    for &cell in cells {
        file.write_all(text(cell)?.as_bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    fs::rename(unfinished, path)
}
