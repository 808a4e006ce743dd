//! Arrivals read from what people have: an access log as servers write it, a CSV of timestamps, or
//! a CSV of counts per interval.
//!
//! *Invariant:* every line is counted once in the [`ReadReport`]: as a record, blank, a header or
//! malformed. A bad line costs that line; only a file without one request is an error.
//!
//! *Invariant:* a trace says what the file says and no more. An arrival stands at the start of its
//! second (or whatever the file's resolution is); where within it requests fall, how fast the trace
//! is played and what follows its end is for its player to say.

mod clock;
mod collect;
mod detect;
mod error;
mod group;
mod lines;
mod log;
mod report;
mod table;

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::files::{self, Kind};
use crate::units::{Rate, Span, Time};

pub use clock::Moment;
pub use error::TraceError;
pub use group::{Grouping, MOST_TYPES, OTHER, Rule};
pub use report::{Malformed, ReadReport};
pub use table::cells;

use clock::Stamp;
use collect::Collector;
use group::RequestName;
use lines::{Line, Lines};
use table::Table;

/// What arrived, when, as far as a file tells.
#[derive(Clone, Debug)]
pub struct Trace {
    /// In order of time, those of one time in the file's order.
    pub arrivals: Vec<Arrival>,
    /// The names of the request types, the most frequent first, equally frequent ones by name.
    pub types: Vec<String>,
    /// How finely the file tells the time: an arrival lies between `at` and this much later.
    pub resolution: Span,
    /// From the start of the first interval to the end of the last.
    pub length: Span,
    /// What became of the lines.
    pub report: ReadReport,
}

/// Requests of one type at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// Since the start of the trace: the start of the second, or of the interval.
    pub at: Time,
    /// How many requests: 1 from a log or timestamps, at least 1 from counts.
    pub count: u32,
    /// An index into [`Trace::types`].
    pub request_type: u32,
    /// Size of the answer in bytes; 0 if the file does not say.
    pub bytes: u64,
}

/// The busiest window of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peak {
    /// Requests in the window.
    pub count: u64,
    /// When it begins.
    pub at: Time,
    /// How long it is: as asked for, but no longer than the trace and no shorter than its
    /// resolution, so that a peak is never below the mean.
    pub window: Span,
}

/// How a file is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// As its first lines suggest.
    #[default]
    Auto,
    /// An access log in Common format. What follows the size is not read: a Combined one will do.
    Common,
    /// An access log in Combined format; read exactly as a Common one.
    Combined,
    /// A CSV with one request a line: a column called `time`, `timestamp`, `ts` or `at`, else the
    /// first; `request` or `type` or `method` and `path`, and `bytes`, if there are such. Times are
    /// seconds (or milli-, micro- or nanoseconds, if so great) or dates in ISO 8601.
    Timestamps,
    /// A CSV with one interval a line: its start as above, and a column called `requests`, `count`,
    /// `hits` or `n`, else the second. The shortest step from start to start is the interval.
    Counts,
}

impl Format {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Auto => "any format",
            Format::Common => "access log in Common format",
            Format::Combined => "access log in Combined format",
            Format::Timestamps => "CSV of timestamps",
            Format::Counts => "CSV of counts per interval",
        }
    }
}

impl Trace {
    /// Requests for each second of the trace's length.
    pub fn mean_rate(&self) -> Rate {
        Rate(if self.length == Span::ZERO {
            0.0
        } else {
            self.requests() as f64 / self.length.secs()
        })
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.arrivals.iter().map(|arrival| u64::from(arrival.count)).sum()
    }

    /// Requests of each type, in the order of [`Trace::types`].
    pub fn requests_by_type(&self) -> Vec<u64> {
        let mut requests = vec![0; self.types.len()];
        for arrival in &self.arrivals {
            requests[arrival.request_type as usize] += u64::from(arrival.count);
        }
        requests
    }

    /// The `window` with the most requests, the first of equals, wherever it may begin.
    pub fn peak(&self, window: Span) -> Peak {
        let window = window.min(self.length).max(self.resolution);
        let mut peak = Peak { count: 0, at: Time::ZERO, window };
        let (mut end, mut count) = (0, 0);
        // A busiest window can be moved on until it begins with an arrival.
        for first in &self.arrivals {
            while self.arrivals.get(end).is_some_and(|last| last.at < first.at + window) {
                count += u64::from(self.arrivals[end].count);
                end += 1;
            }
            if count > peak.count {
                peak = Peak { count, at: first.at, window };
            }
            count -= u64::from(first.count);
        }
        peak
    }
}

/// What a line turned out to be.
enum Parsed<'a> {
    Blank,
    Header,
    Record(Record<'a>),
    Malformed(&'static str),
}

/// A line that is as it should be.
#[derive(Debug)]
struct Record<'a> {
    stamp: Stamp,
    count: u32,
    bytes: u64,
    asked: RequestName<'a>,
}

/// A reader of lines, one at a time.
enum Parser {
    Log,
    Table(Table),
}

impl Parser {
    fn new(format: Format) -> Parser {
        match format {
            Format::Auto | Format::Common | Format::Combined => Parser::Log,
            Format::Timestamps => Parser::Table(Table::new(false)),
            Format::Counts => Parser::Table(Table::new(true)),
        }
    }

    fn parse<'a>(&mut self, line: &'a Line) -> Parsed<'a> {
        if line.cut {
            return Parsed::Malformed("the line is longer than 64KiB");
        }
        match self {
            _ if line.is_blank() => Parsed::Blank,
            Parser::Log => log::parse(&line.bytes),
            Parser::Table(table) => table.parse(&line.bytes),
        }
    }
}

/// Reads the trace in the file at `path`, in one pass. Memory is 24 bytes for each arrival. A
/// device has no end and a pipe may have no writer, so neither will do.
pub fn read(path: &Path, format: Format, grouping: &Grouping) -> Result<Trace, TraceError> {
    let cannot_read = |error| TraceError::cannot_read(path, error);
    let no_file = |folder| Err(TraceError::NoFile { path: path.to_owned(), folder });
    match files::kind(path).map_err(cannot_read)? {
        Kind::File => {}
        Kind::Folder => return no_file(true),
        Kind::Other => return no_file(false),
    }
    let file = files::open(path).map_err(cannot_read)?;
    read_from(BufReader::with_capacity(1 << 16, file), path, format, grouping)
}

/// Reads a trace from `input`; `path` is what messages call it.
pub fn read_from(
    input: impl BufRead,
    path: &Path,
    format: Format,
    grouping: &Grouping,
) -> Result<Trace, TraceError> {
    let cannot_read = |error| TraceError::cannot_read(path, error);
    let mut lines = Lines::new(input);
    let head = lines.head(detect::LINES).map_err(cannot_read)?;
    let is_empty = head.iter().all(Line::is_blank);
    let format = match format {
        Format::Auto if is_empty => Format::Auto,
        Format::Auto => detect::detect(&head).ok_or_else(|| TraceError::unknown(path, &head))?,
        stated => stated,
    };
    let mut parser = Parser::new(format);
    let mut collector = Collector::new(grouping, format);
    for line in &head {
        collector.take(line, parser.parse(line));
    }
    let mut line = Line::default();
    while lines.read(&mut line).map_err(cannot_read)? {
        collector.take(&line, parser.parse(&line));
    }
    collector.finish(path)
}

#[cfg(test)]
mod tests;
