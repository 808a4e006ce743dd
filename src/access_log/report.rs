//! What became of a file's lines, for a person to read before trusting the trace.

use std::fmt;

use super::Format;
use super::clock::Moment;
use crate::units::{Span, Time};

/// What became of a file's lines: `lines = records + blank + headers + malformed`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReadReport {
    /// The format that was stated or found.
    pub format: Format,
    /// All lines.
    pub lines: u64,
    /// Lines that told of requests, or of an interval without one.
    pub records: u64,
    /// The requests that they told of.
    pub requests: u64,
    /// Empty lines and, in a CSV, comments.
    pub blank: u64,
    /// Lines that named columns.
    pub headers: u64,
    /// Lines left out because they could not be read.
    pub malformed: u64,
    /// The first few of those.
    pub first_malformed: Vec<Malformed>,
    /// Lines earlier than some line before them. They have been put in order.
    pub out_of_order: u64,
    /// Requests, counted among the rest, whose request line was `-` or not HTTP.
    pub garbled: u64,
    /// Types that were made one with `other` because there were too many.
    pub folded_types: u64,
    /// Types of requests in the trace.
    pub types: usize,
    /// When the trace begins.
    pub start: Moment,
    /// From the start of the first interval to the end of the last.
    pub length: Span,
    /// The longest time without an arrival, between two.
    pub longest_silence: Span,
    /// When, in the trace, that begins.
    pub silent_from: Time,
}

/// A line that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Its number, from 1.
    pub line: u64,
    /// Its beginning, with what cannot be printed replaced.
    pub excerpt: String,
    /// What is wrong.
    pub why: &'static str,
}

impl ReadReport {
    pub(super) fn of(format: Format) -> ReadReport {
        ReadReport { format, ..ReadReport::default() }
    }

    /// What a reader should know before trusting the trace.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let mut remark = |what: &str, count: u64| {
            if count > 0 {
                remarks.push(format!("{what}: {count}"));
            }
        };
        remark("lines out of order, now sorted", self.out_of_order);
        remark("request lines that are not HTTP", self.garbled);
        remark("rare types made one with `other`", self.folded_types);
        remark("lines left out", self.malformed);
        if let Some(first) = self.first_malformed.first() {
            remarks.push(format!("the first is {first}"));
        }
        // One line with a wrong date stretches the trace, and this is how it shows.
        if self.longest_silence.nanos() > self.length.nanos() / 2 {
            let (silence, from) = (self.longest_silence, self.silent_from.since(Time::ZERO));
            remarks.push(format!("nothing arrives for {silence} from {from} on"));
        }
        remarks
    }
}

impl fmt::Display for ReadReport {
    /// One line on what was read, and a second if there is something to know about it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, length) = (counted(self.requests, "request"), self.length);
        write!(f, "{requests} of {} in {length}", counted(self.types as u64, "type"))?;
        if self.start.is_a_date() {
            write!(f, " from {}", self.start)?;
        }
        write!(f, " ({}, {})", self.format.name(), counted(self.lines, "line"))?;
        let remarks = self.remarks();
        if remarks.is_empty() { Ok(()) } else { write!(f, "\n{}", remarks.join("; ")) }
    }
}

/// `1 line`, `2 lines`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}", self.line, self.why, self.excerpt)
    }
}
