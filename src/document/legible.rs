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

/// Where in a text without quotation marks a blank stands that looks like a space and is none, so
/// that YAML takes it for text: around it, or after a colon or a dash.
pub(super) fn false_space(text: &str) -> Option<(usize, char)> {
    let mut before = None;
    let last = text.char_indices().next_back().map(|(at, _)| at);
    text.char_indices().find(|&(at, c)| {
        let after = before.replace(c).is_none_or(|before| before == ':' || before == '-');
        is_false_space(c) && (after || Some(at) == last)
    })
}

/// Whether a character looks like a space, or like nothing, and is no space to YAML.
pub(super) fn is_false_space(c: char) -> bool {
    let is_space = matches!(c, ' ' | '\t' | '\n' | '\r');
    (c.is_whitespace() && !is_space) || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The blank `c`, which is no space, stands at `place`.
pub(super) fn not_a_space(place: Place, c: char) -> Problem {
    let name = match c {
        '\u{a0}' => "a non-breaking space",
        '\u{202f}' => "a narrow non-breaking space",
        '\u{3000}' => "an ideographic space",
        '\u{200b}' | '\u{2060}' | '\u{feff}' => "a character without width",
        _ => "a blank that is no space",
    };
    let title = format!("{name} (U+{:04X})", u32::from(c));
    Problem::new(place, title, "expected a space").help("to YAML it is a part of the text")
}
