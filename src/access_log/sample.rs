//! The first rows of a table, from which it is told what its columns hold.

use std::borrow::Cow;

use super::number::{NotPlain, number, plain, whole_number};
use super::writing::Writing;

/// A table's first rows.
pub(super) struct Sample<'a> {
    pub(super) delimiter: u8,
    pub(super) rows: Vec<Vec<Cow<'a, [u8]>>>,
}

impl Sample<'_> {
    /// What a column holds, where there is anything.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = &[u8]> {
        let cells = self.rows.iter().filter_map(move |row| row.get(column));
        cells.map(Cow::as_ref).filter(|cell| !cell.is_empty())
    }

    /// Whether a column holds something, and all that it holds is so.
    pub(super) fn all(&self, column: usize, is: impl Fn(&[u8]) -> bool) -> bool {
        self.cells(column).next().is_some() && self.cells(column).all(is)
    }

    /// Whether it holds numbers, be it unclear which.
    pub(super) fn is_numeric(&self, column: usize) -> bool {
        self.is(column, |plain| number(plain).is_some())
    }

    /// Whether it holds whole numbers.
    pub(super) fn is_whole(&self, column: usize) -> bool {
        self.is(column, |plain| whole_number(plain).is_some())
    }

    /// Whether at least half of what is there is so, and the rest is no number: what is missing is
    /// written as `null` or by a word.
    fn is(&self, column: usize, is: impl Fn(&[u8]) -> bool) -> bool {
        let (mut good, mut bad, mut all) = (0, 0, 0);
        for cell in self.cells(column) {
            all += 1;
            match plain(cell, self.delimiter) {
                Ok(plain) if is(&plain) => good += 1,
                Ok(plain) => bad += usize::from(number(&plain).is_some()),
                Err(unclear) => good += usize::from(unclear == NotPlain::Unclear),
            }
        }
        good > 0 && bad == 0 && 2 * good >= all
    }

    /// Whether half of the rows have a time there.
    pub(super) fn has_times(&self, column: usize) -> bool {
        let is_time =
            |cell: &[u8]| Writing::Any.read(cell).or(Writing::Digits.read(cell)).is_some();
        let times = self.cells(column).filter(|cell| is_time(cell)).count();
        times > 0 && 2 * times >= self.rows.len()
    }
}
