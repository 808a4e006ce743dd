//! Columns of text: aligned, with what is too long cut short and what is empty left out.

use std::collections::BTreeSet;

use super::label::shorten;
use super::number::Reading;

/// Columns narrower than this are never cut further.
const NARROWEST: usize = 10;

/// How a text looks in a terminal with colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Green,
    Red,
    Yellow,
}

/// `text` in the escape codes of a terminal, if it has `colour`.
pub(super) fn paint(text: &str, paint: Paint, colour: bool) -> String {
    let code = match paint {
        Paint::Plain => "",
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Green => "32",
        Paint::Red => "31",
        Paint::Yellow => "33",
    };
    if colour && !code.is_empty() && !text.is_empty() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// Where a column's text stands, and whether it may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Left,
    Right,
    /// Left, and cut where the whole would be too wide.
    Cut,
}

struct Column {
    title: String,
    fit: Fit,
    gap: usize,
    /// Left out where there is no room; the column with the least number goes first.
    spare: Option<u8>,
    cells: Vec<(String, Paint)>,
}

impl Column {
    /// Leaves out how all texts begin where cutting them to `width` would make two the same.
    fn tell_apart(&mut self, width: usize) {
        let texts: BTreeSet<&str> = self.cells.iter().map(|(text, _)| text.as_str()).collect();
        let cut: BTreeSet<String> = texts.iter().map(|text| shorten(text, width)).collect();
        if self.fit != Fit::Cut || cut.len() == texts.len() {
            return;
        }
        let common = common_words(&texts);
        if common > 1 {
            for (text, _) in &mut self.cells {
                text.replace_range(..common, "…");
            }
        }
    }

    fn cell(&self, row: usize) -> (&str, Paint) {
        self.cells.get(row).map_or(("", Paint::Plain), |(text, paint)| (text, *paint))
    }
}

/// How many bytes all of them begin with, up to the end of a word or a mark.
fn common_words(texts: &BTreeSet<&str>) -> usize {
    // In their order, what the first and the last begin with, all do.
    let (Some(first), Some(last)) = (texts.first(), texts.last()) else { return 0 };
    let same = first.char_indices().zip(last.chars()).take_while(|((_, a), b)| a == b);
    let ends = same.filter(|((_, a), _)| !a.is_alphanumeric() && *a != '.');
    ends.last().map_or(0, |((at, mark), _)| at + mark.len_utf8())
}

/// A table under construction, column by column.
#[derive(Default)]
pub(super) struct Grid {
    columns: Vec<Column>,
}

impl Grid {
    fn add(&mut self, title: impl Into<String>, fit: Fit, gap: usize, cells: Vec<(String, Paint)>) {
        self.columns.push(Column { title: title.into(), fit, gap, spare: None, cells });
    }

    /// Text that stays whole.
    pub(super) fn left(&mut self, title: impl Into<String>, cells: Vec<(String, Paint)>) {
        self.add(title, Fit::Left, 2, cells);
    }

    /// Text that may be cut.
    pub(super) fn text(&mut self, title: impl Into<String>, cells: Vec<(String, Paint)>) {
        self.add(title, Fit::Cut, 2, cells);
    }

    /// Numbers.
    pub(super) fn right(&mut self, title: impl Into<String>, cells: Vec<String>) {
        let cells = cells.into_iter().map(|text| (text, Paint::Plain)).collect();
        self.add(title, Fit::Right, 2, cells);
    }

    /// Estimates: the values and, aligned among themselves, the half-widths.
    pub(super) fn estimates(&mut self, title: impl Into<String>, cells: Vec<Reading>) {
        let errors = cells.iter().map(|reading| (reading.error.clone(), Paint::Dim)).collect();
        self.right(title, cells.into_iter().map(|reading| reading.value).collect());
        self.add("", Fit::Left, 1, errors);
    }

    /// Moves the column added last nearer to the one before it.
    pub(super) fn near(&mut self) {
        if let Some(column) = self.columns.last_mut() {
            column.gap = 1;
        }
    }

    /// Leaves out the estimates added last where there is no room, value and half-width together.
    pub(super) fn spare_estimates(&mut self, rank: u8) {
        for column in self.columns.iter_mut().rev().take(2) {
            column.spare = Some(rank);
        }
    }

    /// Leaves out the column added last where there is no room, after those of lower `rank`.
    pub(super) fn spare(&mut self, rank: u8) {
        if let Some(column) = self.columns.last_mut() {
            column.spare = Some(rank);
        }
    }

    /// The table, every line indented by two; at most `width` wide if cutting can do it.
    pub(super) fn render(mut self, width: usize, colour: bool) -> String {
        self.columns.retain(|column| column.cells.iter().any(|(text, _)| !text.is_empty()));
        let widths = loop {
            let (widths, excess) = self.widths(width);
            let spare = self.columns.iter().filter_map(|column| column.spare).min();
            if excess == 0 || spare.is_none() {
                break widths;
            }
            self.columns.retain(|column| column.spare != spare);
        };
        for (column, &width) in self.columns.iter_mut().zip(&widths) {
            column.tell_apart(width);
        }
        let (widths, _) = self.widths(width);
        let rows = self.columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
        let mut out = self.line(&widths, colour, |column| (&column.title, Paint::Dim));
        for row in 0..rows {
            out += &self.line(&widths, colour, |column| column.cell(row));
        }
        out
    }

    /// The width of each column once the widest that may be are cut, and by how much all of them
    /// are still too wide.
    fn widths(&self, limit: usize) -> (Vec<usize>, usize) {
        let longest = |column: &Column| {
            let cells = column.cells.iter().map(|(text, _)| text.chars().count());
            cells.max().unwrap_or(0).max(column.title.chars().count())
        };
        let mut widths: Vec<usize> = self.columns.iter().map(longest).collect();
        let gaps: usize = self.columns.iter().map(|column| column.gap).sum();
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(limit);
        while excess > 0 {
            let cut = self.columns.iter().zip(&mut widths).filter(|(c, _)| c.fit == Fit::Cut);
            match cut.map(|(_, width)| width).max() {
                Some(width) if *width > NARROWEST => *width -= 1,
                _ => break,
            }
            excess -= 1;
        }
        (widths, excess)
    }

    fn line<'a>(
        &'a self,
        widths: &[usize],
        colour: bool,
        mut cell: impl FnMut(&'a Column) -> (&'a str, Paint),
    ) -> String {
        let mut out = String::new();
        for (column, &width) in self.columns.iter().zip(widths) {
            let (text, look) = cell(column);
            let text = shorten(text, width);
            let space = " ".repeat(width - text.chars().count());
            let (before, after) =
                if column.fit == Fit::Right { (space.as_str(), "") } else { ("", space.as_str()) };
            out += &" ".repeat(column.gap);
            out += before;
            out += &paint(&text, look, colour);
            out += after;
        }
        out.truncate(out.trim_end().len());
        out + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<(String, Paint)> {
        texts.iter().map(|text| ((*text).to_owned(), Paint::Plain)).collect()
    }

    #[test]
    fn what_is_cut_is_still_told_apart() {
        let mut grid = Grid::default();
        grid.text("load", texts(&["poisson(300/s)", "poisson(1100/s)", "poisson(1150/s)"]));
        grid.text("what is not alike is cut", texts(&["first of all", "second of all", "third"]));
        let told = "  load      what is n…\n  …300/s)   first of…\n  …1100/s)  second of…\n  …1150/s)  third\n";
        assert_eq!(grid.render(22, false), told);
    }
}
