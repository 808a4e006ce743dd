//! From the steps of a scenario, one within the other, to one list with jumps.

use std::sync::Arc;

use crate::caching::CACHE_OPERATIONS;
use crate::call::Timeout;
use crate::document::{Entries, Name};
use crate::engine::Stream;
use crate::message::{Operation, SizesId};
use crate::network::Payload;
use crate::replication::Access;
use crate::step::{
    BranchSpec, CacheStep, CallSpec, Isolation, LOCAL, MESSAGE_OPERATION, ParallelSpec,
    ROW_OPERATIONS, ReadScope, ReadSpec, RepeatSpec, StepSpec, TransactionSpec, Wait, WriteSpec,
    data_operation,
};
use crate::transaction::Manner;

use super::program::Instruction;
use super::storage::Log;
use super::take_connection::{GiveAllBack, GiveBack, Take};
use super::transaction::{
    Begin, BeginCommit, Course, Decide, End, HasRow, NextRow, TurnBack, TurnToRow,
};
use super::{Among, Branch, Call, ConnectionPoolSpec, ConnectionScope, Fork, Program, Site, Step};

/// The program of one instance, while it is written.
pub(crate) struct Compiler<'a> {
    /// The component that will run it.
    from: &'a str,
    pub(crate) site: &'a mut dyn Site,
    steps: Vec<Step>,
    /// The pools through which databases are asked.
    pools: Option<&'a Entries<ConnectionPoolSpec>>,
    /// Where operations begin; `*` is any that is not named.
    starts: Vec<(&'a str, u32)>,
    /// The transactions so far.
    courses: Vec<Arc<Course>>,
}

/// Places in [`CACHE_OPERATIONS`], and in what a cache does for each.
const LOOKUP: usize = 0;
const FILL: usize = 1;
const REMOVE: usize = 2;

/// What a cache does for each of [`CACHE_OPERATIONS`].
pub(crate) const OWN: [Step; 3] = [Step::LookUp, Step::Fill, Step::Remove];

impl<'a> Compiler<'a> {
    pub(crate) fn new(from: &'a str, site: &'a mut dyn Site) -> Compiler<'a> {
        let (steps, starts, courses) = (Vec::new(), Vec::new(), Vec::new());
        Compiler { from, site, steps, pools: None, starts, courses }
    }

    /// The same, asking databases through these pools.
    pub(crate) fn through(self, pools: &'a Entries<ConnectionPoolSpec>) -> Compiler<'a> {
        Compiler { pools: Some(pools), ..self }
    }

    /// The next step is the first of `operation`.
    pub(crate) fn begin(&mut self, operation: &'a str) {
        self.starts.push((operation, self.here()));
    }

    /// The program.
    pub(crate) fn finish(self) -> Program {
        let Compiler { site, steps, starts, courses, .. } = self;
        let start = |name: &str| starts.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
        let operations = site.operations().iter();
        let entry = operations.map(|name| start(name).or_else(|| start("*"))).collect();
        Program { steps, entry, courses }
    }

    /// The place of the next step.
    pub(crate) fn here(&self) -> u32 {
        u32::try_from(self.steps.len()).expect("a scenario has fewer steps than 2^32")
    }

    /// Appends a step.
    pub(crate) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Appends a step that a module of its own does.
    pub(crate) fn own(&mut self, step: impl Instruction + 'static) {
        self.push(Step::Own(Arc::new(step)));
    }

    /// Appends steps.
    pub(crate) fn extend<const N: usize>(&mut self, steps: [Step; N]) {
        self.steps.extend(steps);
    }

    /// Leaves room for a step that is known later, and returns its place.
    pub(crate) fn reserve(&mut self) -> u32 {
        let at = self.here();
        self.push(Step::Join);
        at
    }

    /// Fills the room that was left.
    pub(crate) fn set(&mut self, at: u32, step: Step) {
        self.steps[at as usize] = step;
    }

    /// Appends what `list` says. `path` names the list: each step's draws are told from others by
    /// its place.
    pub(crate) fn compile(&mut self, list: &[StepSpec], path: Stream) {
        for (index, step) in list.iter().enumerate() {
            let path = path.named(&index.to_string());
            let salt = path.salt();
            match step {
                StepSpec::Cpu(cost) => self.push(Step::Cpu { cost: cost.clone(), salt }),
                StepSpec::Io(delay) | StepSpec::Sleep(delay) => {
                    self.push(Step::Io { delay: delay.clone(), salt });
                }
                StepSpec::Log(size) => self.own(Log::new(&size.value, path)),
                StepSpec::Call(call) => self.call(call, salt),
                StepSpec::Read(read) => self.read(read, path),
                StepSpec::Write(WriteSpec { to, part }) => {
                    let call = self.database_call(to, ("write", part.as_ref()), salt);
                    self.ask(call);
                }
                StepSpec::Transaction(spec) => self.transaction(spec, path),
                StepSpec::Send(send) => {
                    let operation = Some(self.site.operation(MESSAGE_OPERATION));
                    let sizes = self.site.sizes(&send.size, &Payload::LITTLE);
                    let call = self.call_step(&send.to, operation, sizes, send.timeout, salt);
                    self.ask(call);
                }
                StepSpec::Parallel(parallel) => self.fork(parallel, path),
                StepSpec::Branch(branches) => self.branch(&branches.value, path),
                StepSpec::Cache(cache) => self.look(cache, path),
                StepSpec::Invalidate(cache) => self.ask_cache(cache, None, REMOVE, path),
                StepSpec::IfModified(list) => {
                    let at = self.reserve();
                    self.compile(&list.value, path);
                    self.set(at, Step::IfModified { otherwise: self.here() });
                }
                StepSpec::Repeat(repeat) => self.repeat(repeat, path),
            }
        }
    }

    fn read(&mut self, read: &ReadSpec, path: Stream) {
        let of = read.query.as_ref().or(read.part.as_ref());
        let mut call = self.database_call(&read.from, ("read", of), path.salt());
        if let Among::Copies(_, Access::Read(_, consistency)) = &mut call.among {
            *consistency = read.consistency.value.clone();
        }
        if read.shards.value == ReadScope::Own {
            return self.ask(call);
        }
        let at = self.reserve();
        let shards = self.site.shards(&read.from.value);
        let mut subrequests = Vec::new();
        for shard in 0..shards {
            subrequests.push(self.here() - 1);
            let salt = path.named("shard").at(u64::from(shard)).salt();
            let among = call.among.clone().of_shard(shard);
            self.ask(Call { among, salt, ..call.clone() });
            self.end(Step::Join);
        }
        let (after, salt) = (self.here(), path.salt());
        let fork = Fork { subrequests: subrequests.into(), wait: shards, after, salt };
        self.set(at, Step::Fork(fork));
    }

    /// Reads the rows of a transaction, one after the other, and commits it.
    fn transaction(&mut self, spec: &TransactionSpec, path: Stream) {
        let step = u32::try_from(self.courses.len()).expect("a server has fewer steps than 2^32");
        let pool = self.pools.and_then(|pools| pools.index(&spec.r#in.value));
        pool.iter().for_each(|&pool| self.own(Take(pool)));
        self.own(Begin(step));
        let restart = self.here();
        let locks = spec.isolation == Isolation::Serializable;
        let [lock, claim, commit] = ROW_OPERATIONS;
        self.row(spec, if locks { lock } else { "read" }, (restart, restart), path.named("row"));
        self.compile(&spec.each, path.named("each"));
        self.own(NextRow { body: restart });
        self.own(TurnBack);
        self.compile(&spec.steps, path.named("steps"));
        if !locks {
            let body = self.here();
            self.row(spec, claim, (restart, body), path.named("claim"));
            self.own(NextRow { body });
        }
        self.own(BeginCommit { restart });
        let decide = self.reserve();
        let call = self.row_call(spec, commit, path.named("commit").salt());
        self.push(Step::Call(call));
        let decided = Decide { restart, after: self.here() };
        self.set(decide, Step::Own(Arc::new(decided)));
        self.own(End);
        pool.iter().for_each(|&pool| self.own(GiveBack(pool)));
        let (link, sizes) = (
            self.site.link(self.from, &spec.r#in.value),
            self.site.sizes(&Payload::LITTLE, &Payload::LITTLE),
        );
        self.courses.push(Arc::new(Course {
            manner: Manner::new(spec),
            link,
            sizes,
            decision: spec.decision.clone(),
            keep_alive: self.site.keep_alive(&spec.r#in.value),
            salt: path.named("decision").salt(),
        }));
    }

    /// Asks for the row that a transaction is at.
    fn row(
        &mut self,
        spec: &TransactionSpec,
        operation: &str,
        (restart, body): (u32, u32),
        path: Stream,
    ) {
        debug_assert_eq!(self.here(), body);
        self.own(TurnToRow);
        let call = self.row_call(spec, operation, path.salt());
        self.push(Step::Call(call));
        self.own(HasRow { reads: operation != ROW_OPERATIONS[1], restart });
    }

    /// A call within a transaction, which has its connection for as long as it lasts.
    fn row_call(&mut self, spec: &TransactionSpec, operation: &str, salt: u64) -> Call {
        let sizes = self.site.sizes_of(match operation {
            "commit rows" => "write",
            "claim row" => "invalidate",
            _ => "read",
        });
        let asked = Some(self.site.operation(operation));
        let call = self.call_step(&spec.r#in, asked, sizes, spec.timeout, salt);
        Call { pool: None, ..call }
    }

    fn fork(&mut self, parallel: &ParallelSpec, path: Stream) {
        let at = self.reserve();
        let mut subrequests = Vec::new();
        for (index, list) in parallel.steps.value.iter().enumerate() {
            subrequests.extend((0..parallel.copies.value.get()).map(|_| self.here() - 1));
            self.compile(list, path.named(&index.to_string()));
            self.end(Step::Join);
        }
        let wait = match parallel.wait.value {
            Wait::All => subrequests.len() as u32,
            Wait::For(count) => u32::try_from(count).expect("no more than there are strands"),
        };
        let (after, salt) = (self.here(), path.salt());
        self.set(at, Step::Fork(Fork { subrequests: subrequests.into(), wait, after, salt }));
    }

    fn branch(&mut self, branches: &[BranchSpec], path: Stream) {
        let at = self.reserve();
        let (mut arms, mut ends, mut up_to) = (Vec::new(), Vec::new(), 0.0);
        for (index, branch) in branches.iter().enumerate() {
            up_to = branch.p.as_ref().map_or(1.0, |p| up_to + p.value.0);
            arms.push((up_to, self.here()));
            self.compile(&branch.steps.value, path.named(&index.to_string()));
            ends.push(self.reserve());
        }
        let (otherwise, salt) = (self.here(), path.salt());
        for end in ends {
            self.set(end, Step::Jump(otherwise));
        }
        self.set(at, Step::Branch(Branch { arms: arms.into(), otherwise, salt }));
    }

    fn repeat(&mut self, repeat: &RepeatSpec, path: Stream) {
        let (times, salt) = (repeat.times.value.clone(), path.salt());
        self.push(Step::Repeat { times, salt });
        let body = self.here();
        self.compile(&repeat.steps.value, path);
        self.push(Step::Again { body, salt });
    }

    fn call(&mut self, call: &CallSpec, salt: u64) {
        let operation = call.endpoint.as_ref().map(|name| self.site.operation(&name.value));
        let sizes = self.site.sizes(&call.request_size, &call.response_size);
        let call = self.call_step(&call.to, operation, sizes, call.timeout, salt);
        self.ask(call);
    }

    /// A call, with a connection for it if that comes from a pool.
    pub(crate) fn ask(&mut self, call: Call) {
        let pool = call.pool;
        pool.iter().for_each(|&pool| self.own(Take(pool)));
        self.push(Step::Call(call));
        pool.iter().for_each(|&pool| self.own(GiveBack(pool)));
    }

    /// The last step of a request or of a part of it, which gives back what that has of pools.
    pub(crate) fn end(&mut self, step: Step) {
        let held = |(_, pool): (&Name, &ConnectionPoolSpec)| pool.held == ConnectionScope::Request;
        if self.pools.is_some_and(|pools| pools.iter().any(held)) {
            self.own(GiveAllBack);
        }
        self.push(step);
    }

    /// A call of a database, or of a cache in front of one, for a read or a write that may be `of`
    /// a query or a part of rows.
    pub(crate) fn database_call(
        &mut self,
        to: &Name,
        (verb, of): (&str, Option<&Name>),
        salt: u64,
    ) -> Call {
        let sizes = self.site.sizes_of(verb);
        let operation = data_operation(verb, of.map(|of| of.value.as_str()));
        self.call_step(to, Some(self.site.operation(&operation)), sizes, None, salt)
    }

    /// A call, of which the request waits for the answer and fails with it.
    pub(crate) fn call_step(
        &mut self,
        to: &Name,
        operation: Option<Operation>,
        sizes: SizesId,
        timeout: Option<Timeout>,
        salt: u64,
    ) -> Call {
        let (callee, link) = (self.site.replicas(&to.value), self.site.link(self.from, &to.value));
        let (lenient, timeout_lane) = (false, None);
        let among = self.site.among(&to.value, operation);
        let timeout = self.site.timeout(self.from, &to.value, timeout);
        let pool = self.pools.and_then(|pools| pools.index(&to.value));
        Call { callee, link, sizes, operation, salt, among, lenient, pool, timeout, timeout_lane }
    }

    /// A look into a cache, what is done if it does not have the object, and filling it.
    fn look(&mut self, step: &CacheStep, path: Stream) {
        let CacheStep { r#in: cache, miss, await_fill, timeout } = step;
        self.ask_cache(cache, *timeout, LOOKUP, path);
        let recall = self.reserve();
        self.compile(miss, path.named("miss"));
        if *await_fill || cache.value == LOCAL {
            self.ask_cache(cache, *timeout, FILL, path);
        } else {
            self.task(path.named("fill").salt(), |compiler| {
                compiler.ask_cache(cache, *timeout, FILL, path);
            });
        }
        let mut refresh = self.here();
        if self.site.revalidates(self.from, &cache.value) {
            let jump = self.reserve();
            refresh = self.here();
            self.task(path.named("refresh").salt(), |compiler| {
                compiler.compile(miss, path.named("again"));
                compiler.ask_cache(cache, *timeout, FILL, path);
            });
            self.set(jump, Step::Jump(self.here()));
        }
        self.set(recall, Step::Recall { hit: self.here(), refresh });
    }

    /// Steps that are done on their own while the request goes on.
    pub(crate) fn task(&mut self, salt: u64, compile: impl FnOnce(&mut Self)) {
        let at = self.reserve();
        compile(self);
        self.end(Step::Join);
        self.set(at, Step::Spawn { after: self.here(), salt });
    }

    /// A question to a cache, or what is done about the component's own.
    fn ask_cache(&mut self, to: &Name, timeout: Option<Timeout>, operation: usize, path: Stream) {
        if to.value == LOCAL {
            return self.push(OWN[operation].clone());
        }
        let word = CACHE_OPERATIONS[operation];
        let sizes = self.site.sizes_of(word);
        let salt = path.named(word).salt();
        let asked = Some(self.site.operation(word));
        let call = self.call_step(to, asked, sizes, timeout, salt);
        self.push(Step::Call(Call { lenient: true, ..call }));
    }
}
