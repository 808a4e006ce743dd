//! What a sweep was about, for all who tell of it.

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
    pub(in crate::report) fn points(&self, cell: usize) -> Vec<&'a Point> {
        let places = coordinates(self.axes, cell);
        self.axes.iter().zip(places).map(|(axis, place)| &axis.points[place]).collect()
    }
}
