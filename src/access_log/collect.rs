//! Gathers the records of a file, counts what became of its lines, and makes a trace of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

use super::clock::Moment;
use super::group::{Grouping, OTHER};
use super::lasting::lasting;
use super::lines::Line;
use super::report::{Lasts, Malformed, ReadReport, Understood};
use super::said::{Amount, Parsed, Record};
use super::sizes::Sizes;
use super::{Arrival, Trace, TraceError};
use crate::units::{LONGEST, Span, Time};

/// Beyond so many different names, new ones are `other` at once: a scanner may ask for millions of
/// paths, and all but a few of them would end there anyway.
const MOST_NAMES: usize = 100_000;

/// The most users that are told apart; others count as one of them.
const MOST_USERS: usize = 1_000_000;

/// Of so many malformed lines the report keeps what is wrong.
const MOST_EXCERPTS: usize = 5;

/// The user of a request of whom nothing is told.
const NOBODY: u32 = u32::MAX;

pub(super) struct Collector<'g> {
    grouping: &'g Grouping,
    /// Whether rows are intervals.
    are_intervals: bool,
    /// Whether amounts are rates.
    are_rates: bool,
    /// The names met so far and their numbers, which are in order of first appearance.
    names: BTreeMap<String, u32>,
    /// Requests of each name.
    totals: Vec<f64>,
    /// The rules that have matched.
    matched: Vec<bool>,
    /// The hashes of users met so far, and their numbers.
    users: BTreeMap<u64, u32>,
    sizes: Sizes,
    records: Vec<Raw>,
    latest: Option<Moment>,
    grain: Span,
    report: ReadReport,
}

/// As large as an [`Arrival`], which it becomes in place.
#[derive(Clone, Copy)]
struct Raw {
    at: Moment,
    lasts: Span,
    /// Requests, or requests in a second.
    amount: f64,
    name: u32,
    user: u32,
}

impl<'g> Collector<'g> {
    pub(super) fn new(
        grouping: &'g Grouping,
        are_intervals: bool,
        understood: Understood,
    ) -> Collector<'g> {
        let rules = if let Grouping::Rules(rules) = grouping { rules.len() } else { 0 };
        Collector {
            grouping,
            are_intervals,
            are_rates: false,
            names: BTreeMap::new(),
            totals: Vec::new(),
            matched: vec![false; rules],
            users: BTreeMap::new(),
            sizes: Sizes::default(),
            records: Vec::new(),
            latest: None,
            grain: Span::from_nanos(u64::MAX),
            report: ReadReport::of(understood),
        }
    }

    /// Counts `line`, and keeps what was found in it. An error is that it can be read in two ways.
    pub(super) fn take(&mut self, line: &Line, parsed: Parsed<'_>) -> Result<(), Malformed> {
        self.report.lines += 1;
        match parsed {
            Parsed::Blank => self.report.blank += 1,
            Parsed::Header => self.report.headers += 1,
            Parsed::Beside => self.report.beside += 1,
            Parsed::Record(record) => self.keep(record),
            Parsed::Malformed(misfit) => {
                self.report.malformed += 1;
                let is_unclear = misfit.is_unclear;
                let malformed = Malformed::of(line.number, misfit);
                if is_unclear {
                    return Err(malformed);
                }
                if self.report.first_malformed.len() < MOST_EXCERPTS {
                    self.report.first_malformed.push(malformed);
                }
            }
        }
        Ok(())
    }

    fn keep(&mut self, Record { stamp, amount, bytes, user, asked }: Record<'_>) {
        self.report.records += 1;
        self.report.garbled += u64::from(asked.is_garbled());
        self.report.out_of_order += u64::from(self.latest > Some(stamp.at));
        self.latest = self.latest.max(Some(stamp.at));
        self.grain = self.grain.min(stamp.grain);
        let (rule, name) = self.grouping.sort(&asked);
        if let Some(rule) = rule {
            self.matched[rule] = true;
        }
        let name = self.number_of(&name);
        let amount = match amount {
            Amount::Count(count) => f64::from(count),
            Amount::Rate(rate) => {
                self.are_rates = true;
                rate
            }
        };
        self.totals[name as usize] += amount;
        if let Some(bytes) = bytes {
            self.sizes.add(name, bytes);
        }
        let user = user.map_or(NOBODY, |user| self.number_of_user(user));
        self.records.push(Raw { at: stamp.at, lasts: Span::ZERO, amount, name, user });
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
        self.totals.push(0.0);
        number
    }

    fn number_of_user(&mut self, user: u64) -> u32 {
        let known = self.users.len();
        if known >= MOST_USERS {
            let one = (user % MOST_USERS as u64) as u32;
            return self.users.get(&user).copied().unwrap_or(one);
        }
        *self.users.entry(user).or_insert(known as u32)
    }

    /// The trace, if there was a request in the file.
    pub(super) fn finish(mut self, path: &Path) -> Result<Trace, TraceError> {
        if self.report.out_of_order > 0 {
            self.records.sort_by_key(|raw| raw.at);
        }
        let ends = self.records.first().zip(self.records.last()).map(|(a, b)| (a.at, b.at));
        let Some((first, last)) = ends else { return Err(self.no_request(path)) };
        self.last_on();
        let end = |raw: &Raw| raw.at.apart(first) + raw.lasts;
        let length = self.records.iter().map(end).max().unwrap_or_default();
        if length > LONGEST {
            return Err(TraceError::TooLong { path: path.to_owned(), first, last });
        }
        let (types, request_types) = self.types();
        let sizes = self.sizes.by_type(types.len(), &request_types);
        self.report.mean_size = self.sizes.mean();
        let is_told = self.records.iter().all(|raw| raw.user != NOBODY);
        let users = (is_told && !self.are_intervals).then_some(self.users.len() as u32);
        self.report.users = users;
        self.report.start = first;
        self.report.end = last;
        self.report.length = length;
        let mut arrivals = self.arrivals(first, &request_types);
        if self.are_intervals {
            merge(&mut arrivals);
        }
        let mut by_type = vec![0; types.len()];
        for arrival in &arrivals {
            self.report.requests += u64::from(arrival.count);
            by_type[arrival.request_type as usize] += u64::from(arrival.count);
        }
        if self.report.requests == 0 {
            return Err(self.no_request(path));
        }
        self.report.types = types.iter().cloned().zip(by_type).collect();
        self.report.unmatched = self.unmatched();
        (self.report.longest_silence, self.report.silent_from) = longest_silence(&arrivals);
        let resolution = self.report.lasts.least();
        let are_intervals = self.are_intervals;
        Ok(Trace {
            arrivals,
            types,
            sizes,
            users,
            resolution,
            are_intervals,
            length,
            report: self.report,
        })
    }

    /// The records as arrivals since `first`; intervals without a request are left out. What is
    /// left of a request at a rate goes to the next interval of its type.
    fn arrivals(&mut self, first: Moment, request_types: &[u32]) -> Vec<Arrival> {
        let (mut carried, are_rates) = (vec![0.0; request_types.len()], self.are_rates);
        let arrival = |raw: Raw| {
            let request_type = request_types[raw.name as usize];
            let mut count = raw.amount;
            if are_rates {
                let carried = &mut carried[request_type as usize];
                let wanted = *carried + raw.amount * raw.lasts.secs();
                // A sum of decimals may fall short of a whole by its rounding.
                count = libm::floor(wanted + 1e-6).min(f64::from(u32::MAX));
                *carried = wanted - count;
            }
            let at = Time::ZERO + raw.at.apart(first);
            Arrival { at, lasts: raw.lasts, count: count as u32, request_type, user: raw.user }
        };
        let records = std::mem::take(&mut self.records).into_iter();
        records.map(arrival).filter(|arrival| arrival.count > 0).collect()
    }

    fn no_request(self, path: &Path) -> TraceError {
        TraceError::NoRequest { path: path.to_owned(), report: Box::new(self.report) }
    }

    /// The patterns that nothing is like.
    fn unmatched(&self) -> Vec<String> {
        let Grouping::Rules(rules) = self.grouping else { return Vec::new() };
        let rules = rules.iter().zip(&self.matched).filter(|(_, matched)| !**matched);
        rules.map(|(rule, _)| rule.pattern.clone()).collect()
    }

    /// Finds how long each record lasts: an interval to the next, a request as finely as its time
    /// is written.
    fn last_on(&mut self) {
        if !self.are_intervals {
            self.records.iter_mut().for_each(|raw| raw.lasts = self.grain);
            self.report.lasts = Lasts::Within(self.grain);
            return;
        }
        let mut starts: Vec<Moment> = self.records.iter().map(|raw| raw.at).collect();
        starts.dedup();
        let lengths = lasting(&starts, self.grain);
        let mut index = 0;
        for raw in &mut self.records {
            index += usize::from(starts[index] < raw.at);
            raw.lasts = lengths[index];
        }
        let least = lengths.iter().copied().min().unwrap_or_default();
        let most = lengths.iter().copied().max().unwrap_or_default();
        self.report.lasts = Lasts::Intervals { least, most };
    }

    /// The types, most frequent first, and the type of each name. Names beyond the most that may be
    /// are all `other`.
    fn types(&mut self) -> (Vec<String>, Vec<u32>) {
        let mut ranked: Vec<(String, u32)> = std::mem::take(&mut self.names).into_iter().collect();
        ranked.retain(|&(_, number)| self.totals[number as usize] > 0.0);
        // Names come out of the map in order, and the sort is stable.
        let total = |number: u32| self.totals[number as usize];
        ranked.sort_by(|&(_, a), &(_, b)| total(b).total_cmp(&total(a)));
        let mut totals: BTreeMap<String, f64> = BTreeMap::new();
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
        let mut types: Vec<(String, f64)> = totals.into_iter().collect();
        types.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let types: Vec<String> = types.into_iter().map(|(name, _)| name).collect();
        let request_types: BTreeMap<&str, u32> =
            types.iter().map(String::as_str).zip(0..).collect();
        let request_type =
            |name: &String| request_types.get(name.as_str()).copied().unwrap_or_default();
        let request_types = type_of_name.iter().map(request_type).collect();
        (types, request_types)
    }
}

/// Makes neighbours of one time and type one.
fn merge(arrivals: &mut Vec<Arrival>) {
    arrivals.dedup_by(|next, kept| {
        let sum = kept.count.checked_add(next.count);
        let is_same = (kept.at, kept.request_type) == (next.at, next.request_type) && sum.is_some();
        kept.count = sum.filter(|_| is_same).unwrap_or(kept.count);
        is_same
    });
}

/// The longest time between two arrivals, and when it begins.
fn longest_silence(arrivals: &[Arrival]) -> (Span, Time) {
    let silences = arrivals.windows(2).map(|pair| (pair[1].at - pair[0].at, pair[0].at));
    silences.max_by_key(|&(silence, from)| (silence, Reverse(from))).unwrap_or_default()
}
