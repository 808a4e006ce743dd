//! The steps of an endpoint, as a scenario says them: a file for each, and their list.

mod branch;
mod cache;
mod call;
mod check;
mod cpu;
mod if_modified;
mod invalidate;
mod io;
mod log;
mod parallel;
mod read;
mod repeat;
mod send;
mod sleep;
mod theory;
mod transaction;
mod write;

pub use branch::BranchSpec;
pub use cache::CacheStep;
pub use call::CallSpec;
pub use parallel::{ParallelSpec, Wait};
pub use read::{ReadScope, ReadSpec};
pub use repeat::RepeatSpec;
pub use send::SendSpec;
pub(crate) use theory::{Ask, Demand, Structure, What};
pub use theory::{Often, Truth};
pub use transaction::{Isolation, LockOrder, TransactionSpec};
pub use write::WriteSpec;

use crate::distribution::Delay;
use crate::document::{At, Name, Place, Problems, variant};
use crate::network::MessageSize;

/// What `read` and `write` steps ask for.
pub const DATA_OPERATIONS: [&str; 2] = ["read", "write"];

/// What transactions ask for: to lock a row and read it, to lock one that was read, and to commit.
pub const ROW_OPERATIONS: [&str; 3] = ["lock row", "claim row", "commit rows"];
/// What a `read` or `write` step asks for, where it is `of` a query or a part of rows.
pub(crate) fn data_operation(verb: &str, of: Option<&str>) -> String {
    of.map_or_else(|| verb.to_owned(), |of| format!("{verb} {of}"))
}

/// Whether a database is asked to read by this, and not to write.
pub(crate) fn is_read(operation: &str) -> bool {
    verb(operation) == DATA_OPERATIONS[0]
}

/// Whether a database is asked to write by this.
pub(crate) fn is_write(operation: &str) -> bool {
    verb(operation) == DATA_OPERATIONS[1]
}

fn verb(operation: &str) -> &str {
    operation.split_once(' ').map_or(operation, |(verb, _)| verb)
}

/// What `send` steps ask for.
pub const MESSAGE_OPERATION: &str = "send";

/// What a server's own cache is called in its steps.
pub const LOCAL: &str = "local";

/// A step, as far as it can be told before a run.
///
/// *Invariant:* what could be forgotten has no default: the compiler asks.
trait StepKind {
    /// What a scenario says of it.
    type Spec;
    /// What makes a visit take another time than its steps one after the other, though nobody
    /// waits, and on which side.
    const TAKES: Option<(&'static str, Truth)> = None;

    /// The steps within it, and how they are done.
    fn structure(_: &Self::Spec) -> Structure<'_> {
        Structure::Single
    }

    /// Reports what could not be meant, where this step is done so many `rounds`.
    fn check(_: &Self::Spec, _rounds: f64, _: &mut Problems) {}

    /// Where a scenario says that it writes to the server's disk, if it does.
    fn writes(_: &Self::Spec) -> Option<Place> {
        None
    }

    /// The read from a database that it is, if it is one.
    fn reads(_: &Self::Spec) -> Option<&ReadSpec> {
        None
    }

    /// The transaction that it is, if it is one.
    fn transacts(_: &Self::Spec) -> Option<&TransactionSpec> {
        None
    }

    /// What it takes by itself.
    fn demand(spec: &Self::Spec) -> Demand<'_>;

    /// Whom it asks, if anybody.
    fn asks(spec: &Self::Spec) -> Option<Ask<'_>>;
}

/// Declares the steps: each with what a scenario says of it, the type that answers for it, and its
/// word.
macro_rules! steps {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $tag_doc:literal])* $step:ident($spec:ty) => $type:ty = $word:literal,)*
        }
    ) => {
        variant! {
            $(#[doc = $doc])*
            pub enum $name {
                $($(#[doc = $tag_doc])* $step($spec) = $word,)*
            }
        }

        impl $name {
            /// What makes a visit take another time than its steps one after the other.
            pub(crate) fn takes(&self) -> Option<(&'static str, Truth)> {
                match self {
                    $($name::$step(_) => <$type>::TAKES,)*
                }
            }

            /// Where a scenario says that it writes to the server's disk, if it does.
            pub(crate) fn writes(&self) -> Option<Place> {
                match self {
                    $($name::$step(spec) => <$type>::writes(spec),)*
                }
            }

            /// The read from a database that it is, if it is one.
            pub(crate) fn reads(&self) -> Option<&ReadSpec> {
                match self {
                    $($name::$step(spec) => <$type>::reads(spec),)*
                }
            }

            /// The transaction that it is, if it is one.
            pub(crate) fn transacts(&self) -> Option<&TransactionSpec> {
                match self {
                    $($name::$step(spec) => <$type>::transacts(spec),)*
                }
            }

            /// What it takes by itself.
            pub(crate) fn demand(&self) -> Demand<'_> {
                match self {
                    $($name::$step(spec) => <$type>::demand(spec),)*
                }
            }

            /// Whom it asks, if anybody.
            pub(crate) fn asks(&self) -> Option<Ask<'_>> {
                match self {
                    $($name::$step(spec) => <$type>::asks(spec),)*
                }
            }

            /// The steps within it, and how they are done.
            pub(crate) fn structure(&self) -> Structure<'_> {
                match self {
                    $($name::$step(spec) => <$type>::structure(spec),)*
                }
            }

            fn check_alone(&self, rounds: f64, problems: &mut Problems) {
                match self {
                    $($name::$step(spec) => <$type>::check(spec, rounds, problems),)*
                }
            }
        }
    };
}

steps! {
    /// One step of an endpoint.
    pub enum StepSpec {
        /// Use a core for this long, at speed 1.
        Cpu(Delay) => cpu::Cpu = "cpu",
        /// Wait this long for something that is not a core: a disk, a service outside.
        Io(Delay) => io::Io = "io",
        /// Wait this long for nothing at all.
        Sleep(Delay) => sleep::Sleep = "sleep",
        /// Write so many bytes to the server's `disk`, after all that came before, and wait.
        Log(At<MessageSize>) => log::Log = "log",
        /// Ask another component and wait for its answer.
        Call(CallSpec) => call::Call = "call",
        /// Read from this database and wait.
        Read(ReadSpec) => read::Read = "read",
        /// Write to this database and wait.
        Write(WriteSpec) => write::Write = "write",
        /// Read several rows of a database, work on them, and write all of them or none.
        Transaction(TransactionSpec) => transaction::Transaction = "transaction",
        /// Look into a cache; if it does not have the object, do what is said for that and fill it.
        Cache(CacheStep) => cache::Cache = "cache",
        /// Remove the object from this cache, and wait.
        Invalidate(Name) => invalidate::Invalidate = "invalidate",
        /// Put a message into this message queue, and wait until the queue has it.
        Send(SendSpec) => send::Send = "send",
        /// Do this unless the client has asked whether what it has is still true, and it is: what
        /// was read before is the version that it has.
        IfModified(At<Vec<StepSpec>>) => if_modified::IfModified = "if_modified",
        /// Do several things at once and wait for all of them, or for some.
        Parallel(ParallelSpec) => parallel::Parallel = "parallel",
        /// Do one of several things, by chance.
        Branch(At<Vec<BranchSpec>>) => branch::Branch = "branch",
        /// Do the same several times, one after the other.
        Repeat(RepeatSpec) => repeat::Repeat = "repeat",
    }
}

impl StepSpec {
    /// Shows `see` this step and all within it, each with how often it is done where this one is
    /// done so `often`.
    pub fn walk<'a>(&'a self, often: Often, see: &mut dyn FnMut(&'a StepSpec, Often)) {
        see(self, often);
        self.structure().each(often, &mut |steps, often| {
            steps.iter().for_each(|step| step.walk(often, see));
        });
    }
}
