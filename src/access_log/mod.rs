//! Arrivals read from what people have: an access log as servers write it, a CSV of timestamps, or
//! a CSV of counts per interval.
//!
//! *Invariant:* every line is counted once in the [`ReadReport`]: as a record, blank, a header or
//! malformed. A bad line costs that line; only a file without one request is an error.
//!
//! *Invariant:* a trace says what the file says and no more. An arrival stands at the start of its
//! second (or whatever the file's resolution is); where within it requests fall, how fast the trace
//! is played and what follows its end is for its player to say.

mod choice;
mod clock;
mod collect;
mod columns;
mod detect;
mod error;
mod field;
mod group;
mod json;
mod lasting;
mod lines;
mod log;
mod named;
mod number;
mod peak;
mod report;
mod said;
mod sample;
mod sizes;
mod table;
mod template;
#[cfg(feature = "files")]
mod unpack;
mod writing;

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::files::{self, Kind};
use crate::units::{Rate, Span, Time};

pub use clock::Moment;
pub use error::TraceError;
pub use group::{Grouping, MOST_TYPES, OTHER, Rule};
pub use named::Named;
pub use peak::Playing;
pub use report::{Lasts, Malformed, ReadReport, Understood};
pub use sizes::SizeClasses;
pub use table::cells;
pub use template::LogFormat;

use collect::Collector;
use lines::{Line, Lines};

/// What arrived, when, as far as a file tells.
#[derive(Clone, Debug)]
pub struct Trace {
    /// In order of time, those of one time in the file's order.
    pub arrivals: Vec<Arrival>,
    /// The names of the request types, the most frequent first, equally frequent ones by name.
    pub types: Vec<String>,
    /// How large the responses to requests of each type were; nothing where the file does not say.
    pub sizes: Vec<SizeClasses>,
    /// How many users asked, if the file tells of each request who did.
    pub users: Option<u32>,
    /// How finely the file tells the time: the least that an arrival lasts.
    pub resolution: Span,
    /// Whether arrivals are counts of intervals.
    pub are_intervals: bool,
    /// From the start of the first interval to the end of the last.
    pub length: Span,
    /// What became of the lines.
    pub report: ReadReport,
}

/// The most users of a replay.
const MOST_USERS: f64 = 1e7;

/// Requests of one type at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// Since the start of the trace: the start of the second, or of the interval.
    pub at: Time,
    /// The requests lie between `at` and this much later.
    pub lasts: Span,
    /// How many requests: 1 from a log or timestamps, at least 1 from counts.
    pub count: u32,
    /// An index into [`Trace::types`].
    pub request_type: u32,
    /// Who asked, below [`Trace::users`] if that is known.
    pub user: u32,
}

/// The busiest window of a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peak {
    /// Requests in the window.
    pub count: u64,
    /// When it begins.
    pub at: Time,
    /// How long it is: as asked for, but no longer than the trace and no shorter than its
    /// resolution, so that a peak is never below the mean. Where intervals differ in length, that
    /// of the one with the highest rate.
    pub window: Span,
}

/// How a file is to be read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wanted {
    /// How it is written.
    pub format: Format,
    /// Which column holds what, if it is a table.
    pub columns: Named,
}

/// How a file is written.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Format {
    /// As its first lines suggest.
    #[default]
    Auto,
    /// An access log in Common format. What follows the size is not read: a Combined one will do.
    Common,
    /// An access log in Combined format; read exactly as a Common one.
    Combined,
    /// An access log in JSON, an object a line.
    Json,
    /// A log whose line `#Fields:` names its columns, as IIS and CloudFront write it.
    Extended,
    /// A log in a format that is written out.
    Written(LogFormat),
    /// A table with one request a line.
    Timestamps,
    /// A table with one interval a line, and how many requests there were.
    Counts,
}

impl Format {
    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Format::Auto => "any format",
            Format::Common => "access log in Common format",
            Format::Combined => "access log in Combined format",
            Format::Json => "JSON lines",
            Format::Extended => "log in W3C's extended format",
            Format::Written(_) => "the format that is stated",
            Format::Timestamps => "table of requests",
            Format::Counts => "table of intervals",
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

    /// How many users there are if requests are sent so often, those that are added by others; none
    /// if it is not known who asked.
    pub fn replayed_users(&self, scale: f64) -> Option<u64> {
        let users = |users| (f64::from(users) * libm::ceil(scale)).min(MOST_USERS) as u64;
        self.users.map(users)
    }

    /// Over how long copies of an arrival are to come, so that the rate at each time is
    /// multiplied: over its interval, or until the next recorded request. The last has the mean of
    /// the times between.
    pub fn room(&self, index: usize) -> Span {
        let arrival = self.arrivals[index];
        let room = match self.arrivals.get(index + 1) {
            _ if self.are_intervals => Span::ZERO,
            Some(next) => next.at - arrival.at,
            None => Span::from_nanos(self.length.nanos() / self.arrivals.len() as u64),
        };
        room.max(arrival.lasts)
    }

    /// How long the trace is if copies of its arrivals are sent, too.
    pub fn length_with_copies(&self) -> Span {
        let last = self.arrivals.len().checked_sub(1);
        let end = last.map(|last| self.arrivals[last].at + self.room(last));
        end.map_or(self.length, |end| end.since(Time::ZERO).max(self.length))
    }

    /// The `window` with the most requests, the first of equals, wherever it may begin.
    pub fn peak(&self, window: Span) -> Peak {
        if self.arrivals.iter().any(|arrival| arrival.lasts != self.resolution) {
            return self.steepest();
        }
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

    /// The interval with the highest rate.
    fn steepest(&self) -> Peak {
        let rate = |peak: &Peak| peak.count as f64 / peak.window.secs();
        let intervals = self.arrivals.chunk_by(|a, b| a.at == b.at).map(|same| Peak {
            count: same.iter().map(|arrival| u64::from(arrival.count)).sum(),
            at: same[0].at,
            window: same[0].lasts,
        });
        let first = Peak { count: 0, at: Time::ZERO, window: self.length };
        intervals.fold(first, |most, next| if rate(&next) > rate(&most) { next } else { most })
    }
}

/// Reads the trace in the file at `path`, in one pass, unpacking it where it is packed. Memory is
/// 32 bytes for each arrival, and what the names of its types and the users take. A device has no
/// end and a pipe may have no writer, so neither will do.
pub fn read(path: &Path, wanted: &Wanted, grouping: &Grouping) -> Result<Trace, TraceError> {
    let cannot_read = |error| TraceError::cannot_read(path, error);
    let no_file = |folder| Err(TraceError::NoFile { path: path.to_owned(), folder });
    match files::kind(path).map_err(cannot_read)? {
        Kind::File => {}
        Kind::Folder => return no_file(true),
        Kind::Other => return no_file(false),
    }
    let file = files::open(path).map_err(cannot_read)?;
    let file = BufReader::with_capacity(1 << 16, file);
    #[cfg(feature = "files")]
    let file = BufReader::with_capacity(1 << 16, unpack::unpacked(file).map_err(cannot_read)?);
    read_from(file, path, wanted, grouping)
}

/// Reads a trace from `input`; `path` is what messages call it.
pub fn read_from(
    input: impl BufRead,
    path: &Path,
    wanted: &Wanted,
    grouping: &Grouping,
) -> Result<Trace, TraceError> {
    let cannot_read = |error| TraceError::cannot_read(path, error);
    let mut lines = Lines::new(input);
    let head = lines.head(detect::LINES).map_err(cannot_read)?;
    if head.iter().all(Line::is_blank) {
        return Err(TraceError::empty(path, head.len()));
    }
    let found = detect::reader(&head, wanted);
    let (mut reader, understood) = found.map_err(|why| TraceError::not_found(path, &head, why))?;
    let mut collector = Collector::new(grouping, reader.are_intervals(), understood);
    let unclear = |malformed| TraceError::Unclear { path: path.to_owned(), malformed };
    for line in &head {
        collector.take(line, reader.parse(line)).map_err(unclear)?;
    }
    let mut line = Line::default();
    while lines.read(&mut line).map_err(cannot_read)? {
        collector.take(&line, reader.parse(&line)).map_err(unclear)?;
    }
    collector.finish(path)
}

#[cfg(test)]
mod tests;
