//! Why there is no trace, and what would help.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use super::clock::Moment;
use super::columns::Unclear;
use super::detect::NotFound;
use super::lines::{Line, printable, shortened};
use super::report::{Malformed, ReadReport, Understood, counted};

const EXPECTED: &str = "\
expected one of
  an access log    192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 512
                   or a log of HAProxy, an AWS load balancer, IIS or CloudFront, or in JSON
  requests         a CSV with a column `time`, and others such as `method`, `url` and `bytes`
  counts           a CSV with the columns `time` and `requests`, one interval a line
or say how a line of the log is written, in the words of nginx or Apache
  format: '$remote_addr [$time_local] \"$request\" $status $body_bytes_sent'";

const SAY_WHICH: &str = "\
say what a row is, and which column holds what, by name or by number
  columns: {time: T, count: C}    a row is an interval with so many requests
  columns: {time: T, rate: R}     an interval with so many in a second, or `per: 1min`
  format: timestamps              a row is a request
or with `replay`: --columns count=C, --log-format timestamps";

/// Why a file gave no trace.
#[derive(Debug)]
pub enum TraceError {
    /// There is no such file.
    NotFound(PathBuf),
    /// There is something else of that name.
    NoFile {
        /// What was named.
        path: PathBuf,
        /// A folder; otherwise a pipe or a device.
        folder: bool,
    },
    /// The file is there and cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The first lines are of no format that is known.
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong with the first line, as one of a log.
        first: Option<Malformed>,
        /// What it seems to be instead, and what to do about it, if that can be told.
        hint: Option<&'static str>,
    },
    /// It is a table, and what its columns are can be read in several ways.
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// What is not certain.
        why: String,
        /// The columns, or what else there is to choose from.
        choices: Vec<String>,
        /// Whether it is to be said what a row is.
        rows: bool,
    },
    /// A line can be read in two ways, and so can the file.
    Unclear {
        /// The file.
        path: PathBuf,
        /// The line.
        malformed: Malformed,
    },
    /// There is not one request in the file.
    NoRequest {
        /// The file.
        path: PathBuf,
        /// What became of its lines.
        report: Box<ReadReport>,
    },
    /// The times are more than [`crate::units::LONGEST`] apart.
    TooLong {
        /// The file.
        path: PathBuf,
        /// The earliest time.
        first: Moment,
        /// The latest time.
        last: Moment,
    },
}

impl TraceError {
    pub(super) fn cannot_read(path: &Path, error: io::Error) -> TraceError {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound => TraceError::NotFound(path),
            _ => TraceError::Unreadable { path, error },
        }
    }

    pub(super) fn empty(path: &Path, lines: usize) -> TraceError {
        let lines = lines as u64;
        let report = ReadReport { lines, blank: lines, ..ReadReport::of(Understood::default()) };
        TraceError::NoRequest { path: path.to_owned(), report: Box::new(report) }
    }

    pub(super) fn not_found(path: &Path, head: &[Line], why: NotFound) -> TraceError {
        let path = path.to_owned();
        let ambiguous = |why: String, choices: Vec<String>, rows| {
            let choices = choices.iter().map(|name| shown(name)).collect();
            TraceError::Ambiguous { path: path.clone(), why, choices, rows }
        };
        match why {
            NotFound::Unclear(Unclear::Ambiguous { names, why }) => {
                ambiguous(why.to_owned(), names, true)
            }
            NotFound::Unclear(Unclear::Unknown { what, wanted, known }) => {
                ambiguous(format!("there is no {what} `{}`", shown(&wanted)), known, false)
            }
            NotFound::Unclear(Unclear::NoTable) => {
                TraceError::UnknownFormat { path, first: None, hint: hint(head) }
            }
            NotFound::Unknown(first) => {
                let first = first.map(|(line, misfit)| Malformed::of(line, misfit));
                TraceError::UnknownFormat { path, first, hint: hint(head) }
            }
        }
    }
}

/// A name, short and fit to be shown.
fn shown(name: &str) -> String {
    shortened(printable(name.as_bytes()), 40).into_owned()
}

/// What a file is that is no text.
fn hint(head: &[Line]) -> Option<&'static str> {
    match head.first().map(|line| line.bytes.as_slice()) {
        Some([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => Some("it is UTF-16: save it as UTF-8"),
        Some([b'P', b'K', 3, 4, ..]) => Some("it is a zip file: unzip it first"),
        Some([0x1f, 0x8b, ..]) => Some("it is compressed: gunzip it first"),
        Some([0x28, 0xb5, 0x2f, 0xfd, ..]) => Some("it is compressed: unzstd it first"),
        Some([b'S', b'Q', b'L', b'i', b't', b'e', ..]) => Some("it is a database of SQLite"),
        Some([b'P', b'A', b'R', b'1', ..]) => Some("it is a Parquet file: save it as CSV"),
        _ => None,
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TraceError::NotFound(path) => write!(f, "{}: there is no such file", path.display()),
            TraceError::NoFile { path, folder: true } => {
                write!(f, "{}: this is a folder, not a file", path.display())
            }
            TraceError::NoFile { path, folder: false } => {
                write!(f, "{}: this is a pipe or a device: save it to a file first", path.display())
            }
            TraceError::Unreadable { path, error }
                if error.kind() == io::ErrorKind::PermissionDenied =>
            {
                write!(f, "{}: you may not read this file", path.display())
            }
            TraceError::Unreadable { path, error } => {
                write!(f, "{}: cannot be read: {error}", path.display())
            }
            TraceError::UnknownFormat { path, hint: Some(hint), .. } => {
                write!(f, "{}: {hint}", path.display())
            }
            TraceError::UnknownFormat { path, first, hint: None } => {
                write!(f, "{}: not a trace in a known format", path.display())?;
                first.iter().try_for_each(|first| write!(f, ": {first}"))?;
                write!(f, "\n{EXPECTED}")
            }
            TraceError::Ambiguous { path, why, choices, rows } => {
                write!(f, "{}: {why}\nthere are ", path.display())?;
                f.write_str(&choices.join(", "))?;
                if *rows { write!(f, "\n{SAY_WHICH}") } else { Ok(()) }
            }
            TraceError::Unclear { path, malformed } => {
                write!(f, "{}: {malformed}", path.display())
            }
            TraceError::NoRequest { path, report } => {
                write!(f, "{}: no request in {}", path.display(), counted(report.lines, "line"))?;
                let format = &report.understood.format;
                match report.first_malformed.first() {
                    Some(first) => write!(f, "; as {format}, {first}"),
                    None => Ok(()),
                }
            }
            TraceError::TooLong { path, first, last } => write!(
                f,
                "{}: from {first} to {last} is more than 100 years; is one of the times wrong?",
                path.display()
            ),
        }
    }
}

impl error::Error for TraceError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            TraceError::Unreadable { error, .. } => Some(error),
            _ => None,
        }
    }
}
