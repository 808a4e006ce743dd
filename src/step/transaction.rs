//! Reads several rows of a database, works on them, and writes all of them or none.

use super::check::check_rounds;
use super::{Ask, Demand, Often, StepKind, StepSpec, Structure, Truth, What};
use crate::call::Timeout;
use crate::distribution::Delay;
use crate::document::{At, Count, Name, Problem, Problems, choice, quoted, record};

record! {
    /// A transaction: some rows of a database are read one after the other, something is done, and
    /// then all of them are written or none.
    #[short = r#in]
    pub struct TransactionSpec {
        /// The database.
        pub r#in: Name,
        /// How many rows: the first is the object of the request, the others are drawn from the
        /// same catalog, each another.
        pub keys: At<Count> = "1",
        /// In which order they are read, and locked.
        pub order: LockOrder = "as_drawn",
        /// What keeps transactions apart.
        pub isolation: Isolation = "serializable",
        /// How often it starts again after a deadlock or a conflict, with other rows drawn anew;
        /// after that the request fails.
        pub retries: u64 = "3",
        /// What is done for each row after it was read: these steps are about that row.
        pub each: Vec<StepSpec> = "[]",
        /// What is done after that, before the commit; these steps are about the request's object.
        pub steps: Vec<StepSpec> = "[]",
        /// Where rows are on several shards, how long it takes the server to write down that all
        /// of them commit.
        pub decision: Delay = "0",
        /// How long to wait for each answer of the database before giving up; as `calls` say if not
        /// given, and for ever if they say nothing.
        pub timeout: Option<Timeout>,
    }
}

choice! {
    /// In which order a transaction goes to its rows.
    pub enum LockOrder {
        /// As they were drawn: two transactions may each wait for what the other has locked.
        AsDrawn = "as_drawn",
        /// By their number, so that none waits for who waits for it.
        Sorted = "sorted",
    }
}

choice! {
    /// What keeps transactions apart.
    pub enum Isolation {
        /// Each row is locked before it is read, until the end, as by `select ... for update`.
        Serializable = "serializable",
        /// Rows are read without a lock and locked at the end alone: what others have written
        /// meanwhile is written over.
        ReadCommitted = "read_committed",
        /// The same, but who finds another version then than it has read starts again.
        Optimistic = "optimistic",
    }
}

/// The most rows of one transaction.
const MOST_ROWS: u64 = 32;

/// Reads several rows of a database, works on them, and writes all of them or none.
pub(super) struct Transaction;

impl StepKind for Transaction {
    type Spec = TransactionSpec;

    const TAKES: Option<(&'static str, Truth)> = Some((
        "rows that others have locked are waited for, some transactions start again, and one message \
         commits all rows of a shard",
        Truth::Either,
    ));

    fn structure(transaction: &TransactionSpec) -> Structure<'_> {
        let TransactionSpec { keys, each, steps, .. } = transaction;
        Structure::InTurn(vec![(keys.value.get(), each), (1, steps)])
    }

    fn check(transaction: &TransactionSpec, rounds: f64, problems: &mut Problems) {
        let TransactionSpec { r#in: to, keys, each, steps, .. } = transaction;
        if keys.value.get() > MOST_ROWS {
            let label = format!("at most {MOST_ROWS} are possible");
            problems.push(Problem::new(keys.place, "too many rows in one transaction", label));
        }
        check_rounds(keys.place, rounds.max(1.0) * keys.value.get() as f64, problems);
        for inner in each.iter().chain(steps) {
            inner.walk(Often::ONCE, &mut |step, _| match step {
                StepSpec::Transaction(nested) => {
                    let title = "a transaction within another";
                    let label = "expected one after the other, or more `keys` around it";
                    problems.push(Problem::new(nested.r#in.place, title, label));
                }
                StepSpec::Write(written) if written.to.value == to.value => {
                    let title = format!("a write to {} within a transaction", quoted(&to.value));
                    let label = "its commit writes each of its rows: leave this out";
                    problems.push(Problem::new(written.to.place, title, label));
                }
                _ => {}
            });
        }
    }

    fn transacts(spec: &TransactionSpec) -> Option<&TransactionSpec> {
        Some(spec)
    }

    fn demand(_: &TransactionSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(transaction: &TransactionSpec) -> Option<Ask<'_>> {
        let TransactionSpec { r#in: to, timeout, .. } = transaction;
        Some(Ask { to, what: What::Rows(transaction.keys.value.get()), timeout: *timeout })
    }
}
