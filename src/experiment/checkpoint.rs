//! The checkpoint of a sweep: a line for each finished cell, so that nothing finished is run again.
//!
//! A line is a checksum, the cell's number and its results as JSON. A line that is not whole, and
//! all after it, count as not written: a sweep may be killed at any moment.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::files;

use super::cells::Cell;

mod header;
mod shards;

pub use header::Header;
pub use shards::Shards;

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
    /// Opened when a line is read: of many shards only one is open at a time.
    file: Option<File>,
    /// For each cell of the shard in turn, where its line is.
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
        let mut lines = vec![None; header.own().count()];
        for number in 2.. {
            line.clear();
            let length = text.read_until(b'\n', &mut line)?;
            let Some((said, body)) = std::str::from_utf8(&line).ok().and_then(parts) else { break };
            let place = said.parse().ok().and_then(|cell| header.shard.place(cell));
            let place = place.and_then(|place| lines.get_mut(place));
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
        Ok(Some(Reading { header, path: path.to_owned(), file: None, lines, end: at }))
    }

    /// Whether a cell is finished.
    pub fn has(&self, cell: usize) -> bool {
        self.found(cell).is_some()
    }

    /// How many cells are finished.
    pub fn finished(&self) -> usize {
        self.lines.iter().flatten().count()
    }

    /// The results of a finished cell.
    pub fn cell(&mut self, cell: usize) -> io::Result<Cell> {
        let line = self.line(cell)?;
        let (_, text) = parts(&line).ok_or_else(|| self.damaged())?;
        serde_json::from_str(text).map_err(|error| match self.found(cell) {
            Some(Line { number, .. }) => unsound(&self.path, number, &error.to_string()),
            None => self.damaged(),
        })
    }

    fn found(&self, cell: usize) -> Option<Line> {
        let place = self.header.shard.place(cell)?;
        self.lines.get(place).copied().flatten()
    }

    fn damaged(&self) -> io::Error {
        let why = format!("{} has been damaged", self.path.display());
        io::Error::new(io::ErrorKind::InvalidData, why)
    }

    fn line(&mut self, cell: usize) -> io::Result<String> {
        let Some(Line { at, length, .. }) = self.found(cell) else { return Err(self.damaged()) };
        let file = match &mut self.file {
            Some(file) => file,
            closed => closed.insert(files::open(&self.path)?),
        };
        let mut line = vec![0; length];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut line)?;
        String::from_utf8(line).map_err(|_| self.damaged())
    }
}

/// A line whose checksum is right, and which no sweep wrote.
fn unsound(path: &Path, number: usize, fault: &str) -> io::Error {
    let why = format!("{}, line {number}: {fault}: run the sweep anew", path.display());
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Puts the checkpoint of a finished shard in the order of its cells, so that nothing of the order
/// in which they were finished is left.
pub fn put_in_order(folder: &Path) -> io::Result<()> {
    let Some(reading) = Reading::of(&folder.join(NAME))? else { return Ok(()) };
    let header = reading.header.clone();
    let mut shards = Shards::default();
    shards.add(reading).map_err(io::Error::other)?;
    shards.write(&header, folder)
}
