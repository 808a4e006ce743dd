//! What a database can be asked for, and what each takes: plain reads and writes, queries by name
//! with their indexes, and the parts of rows that are split.

use crate::distribution::Delay;
use crate::document::{At, Count, Entries, Name, Problem, Problems, quoted, record};
use crate::step::{DATA_OPERATIONS, data_operation};

use super::DatabaseSpec;

record! {
    /// A query: a read that is not of one row by its key.
    #[short = takes]
    pub struct QuerySpec {
        /// Processor time without an index.
        pub takes: Delay,
        /// How many pages it reads without an index beside that of the request's object, all asked
        /// of the disk at once as far as they are not in the `buffer`. Each is that of an object
        /// drawn from those of the same catalog, one as likely as another.
        pub pages: Option<At<Count>>,
        /// What an index on it would make of it. It is there if `indexes` names the query.
        pub index: Option<IndexSpec>,
        /// The part of the rows that it is about, where they are `split`: writes of other parts
        /// leave its index alone.
        pub part: Option<Name>,
    }
}

record! {
    /// An index, by which a query finds its rows and which every write keeps.
    pub struct IndexSpec {
        /// Processor time of the query with it; it then reads the page of the request's object
        /// alone.
        pub takes: Delay,
        /// Processor time that it adds to each write.
        pub write: Delay,
    }
}

record! {
    /// Rows in parts, each with some of the columns (vertical partitioning): what is about one part
    /// costs less than what is about whole rows.
    pub struct SplitSpec {
        /// The parts. A plain read or write is of all of them, one after the other.
        pub parts: Entries<RowPartSpec>,
        /// Processor time of each join, of which a read of n parts makes n - 1.
        pub join: Delay = "exp(1ms)",
        /// Each part has a table of its own. If not, rows are whole, and what asks for a part
        /// costs a plain read or write.
        pub apart: bool = "true",
    }
}

record! {
    /// A part of the rows.
    pub struct RowPartSpec {
        /// Processor time of a read of it.
        pub read: Delay,
        /// Processor time of a write to it.
        pub write: Delay,
    }
}

impl DatabaseSpec {
    /// Everything that it answers as a database: reads and writes, its queries, and its parts.
    pub(super) fn statements(&self) -> Vec<String> {
        let [read, write] = DATA_OPERATIONS;
        let of_queries = self.queries.names().map(|query| data_operation(read, Some(query)));
        let of_parts = self.row_parts().flat_map(|(part, _)| {
            DATA_OPERATIONS.map(|verb| data_operation(verb, Some(&part.value)))
        });
        let plain = [read, write].map(str::to_owned);
        plain.into_iter().chain(of_queries).chain(of_parts).collect()
    }

    /// The processor time of each turn that `operation` takes, one after the other; `None` if it is
    /// not answered.
    pub(super) fn costs(&self, operation: &str) -> Option<Vec<&Delay>> {
        let [read, write] = DATA_OPERATIONS;
        let (verb, of) = match operation.split_once(' ') {
            Some((verb, of)) => (verb, Some(of)),
            None => (operation, None),
        };
        match of {
            None if verb == read => Some(self.read_costs()),
            None if verb == write => Some(self.write_costs(None)),
            Some(of) if verb == read => self.query_costs(of).or_else(|| self.part_costs(of)),
            Some(of) if verb == write => {
                let part = self.row_part(of)?;
                Some(self.write_costs(Some((of, part))))
            }
            _ => None,
        }
    }

    /// The pages that `operation` reads beside that of its object.
    pub(super) fn pages(&self, operation: &str) -> u64 {
        let [read, _] = DATA_OPERATIONS;
        let query = operation.split_once(' ').filter(|(verb, _)| *verb == read);
        let query = query.and_then(|(_, name)| Some((name, self.queries.get(name)?)));
        let scans = query.filter(|(name, query)| self.index(name, query).is_none());
        let pages = scans.and_then(|(_, query)| query.pages.as_ref());
        pages.map_or(0, |pages| pages.value.get())
    }

    fn row_parts(&self) -> impl Iterator<Item = (&Name, &RowPartSpec)> {
        self.split.iter().flat_map(|split| split.0.value.parts.iter())
    }

    fn row_part(&self, name: &str) -> Option<&RowPartSpec> {
        self.split.as_ref()?.0.value.parts.get(name)
    }

    /// How rows are split, where they are.
    fn apart(&self) -> Option<&SplitSpec> {
        self.split.as_ref().map(|split| &split.0.value).filter(|split| split.apart)
    }

    /// The index of a query, if it is there.
    fn index<'a>(&self, name: &str, query: &'a QuerySpec) -> Option<&'a IndexSpec> {
        let there = self.indexes.iter().any(|index| index.value == name);
        query.index.as_ref().filter(|_| there)
    }

    fn read_costs(&self) -> Vec<&Delay> {
        let Some(split) = self.apart() else { return vec![&self.read] };
        let joins = std::iter::repeat_n(&split.join, split.parts.len().saturating_sub(1));
        split.parts.iter().map(|(_, part)| &part.read).chain(joins).collect()
    }

    fn query_costs(&self, name: &str) -> Option<Vec<&Delay>> {
        let query = self.queries.get(name)?;
        Some(vec![self.index(name, query).map_or(&query.takes, |index| &index.takes)])
    }

    fn part_costs(&self, name: &str) -> Option<Vec<&Delay>> {
        let part = self.row_part(name)?;
        Some(vec![self.apart().map_or(&self.read, |_| &part.read)])
    }

    /// What a write takes, of one part or of all, with that of each index that it keeps.
    fn write_costs<'a>(&'a self, of: Option<(&str, &'a RowPartSpec)>) -> Vec<&'a Delay> {
        let mut costs = match (self.apart(), of) {
            (Some(_), Some((_, part))) => vec![&part.write],
            (Some(split), None) => split.parts.iter().map(|(_, part)| &part.write).collect(),
            (None, _) => vec![&self.write],
        };
        let part = of.filter(|_| self.apart().is_some()).map(|(name, _)| name);
        for (name, query) in self.queries.iter() {
            let of_query = query.part.as_ref().map(|part| part.value.as_str());
            let concerns = part.is_none() || of_query.is_none() || part == of_query;
            let index = self.index(&name.value, query).filter(|_| concerns);
            costs.extend(index.map(|index| &index.write));
        }
        costs
    }

    /// Reports queries, indexes and parts that cannot be meant.
    pub(super) fn check_statements(&self, problems: &mut Problems) {
        if let Some(At { value: split, place }) = self.split.as_ref().map(|split| &*split.0)
            && split.parts.len() < 2
        {
            let label = "expected at least two `parts`";
            problems.push(Problem::new(*place, "rows that are split into less than two", label));
        }
        let parts: Vec<&str> = self.row_parts().map(|(part, _)| part.value.as_str()).collect();
        for (name, query) in self.queries.iter() {
            if parts.contains(&name.value.as_str()) {
                let title = format!("{} is a query and a part of rows", quoted(&name.value));
                let label = "steps ask for both by their names: expected another";
                problems.push(Problem::new(name.place, title, label));
            }
            if let Some(part) = &query.part
                && !parts.contains(&part.value.as_str())
            {
                problems.unknown(part.place, "part", &part.value, &parts);
            }
            self.check_pages(query, problems);
        }
        self.check_indexes(problems);
    }

    fn check_pages(&self, query: &QuerySpec, problems: &mut Problems) {
        let Some(pages) = &query.pages else { return };
        let count = pages.value.get();
        let (title, label) = if count > MOST_PAGES {
            (format!("{count} pages of one query"), format!("at most {MOST_PAGES} are possible"))
        } else if self.shards.is_some() {
            let label = "a query of pages is of a database without `shards`";
            ("which of its shards has them is not known".to_owned(), label.to_owned())
        } else if self.buffer.is_none() {
            let label = "expected a `buffer` beside, in which some are";
            ("these pages are nowhere".to_owned(), label.to_owned())
        } else {
            return;
        };
        problems.push(Problem::new(pages.place, title, label));
    }

    fn check_indexes(&self, problems: &mut Problems) {
        let known: Vec<&str> = self.queries.names().collect();
        for (at, index) in self.indexes.iter().enumerate() {
            let Some(query) = self.queries.get(&index.value) else {
                problems.unknown(index.place, "query", &index.value, &known);
                continue;
            };
            if query.index.is_none() {
                let title = format!("what would an index on {} bring?", quoted(&index.value));
                let problem = Problem::new(index.place, title, "its query says nothing of it");
                let help = "say what it makes of the query: index: {takes: 2ms, write: 1ms}";
                problems.push(problem.help(help));
            }
            if self.indexes[..at].iter().any(|before| before.value == index.value) {
                let title = format!("two indexes on {}", quoted(&index.value));
                problems.push(Problem::new(index.place, title, "expected each query once"));
            }
        }
    }

    /// What a read or write may be of, if not of whole rows.
    pub(super) fn subjects(&self, verb: &str) -> Vec<&str> {
        let queries = self.queries.names().filter(|_| verb == DATA_OPERATIONS[0]);
        queries.chain(self.row_parts().map(|(part, _)| part.value.as_str())).collect()
    }
}

/// The most pages that a query reads: each is looked up.
const MOST_PAGES: u64 = 10_000;
