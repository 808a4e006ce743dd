//! What a row of a table is: a request, or an interval with a count or a rate of them. It is told
//! by names that can mean one thing; what can mean several is refused, with the choices.

use super::columns::{Columns, InRow, Only, Unclear, column, seconds};
use super::field::{Field, is_measured, normal, rank};
use super::named::Named;
use super::sample::Sample;

/// Names of columns that hold an amount of whatever the table is about.
const VALUES: [&str; 6] = ["value", "values", "val", "sum", "total", "amount"];

/// The best names of counts, which a column of hits or visits beside them does not put in doubt.
const SURE: usize = 6;

const NOT_CERTAIN: &str = "it is not certain which column holds the requests";

impl Columns {
    /// Finds out what a row is.
    pub(super) fn choose(
        &mut self,
        sample: &Sample,
        are_intervals: Option<bool>,
        named: &Named,
    ) -> Result<(), Unclear> {
        if let Some(count) = &named.count {
            self.intervals(InRow::Count(column(count, &self.names)?));
        } else if let Some(rate) = &named.rate {
            let rate = column(rate, &self.names)?;
            self.intervals(InRow::Rate(rate, seconds(&self.names, rate, named)));
        } else if self.is_of_k6() || self.is_of_locust(sample) || are_intervals == Some(false) {
            return Ok(());
        } else {
            let amount = self.amount_of(sample, are_intervals == Some(true))?;
            if let Some(amount) = amount {
                self.intervals(amount);
            }
        }
        Ok(())
    }

    fn intervals(&mut self, amount: InRow) {
        self.amount = amount;
        self.are_intervals = true;
    }

    /// The column of counts or rates; none if a row is a request.
    fn amount_of(&self, sample: &Sample, must: bool) -> Result<Option<InRow>, Unclear> {
        let unclear = |why| Unclear::Ambiguous { names: self.names.clone(), why };
        let called = |field: Field| self.called(sample, field);
        let counts = called(Field::Count);
        let sure = counts.iter().filter(|&&column| self.rank(Field::Count, column) < SURE);
        let counts: Vec<usize> =
            if sure.clone().count() == 1 { sure.copied().collect() } else { counts };
        let rates = called(Field::Rate);
        let values = self.free(sample, |name| VALUES.contains(&normal(name).as_str()));
        let others = self.free(sample, |name| !is_measured(name) && !is_number_of_a_row(name));
        let has_request = self.has(&[Field::Request, Field::Path, Field::Method]);
        let has_more = self.has(&[Field::Type, Field::Bytes, Field::User, Field::Status]);
        match (&counts[..], &rates[..], &values[..], &others[..]) {
            ([count], ..) => self.whole(sample, *count, must).map(Some),
            ([_, ..], ..) => Err(unclear(NOT_CERTAIN)),
            (_, [rate], ..) => {
                Ok(Some(InRow::Rate(*rate, seconds(&self.names, *rate, &Named::default()))))
            }
            (_, [_, ..], ..) => Err(unclear(NOT_CERTAIN)),
            (.., [value], _) => self.whole(sample, *value, must).map(Some),
            _ if has_request && !must => Ok(None),
            (.., [other]) if must || !(has_more || self.are_named) => {
                self.whole(sample, *other, must).map(Some)
            }
            (.., []) if has_more && !must => Ok(None),
            (.., []) if self.names.len() == self.time.len() && !must => Ok(None),
            (.., []) if !self.are_named => Err(Unclear::NoTable),
            (.., []) => Err(unclear("it is not certain what a row is: a request, or an interval")),
            (.., [_, ..]) if !self.are_named && !self.all_numbers(sample) => Err(Unclear::NoTable),
            _ => Err(unclear(NOT_CERTAIN)),
        }
    }

    /// A count is a whole number.
    fn whole(&self, sample: &Sample, column: usize, must: bool) -> Result<InRow, Unclear> {
        let why = "it is not certain whether they are counts or rates, which may have decimals";
        match must || sample.is_whole(column) {
            true => Ok(InRow::Count(column)),
            false => Err(Unclear::Ambiguous { names: self.names.clone(), why }),
        }
    }

    fn rank(&self, field: Field, column: usize) -> usize {
        rank(field, &self.names[column]).unwrap_or(usize::MAX)
    }

    fn has(&self, fields: &[Field]) -> bool {
        self.parts.iter().any(|(field, _)| fields.contains(field))
    }

    /// The columns of numbers whose names say that they are of this field.
    fn called(&self, sample: &Sample, field: Field) -> Vec<usize> {
        let columns = 0..self.names.len();
        let of_field = |column: &usize| self.rank(field, *column) < usize::MAX;
        columns.filter(|column| of_field(column) && sample.is_numeric(*column)).collect()
    }

    /// The columns of numbers of which nothing is known, if their names are so.
    fn free(&self, sample: &Sample, is: impl Fn(&str) -> bool) -> Vec<usize> {
        let taken = |column: &usize| {
            self.time.contains(column) || self.parts.iter().any(|(_, part)| part == column)
        };
        let columns = (0..self.names.len()).filter(|column| !taken(column));
        let free = columns.filter(|&column| is(&self.names[column]) && sample.is_numeric(column));
        free.collect()
    }

    fn all_numbers(&self, sample: &Sample) -> bool {
        let others = (0..self.names.len()).filter(|column| !self.time.contains(column));
        others.clone().count() > 0 && others.into_iter().all(|column| sample.is_numeric(column))
    }

    /// Whether this is what k6 writes of every metric: the rows of `http_reqs` are the requests.
    fn is_of_k6(&mut self) -> bool {
        let find = |name| self.names.iter().position(|known| known == name);
        let (Some(metric), Some(value)) = (find("metric_name"), find("metric_value")) else {
            return false;
        };
        self.amount = InRow::Count(value);
        self.only = Some(Only { column: metric, value: "http_reqs", wanted: true });
        true
    }

    /// Whether this is locust's history: rates by method and name, and among them their sums, which
    /// count where there is nothing else.
    fn is_of_locust(&mut self, sample: &Sample) -> bool {
        let find = |name: &str| self.names.iter().position(|known| known == name);
        let (Some(method), Some(name), Some(rate)) =
            (find("Type"), find("Name"), find("Requests/s"))
        else {
            return false;
        };
        if find("User Count").is_none() {
            return false;
        }
        const SUM: &str = "Aggregated";
        let has_parts = sample.cells(name).any(|cell| cell != SUM.as_bytes());
        self.only = has_parts.then_some(Only { column: name, value: SUM, wanted: false });
        self.parts = vec![(Field::Method, method), (Field::Path, name)];
        self.intervals(InRow::Rate(rate, 1.0));
        true
    }
}

/// Whether a column of this name tells rows apart, or marks them.
fn is_number_of_a_row(name: &str) -> bool {
    let name = normal(name);
    name.ends_with("_id")
        || ["id", "no", "nr", "index", "row", "label", "status"].contains(&name.as_str())
}
