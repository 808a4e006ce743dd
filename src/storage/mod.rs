//! What a component keeps on a disk: the disk itself, the pages of it that are in memory, the log
//! that a write is in before it is answered, and the checkpoints that bound how much of that log is
//! replayed after a crash.
//!
//! *Invariant:* a write that was answered is in the log on the disk.

mod backup;
mod buffer;
mod commit_log;
mod disk;
mod meter;
mod pacing;
mod spec;

pub use backup::BackupSpec;
pub use buffer::BufferSpec;
pub use commit_log::CommitLogSpec;
pub(crate) use disk::SharedDisk;
pub use meter::{BACKUP, BUFFER, COMMIT_LOG, STORAGE_METRICS};
pub use spec::DiskSpec;

use std::rc::Rc;

use crate::engine::Stream;
use crate::measure::DiskUse;
use crate::message::AttemptKey;
use crate::runtime::Ctx;
use crate::units::{Bytes, Span, Time};
use backup::{Backups, Return};
use buffer::Buffer;
use commit_log::CommitLog;
use disk::{Disk, Drive};
use meter::{Count, Tally};

/// What a component keeps on its disk, as a scenario says it.
#[derive(Clone, Debug)]
pub(crate) struct StorageSpec {
    pub(crate) disk: DiskSpec,
    pub(crate) buffer: Option<BufferSpec>,
    pub(crate) log: Option<CommitLogSpec>,
    pub(crate) backup: Option<BackupSpec>,
}

impl StorageSpec {
    /// A disk alone.
    pub(crate) fn of_disk(disk: DiskSpec) -> StorageSpec {
        StorageSpec { disk, buffer: None, log: None, backup: None }
    }
}

/// What something is to be told at a time that it has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// A group of writes is on the disk.
    Synced,
    /// A checkpoint begins, or goes on.
    Checkpoint,
    /// A backup begins, or goes on.
    Backup,
}

/// How long until things are due for the first time, of those that are due by themselves.
pub(crate) type FirstDues = [Option<(Due, Span)>; 2];

/// What one instance keeps on its disk.
#[derive(Debug)]
pub(crate) struct Storage {
    disk: Drive,
    buffer: Option<Buffer>,
    log: Option<CommitLog>,
    backups: Option<Backups>,
    tally: Tally,
    /// What is random about operations that nobody waits for.
    stream: Stream,
    /// How many of those there have been.
    aside: u64,
    /// How long it takes to replay the log, and to restore a backup, while that is done.
    replaying: Span,
    restoring: Span,
}

impl Storage {
    /// `stream` is for what is random about the disk itself; `shared` is that of its machine.
    pub(crate) fn new(
        spec: &StorageSpec,
        stream: Stream,
        shared: Option<&Rc<SharedDisk>>,
    ) -> Storage {
        let shared = shared.filter(|_| spec.disk.is_of_machine());
        Storage {
            disk: shared.map_or_else(
                || Drive::Own(Disk::new(&spec.disk)),
                |disk| Drive::Shared(Rc::clone(disk)),
            ),
            buffer: spec.buffer.as_ref().map(|buffer| Buffer::new(buffer, stream.named("pages"))),
            log: spec.log.as_ref().map(CommitLog::new),
            backups: spec.backup.as_ref().map(Backups::new),
            tally: Tally::default(),
            stream: stream.named("aside"),
            aside: 0,
            replaying: Span::ZERO,
            restoring: Span::ZERO,
        }
    }

    /// The run begins. Returns what is due first.
    pub(crate) fn start(&mut self, ctx: &mut Ctx) -> FirstDues {
        self.tally = Tally::new(ctx);
        let log = self.log.as_ref().and_then(CommitLog::account);
        ctx.meter().disk = Some(Box::new(DiskUse { log, ..self.disk.account() }));
        self.first_dues(ctx.now())
    }

    /// What is due first of an instance that is up from then on.
    fn first_dues(&mut self, up: Time) -> FirstDues {
        let checkpoint = self.buffer.as_mut().map(|buffer| buffer.first_checkpoint(up));
        let backup = self.backups.as_mut().map(|backups| backups.first(up));
        [checkpoint.map(|due| (Due::Checkpoint, due)), backup.map(|due| (Due::Backup, due))]
    }

    /// Writes so much, and returns how long until it is there.
    pub(crate) fn write(&mut self, size: Bytes, draws: Stream, ctx: &mut Ctx) -> Span {
        self.operate(Count::Writes, size, draws, ctx)
    }

    fn read(&mut self, size: Bytes, draws: Stream, ctx: &mut Ctx) -> Span {
        self.operate(Count::Reads, size, draws, ctx)
    }

    fn operate(&mut self, kind: Count, size: Bytes, draws: Stream, ctx: &mut Ctx) -> Span {
        let (waits, takes) = self.disk.operate(kind, size, draws, ctx);
        self.tally.add_operation(kind, size, waits, ctx);
        waits + takes
    }

    /// Writes a page for which nobody waits. Returns how long until it is there.
    fn write_aside(&mut self, size: Bytes, ctx: &mut Ctx) -> Span {
        self.aside += 1;
        let draws = self.stream.at(self.aside);
        self.write(size, draws, ctx)
    }

    /// A request reads or `changes` its object: returns how long until it is in memory.
    pub(crate) fn touch(
        &mut self,
        key: AttemptKey,
        changes: bool,
        draws: Stream,
        ctx: &mut Ctx,
    ) -> Span {
        let object = ctx.objects().object_and_size(key);
        object.map_or(Span::ZERO, |object| self.bring(object, changes, draws, ctx))
    }

    /// A query reads so many pages of others beside its object: returns how long until all are in
    /// memory.
    pub(crate) fn scan(
        &mut self,
        key: AttemptKey,
        pages: u64,
        draws: Stream,
        ctx: &mut Ctx,
    ) -> Span {
        let mut last = Span::ZERO;
        for page in 0..pages {
            let draws = draws.at(page);
            let Some(object) = ctx.objects().another_and_size(key, draws.named("key")) else {
                break;
            };
            last = last.max(self.bring(object, false, draws.named("io"), ctx));
        }
        last
    }

    /// Sees to it that an object of this size is in memory, to be read or changed. Returns how long
    /// that takes.
    fn bring(
        &mut self,
        (object, size): (u64, Bytes),
        changes: bool,
        draws: Stream,
        ctx: &mut Ctx,
    ) -> Span {
        let now = ctx.now();
        let Some(buffer) = &mut self.buffer else { return Span::ZERO };
        if let Some(ready) = buffer.find(object, changes) {
            self.tally.add(Count::Hits, 1_u64, ctx);
            return ready.since(now);
        }
        self.tally.add(Count::Misses, 1_u64, ctx);
        let size = buffer.pages(size);
        buffer.load(object, size, changes);
        while let Some(size) = self.buffer.as_mut().and_then(Buffer::next_evicted) {
            self.tally.add(Count::DirtyEvictions, 1_u64, ctx);
            self.write_aside(size, ctx);
        }
        let takes = self.read(size, draws, ctx);
        if let Some(buffer) = &mut self.buffer {
            buffer.comes(object, now + takes);
        }
        takes
    }

    /// A write is to be in the log before it is answered: the request waits until it goes on.
    /// Returns how long until the log is to be told of it, if a group begins with this.
    pub(crate) fn commit(&mut self, key: AttemptKey, draws: Stream, ctx: &mut Ctx) -> Option<Span> {
        let log = self.log.as_mut().expect("only what has a log is told to commit");
        log.append(key, draws);
        self.tally.add(Count::Commits, 1_u64, ctx);
        self.sync(ctx)
    }

    /// Begins to write the next group of the log, if there is one and none is being written.
    fn sync(&mut self, ctx: &mut Ctx) -> Option<Span> {
        let (size, draws) = self.log.as_mut()?.next_group()?;
        self.tally.add(Count::Syncs, 1_u64, ctx);
        let (now, takes) = (ctx.now(), self.write(size, draws, ctx));
        self.log.as_mut()?.ends(now + takes);
        if let Some(log) = ctx.meter().disk.as_mut().and_then(|disk| disk.log.as_mut()) {
            log.add(now, now, now + takes);
        }
        Some(takes)
    }

    /// Something is due. Returns how long until it is to be told again, if it is.
    pub(crate) fn on_due(&mut self, due: Due, ctx: &mut Ctx) -> Option<Span> {
        match due {
            Due::Synced if self.log.as_mut()?.let_go(ctx, self.backups.as_mut()) => self.sync(ctx),
            Due::Synced => None,
            Due::Checkpoint => self.checkpoint(ctx),
            Due::Backup => self.back_up(ctx),
        }
    }

    /// Writes what a checkpoint is to write now.
    fn checkpoint(&mut self, ctx: &mut Ctx) -> Option<Span> {
        let now = ctx.now();
        let written = self.logged();
        let buffer = self.buffer.as_mut()?;
        if !buffer.is_due(now) {
            return None;
        }
        buffer.begin_checkpoint(now, written);
        while let Some(size) = self.buffer.as_mut()?.next_dirty(now) {
            self.tally.add(Count::CheckpointWrites, 1_u64, ctx);
            let takes = self.write_aside(size, ctx);
            self.buffer.as_mut()?.lands(now + takes);
        }
        Some(self.buffer.as_mut()?.next_due(now))
    }

    /// Reads what a backup is to read now.
    fn back_up(&mut self, ctx: &mut Ctx) -> Option<Span> {
        let (now, logged) = (ctx.now(), self.logged());
        let size = self.backups.as_mut()?.next_chunk(now, logged)?;
        self.aside += 1;
        let takes = self.read(size, self.stream.at(self.aside), ctx);
        self.tally.add(Count::BackedUp, size.0, ctx);
        Some(self.backups.as_mut()?.read(size, takes, now))
    }

    /// What the log has got \[bytes\].
    fn logged(&self) -> u64 {
        self.log.as_ref().map_or(0, CommitLog::written)
    }

    /// All that was at work is lost, and all that is in memory.
    pub(crate) fn clear(&mut self, now: Time) {
        self.disk.clear(now);
        self.log.iter_mut().for_each(CommitLog::clear);
        self.backups.iter_mut().for_each(Backups::clear);
        self.buffer.iter_mut().for_each(|buffer| buffer.clear(now));
    }

    /// It is up again once the log is replayed, and what was being restored is there: returns how
    /// long that takes, and what is due first.
    pub(crate) fn recover(&mut self, ctx: &mut Ctx) -> (Span, FirstDues) {
        let logged = self.logged();
        let bytes = self.buffer.as_ref().map_or(Bytes(0), |buffer| buffer.unreplayed(logged));
        self.replaying = self.log.as_ref().map_or(Span::ZERO, |log| log.replay(bytes));
        self.starts(ctx.now())
    }

    /// It returns to how it was at `to`, as far as there are backups, and all that was written
    /// since is undone. Returns how long that takes, and what is due first.
    pub(crate) fn return_to(&mut self, to: Time, ctx: &mut Ctx) -> (Span, FirstDues) {
        let Some(backups) = &mut self.backups else { return (Span::ZERO, [None; 2]) };
        let mut undone = 0_u64;
        let Return { backups: read, log, position } = backups.return_to(to, |object| {
            undone += 1;
            ctx.objects().undo(object);
        });
        (self.restoring, self.replaying) = (backups.time_of(read), Span::ZERO);
        if let Some(of_log) = &mut self.log {
            self.restoring += of_log.replay(log);
            of_log.return_to(position);
        }
        self.buffer.iter_mut().for_each(|buffer| buffer.has_all(position));
        self.tally.add(Count::Undone, undone, ctx);
        self.starts(ctx.now())
    }

    /// How long until it is up, and what is due first.
    fn starts(&mut self, now: Time) -> (Span, FirstDues) {
        let takes = self.replaying + self.restoring;
        (takes, self.first_dues(now + takes).map(|due| later(due, takes)))
    }

    /// It is up: what a crash meanwhile would have let it do again is done.
    pub(crate) fn is_up(&mut self, ctx: &mut Ctx) {
        let logged = self.logged();
        self.buffer.iter_mut().for_each(|buffer| buffer.has_all(logged));
        for (times, time, took) in [
            (Count::Recoveries, Count::Recovery, &mut self.replaying),
            (Count::Restores, Count::Restoring, &mut self.restoring),
        ] {
            self.tally.add(times, u64::from(*took > Span::ZERO), ctx);
            self.tally.add(time, took.nanos(), ctx);
            *took = Span::ZERO;
        }
    }
}

/// What is due so much later.
fn later(due: Option<(Due, Span)>, by: Span) -> Option<(Due, Span)> {
    due.map(|(due, after)| (due, after + by))
}
