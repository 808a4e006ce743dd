//! A part of a sweep, for one of several machines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The part number `index` of `count`, from 1: every cell belongs to exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub index: usize,
    /// Of how many.
    pub count: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Shard = Shard { index: 1, count: 1 };

    /// All parts of so many.
    pub fn all(count: usize) -> impl Iterator<Item = Shard> {
        (1..=count).map(move |index| Shard { index, count })
    }

    /// Whether a cell is part of it. Neighbours go to different shards, so that each has its share
    /// of what takes long.
    pub fn has(&self, cell: usize) -> bool {
        cell % self.count == self.index - 1
    }

    /// What its folder is called in that of the sweep.
    pub fn folder(self) -> String {
        format!("shard-{}-of-{}", self.index, self.count)
    }

    /// The shard whose folder is called so.
    pub fn of_folder(name: &str) -> Option<Shard> {
        let (index, count) = name.strip_prefix("shard-")?.split_once("-of-")?;
        let shard: Shard = format!("{index}/{count}").parse().ok()?;
        (shard.folder() == name).then_some(shard)
    }

    /// Its cells of so many in all, in their order.
    pub fn cells(self, all: usize) -> impl Iterator<Item = usize> {
        (self.index - 1..all).step_by(self.count)
    }

    /// Which of its cells this is, from 0.
    pub fn place(&self, cell: usize) -> Option<usize> {
        self.has(cell).then_some(cell / self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/');
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let parts = parts.and_then(|(index, count)| Some((number(index)?, number(count)?)));
        match parts {
            Some((index, count)) if 1 <= index && index <= count => Ok(Shard { index, count }),
            _ => Err("expected a part such as 3/16, from 1/16 to 16/16".to_owned()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_belongs_to_exactly_one_shard() {
        for count in 1..9 {
            let shards: Vec<Shard> = Shard::all(count).collect();
            for cell in 0..100 {
                assert_eq!(shards.iter().filter(|shard| shard.has(cell)).count(), 1);
            }
            for shard in &shards {
                let places = shard.cells(100).map(|cell| shard.place(cell)).collect::<Vec<_>>();
                assert_eq!(places, (0..places.len()).map(Some).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_shard_is_written_as_a_fraction() {
        assert_eq!("3/16".parse(), Ok(Shard { index: 3, count: 16 }));
        for bad in ["", "3", "0/4", "5/4", "a/b", "1/0", "-1/4", "1/2/3"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
        let shard = Shard { index: 3, count: 16 };
        assert_eq!(Shard::of_folder(&shard.folder()), Some(shard));
        for bad in ["shard-03-of-16", "shard-17-of-16", "shard-3-of-16.part", "shards"] {
            assert_eq!(Shard::of_folder(bad), None, "{bad}");
        }
    }
}
