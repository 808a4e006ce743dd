//! The step that writes to the station's disk.

use crate::engine::Stream;
use crate::message::AttemptKey;
use crate::network::MessageSize;
use crate::runtime::Ctx;

use super::Station;
use super::disk::Disk;
use super::program::Instruction;
use super::worker::Progress;

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
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Progress {
        let stream = ctx.attempt(key).stream;
        let size = self.size.draw(stream.beside(self.size_salt));
        let done = disk(station).write(size, stream.beside(self.latency_salt), ctx);
        ctx.pause_for_io(key, done);
        station.while_waiting()
    }

    fn end(&self, station: &mut Station, ctx: &mut Ctx) {
        disk(station).done(ctx);
    }
}

fn disk(station: &mut Station) -> &mut Disk {
    station.disk.as_mut().expect("a scenario is checked for servers without a disk")
}
