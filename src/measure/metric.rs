//! What a metric is: one declaration, from which every table, every expectation and the reference
//! take its name, its unit, its definition and how replications are put together.

use super::term::{Argument, Durations, Resource, Term};
use super::{Feature, Headline, Meter, Owner, Unit};
use crate::units::three_digits;

/// A figure that can be told of a run.
#[derive(Debug)]
pub struct Metric {
    /// How it is written.
    pub form: Form,
    /// The lines of its doc comment.
    pub doc: &'static [&'static str],
    /// In what it is counted.
    pub unit: Unit,
    /// What it is about.
    pub about: About,
    /// What its subject must have.
    pub needs: Option<&'static Feature>,
    /// How it is read from a replication.
    pub reading: Reading,
    /// How the values of replications are put together in tables.
    pub statistic: Statistic,
    /// Whether the time series have it without being asked.
    pub series: bool,
    /// Where it is shown without being asked otherwise.
    pub headlines: &'static [Headline],
}

/// How a metric is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it stands.
    Word(&'static str),
    /// Before a percentage: `p` for `p99.9`.
    Percentile(&'static str),
    /// The same with [`OF_ALL`] behind the percentage: `p99.9_of_all`.
    PercentileOfAll(&'static str),
    /// Before a colon and one of the component's resources.
    Resource(&'static str),
    /// Before a colon and a way in which requests end.
    Outcome(&'static str),
    /// Before a colon and a whole number from 1.
    Number(&'static str),
    /// Before a colon and a duration.
    Duration(&'static str),
}

/// What stands behind the percentage of a quantile over all requests.
pub const OF_ALL: &str = "_of_all";

/// What a metric is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Requests of clients: of one type, of some, of all.
    Requests,
    /// A component, an instance of it, or a link that messages share.
    Component,
    /// The whole run.
    Run,
}

/// How a figure is read from what has been counted between two instants.
#[derive(Clone, Debug)]
pub enum Reading {
    /// How often.
    Count(Term),
    /// An amount of money, of which billionths are counted.
    Money(Term),
    /// How often per second.
    Rate(Term),
    /// One count beside another; nothing where there is no other.
    Ratio(Term, Term),
    /// The same, zero where there is no other.
    Part(Term, Term),
    /// A time (ns), for each of a count (s).
    Time(Term, Term),
    /// The mean of a level.
    Level(Term),
    /// A quantile (s), by the parameter.
    Quantile(Durations),
    /// A quantile (s), by the parameter, of these and as many more that are longer than any.
    QuantileOfAll(Durations, Term),
    /// A mean (s).
    Mean(Durations),
    /// The longest (s).
    Longest(Durations),
    /// How many requests ended so, by the parameter.
    Ended,
    /// The same as a share of all that were sent.
    EndedShare,
    /// How much there is of a resource on average over time, by the parameter: an instance that is
    /// gone or down has none.
    Capacity,
    /// The share of it that is in use.
    Used,
    /// The share in use of cores or slots, whichever is more.
    Busiest,
    /// The share of the time that at least so many were present in an instance, or that its oldest
    /// message was above such an age, by the parameter.
    AtLeast,
    /// The most of one instance beside the mean of all.
    Imbalance(Term),
    /// The most that an instance has seen.
    Peak(fn(&Meter) -> u64),
    /// When figures start (s).
    Start,
}

/// How replications are put together in tables. An expectation, an objective or a precision goes by
/// the same where it has an interval, and otherwise by the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Their mean, with its interval by Student's t.
    Mean,
    /// Their sum.
    Sum,
    /// All replications together as if they were one, with an interval by how they differ: of a
    /// share the ratio of the sums, of a quantile that of all durations.
    Pooled,
    /// The greatest.
    Max,
    /// The same in every replication.
    Constant,
    /// The mean of the instance whose mean is greatest, with its interval.
    BusiestInstance,
}

impl Statistic {
    /// As tables write it. The last is a mean as well.
    pub const fn word(self) -> &'static str {
        match self {
            Statistic::Mean | Statistic::BusiestInstance => "mean",
            Statistic::Sum => "sum",
            Statistic::Pooled => "pooled",
            Statistic::Max => "max",
            Statistic::Constant => "constant",
        }
    }
}

impl Form {
    /// The part that does not change.
    pub const fn stem(self) -> &'static str {
        match self {
            Form::Word(word) | Form::Percentile(word) | Form::PercentileOfAll(word) => word,
            Form::Resource(word) | Form::Outcome(word) => word,
            Form::Number(word) | Form::Duration(word) => word,
        }
    }
}

impl Form {
    /// How it is written, with what its parameter is.
    pub fn written(self) -> String {
        match self {
            Form::Word(word) => word.to_owned(),
            Form::Percentile(stem) => format!("{stem}N"),
            Form::PercentileOfAll(stem) => format!("{stem}N{OF_ALL}"),
            Form::Resource(word) => format!("{word}:RESOURCE"),
            Form::Outcome(word) => format!("{word}:OUTCOME"),
            Form::Number(word) => format!("{word}:N"),
            Form::Duration(word) => format!("{word}:DURATION"),
        }
    }
}

/// `p99.9`.
pub fn percentile(stem: &str, p: f64) -> String {
    format!("{stem}{}", three_digits(p * 100.0))
}

/// For how long instances were there.
const THERE: Term = Term::Instance(Meter::time_there);

impl Reading {
    /// What it adds up.
    pub(super) fn terms(&self, argument: &Argument) -> Vec<Term> {
        match (self, argument) {
            (Reading::Count(of) | Reading::Rate(of) | Reading::Money(of), _) => vec![of.clone()],
            (Reading::QuantileOfAll(_, of), _) => vec![of.clone()],
            (Reading::Level(of) | Reading::Imbalance(of), _) => vec![of.clone()],
            (Reading::Ratio(a, b) | Reading::Part(a, b) | Reading::Time(a, b), _) => {
                vec![a.clone(), b.clone()]
            }
            (Reading::Ended, Argument::Ended(how)) => vec![Term::Ended(how.clone())],
            (Reading::EndedShare, Argument::Ended(how)) => {
                let all = Term::Requests(|requests, _| requests.arrivals);
                vec![Term::Ended(how.clone()), all]
            }
            (Reading::Used, Argument::Resource(resource)) => vec![resource.term(), THERE],
            (Reading::Busiest, _) => {
                Resource::WORKING.into_iter().map(Resource::term).chain([THERE]).collect()
            }
            (Reading::Capacity, _) => vec![THERE],
            (Reading::AtLeast, Argument::Number(n)) => vec![Term::Present(*n)],
            (Reading::AtLeast, Argument::Duration(age)) => vec![Term::Older(*age)],
            (Reading::Ended | Reading::EndedShare | Reading::Used | Reading::AtLeast, _) => {
                unreachable!("a name with a parameter is read with it")
            }
            (Reading::Quantile(_) | Reading::Mean(_) | Reading::Longest(_), _) => Vec::new(),
            (Reading::Peak(_) | Reading::Start, _) => Vec::new(),
        }
    }

    /// The durations whose distribution it needs.
    pub fn durations(&self) -> Option<Durations> {
        match self {
            Reading::Quantile(of) | Reading::QuantileOfAll(of, _) => Some(*of),
            Reading::Mean(of) | Reading::Longest(of) => Some(*of),
            _ => None,
        }
    }
}

impl Metric {
    /// Its headlines, each with how the figure is written.
    pub fn told(&'static self) -> impl Iterator<Item = (String, &'static Headline)> {
        let name = |quantile: Option<f64>| match (self.form, quantile) {
            (Form::Percentile(stem), Some(quantile)) => percentile(stem, quantile),
            (form, _) => form.stem().to_owned(),
        };
        self.headlines.iter().map(move |headline| (name(headline.quantile), headline))
    }

    /// Whether it can be asked of a part of a run: what is a difference of two states can.
    pub fn over_time(&self) -> bool {
        !matches!(self.reading, Reading::Longest(_) | Reading::Peak(_) | Reading::Start)
    }

    /// Whether it can be asked of a single instance.
    pub fn of_one(&self) -> bool {
        let compares = matches!(self.reading, Reading::Imbalance(_))
            || self.statistic == Statistic::BusiestInstance;
        self.of_some() && !compares
    }

    /// Whether it can be asked of some of the instances: what each counts for itself can.
    pub fn of_some(&self) -> bool {
        let own = |term: &Term| match term {
            Term::Instance(_) => true,
            Term::Counters(family, _) => family.owner == Owner::Instance,
            _ => false,
        };
        match &self.reading {
            Reading::Count(of) | Reading::Rate(of) | Reading::Level(of) => own(of),
            Reading::Money(of) => own(of),
            Reading::Imbalance(of) => own(of),
            Reading::Ratio(a, b) | Reading::Part(a, b) | Reading::Time(a, b) => own(a) && own(b),
            Reading::Capacity | Reading::Used | Reading::Busiest => true,
            Reading::AtLeast | Reading::Peak(_) => true,
            Reading::Quantile(_) | Reading::QuantileOfAll(..) => false,
            Reading::Mean(_) | Reading::Longest(_) => false,
            Reading::Ended | Reading::EndedShare | Reading::Start => false,
        }
    }

    /// Its doc comment as one text.
    pub fn definition(&self) -> String {
        let lines: Vec<&str> = self.doc.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }

    /// In what it is counted with this parameter: memory in bytes, all else as declared.
    pub fn unit_of(&self, argument: &Argument) -> Unit {
        match (&self.reading, argument) {
            (Reading::Capacity, Argument::Resource(Resource::Memory)) => Unit::Bytes,
            _ => self.unit,
        }
    }
}

/// Metrics are told apart by how they are written and what they are about.
impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        (self.form, self.about) == (other.form, other.about)
    }
}

/// Declares metrics that have the same subject: for each its doc comment, how it is written, in
/// what it is counted, how replications are put together and how it is read from one of them;
/// `over time` where the time series have it unasked, `headlines` where tables do.
macro_rules! metrics {
    (
        $(#[doc = $list_doc:literal])*
        $vis:vis static $list:ident of $about:ident;
        $(
            $(#[doc = $doc:literal])*
            $form:ident($name:literal) $(needs $feature:path)?, $unit:expr, $statistic:ident
                $(, over $time:ident)? $(, headlines [$($headline:expr),*])?: $reading:expr;
        )*
    ) => {
        $(#[doc = $list_doc])*
        $vis static $list: &[$crate::measure::Metric] = &[$($crate::measure::Metric {
            form: $crate::measure::Form::$form($name),
            doc: &[$($doc),*],
            unit: $unit,
            about: $crate::measure::About::$about,
            needs: $crate::measure::metrics!(@needs $($feature)?),
            reading: $reading,
            statistic: $crate::measure::Statistic::$statistic,
            series: $crate::measure::metrics!(@series $($time)?),
            headlines: &[$($($headline),*)?],
        }),*];
    };
    (@needs) => { None };
    (@needs $feature:path) => { Some(&$feature) };
    (@series) => { false };
    (@series time) => { true };
}
pub(crate) use metrics;
