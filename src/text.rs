//! Characters that can be shown, on a terminal as in a chart, and a form of any text that has no
//! others: for what comes from outside, such as the name of a file.

use std::borrow::Cow;

/// In the place of what cannot be shown.
const REPLACEMENT: &str = "\u{fffd}";

/// Whether a character can be shown: none that controls a terminal or the direction of writing, and
/// none that XML 1.0 has not. Of control characters, the line feed and the tab can.
pub fn is_shown(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    }
}

/// `text` with `U+FFFD` for each character that cannot be shown.
pub fn shown(text: &str) -> Cow<'_, str> {
    replaced(text, is_shown)
}

/// The same on one line, without line feeds and tabs: for a name.
pub fn one_line(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_shown(c) && !matches!(c, '\n' | '\t'))
}

/// As [`shown`], but codes that set a colour or a weight (`ESC [ 1;31 m`) stay.
pub fn painted(text: &str) -> Cow<'_, str> {
    const START: &str = "\u{1b}[";
    let mut pieces = text.split(START);
    let mut safe = shown(pieces.next().unwrap_or(""));
    for piece in pieces {
        let code = piece.find(|c: char| !c.is_ascii_digit() && c != ';');
        let is_paint = code.is_some_and(|end| piece[end..].starts_with('m'));
        let safe = safe.to_mut();
        safe.push_str(if is_paint { START } else { REPLACEMENT });
        safe.push_str(if is_paint { "" } else { "[" });
        safe.push_str(&shown(piece));
    }
    safe
}

/// A text in lines of at most `width` characters where its words allow it, all but the first
/// indented by `hang`. Spaces at its start stay.
pub fn wrapped(text: &str, width: usize, hang: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (i, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        let begun = column > hang || !out.trim_start().is_empty();
        if begun && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            column = hang;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

fn replaced(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let goes = |c: char| !stays(c);
    match text.contains(goes) {
        true => Cow::Owned(text.replace(goes, REPLACEMENT)),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_into_lines_between_its_words() {
        assert_eq!(wrapped("as it is", 80, 2), "as it is");
        assert_eq!(wrapped("one two three", 9, 2), "one two\n  three");
        assert_eq!(wrapped("± ± ± ±", 5, 1), "± ± ±\n ±");
        assert_eq!(wrapped("indivisible word", 4, 0), "indivisible\nword");
        assert_eq!(wrapped("  a  table b c", 11, 5), "  a  table\n     b c");
        assert_eq!(wrapped("  indivisible", 4, 2), "  indivisible");
    }

    #[test]
    fn what_cannot_be_shown_is_replaced() {
        for c in ['\0', '\u{1b}', '\r', '\u{7f}', '\u{80}', '\u{9b}', '\u{202e}', '\u{ffff}'] {
            assert!(!is_shown(c));
            assert_eq!(shown(&format!("a{c}b")), "a\u{fffd}b");
        }
        for text in ["GET /product", "müßig 漢字 🎲 →", "a\u{a0}b\u{200d}c\u{200f}"] {
            assert_eq!(shown(text), text);
            assert_eq!(one_line(text), text);
        }
        assert_eq!(shown("a\n\tb"), "a\n\tb");
        assert_eq!(one_line("a\n\tb"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn of_escape_sequences_only_colours_stay() {
        assert_eq!(painted("\u{1b}[1;31mred\u{1b}[0m"), "\u{1b}[1;31mred\u{1b}[0m");
        for (text, expect) in [
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("\u{1b}]8;;x\u{7}", "\u{fffd}]8;;x\u{fffd}"),
            ("\u{1b}[31", "\u{fffd}[31"),
            ("\u{1b}[\u{1b}[1m\u{9b}2J", "\u{fffd}[\u{1b}[1m\u{fffd}2J"),
            ("", ""),
        ] {
            assert_eq!(painted(text), expect);
        }
    }
}
