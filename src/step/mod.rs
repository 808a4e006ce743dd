//! The steps of an endpoint, as a scenario says them.

mod check;

use crate::call::Timeout;
use crate::distribution::Delay;
use crate::distribution::Size;
use crate::document::{
    At, Count, Definitions, Name, Node, Problems, Read, parsed, record, variant,
};
use crate::network::Payload;
use crate::units::{Quantity, Share};

variant! {
    /// One step of an endpoint.
    pub enum StepSpec {
        /// Use a core for this long, at speed 1.
        Cpu(Delay) = "cpu",
        /// Wait this long for something that is not a core: a disk, a service outside.
        Io(Delay) = "io",
        /// Wait this long for nothing at all.
        Sleep(Delay) = "sleep",
        /// Ask another component and wait for its answer.
        Call(CallSpec) = "call",
        /// Read from this database and wait.
        Read(Name) = "read",
        /// Write to this database and wait.
        Write(Name) = "write",
        /// Look into a cache; if it does not have the object, do what is said for that and fill it.
        Cache(CacheStep) = "cache",
        /// Remove the object from this cache, and wait.
        Invalidate(Name) = "invalidate",
        /// Do this unless the client has asked whether what it has is still true, and it is: what
        /// was read before is the version that it has.
        IfModified(At<Vec<StepSpec>>) = "if_modified",
        /// Do several things at once and wait for all of them, or for some.
        Parallel(ParallelSpec) = "parallel",
        /// Do one of several things, by chance.
        Branch(At<Vec<BranchSpec>>) = "branch",
        /// Do the same several times, one after the other.
        Repeat(RepeatSpec) = "repeat",
    }
}

record! {
    /// A call to another component.
    #[short = to]
    pub struct CallSpec {
        /// The component asked.
        pub to: Name,
        /// Which of its endpoints; the one of the same name as the caller's if not given.
        pub endpoint: Option<Name>,
        /// How long to wait before giving up; as `calls` say if not given, and for ever if they say
        /// nothing. The work goes on over there.
        pub timeout: Option<Timeout>,
        /// How large the question is, in bytes; matters where a link has a `bandwidth`. `object`:
        /// as large as the object that is asked for.
        pub request_size: Payload = "500B",
        /// How large the answer is, in bytes or `object`.
        pub response_size: Payload = "10KiB",
    }
}

impl CallSpec {
    /// Whether its messages are as large as the object of the request that makes it.
    pub fn is_about_its_object(&self) -> bool {
        [&self.request_size, &self.response_size].contains(&&Payload::Object)
    }
}

record! {
    /// A look into a cache, for the object that the request asks for.
    #[short = r#in]
    pub struct CacheStep {
        /// The cache that is asked; `local` is the server's own.
        pub r#in: Name,
        /// What is done where it does not have the object, such as to read it from a database; what
        /// was read then fills the cache. What is done without reading makes the newest version.
        pub miss: Vec<StepSpec> = "[]",
        /// Whether the request waits until the cache is filled.
        pub await_fill: bool = "false",
        /// How long to wait for the cache, before going on as if it did not have the object; as
        /// `calls` say if not given, and for ever if they say nothing.
        pub timeout: Option<Timeout>,
    }
}

/// What `read` and `write` steps ask for.
pub const DATA_OPERATIONS: [&str; 2] = ["read", "write"];

/// What a server's own cache is called in its steps.
pub const LOCAL: &str = "local";

record! {
    /// Several things at once. A worker that is held while its request waits does them all itself.
    #[short = steps]
    pub struct ParallelSpec {
        /// What is done at once: each a step, or a list of steps that follow one another.
        pub steps: At<Vec<Vec<StepSpec>>>,
        /// How many must be done before the request goes on: `all`, `first`, or a number. The
        /// others run to their end all the same, as wasted work. The request fails when too many
        /// have failed.
        pub wait: At<Wait> = "all",
        /// How often each is there, such as once for each shard.
        pub copies: At<Count> = "1",
    }
}

record! {
    /// What is done with some probability.
    pub struct BranchSpec {
        /// The probability; if not given, which only the last may leave out, whatever is left.
        pub p: Option<At<Share>>,
        /// The steps that are then done.
        pub steps: At<Vec<StepSpec>> = "[]",
    }
}

record! {
    /// The same several times, each time with demands of its own.
    pub struct RepeatSpec {
        /// How often.
        pub times: At<Size>,
        /// What is repeated.
        pub steps: At<Vec<StepSpec>>,
    }
}

/// For how many of several things a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// For all of them.
    All,
    /// For so many, at least one.
    For(u64),
}

impl Read for Wait {
    fn read(node: &Node, problems: &mut Problems) -> Option<Wait> {
        let parse = |text: &str| match text {
            "all" => Some(Wait::All),
            "first" => Some(Wait::For(1)),
            number => u64::parse(number).filter(|&count| count > 0).map(Wait::For),
        };
        parsed(node, "`all`, `first`, or a whole number from 1", parse, problems)
    }

    fn stand_in() -> Option<Wait> {
        Some(Wait::All)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "`all`, `first` or a number",
            "anyOf": [
                { "enum": ["all", "first"] },
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": <u64 as Quantity>::PATTERN },
            ],
        })
    }
}

/// How often a step is done for one request, on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Often {
    /// In all.
    pub times: f64,
    /// One after the other; what is done at the same time as something else does not count, nor
    /// what a cache may make needless.
    pub in_line: f64,
}

impl Often {
    /// Once.
    pub const ONCE: Often = Often { times: 1.0, in_line: 1.0 };

    fn by(self, factor: f64) -> Often {
        Often { times: self.times * factor, in_line: self.in_line * factor }
    }
}

impl StepSpec {
    /// Shows `see` this step and all within it, each with how often it is done where this one is
    /// done so `often`.
    pub fn walk<'a>(&'a self, often: Often, see: &mut dyn FnMut(&'a StepSpec, Often)) {
        see(self, often);
        match self {
            StepSpec::Parallel(parallel) => {
                let times = often.times * parallel.copies.value.get() as f64;
                let steps = parallel.steps.value.iter().flatten();
                steps.for_each(|step| step.walk(Often { times, in_line: 0.0 }, see));
            }
            StepSpec::Branch(branches) => {
                let mut left = 1.0;
                for branch in &branches.value {
                    let p = branch.p.as_ref().map_or(left, |p| p.value.0);
                    left = (left - p).max(0.0);
                    branch.steps.value.iter().for_each(|step| step.walk(often.by(p), see));
                }
            }
            StepSpec::Cache(cache) => {
                let perhaps = Often { in_line: 0.0, ..often };
                cache.miss.iter().for_each(|step| step.walk(perhaps, see));
            }
            StepSpec::IfModified(steps) => {
                let perhaps = Often { in_line: 0.0, ..often };
                steps.value.iter().for_each(|step| step.walk(perhaps, see));
            }
            StepSpec::Repeat(repeat) => {
                let often = often.by(repeat.times.value.mean());
                repeat.steps.value.iter().for_each(|step| step.walk(often, see));
            }
            _ => {}
        }
    }
}
