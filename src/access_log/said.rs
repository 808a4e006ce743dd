//! What a line of any format says of a request, part by part, and the record that comes of it.

use std::borrow::Cow;

use super::clock::Stamp;
use super::field::Field;
use super::group::RequestName;
use super::lines::{printable, shortened};

/// The type of requests in a file that names none.
const UNNAMED: &str = "request";

/// The most of a line that a message shows, in characters.
const LONGEST_PART: usize = 40;

/// What a line turned out to be.
pub(super) enum Parsed<'a> {
    Blank,
    Header,
    Record(Record<'a>),
    /// A row about something other than requests.
    Beside,
    Malformed(Misfit),
}

impl<'a> From<Result<Record<'a>, Misfit>> for Parsed<'a> {
    fn from(read: Result<Record<'a>, Misfit>) -> Parsed<'a> {
        read.map_or_else(Parsed::Malformed, Parsed::Record)
    }
}

/// A line that is as it should be.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) stamp: Stamp,
    pub(super) amount: Amount,
    /// The size of the response, if it is told.
    pub(super) bytes: Option<u64>,
    /// A hash of who asked, if it is told.
    pub(super) user: Option<u64>,
    pub(super) asked: RequestName<'a>,
}

/// How many requests a line tells of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Amount {
    /// So many.
    Count(u32),
    /// So many in each second of its interval.
    Rate(f64),
}

/// What is wrong with a line, and the part of it that did not fit. A part is told only of a line
/// that is of a log or a table: where a time or a request was found in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Misfit {
    pub(super) why: &'static str,
    pub(super) part: Option<String>,
    /// Whether it can be read in two ways, so that the whole file can.
    pub(super) is_unclear: bool,
}

impl Misfit {
    /// Of a line of which nothing may be told.
    pub(super) fn new(why: &'static str) -> Misfit {
        Misfit { why, part: None, is_unclear: false }
    }

    /// At this part of a line.
    pub(super) fn at(why: &'static str, part: &[u8]) -> Misfit {
        let start = &part[..part.len().min(4 * LONGEST_PART)];
        let part = shortened(printable(start.trim_ascii()), LONGEST_PART).into_owned();
        Misfit { why, part: Some(part), is_unclear: false }
    }
}

/// The parts of a line that tell of a request.
#[derive(Default)]
pub(super) struct Said<'a> {
    request: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    path: Option<Cow<'a, str>>,
    request_type: Option<Cow<'a, str>>,
    bytes: Option<u64>,
    user: Option<u64>,
}

impl<'a> Said<'a> {
    /// Takes in a part of the line that is not its time or its amount.
    pub(super) fn take(&mut self, field: Field, text: Cow<'a, [u8]>) -> Result<(), Misfit> {
        match field {
            Field::Request => self.request = Some(readable(text)),
            Field::Method => self.method = told(text),
            Field::Path => self.path = told(text),
            Field::Type => self.request_type = Some(readable(text)),
            Field::User => self.user = user(&text),
            Field::Bytes if matches!(text.as_ref(), b"" | b"-" | b"null") => {}
            Field::Bytes => {
                let whole = super::number::whole_number(&text);
                let misfit = || Misfit::at("the size is not a whole number", &text);
                self.bytes = Some(whole.ok_or_else(misfit)?);
            }
            Field::Time | Field::Status | Field::Count | Field::Rate => {}
        }
        Ok(())
    }

    /// Whether anything tells what was asked for.
    pub(super) fn names_a_request(&self) -> bool {
        self.request.is_some() || self.path.is_some()
    }

    pub(super) fn record(self, stamp: Stamp, amount: Amount) -> Record<'a> {
        let (bytes, user) = (self.bytes, self.user);
        Record { stamp, amount, bytes, user, asked: self.asked() }
    }

    /// A path without a method is taken for a `GET`. A path tells more than a type.
    fn asked(self) -> RequestName<'a> {
        match (self.request, self.method, self.path, self.request_type) {
            (Some(line), ..) => RequestName::Line(line),
            (_, method, Some(path), _) => {
                let method = method.unwrap_or(Cow::Borrowed("GET"));
                RequestName::Line(Cow::Owned(format!("{method} {path}")))
            }
            (.., Some(name)) => RequestName::Name(name),
            (_, Some(method), ..) => RequestName::Name(method),
            _ => RequestName::Name(Cow::Borrowed(UNNAMED)),
        }
    }
}

/// A text that is there.
fn told(text: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    (!matches!(text.as_ref(), b"" | b"-")).then(|| readable(text))
}

fn readable(text: Cow<'_, [u8]>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => printable(text),
        Cow::Owned(text) => Cow::Owned(printable(&text).into_owned()),
    }
}

/// A hash of who asked (FNV-1a), without the port of an address; none of `-`.
pub(super) fn user(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii();
    let colons = text.iter().filter(|&&byte| byte == b':').count();
    let host = match text.iter().rposition(|&byte| byte == b':') {
        Some(colon) if colons == 1 => &text[..colon],
        _ => text,
    };
    let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    (!matches!(host, b"" | b"-")).then(|| host.iter().fold(0xcbf2_9ce4_8422_2325, hash))
}
