//! Lines of a file that may hold anything: any bytes, any length, either line end.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use crate::text::one_line;

/// The longest line that is kept, in bytes. Servers refuse requests far below this.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// A line beyond this many bytes is the mark of something that has no lines.
const LONGEST_SKIPPED: u64 = 64 << 20;

/// One line without its end; `cut` if it was longer than [`LONGEST_LINE`].
#[derive(Default)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) cut: bool,
}

/// A stream of lines, each at most [`LONGEST_LINE`] bytes in memory.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Lines<R> {
        Lines { input, number: 0 }
    }

    /// Reads the next line into `line`; false at the end of the file.
    pub(super) fn read(&mut self, line: &mut Line) -> io::Result<bool> {
        line.bytes.clear();
        line.cut = false;
        let most = LONGEST_LINE as u64 + 1;
        if self.input.by_ref().take(most).read_until(b'\n', &mut line.bytes)? == 0 {
            return Ok(false);
        }
        self.number += 1;
        line.number = self.number;
        if line.bytes.last() == Some(&b'\n') {
            line.bytes.pop();
        } else if line.bytes.len() > LONGEST_LINE {
            line.cut = true;
            if self.input.by_ref().take(LONGEST_SKIPPED).skip_until(b'\n')? as u64
                == LONGEST_SKIPPED
            {
                let why = format!("line {} is longer than 64MiB", self.number);
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
        }
        if line.bytes.last() == Some(&b'\r') {
            line.bytes.pop();
        }
        // Spreadsheets begin a file with a byte order mark.
        if self.number == 1 && line.bytes.starts_with(b"\xEF\xBB\xBF") {
            line.bytes.drain(..3);
        }
        Ok(true)
    }

    /// The lines up to the `count`th that is not blank.
    pub(super) fn head(&mut self, count: usize) -> io::Result<Vec<Line>> {
        const MOST: usize = 1_000;
        let mut head = Vec::new();
        let mut found = 0;
        while found < count && head.len() < MOST {
            let mut line = Line::default();
            if !self.read(&mut line)? {
                break;
            }
            found += usize::from(!line.is_blank());
            head.push(line);
        }
        Ok(head)
    }
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

/// `bytes` as text on one line: what is not UTF-8 or cannot be shown becomes `U+FFFD`.
pub(super) fn printable(bytes: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => one_line(text),
        Cow::Owned(text) => Cow::Owned(one_line(&text).into_owned()),
    }
}

/// At most `most` characters of `text`, the last of them an ellipsis if something was left out.
pub(super) fn shortened(text: Cow<'_, str>, most: usize) -> Cow<'_, str> {
    if text.len() <= most || text.chars().nth(most).is_none() {
        return text;
    }
    Cow::Owned(text.chars().take(most - 1).chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<(u64, Vec<u8>, bool)> {
        let mut lines = Lines::new(text);
        let mut line = Line::default();
        let mut found = Vec::new();
        while lines.read(&mut line).unwrap() {
            found.push((line.number, line.bytes.clone(), line.cut));
        }
        found
    }

    #[test]
    fn line_ends_of_either_kind_and_the_byte_order_mark_are_taken_off() {
        let found = all(b"\xEF\xBB\xBFa\r\n\nb\xFF\nlast");
        let texts: Vec<&[u8]> = found.iter().map(|(_, bytes, _)| bytes.as_slice()).collect();
        assert_eq!(texts, [&b"a"[..], b"", b"b\xFF", b"last"]);
        assert_eq!(found.last().map(|line| line.0), Some(4));
    }

    #[test]
    fn a_line_beyond_the_limit_is_cut_and_the_next_is_whole() {
        let mut text = vec![b'x'; LONGEST_LINE];
        text.extend(b"\n");
        text.extend(vec![b'y'; 3 * LONGEST_LINE]);
        text.extend(b"\nnext\n");
        let found = all(&text);
        let cuts: Vec<bool> = found.iter().map(|line| line.2).collect();
        assert_eq!(cuts, [false, true, false]);
        assert_eq!(found[2].1, b"next");
        assert!(found[1].1.len() <= LONGEST_LINE + 1);
    }

    #[test]
    fn a_line_without_an_end_is_an_error() {
        let mut lines = Lines::new(io::BufReader::new(io::repeat(b'x')));
        let error = lines.read(&mut Line::default()).expect_err("this has no lines");
        assert_eq!(error.to_string(), "line 1 is longer than 64MiB");
    }

    #[test]
    fn what_is_shown_is_harmless_and_short() {
        assert_eq!(printable(b"\x1b[31m\xFFred"), "\u{FFFD}[31m\u{FFFD}red");
        assert_eq!(printable("a\u{202e}\n\u{ffff}b".as_bytes()), "a\u{FFFD}\u{FFFD}\u{FFFD}b");
        assert_eq!(shortened(Cow::Owned("é".repeat(500)), 72).chars().count(), 72);
    }
}
