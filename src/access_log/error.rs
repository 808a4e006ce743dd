//! Why there is no trace, and what would help.

use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use super::clock::Moment;
use super::lines::Line;
use super::report::{ReadReport, counted};

const EXPECTED: &str = "\
expected one of
  an access log    192.0.2.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 512
  timestamps       2015-05-17T10:05:03Z or 1431857103.25, one a line, or a CSV with a column `time`
  counts           a CSV with the columns `time` and `requests`, one interval a line";

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
        /// The first lines that are not blank, at most three, shortened.
        first_lines: Vec<String>,
        /// What it seems to be instead, and what to do about it, if that can be told.
        hint: Option<&'static str>,
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

    pub(super) fn unknown(path: &Path, head: &[Line]) -> TraceError {
        let first_lines = head.iter().filter(|line| !line.is_blank()).take(3);
        let hint = match head.first().map(|line| line.bytes.as_slice()) {
            Some([0x1f, 0x8b, ..]) => Some("it is compressed: gunzip it first"),
            Some([0x28, 0xb5, 0x2f, 0xfd, ..]) => Some("it is compressed: unzstd it first"),
            Some([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => Some("it is UTF-16: save it as UTF-8"),
            _ => None,
        };
        let first_lines = first_lines.map(Line::excerpt).collect();
        TraceError::UnknownFormat { path: path.to_owned(), first_lines, hint }
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
            TraceError::UnknownFormat { path, first_lines, hint: None } => {
                writeln!(f, "{}: not a trace in a known format; it begins", path.display())?;
                first_lines.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
                f.write_str(EXPECTED)
            }
            TraceError::NoRequest { path, report } => {
                write!(f, "{}: no request in {}", path.display(), counted(report.lines, "line"))?;
                let format = report.format.name();
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
