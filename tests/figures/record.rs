//! A line for each scenario: how many figures each table has, and digests of them.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::rows::{Row, TABLES};

/// The record of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Of each table the number of rows and a digest of the values, whatever they are called.
    tables: Vec<String>,
    /// A digest of everything, names included.
    named: String,
}

impl Record {
    /// The record of these rows, which are sorted.
    pub(crate) fn new(rows: &[Row]) -> Record {
        let of = |table: &str| {
            let rows = rows.iter().filter(|row| row.table == table);
            let mut values: Vec<&str> = rows.map(|row| row.value.as_str()).collect();
            values.sort_unstable();
            format!("{}:{}", values.len(), digest(values))
        };
        let lines: Vec<String> = rows.iter().map(|row| row.line("")).collect();
        let named = digest(lines.iter().map(String::as_str));
        Record { tables: TABLES.map(of).to_vec(), named }
    }

    /// How a scenario of which this is known has changed, if it has.
    pub(crate) fn change(&self, found: &Record) -> Option<String> {
        if self == found {
            return None;
        }
        let tables = TABLES.iter().zip(self.tables.iter().zip(&found.tables));
        let other = tables.filter(|(_, (known, found))| known != found).map(|(table, _)| *table);
        let other: Vec<&str> = other.collect();
        Some(match other[..] {
            [] => "the same values, by other names".to_owned(),
            _ => format!("other values in {}", other.join(", ")),
        })
    }
}

/// The first 64 bits of SHA-256 over all lines.
fn digest<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update("\n");
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text of the file: the scenario, its tables in the order of [`TABLES`], and the names.
pub(crate) fn write(records: &BTreeMap<String, Record>) -> String {
    let lines = records.iter().map(|(scenario, record)| {
        format!("{scenario} {} {}\n", record.tables.join(" "), record.named)
    });
    lines.collect()
}

/// What [`write`] has written.
pub(crate) fn read(text: &str) -> BTreeMap<String, Record> {
    let record = |line: &str| {
        let fields: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let [scenario, tables @ .., named] = &fields[..] else { panic!("no record: {line}") };
        (scenario.clone(), Record { tables: tables.to_vec(), named: named.clone() })
    };
    text.lines().map(record).collect()
}

#[test]
fn other_names_are_told_from_other_values() {
    let row = |metric: &str, value: &str| Row {
        table: "summary",
        subject: "users get".to_owned(),
        metric: metric.to_owned(),
        value: value.to_owned(),
    };
    let record = |rows: [Row; 2]| Record::new(&rows);
    let known = record([row("latency", "0.1\t\t2"), row("rate", "5.0\t0.1\t2")]);
    let renamed = record([row("arrivals", "5.0\t0.1\t2"), row("latency", "0.1\t\t2")]);
    let changed = record([row("latency", "0.10000000000000002\t\t2"), row("rate", "5.0\t0.1\t2")]);
    assert_eq!(known.change(&known), None);
    assert_eq!(known.change(&renamed).as_deref(), Some("the same values, by other names"));
    assert_eq!(known.change(&changed).as_deref(), Some("other values in summary"));
    let records = BTreeMap::from([("one".to_owned(), known), ("two".to_owned(), changed)]);
    assert_eq!(read(&write(&records)), records);
}
