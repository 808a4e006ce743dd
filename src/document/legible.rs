//! Text that people will read: what cannot be shown is refused where it is written, before it
//! stands in a table, in a chart or on a terminal.

use super::node::{Node, Place};
use super::problem::{Problem, Problems};
use crate::text::is_shown;

/// Reports a scalar that has a character which cannot be shown.
pub fn legible(node: &Node, problems: &mut Problems) {
    let text = node.text().unwrap_or("");
    if let Some((at, c)) = text.char_indices().find(|&(_, c)| !is_shown(c)) {
        problems.push(illegible(node.part(at..at + c.len_utf8()), c));
    }
}

/// The character `c`, which cannot be shown, stands at `place`.
pub(super) fn illegible(place: Place, c: char) -> Problem {
    let title = format!("the character U+{:04X} cannot be shown", u32::from(c));
    Problem::new(place, title, "expected text without it")
}
