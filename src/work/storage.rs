//! Steps that use the station's disk: what is written there, pages that are read from it, and
//! writes that are to be in the log before they are answered.

use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::network::MessageSize;
use crate::runtime::Ctx;
use crate::storage::{Due, FirstDues, Storage};
use crate::tracing::Part;
use crate::units::Span;

use super::program::Instruction;
use super::worker::Progress;
use super::{Station, due_alarm};

/// Writes to the station's disk.
#[derive(Debug)]
pub(super) struct Log {
    size: MessageSize,
    size_salt: u64,
    latency_salt: u64,
}

impl Log {
    /// A write of this size; `path` is that of the step.
    pub(super) fn new(size: &MessageSize, path: Stream) -> Log {
        let salt = |name| path.named(name).salt();
        Log { size: size.clone(), size_salt: salt("size"), latency_salt: salt("latency") }
    }
}

impl Instruction for Log {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let stream = ctx.attempt(key).stream;
        let size = self.size.draw(stream.beside(self.size_salt));
        let done = storage(station).write(size, stream.beside(self.latency_salt), ctx);
        Some(wait_for_io(station, key, done, ctx))
    }
}

/// Sees to it that the request's object is in memory.
#[derive(Debug)]
pub(crate) struct Touch {
    /// It is written.
    pub(crate) changes: bool,
    pub(crate) salt: u64,
}

impl Instruction for Touch {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let draws = ctx.attempt(key).stream.beside(self.salt);
        let done = storage(station).touch(key, self.changes, draws, ctx);
        (done > Span::ZERO).then(|| wait_for_io(station, key, done, ctx))
    }
}

/// Sees to it that other objects are in memory too, of which a query reads the pages.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) pages: u64,
    pub(crate) salt: u64,
}

impl Instruction for Scan {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let draws = ctx.attempt(key).stream.beside(self.salt);
        let done = storage(station).scan(key, self.pages, draws, ctx);
        (done > Span::ZERO).then(|| wait_for_io(station, key, done, ctx))
    }
}

/// Waits until the write is in the log.
#[derive(Debug)]
pub(crate) struct CommitToLog {
    pub(crate) salt: u64,
}

impl Instruction for CommitToLog {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let draws = ctx.attempt(key).stream.beside(self.salt);
        ctx.tracing().waits(key, Part::Io);
        if let Some(synced) = storage(station).commit(key, draws, ctx) {
            ctx.alarm(synced, due_alarm(Due::Synced));
        }
        Some(station.while_waiting())
    }
}

fn wait_for_io(station: &Station, key: AttemptKey, done: Span, ctx: &mut Ctx) -> Progress {
    ctx.pause_for_io(key, done);
    station.while_waiting()
}

fn storage(station: &mut Station) -> &mut Storage {
    station.storage.as_mut().expect("a scenario is checked for what uses a disk without one")
}

impl Station {
    /// Sets alarms for what is due first at the disk.
    pub(super) fn set_storage_alarms(&self, dues: Option<FirstDues>, ctx: &mut Ctx) {
        for (due, after) in dues.into_iter().flatten().flatten() {
            ctx.alarm(after, due_alarm(due));
        }
    }

    /// Something is due at the disk.
    pub(super) fn on_storage_alarm(&mut self, due: Due, ctx: &mut Ctx) {
        let again = self.storage.as_mut().and_then(|storage| storage.on_due(due, ctx));
        if let Some(again) = again {
            ctx.alarm(again, due_alarm(due));
        }
    }
}
