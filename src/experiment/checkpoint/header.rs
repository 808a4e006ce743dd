//! What a checkpoint is about, and whether that can be.

use serde::{Deserialize, Serialize};

use crate::experiment::cells::Axis;
use crate::experiment::shard::Shard;
use crate::scenario::MOST_CELLS;

/// What a checkpoint is about: two of the same sweep differ in the shard only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The program's version: another may give other figures.
    pub version: String,
    /// Digest of the sweep.
    pub digest: String,
    /// Which part this is.
    pub shard: Shard,
    /// The scenario's name.
    pub name: String,
    /// How the figures of a cell were got, in words.
    pub method: String,
    /// Cells of the whole sweep.
    pub cells: usize,
    /// What was varied.
    pub axes: Vec<Axis>,
    /// All that is needed to repeat the sweep.
    pub manifest: serde_json::Value,
}

impl Header {
    /// The cells of this shard.
    pub fn own(&self) -> impl Iterator<Item = usize> + use<> {
        self.shard.cells(self.cells)
    }

    /// What keeps `other` from being a checkpoint of the same sweep.
    pub fn differs(&self, other: &Header) -> Option<String> {
        if self.version != other.version {
            let (mine, other) = (&self.version, &other.version);
            return Some(format!("it is of version {other}, and this is version {mine}"));
        }
        if self.digest != other.digest {
            let short = |digest: &str| digest.chars().take(12).collect::<String>();
            let (mine, other) = (short(&self.digest), short(&other.digest));
            return Some(format!(
                "it is of another scenario, of other options, or of files that have changed \
                 since (digest {other}…, not {mine}…)"
            ));
        }
        None
    }

    /// What is wrong with it, if no sweep can have written it.
    pub(super) fn fault(&self) -> Option<String> {
        let Shard { index, count } = self.shard;
        if !(1..=count).contains(&index) {
            return Some(format!("there is no shard {index}/{count}"));
        }
        if self.cells > MOST_CELLS {
            return Some(format!("it has {} cells, and a sweep at most {MOST_CELLS}", self.cells));
        }
        if let Some(fault) = self.axes.iter().find_map(axis_fault) {
            return Some(fault);
        }
        let sizes = self.axes.iter().map(|axis| axis.points.len());
        let all = sizes.fold(1_usize, usize::saturating_mul);
        let differs = || format!("it has {} cells, and its axes make {all}", self.cells);
        (all != self.cells).then(differs)
    }
}

/// What is wrong with an axis.
fn axis_fault(axis: &Axis) -> Option<String> {
    let name = &axis.name;
    if axis.points.is_empty() {
        return Some(format!("{name} has no values"));
    }
    axis.points.iter().find_map(|point| {
        let (label, columns) = (&point.label, axis.columns.len());
        if point.values.len() != columns {
            let values = point.values.len();
            return Some(format!("{label} of {name} has {values} values in {columns} columns"));
        }
        let is_sound = match point.number {
            Some(number) => number.is_finite(),
            None => axis.dimension.is_none(),
        };
        (!is_sound).then(|| format!("{label} of {name} is no number"))
    })
}
