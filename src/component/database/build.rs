//! How the copies of a database are built, and the programs by which they answer.

use std::sync::Arc;

use crate::distribution::Delay;
use crate::message::Operation;
use crate::replication::QuorumSpec;
use crate::session::SESSION_OPERATIONS;
use crate::step::{DATA_OPERATIONS, ROW_OPERATIONS, is_read};
use crate::transaction::CommitSpec;
use crate::units::Bytes;
use crate::work::{
    Applied, AskCopies, AwaitCopies, AwaitSchema, CatchUp, Claim, CommitAlone, CommitToLog,
    Compiler, Confirm, EachRow, Install, Lead, Locking, Membership, Parts, Program, Promise,
    ReadCopy, Receive, Replicate, Scan, Site, Station, Step, TakeNewest, TellFound, Touch, Unlock,
    salt,
};

use super::DatabaseSpec;

/// Gives all copies of the database `name` to the site.
pub(super) fn build(spec: &DatabaseSpec, name: &str, site: &mut dyn Site) {
    let change = spec.schema_change.as_ref();
    let change =
        change.map(|change| change.0.plan(spec.parts(), site.stream().named("schema").named(name)));
    for instance in 0..spec.count() {
        let keeps_sessions = site.keeps_sessions(name);
        let statements = spec.statements();
        let mut writer = Writer { name, spec, program: Compiler::new(name, site) };
        for statement in &statements {
            match is_read(statement) {
                true => writer.read(statement),
                false => writer.write(statement),
            }
        }
        if keeps_sessions {
            writer.sessions();
        }
        let locks = spec.transactions.as_ref().map(|spec| writer.transactions(&spec.0));
        let parts = spec.replication.is_some().then(|| writer.parts());
        let operations = locks.map(|parts| (parts, writer.operations()));
        let mut program = writer.program.finish();
        let locking = operations.map(|(parts, of)| locking(&mut program, parts, of));
        let membership = parts.map(|parts| membership(spec, (name, instance), parts, site));
        let connections = Bytes(site.connection_memory(name, instance));
        let setting = site.setting(name, instance, &spec.queue);
        let station = Station::new(spec.equipment(connections), program, setting);
        let station = station.with_copies(membership).with_locks(locking);
        let shard = (instance / spec.factor()) as usize;
        let change = change.as_ref().map(|change| change.of(shard, instance == 0));
        site.push(Box::new(station.with_schema_change(change)));
    }
}

/// What is done with a lock, by these operations, and the steps of its parts.
fn locking(program: &mut Program, [prepare, install]: [u32; 2], of: [Operation; 3]) -> Locking {
    // It is no longer begun without a lock.
    let mut entry = |of: Operation| {
        let entry = program.entry[usize::from(of.0)].take();
        (of, entry.expect("it is among what the database answers"))
    };
    Locking { entries: of.map(&mut entry), prepare, install }
}

/// What a copy knows of the others; `parts` are the steps by which it takes and applies writes.
fn membership(
    spec: &DatabaseSpec,
    (name, instance): (&str, u64),
    parts: Parts,
    site: &mut dyn Site,
) -> Membership {
    let first = site.group(name).expect("what has copies is known before it is built");
    let (shard, copy) = (instance / spec.factor(), instance % spec.factor());
    let group = first.nth(u32::try_from(shard).expect("shards are checked to be few"));
    let way = (site.link(name, name), site.sizes_of("write"));
    let resend = spec.replication.as_ref().map(|replication| replication.0.resend.value);
    let resend = resend.expect("what has copies says how they are reached");
    let copy = u32::try_from(copy).expect("copies are checked to be few");
    Membership::new((group, copy), way, resend, parts, salt(&[name, "copy"]))
}

/// Writes the program of one copy.
struct Writer<'a> {
    name: &'a str,
    spec: &'a DatabaseSpec,
    program: Compiler<'a>,
}

impl<'a> Writer<'a> {
    fn salt(&self, operation: &str, what: &str) -> u64 {
        salt(&[self.name, operation, what])
    }

    /// What every read and every write does before it is kept or seen.
    fn work(&mut self, operation: &str, changes: bool) {
        if self.spec.schema_change.is_some() {
            self.program.own(AwaitSchema { salt: self.salt("schema", "part") });
        }
        if self.spec.buffer.is_some() {
            self.program.own(Touch { changes, salt: self.salt(operation, "page") });
        }
        let pages = self.spec.pages(operation);
        if pages > 0 {
            self.program.own(Scan { pages, salt: self.salt(operation, "pages") });
        }
        self.turns(operation, operation);
    }

    /// The turns at a core that `operation` takes, drawn as those of `name`.
    fn turns(&mut self, operation: &str, name: &str) {
        let costs = self.spec.costs(operation).expect("every operation has its costs");
        for (turn, cost) in costs.into_iter().enumerate() {
            let salt = self.salt(name, &turn.to_string());
            self.program.push(Step::Cpu { cost: cost.clone(), salt });
        }
    }

    fn log(&mut self, salt: u64) {
        if self.spec.disk.is_some() {
            self.program.own(CommitToLog { salt });
        }
    }

    fn read(&mut self, statement: &'a str) {
        self.program.begin(statement);
        if self.quorum().is_some() {
            return self.read_together(statement);
        }
        let copies = self.spec.replication.is_some();
        if copies {
            self.program.own(CatchUp);
        }
        self.work(statement, false);
        if copies {
            self.program.own(ReadCopy);
        } else if self.program.site.has_objects() {
            self.program.push(Step::Load);
        }
        self.program.push(Step::Done);
    }

    /// What is asked for with a lock first; the last is a write outside of any transaction.
    fn operations(&self) -> [Operation; 3] {
        let ([lock, claim, _], [_, write]) = (ROW_OPERATIONS, DATA_OPERATIONS);
        [lock, claim, write].map(|name| self.program.site.operation(name))
    }

    /// What transactions ask for. Returns the step before those by which it promises to commit, and
    /// before those by which it then does.
    fn transactions(&mut self, spec: &CommitSpec) -> [u32; 2] {
        let [lock, claim, commit] = ROW_OPERATIONS;
        self.program.begin(lock);
        self.work("read", false);
        self.program.push(Step::Load);
        self.program.push(Step::Done);
        self.program.begin(claim);
        self.program.own(Claim);
        self.program.push(Step::Done);
        self.program.begin(commit);
        self.program.own(CommitAlone);
        self.rows(commit);
        self.force(commit, &spec.commit);
        self.program.own(Install);
        self.program.push(Step::Done);
        let prepare = self.program.here() - 1;
        self.rows("prepare");
        self.force("prepare", &spec.prepare);
        self.program.own(Promise);
        self.program.push(Step::Join);
        let install = self.program.here() - 1;
        self.force("install", &spec.commit);
        self.program.own(Install);
        self.program.push(Step::Join);
        [prepare, install]
    }

    /// The work of all rows that are written here.
    fn rows(&mut self, operation: &'static str) {
        let each = self.program.reserve();
        self.work("write", true);
        self.program.push(Step::Jump(each));
        let salt = self.salt(operation, "row");
        let each_row = EachRow { after: self.program.here(), salt };
        self.program.set(each, Step::Own(Arc::new(each_row)));
    }

    /// Writes something down.
    fn force(&mut self, operation: &'static str, delay: &Delay) {
        self.log(self.salt(operation, "log"));
        if *delay != Delay::NONE {
            let salt = self.salt(operation, "force");
            self.program.push(Step::Io { delay: delay.clone(), salt });
        }
    }

    fn write(&mut self, statement: &'a str) {
        self.program.begin(statement);
        let copies = self.spec.replication.is_some();
        if copies {
            self.program.own(Lead);
        }
        if !self.is_apart() {
            self.work(statement, true);
            self.log(self.salt(statement, "log"));
        }
        if copies {
            self.program.own(Replicate);
            self.program.own(Confirm);
        } else if self.program.site.has_objects() {
            self.program.push(Step::Commit);
        }
        if self.spec.transactions.is_some() {
            self.program.own(Unlock);
        }
        self.program.push(Step::Done);
    }

    /// What is read and written of sessions.
    fn sessions(&mut self) {
        for (asked, like) in SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS) {
            self.program.begin(asked);
            let costs = self.spec.costs(like).expect("every operation has its costs");
            for (turn, cost) in costs.into_iter().enumerate() {
                let salt = match turn {
                    0 => salt(&[self.name, asked]),
                    turn => self.salt(asked, &turn.to_string()),
                };
                self.program.push(Step::Cpu { cost: cost.clone(), salt });
            }
            if like == "write" {
                self.log(salt(&[self.name, asked, "log"]));
            }
            self.program.push(Step::Done);
        }
    }

    fn quorum(&self) -> Option<&QuorumSpec> {
        self.spec.replication.as_ref().and_then(|replication| replication.0.quorum())
    }

    /// Whether who coordinates has no copy.
    fn is_apart(&self) -> bool {
        self.quorum().is_some_and(QuorumSpec::is_apart)
    }

    /// A read that several copies answer.
    fn read_together(&mut self, statement: &str) {
        let answers = !self.is_apart();
        self.program.own(AskCopies);
        if answers {
            self.work(statement, false);
        }
        self.program.own(AwaitCopies { answers });
        self.program.own(TakeNewest);
        self.program.push(Step::Done);
    }

    /// The steps by which a copy takes writes, applies one, and looks up what another asks for.
    fn parts(&mut self) -> Parts {
        let take = self.program.here() - 1;
        self.log(self.salt("copy", "log"));
        self.program.own(Receive);
        self.program.push(Step::Join);
        let apply = self.program.here() - 1;
        let replication = self.spec.replication.as_ref().map(|replication| &replication.0);
        if self.spec.buffer.is_some() {
            self.program.own(Touch { changes: true, salt: self.salt("apply", "page") });
        }
        match replication.and_then(|replication| replication.replay.clone()) {
            Some(cost) => self.program.push(Step::Cpu { cost, salt: self.salt("apply", "0") }),
            None => self.turns("write", "apply"),
        }
        self.program.own(Applied);
        self.program.push(Step::Join);
        let look_up = self.program.here() - 1;
        if self.quorum().is_some() {
            let [read, _] = DATA_OPERATIONS;
            self.work(read, false);
            self.program.own(TellFound);
            self.program.push(Step::Join);
        }
        Parts { take, apply, look_up }
    }
}
