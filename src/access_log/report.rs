//! What became of a file's lines, for a person to read before trusting the trace.

use std::fmt;

use super::clock::Moment;
use super::columns::Columns;
use super::field::Field;
use super::said::Misfit;
use crate::units::{Bytes, Span, Time};

/// So many names are listed; of others it is said how many there are.
const MOST_LISTED: usize = 6;

/// What became of a file's lines:
/// `lines = records + blank + headers + beside + malformed`.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReadReport {
    /// How the file was read.
    pub understood: Understood,
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
    /// Rows about something other than requests, as of other metrics.
    pub beside: u64,
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
    /// Types of requests in the trace, and how many there are of each.
    pub types: Vec<(String, u64)>,
    /// Patterns of types that nothing is like.
    pub unmatched: Vec<String>,
    /// How many users asked, if the file tells of each request who did.
    pub users: Option<u32>,
    /// The mean size of the responses (bytes), if the file tells any.
    pub mean_size: Option<f64>,
    /// Over how long what a line tells of may have happened.
    pub lasts: Lasts,
    /// When the trace begins.
    pub start: Moment,
    /// When its last line is.
    pub end: Moment,
    /// From the start of the first interval to the end of the last.
    pub length: Span,
    /// The longest time without an arrival, between two.
    pub longest_silence: Span,
    /// When, in the trace, that begins.
    pub silent_from: Time,
}

/// Over how long what a line tells of may have happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lasts {
    /// A request falls within the time as finely as it is written.
    Within(Span),
    /// The requests of an interval fall within it.
    Intervals {
        /// The shortest.
        least: Span,
        /// The longest.
        most: Span,
    },
}

impl Default for Lasts {
    fn default() -> Lasts {
        Lasts::Within(Span::ZERO)
    }
}

impl Lasts {
    /// The most of all.
    pub fn most(self) -> Span {
        let (Lasts::Within(most) | Lasts::Intervals { most, .. }) = self;
        most
    }

    /// The least of all.
    pub fn least(self) -> Span {
        let (Lasts::Within(least) | Lasts::Intervals { least, .. }) = self;
        least
    }
}

impl fmt::Display for Lasts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lasts::Within(grain) if *grain < Span::from_millis(1) => {
                write!(f, "requests come when they are recorded, to {grain}")
            }
            Lasts::Within(grain) => {
                write!(f, "times are written to {grain}: requests are spread within it at random")
            }
            Lasts::Intervals { least, most } => {
                write!(f, "a row lasts {least}")?;
                if most > least {
                    write!(f, " to {most}, until the next")?;
                }
                f.write_str(
                    ": its requests are spread within it at random, so that peaks shorter than \
                     that are not seen",
                )
            }
        }
    }
}

/// How a file was read: what tells what, and what tells nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Understood {
    /// What a person calls the format.
    pub format: String,
    /// What is used, by what it tells.
    used: Vec<(Field, Vec<String>)>,
    /// What is in the file and is not used.
    pub unused: Vec<String>,
}

impl Understood {
    pub(super) fn new(format: &str) -> Understood {
        Understood { format: format.to_owned(), ..Understood::default() }
    }

    pub(super) fn uses(&mut self, field: Field, name: &str) {
        match self.used.iter_mut().find(|(known, _)| *known == field) {
            Some((_, names)) => names.push(name.to_owned()),
            None => self.used.push((field, vec![name.to_owned()])),
        }
    }

    pub(super) fn of_columns(format: &str, columns: &Columns) -> Understood {
        let mut understood = Understood::new(format);
        let (used, unused) = columns.used();
        for (field, column) in used {
            understood.uses(field, &columns.names[column]);
        }
        understood.unused = unused.into_iter().map(str::to_owned).collect();
        understood
    }

    /// `times from date and time, paths from url`.
    pub(super) fn used_text(&self, is_told: impl Fn(Field) -> bool) -> String {
        let one = |(field, names): &(Field, Vec<String>)| {
            format!("{} from {}", told(*field), names.join(" and "))
        };
        let used = self.used.iter().filter(|(field, _)| is_told(*field));
        used.map(one).collect::<Vec<_>>().join(", ")
    }
}

fn told(field: Field) -> &'static str {
    match field {
        Field::Time => "times",
        Field::Request => "requests",
        Field::Method => "methods",
        Field::Path => "paths",
        Field::Type => "types",
        Field::Status => "statuses",
        Field::Bytes => "sizes",
        Field::User => "users",
        Field::Count => "counts",
        Field::Rate => "rates",
    }
}

/// A line that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong.
    pub why: &'static str,
    /// The part that did not fit, shortened and fit to be shown; none of a line that is of no log
    /// and no table.
    pub part: Option<String>,
}

impl Malformed {
    pub(super) fn of(line: u64, misfit: Misfit) -> Malformed {
        Malformed { line, why: misfit.why, part: misfit.part }
    }
}

impl ReadReport {
    pub(super) fn of(understood: Understood) -> ReadReport {
        ReadReport { understood, ..ReadReport::default() }
    }

    /// What may make the trace another than was meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.malformed > 0 {
            let first = self.first_malformed.first();
            let first = first.map_or_else(String::new, |first| format!("; the first is {first}"));
            warnings.push(format!("lines left out: {}{first}", self.malformed));
        }
        if !self.unmatched.is_empty() {
            let patterns = self.unmatched.iter().map(|pattern| format!("`{pattern}`"));
            let patterns = listed(patterns.collect());
            warnings.push(format!("patterns of `group` that no request is like: {patterns}"));
        }
        warnings
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
        remark("rows about something else, left out", self.beside);
        remarks.extend(self.warnings());
        // One line with a wrong date stretches the trace, and this is how it shows.
        if self.longest_silence.nanos() > self.length.nanos() / 2 {
            let (silence, from) = (self.longest_silence, self.silent_from.since(Time::ZERO));
            remarks.push(format!("nothing arrives for {silence} from {from} on"));
        }
        remarks
    }

    fn sizes_and_users(&self) -> String {
        let sizes = self.mean_size.map_or_else(
            || "sizes of responses are not told, and are taken to be 10KiB".to_owned(),
            |mean| format!("responses are as large as recorded, {} on average", Bytes(mean as u64)),
        );
        let users = self.users.map_or_else(
            || "users are not told apart".to_owned(),
            |users| format!("users told apart: {users}"),
        );
        format!("{sizes}; {users}")
    }
}

/// The first of these, and how many more there are.
fn listed(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(MOST_LISTED);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

impl fmt::Display for ReadReport {
    /// What was read and how it was understood, on a few lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = counted(self.types.len() as u64, "type");
        write!(f, "{} of {types} in {}", counted(self.requests, "request"), self.length)?;
        if self.start.is_a_date() {
            write!(f, ", from {} to {}", self.start, self.end)?;
        }
        let Understood { format, unused, .. } = &self.understood;
        let used = self.understood.used_text(|field| match field {
            Field::Bytes => self.mean_size.is_some(),
            Field::User => self.users.is_some(),
            _ => true,
        });
        write!(f, "\n  read as {format}, {}: {used}", counted(self.lines, "line"))?;
        if !unused.is_empty() {
            write!(f, "\n  not used: {}", listed(unused.clone()))?;
        }
        let types = self.types.iter().map(|(name, count)| format!("{name} {count}"));
        write!(f, "\n  types: {}", listed(types.collect()))?;
        write!(f, "\n  {}\n  {}", self.lasts, self.sizes_and_users())?;
        self.remarks().iter().try_for_each(|remark| write!(f, "\n  {remark}"))
    }
}

/// `1 line`, `2 lines`.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}", self.line, self.why)?;
        self.part.iter().try_for_each(|part| write!(f, ": `{part}`"))
    }
}
