//! The pages of a database that are in memory, those of them that the disk does not have yet, and
//! the checkpoints that write those.

use crate::document::{At, Problem, Problems, record};
use crate::engine::Stream;
use crate::store::{Capacity, Eviction, Store};
use crate::units::{Bytes, Share, Span, Time};

record! {
    /// A buffer cache: what is read from the disk, or is to be written there, by the object. What
    /// has not been used for longest makes room; if it was changed it is written first.
    #[short = capacity]
    pub struct BufferSpec {
        /// How much fits in; an object takes as many pages as it needs, and shares none.
        pub capacity: At<Capacity>,
        /// The size of a page.
        pub page: At<Bytes> = "8KiB",
        /// When all that was changed is written.
        pub checkpoint: CheckpointSpec = "{}",
    }
}

record! {
    /// Checkpoints: pages that were changed are written to the disk, so that less of the log is to
    /// be replayed after a crash.
    #[short = every]
    pub struct CheckpointSpec {
        /// How long from the beginning of one to the next.
        pub every: At<Span> = "5min",
        /// Over which share of that time it is spread; at 0 it is written at once.
        pub spread: Share = "90%",
    }
}

impl BufferSpec {
    /// The same where so much of it is taken by others.
    pub(crate) fn without(&self, taken: Bytes) -> BufferSpec {
        let mut left = self.clone();
        if let Capacity::Bytes(bytes) = &mut left.capacity.value {
            bytes.0 = bytes.0.saturating_sub(taken.0);
        }
        left
    }

    /// Reports what could not be meant.
    pub(crate) fn check(&self, problems: &mut Problems) {
        let BufferSpec { capacity, page, checkpoint } = self;
        if page.value.0 == 0 {
            let label = "expected at least one byte";
            problems.push(Problem::new(page.place, "a page of nothing", label));
        }
        if matches!(capacity.value, Capacity::Bytes(bytes) if bytes < page.value) {
            let label = format!("expected at least a page of {}", page.value);
            problems.push(Problem::new(capacity.place, "not one page fits in", label));
        }
        if checkpoint.every.value < SHORTEST {
            let label = format!("expected at least {SHORTEST}");
            problems.push(Problem::new(checkpoint.every.place, "there is no end of it", label));
        }
    }
}

/// The shortest time from one checkpoint to the next.
const SHORTEST: Span = Span::from_millis(10);

/// An object in memory.
#[derive(Clone, Copy, Debug)]
struct Page {
    /// When it has come from the disk.
    ready: Time,
    /// The disk does not have it as it is.
    dirty: bool,
    size: Bytes,
}

/// The pages in memory.
#[derive(Debug)]
pub(super) struct Buffer {
    pages: Store<Page>,
    page: Bytes,
    checkpoint: CheckpointSpec,
    /// What has become dirty since the last checkpoint began, in that order.
    dirty: Vec<u64>,
    /// What the present checkpoint is to write, how much of it it has looked at, and when it began.
    writing: Vec<u64>,
    written: usize,
    began: Time,
    /// Where the log stood when the present checkpoint began, and when all of it is on the disk.
    position: u64,
    lands: Time,
    /// Where the log stood when the last complete one began.
    complete: u64,
    /// When to look next.
    due: Time,
    /// When the next checkpoint begins.
    next: Time,
    /// The sizes of pages that made room and are yet to be written.
    evicted: Vec<Bytes>,
}

impl Buffer {
    pub(super) fn new(spec: &BufferSpec, stream: Stream) -> Buffer {
        Buffer {
            pages: Store::new(spec.capacity.value, Eviction::Lru, stream),
            page: spec.page.value,
            checkpoint: spec.checkpoint.clone(),
            dirty: Vec::new(),
            writing: Vec::new(),
            written: 0,
            began: Time::ZERO,
            position: 0,
            lands: Time::ZERO,
            complete: 0,
            due: Time::NEVER,
            next: Time::NEVER,
            evicted: Vec::new(),
        }
    }

    /// The size of as many pages as something of this size takes.
    pub(super) fn pages(&self, size: Bytes) -> Bytes {
        Bytes(size.0.div_ceil(self.page.0).max(1).saturating_mul(self.page.0))
    }

    /// When an object is in memory, or will be; `None` if it is on the disk alone. It may be
    /// changed.
    pub(super) fn find(&mut self, object: u64, changes: bool) -> Option<Time> {
        let page = self.pages.get(object)?;
        if changes && !page.dirty {
            page.dirty = true;
            self.dirty.push(object);
        }
        Some(page.ready)
    }

    /// An object is to come from the disk, see [`Buffer::comes`], when what makes room for it has
    /// been written, see [`Buffer::next_evicted`].
    pub(super) fn load(&mut self, object: u64, size: Bytes, dirty: bool) {
        let evicted = &mut self.evicted;
        let page = Page { ready: Time::ZERO, dirty, size };
        self.pages.insert_over(object, size.0, page, |page| {
            if page.dirty {
                evicted.push(page.size);
            }
        });
        if dirty && self.pages.peek(object).is_some() {
            self.dirty.push(object);
        } else if dirty {
            self.evicted.push(size);
        }
    }

    /// An object will have come from the disk by `ready`.
    pub(super) fn comes(&mut self, object: u64, ready: Time) {
        if let Some(page) = self.pages.peek_mut(object) {
            page.ready = ready;
        }
    }

    /// The size of a page that was changed, has made room and is to be written, if there is one.
    pub(super) fn next_evicted(&mut self) -> Option<Bytes> {
        self.evicted.pop()
    }

    /// How long until the first checkpoint begins: one interval from `now`.
    pub(super) fn first_checkpoint(&mut self, now: Time) -> Span {
        let every = self.checkpoint.every.value;
        (self.next, self.due) = (now + every, now + every);
        every
    }

    /// Whether a page is to be written, or a checkpoint begins; not what was due before a crash.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.due <= now
    }

    /// Begins the next checkpoint if it is time; `logged` is what the log has by now \[bytes\].
    pub(super) fn begin_checkpoint(&mut self, now: Time, logged: u64) {
        if self.next > now {
            return;
        }
        self.promote(now);
        std::mem::swap(&mut self.writing, &mut self.dirty);
        self.dirty.clear();
        (self.written, self.began, self.position) = (0, now, logged);
        (self.lands, self.next) = (now, now + self.checkpoint.every.value);
    }

    /// A checkpoint of which all is on the disk is complete.
    fn promote(&mut self, now: Time) {
        if self.written == self.writing.len() && self.lands <= now {
            self.complete = self.position;
        }
    }

    /// The size of a page that the present checkpoint is to write now, if there is one.
    pub(super) fn next_dirty(&mut self, now: Time) -> Option<Bytes> {
        while self.written < self.writing.len() && self.page_due() <= now {
            let object = self.writing[self.written];
            self.written += 1;
            if let Some(page) = self.pages.peek_mut(object).filter(|page| page.dirty) {
                page.dirty = false;
                return Some(page.size);
            }
        }
        None
    }

    /// When the next page of the present checkpoint is to be written.
    fn page_due(&self) -> Time {
        let share = self.written as f64 / self.writing.len() as f64 * self.checkpoint.spread.0;
        self.began + self.checkpoint.every.value.times(share)
    }

    /// A page of the present checkpoint will be on the disk by then.
    pub(super) fn lands(&mut self, at: Time) {
        self.lands = self.lands.max(at);
    }

    /// How long until something is due again.
    pub(super) fn next_due(&mut self, now: Time) -> Span {
        let all = self.written == self.writing.len();
        self.due = if all { self.next } else { self.page_due().min(self.next) };
        self.due.since(now)
    }

    /// Nothing is in memory any more.
    pub(super) fn clear(&mut self, now: Time) {
        self.promote(now);
        self.pages.clear();
        for list in [&mut self.dirty, &mut self.writing] {
            list.clear();
        }
        (self.written, self.due) = (0, Time::NEVER);
        self.evicted.clear();
    }

    /// What of the log is to be replayed: what it has got since the last complete checkpoint began.
    pub(super) fn unreplayed(&self, logged: u64) -> Bytes {
        Bytes(logged.saturating_sub(self.complete))
    }

    /// The disk has all that the log has got.
    pub(super) fn has_all(&mut self, logged: u64) {
        (self.complete, self.position) = (logged, logged);
    }
}
