//! The journals of shards, which become one.

use std::fs;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::experiment::shard::Shard;
use crate::files;

use super::{Header, NAME, Reading, line};

/// Finished journals of one sweep. Of each only the places of its lines are kept, and one file is
/// open at a time: there may be ten thousand.
#[derive(Debug, Default)]
pub struct Shards {
    /// The header of the first, and where it stands.
    first: Option<(Header, PathBuf)>,
    parts: Vec<Part>,
}

/// One of them: which it is, where it stands, and how long its lines are [bytes].
#[derive(Debug)]
struct Part {
    shard: Shard,
    path: PathBuf,
    lengths: Vec<u64>,
}

impl Shards {
    /// Adds a journal; why not, if it is of another sweep or not finished.
    pub fn add(&mut self, reading: Reading) -> Result<(), String> {
        let Reading { header, path, lines, .. } = reading;
        let shard = header.shard;
        if let Some((first, stands)) = &self.first {
            let stands = stands.display();
            if let Some(why) = first.differs(&header) {
                return Err(format!(
                    "{} is not of the same sweep as {stands}: {why}",
                    path.display()
                ));
            }
            if shard.count != first.shard.count {
                let other = first.shard;
                return Err(format!(
                    "{} is shard {shard}, but {stands} is {other}",
                    path.display()
                ));
            }
        }
        let lengths: Vec<u64> = lines.iter().flatten().map(|line| line.length as u64).collect();
        let (all, missing) = (lines.len(), lines.len() - lengths.len());
        if missing > 0 {
            return Err(format!(
                "{} is not finished: {missing} of its {all} cells are missing; run its command \
                 again with --resume",
                path.display()
            ));
        }
        self.first.get_or_insert_with(|| (header, path.clone()));
        self.parts.push(Part { shard, path, lengths });
        Ok(())
    }

    /// What the sweep is about, as a whole; why there is no whole, if a shard is missing or is
    /// there twice.
    pub fn whole(&mut self) -> Result<Header, String> {
        self.parts.sort_by_key(|part| part.shard);
        let Some((first, _)) = &self.first else {
            return Err("there is nothing to merge".to_owned());
        };
        for pair in self.parts.windows(2) {
            if pair[0].shard == pair[1].shard {
                let (one, other) = (pair[0].path.display(), pair[1].path.display());
                return Err(format!("shard {} is there twice: {one} and {other}", pair[0].shard));
            }
        }
        let count = first.shard.count;
        let there = |index| self.parts.binary_search_by_key(&index, |part| part.shard.index);
        let missing = (1..=count).filter(|&index| there(index).is_err());
        let missing: Vec<String> = missing.map(|index| format!("{index}/{count}")).collect();
        match missing.len() {
            0 => Ok(Header { shard: Shard::WHOLE, ..first.clone() }),
            1 => Err(format!("shard {} is missing", missing[0])),
            _ => Err(format!("shards {} are missing", missing.join(", "))),
        }
    }

    /// Writes their journal to `folder`, under this header and its cells in their order.
    ///
    /// Shards are read one after another, and each line goes to its place behind the lines of all
    /// cells before it.
    pub fn write(&self, header: &Header, folder: &Path) -> io::Result<()> {
        let words = serde_json::to_string(header).map_err(io::Error::other)?;
        let words = line("header", &words);
        let place = |cell| header.shard.place(cell).expect("it is a cell of this journal");
        let mut places = vec![0; header.own().count()];
        for part in &self.parts {
            let cells = part.shard.cells(header.cells).zip(&part.lengths);
            cells.for_each(|(cell, length)| places[place(cell)] = *length);
        }
        let mut end = words.len() as u64;
        for place in &mut places {
            end += std::mem::replace(place, end);
        }
        let path = folder.join(NAME);
        let unfinished = files::unfinished(&path);
        let mut file = files::create(&unfinished)?;
        file.write_all(words.as_bytes())?;
        for part in &self.parts {
            let gone = || io::Error::other(format!("{} is gone", part.path.display()));
            let mut reading = Reading::of(&part.path)?.ok_or_else(gone)?;
            for cell in part.shard.cells(header.cells) {
                file.seek(SeekFrom::Start(places[place(cell)]))?;
                file.write_all(reading.line(cell)?.as_bytes())?;
            }
        }
        drop(file);
        fs::rename(unfinished, path)
    }
}
