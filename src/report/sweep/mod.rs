//! A sweep's folder: one tidy table, charts by the shape of the sweep, and what reproduces them.
//!
//! *Invariant:* cells are read one after the other and dropped; what is kept of each are the few
//! figures of a [`Brief`].

mod brief;
mod table;
mod write;

pub use brief::Brief;
pub(super) use brief::{Shown, Told, all, told};
pub use table::{sweep_json, sweep_table};
pub use write::write_sweep;

use crate::experiment::cells::{Axis, Point, coordinates};

/// What a sweep was about.
#[derive(Clone, Copy, Debug)]
pub struct Outline<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// How the figures of a cell were got: `10 replications of 5min · seed 11`.
    pub method: &'a str,
    /// What was varied.
    pub axes: &'a [Axis],
}

impl<'a> Outline<'a> {
    /// The points at which a cell lies.
    pub(super) fn points(&self, cell: usize) -> Vec<&'a Point> {
        let places = coordinates(self.axes, cell);
        self.axes.iter().zip(places).map(|(axis, place)| &axis.points[place]).collect()
    }
}
