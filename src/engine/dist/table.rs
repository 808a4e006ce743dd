//! A list of values, by chance: written out, or measured.

use std::fmt;
use std::sync::Arc;

use super::Dist;
use super::chance::Chances;
use crate::engine::random::Draws;

/// Values in ascending order, and how often each is drawn. A draw takes constant time.
#[derive(PartialEq)]
pub struct Table {
    values: Box<[f64]>,
    /// `None` if all are equally likely.
    chances: Option<Chances>,
    mean: f64,
    variance: f64,
}

impl Table {
    pub(super) fn of(mut values: Vec<f64>) -> Dist {
        values.sort_by(f64::total_cmp);
        let each = 1.0 / values.len() as f64;
        Table::dist(values, None, |_| each)
    }

    pub(super) fn weighted(mut entries: Vec<(f64, f64)>) -> Dist {
        entries.retain(|(weight, _)| *weight > 0.0);
        if entries.iter().all(|(weight, _)| *weight == entries[0].0) {
            return Table::of(entries.into_iter().map(|(_, value)| value).collect());
        }
        entries.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        let (weights, values): (Vec<f64>, Vec<f64>) = entries.into_iter().unzip();
        let chances = Chances::new(&weights);
        let probabilities: Vec<f64> = chances.probabilities().collect();
        Table::dist(values, Some(chances), |index| probabilities[index])
    }

    /// The moments are taken about the least value, which costs no digits where all are close.
    fn dist(values: Vec<f64>, chances: Option<Chances>, p: impl Fn(usize) -> f64) -> Dist {
        let (least, greatest) = (values[0], values[values.len() - 1]);
        if least == greatest {
            return Dist::Constant(least);
        }
        let average = |of: &dyn Fn(f64) -> f64| -> f64 {
            values.iter().enumerate().map(|(index, &value)| p(index) * of(value)).sum()
        };
        let mean = least + average(&|value| value - least);
        let variance = average(&|value| (value - mean) * (value - mean));
        Dist::Table(Arc::new(Table { values: values.into(), chances, mean, variance }))
    }

    pub(super) fn draw(&self, draws: &mut Draws) -> f64 {
        let index = match &self.chances {
            None => draws.below(self.values.len()),
            Some(chances) => chances.choose(draws.unit()),
        };
        self.values[index]
    }

    pub(super) fn least(&self) -> f64 {
        self.values[0]
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) fn variance(&self) -> f64 {
        self.variance
    }
}

/// A million values are not for reading.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Table { values, mean, variance, .. } = self;
        write!(f, "Table of {} values, mean {mean}, variance {variance}", values.len())
    }
}
