//! How the copies of a database are built, and the programs by which they answer.

use crate::replication::QuorumSpec;
use crate::session::SESSION_OPERATIONS;
use crate::step::DATA_OPERATIONS;
use crate::work::{
    Applied, AskCopies, AwaitCopies, CatchUp, CommitToLog, Compiler, Confirm, Lead, Membership,
    Parts, ReadCopy, Receive, Replicate, Site, Station, Step, TakeNewest, TellFound, Touch, salt,
};

use super::DatabaseSpec;

/// Gives all copies of the database `name` to the site.
pub(super) fn build(spec: &DatabaseSpec, name: &str, site: &mut dyn Site) {
    for instance in 0..spec.count() {
        let keeps_sessions = site.keeps_sessions(name);
        let mut writer = Writer { name, spec, program: Compiler::new(name, site) };
        writer.read();
        writer.write();
        if keeps_sessions {
            writer.sessions();
        }
        let parts = spec.replication.is_some().then(|| writer.parts());
        let program = writer.program.finish();
        let membership = parts.map(|parts| membership(spec, (name, instance), parts, site));
        let setting = site.setting(name, instance, &spec.queue);
        let station = Station::new(spec.equipment(), program, setting);
        site.push(Box::new(station.with_copies(membership)));
    }
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

impl Writer<'_> {
    fn salt(&self, operation: &str, what: &str) -> u64 {
        salt(&[self.name, operation, what])
    }

    /// What every read and every write does before it is kept or seen.
    fn work(&mut self, operation: &'static str, changes: bool) {
        if self.spec.buffer.is_some() {
            self.program.own(Touch { changes, salt: self.salt(operation, "page") });
        }
        let cost = self.spec.cost(operation).expect("every operation has a cost").clone();
        self.program.push(Step::Cpu { cost, salt: self.salt(operation, "0") });
    }

    fn log(&mut self, salt: u64) {
        if self.spec.disk.is_some() {
            self.program.own(CommitToLog { salt });
        }
    }

    fn read(&mut self) {
        let [read, _] = DATA_OPERATIONS;
        self.program.begin(read);
        if self.quorum().is_some() {
            return self.read_together();
        }
        let copies = self.spec.replication.is_some();
        if copies {
            self.program.own(CatchUp);
        }
        self.work(read, false);
        if copies {
            self.program.own(ReadCopy);
        } else if self.program.site.has_objects() {
            self.program.push(Step::Load);
        }
        self.program.push(Step::Done);
    }

    fn write(&mut self) {
        let [_, write] = DATA_OPERATIONS;
        self.program.begin(write);
        let copies = self.spec.replication.is_some();
        if copies {
            self.program.own(Lead);
        }
        if !self.is_apart() {
            self.work(write, true);
            self.log(self.salt(write, "log"));
        }
        if copies {
            self.program.own(Replicate);
            self.program.own(Confirm);
        } else if self.program.site.has_objects() {
            self.program.push(Step::Commit);
        }
        self.program.push(Step::Done);
    }

    /// What is read and written of sessions.
    fn sessions(&mut self) {
        for (asked, like) in SESSION_OPERATIONS.into_iter().zip(DATA_OPERATIONS) {
            self.program.begin(asked);
            let cost = self.spec.cost(like).expect("every operation has a cost").clone();
            self.program.push(Step::Cpu { cost, salt: salt(&[self.name, asked]) });
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
    fn read_together(&mut self) {
        let [read, _] = DATA_OPERATIONS;
        let answers = !self.is_apart();
        self.program.own(AskCopies);
        if answers {
            self.work(read, false);
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
        let cost = replication.and_then(|replication| replication.replay.clone());
        let cost = cost.unwrap_or_else(|| self.spec.write.clone());
        self.program.push(Step::Cpu { cost, salt: self.salt("apply", "0") });
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
