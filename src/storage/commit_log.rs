//! The log that a write is in before it is answered (a write-ahead log). Writes that come while a
//! group of others is being written make the next group together: group commit.

use std::collections::VecDeque;

use super::backup::Backups;
use crate::document::{Limit, record};
use crate::engine::{Dist, Stream};
use crate::measure::Limited;
use crate::message::AttemptKey;
use crate::network::MessageSize;
use crate::runtime::Ctx;
use crate::units::{Bandwidth, Bytes, Span, Time};

/// What a write takes of the log where a scenario does not say \[bytes\].
const USUAL_RECORD: f64 = 500.0;
/// How fast it is replayed \[bit/s\].
const USUAL_REPLAY: u64 = 50 * 8_000_000;

record! {
    /// The log of a database. A write is answered when the disk has it.
    #[short = record]
    pub struct CommitLogSpec {
        /// How much of the log a write takes.
        pub record: MessageSize = "500B",
        /// How many writes the disk is given in one operation at most, of those that have come
        /// while it was at work on others; with 1 each is an operation of its own.
        pub group: Limit = "unlimited",
        /// How fast it is replayed after a crash, as far as it was written since the last complete
        /// checkpoint began, and when a backup is restored. Meanwhile the database refuses all.
        pub replay: Bandwidth = "50MB/s",
    }
}

impl CommitLogSpec {
    /// Whether each write is an operation of its own, of which there is one at a time.
    pub(crate) fn is_one_by_one(&self) -> bool {
        self.group.get() == Some(1)
    }
}

impl Default for CommitLogSpec {
    fn default() -> CommitLogSpec {
        let record = MessageSize(Dist::Constant(USUAL_RECORD));
        CommitLogSpec { record, group: Limit::NONE, replay: Bandwidth(USUAL_REPLAY) }
    }
}

/// Who waits for a write to be in the log, and what it takes there.
#[derive(Clone, Copy, Debug)]
struct Commit {
    key: AttemptKey,
    size: Bytes,
    draws: Stream,
}

/// The log of one instance.
#[derive(Debug)]
pub(super) struct CommitLog {
    spec: CommitLogSpec,
    /// Who waits for the group that is being written, and when it will have been.
    syncing: Vec<AttemptKey>,
    ends: Time,
    /// Who waits for a later one.
    waiting: VecDeque<Commit>,
    /// What is in the log \[bytes\], and in the group that is being written.
    written: u64,
    group: u64,
}

impl CommitLog {
    pub(super) fn new(spec: &CommitLogSpec) -> CommitLog {
        CommitLog {
            spec: spec.clone(),
            syncing: Vec::new(),
            ends: Time::ZERO,
            waiting: VecDeque::new(),
            written: 0,
            group: 0,
        }
    }

    /// The account of what is in use of it, if that grows with what comes.
    pub(super) fn account(&self) -> Option<Limited> {
        self.spec.is_one_by_one().then(|| Limited::one_each(1))
    }

    /// A write comes in; `draws` is what is random about it.
    pub(super) fn append(&mut self, key: AttemptKey, draws: Stream) {
        let size = self.spec.record.draw(draws.named("record"));
        self.waiting.push_back(Commit { key, size, draws });
    }

    /// Begins the next group, unless one is being written or nobody waits: returns how large it
    /// is, and what is random about its operation.
    pub(super) fn next_group(&mut self) -> Option<(Bytes, Stream)> {
        if !self.syncing.is_empty() {
            return None;
        }
        let draws = self.waiting.front()?.draws.named("sync");
        let most = self.spec.group.get().map_or(usize::MAX, |most| most as usize);
        let group = self.waiting.drain(..most.min(self.waiting.len()));
        self.group = 0;
        for commit in group {
            self.syncing.push(commit.key);
            self.group += commit.size.0;
        }
        Some((Bytes(self.group), draws))
    }

    /// The disk will have the present group by then.
    pub(super) fn ends(&mut self, at: Time) {
        self.ends = at;
    }

    /// What the disk has \[bytes\].
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// How long it takes to replay so much.
    pub(super) fn replay(&self, bytes: Bytes) -> Span {
        self.spec.replay.time_of(bytes)
    }

    /// It returns to what it had got at an earlier time.
    pub(super) fn return_to(&mut self, written: u64) {
        self.written = written;
    }

    /// The disk has a group, if it is done by now: those who waited for it go on. An instance that
    /// hangs finds that out later.
    pub(super) fn let_go(&mut self, ctx: &mut Ctx, mut backups: Option<&mut Backups>) -> bool {
        if self.ends > ctx.now() || self.syncing.is_empty() {
            return false;
        }
        self.written += self.group;
        for key in self.syncing.drain(..) {
            if let Some(backups) = &mut backups {
                backups.note(ctx.now(), ctx.objects().object(key), self.written);
            }
            ctx.pause(key, Span::ZERO);
        }
        true
    }

    /// What was not on the disk is lost, and nobody waits any more.
    pub(super) fn clear(&mut self) {
        self.syncing.clear();
        self.waiting.clear();
    }
}
