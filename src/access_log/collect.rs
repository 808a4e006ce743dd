//! Gathers the records of a file, counts what became of its lines, and makes a trace of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use super::clock::Moment;
use super::group::{Grouping, OTHER};
use super::lines::Line;
use super::report::{Malformed, ReadReport};
use super::{Arrival, Format, Parsed, Record, Trace, TraceError};
use crate::units::{LONGEST, Span, Time};

/// Beyond so many different names, new ones are `other` at once: a scanner may ask for millions of
/// paths, and all but a few of them would end there anyway.
const MOST_NAMES: usize = 100_000;

/// Of so many malformed lines the report keeps the text.
const MOST_EXCERPTS: usize = 5;

pub(super) struct Collector<'g> {
    grouping: &'g Grouping,
    /// The names met so far and their numbers, which are in order of first appearance.
    names: BTreeMap<String, u32>,
    /// Requests of each name.
    totals: Vec<u64>,
    records: Vec<Raw>,
    latest: Option<Moment>,
    grain: Span,
    report: ReadReport,
}

/// As large as an [`Arrival`], which it becomes in place.
#[derive(Clone, Copy)]
struct Raw {
    at: Moment,
    count: u32,
    name: u32,
    bytes: u64,
}

impl<'g> Collector<'g> {
    pub(super) fn new(grouping: &'g Grouping, format: Format) -> Collector<'g> {
        Collector {
            grouping,
            names: BTreeMap::new(),
            totals: Vec::new(),
            records: Vec::new(),
            latest: None,
            grain: Span::from_nanos(u64::MAX),
            report: ReadReport::of(format),
        }
    }

    /// Counts `line`, and keeps what was found in it.
    pub(super) fn take(&mut self, line: &Line, parsed: Parsed<'_>) {
        self.report.lines += 1;
        match parsed {
            Parsed::Blank => self.report.blank += 1,
            Parsed::Header => self.report.headers += 1,
            Parsed::Record(record) => self.keep(record),
            Parsed::Malformed(why) => {
                self.report.malformed += 1;
                if self.report.first_malformed.len() < MOST_EXCERPTS {
                    let malformed = Malformed { line: line.number, excerpt: line.excerpt(), why };
                    self.report.first_malformed.push(malformed);
                }
            }
        }
    }

    fn keep(&mut self, Record { stamp, count, bytes, asked }: Record<'_>) {
        self.report.records += 1;
        self.report.requests += u64::from(count);
        self.report.garbled += u64::from(asked.is_garbled());
        self.report.out_of_order += u64::from(self.latest > Some(stamp.at));
        self.latest = self.latest.max(Some(stamp.at));
        self.grain = self.grain.min(stamp.grain);
        let name = self.number_of(&self.grouping.name(&asked));
        self.totals[name as usize] += u64::from(count);
        self.records.push(Raw { at: stamp.at, count, name, bytes });
    }

    fn number_of(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.names.get(name) {
            return number;
        }
        if self.names.len() >= MOST_NAMES && name != OTHER {
            return self.number_of(OTHER);
        }
        let number = u32::try_from(self.totals.len()).expect("names are capped far below 2^32");
        self.names.insert(name.to_owned(), number);
        self.totals.push(0);
        number
    }

    /// The trace, if there was a request in the file.
    pub(super) fn finish(mut self, path: &Path) -> Result<Trace, TraceError> {
        if self.report.requests == 0 {
            let report = Box::new(self.report);
            return Err(TraceError::NoRequest { path: path.to_owned(), report });
        }
        if self.report.out_of_order > 0 {
            self.records.sort_by_key(|raw| raw.at);
        }
        let first = self.records.first().expect("there is a request").at;
        let last = self.records.last().expect("there is a request").at;
        let resolution = self.resolution();
        let length = last.apart(first) + resolution;
        if length > LONGEST {
            return Err(TraceError::TooLong { path: path.to_owned(), first, last });
        }
        let (types, request_types) = self.types();
        self.report.start = first;
        self.report.length = length;
        self.report.types = types.len();
        let merge = self.report.format == Format::Counts;
        let arrivals = arrivals(self.records, first, &request_types, merge);
        (self.report.longest_silence, self.report.silent_from) = longest_silence(&arrivals);
        Ok(Trace { arrivals, types, resolution, length, report: self.report })
    }

    /// The shortest step between counts, else how finely the times are written.
    fn resolution(&self) -> Span {
        let steps = self.records.windows(2).map(|pair| pair[1].at.apart(pair[0].at));
        let step = steps.filter(|&step| step > Span::ZERO).min();
        step.filter(|_| self.report.format == Format::Counts).unwrap_or(self.grain)
    }

    /// The types, most frequent first, and the type of each name. Names beyond the most that may be
    /// are all `other`.
    fn types(&mut self) -> (Vec<String>, Vec<u32>) {
        let mut ranked: Vec<(String, u32)> = std::mem::take(&mut self.names).into_iter().collect();
        ranked.retain(|&(_, number)| self.totals[number as usize] > 0);
        // Names come out of the map in order, and the sort is stable.
        ranked.sort_by_key(|&(_, number)| Reverse(self.totals[number as usize]));
        let mut totals: BTreeMap<String, u64> = BTreeMap::new();
        let mut type_of_name = vec![String::new(); self.totals.len()];
        let is_crowded = ranked.len() > self.grouping.most_types();
        let mut room = if is_crowded { self.grouping.most_types() - 1 } else { usize::MAX };
        for (name, number) in ranked {
            let is_rare = room == 0 && name != OTHER;
            self.report.folded_types += u64::from(is_rare);
            room -= usize::from(!is_rare && name != OTHER);
            let name = if is_rare { OTHER.to_owned() } else { name };
            *totals.entry(name.clone()).or_default() += self.totals[number as usize];
            type_of_name[number as usize] = name;
        }
        let mut types: Vec<(String, u64)> = totals.into_iter().collect();
        types.sort_by_key(|&(_, total)| Reverse(total));
        let types: Vec<String> = types.into_iter().map(|(name, _)| name).collect();
        let request_types: BTreeMap<&str, u32> =
            types.iter().map(String::as_str).zip(0..).collect();
        let request_type =
            |name: &String| request_types.get(name.as_str()).copied().unwrap_or_default();
        let request_types = type_of_name.iter().map(request_type).collect();
        (types, request_types)
    }
}

/// The records as arrivals since `first`; intervals without a request are left out, and equal
/// neighbours are one if `merge`.
fn arrivals(records: Vec<Raw>, first: Moment, request_types: &[u32], merge: bool) -> Vec<Arrival> {
    let arrival = |raw: Raw| Arrival {
        at: Time::ZERO + raw.at.apart(first),
        count: raw.count,
        request_type: request_types[raw.name as usize],
        bytes: raw.bytes,
    };
    let mut arrivals: Vec<Arrival> =
        records.into_iter().filter(|raw| raw.count > 0).map(arrival).collect();
    if merge {
        arrivals.dedup_by(|next, kept| {
            let sum = kept.count.checked_add(next.count);
            let is_same =
                (kept.at, kept.request_type) == (next.at, next.request_type) && sum.is_some();
            kept.count = sum.filter(|_| is_same).unwrap_or(kept.count);
            is_same
        });
    }
    arrivals
}

/// The longest time between two arrivals, and when it begins.
fn longest_silence(arrivals: &[Arrival]) -> (Span, Time) {
    let silences = arrivals.windows(2).map(|pair| (pair[1].at - pair[0].at, pair[0].at));
    silences.max_by_key(|&(silence, from)| (silence, Reverse(from))).unwrap_or_default()
}
