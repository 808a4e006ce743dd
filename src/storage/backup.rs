//! Copies of what a database has, made now and then, and the return to one of them.

use crate::document::{At, Count, Problem, Problems, record};
use crate::objects::Object;
use crate::units::{Bandwidth, Bytes, Span, Time};

record! {
    /// Backups, which read the disk while they are made. A full one from before the run is there.
    pub struct BackupSpec {
        /// How much data there is, all of which a full backup reads.
        pub size: At<Bytes>,
        /// How long from the beginning of one to that of the next, which waits for it to be done.
        /// The first begins so long after the run.
        pub every: At<Span>,
        /// Every how many of them is full; the others have what the log has got since the one
        /// before.
        pub full_every: Count = "1",
        /// How fast they are read at most, and written back.
        pub throughput: Bandwidth = "100MB/s",
        /// The log is kept too, as it is written, so that one can return to any time and not only
        /// to that of a backup.
        pub keep_log: bool = "false",
    }
}

/// The shortest time from one backup to the next.
const SHORTEST: Span = Span::from_millis(100);

/// What is read in one operation (bytes).
const CHUNK: u64 = 1 << 20;

impl BackupSpec {
    /// Reports what could not be meant.
    pub(crate) fn check(&self, problems: &mut Problems) {
        if self.every.value < SHORTEST {
            let label = format!("expected at least {SHORTEST}");
            problems.push(Problem::new(self.every.place, "there is no end of them", label));
        }
        if self.size.value.0 == 0 {
            let label = "expected at least one byte";
            problems.push(Problem::new(self.size.place, "a backup of nothing", label));
        }
    }
}

/// A backup, as of the time at which it began.
#[derive(Clone, Copy, Debug)]
struct Backup {
    began: Time,
    full: bool,
    size: u64,
    /// What the log had got \[bytes\].
    log: u64,
}

/// A write that is in the log.
#[derive(Clone, Copy, Debug)]
struct Written {
    at: Time,
    object: Object,
    /// What the log has got with it \[bytes\].
    log: u64,
}

/// What a return to an earlier state takes, and what it undoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Return {
    /// What is read of backups, and of the log \[bytes\].
    pub(super) backups: Bytes,
    pub(super) log: Bytes,
    /// What the log has got then \[bytes\].
    pub(super) position: u64,
}

/// The backups of one instance.
#[derive(Debug)]
pub(super) struct Backups {
    spec: BackupSpec,
    /// Those that are done, oldest first.
    done: Vec<Backup>,
    /// The one that is being made, what of it is still to be read, and when it was last read.
    present: Option<(Backup, u64)>,
    /// How many have begun.
    number: u64,
    /// When something is due.
    due: Time,
    /// All writes of the run, oldest first.
    journal: Vec<Written>,
}

impl Backups {
    pub(super) fn new(spec: &BackupSpec) -> Backups {
        let before = Backup { began: Time::ZERO, full: true, size: spec.size.value.0, log: 0 };
        Backups {
            spec: spec.clone(),
            done: vec![before],
            present: None,
            number: 0,
            due: Time::NEVER,
            journal: Vec::new(),
        }
    }

    /// How long until the next begins, counted from the start of a run or of an instance.
    pub(super) fn first(&mut self, now: Time) -> Span {
        self.due = now + self.spec.every.value;
        self.spec.every.value
    }

    /// A write is in the log, which has got so much with it.
    pub(super) fn note(&mut self, at: Time, object: Object, log: u64) {
        self.journal.push(Written { at, object, log });
    }

    /// How much is to be read now, if anything is; `log` is what the log has got.
    pub(super) fn next_chunk(&mut self, now: Time, log: u64) -> Option<Bytes> {
        if self.due > now {
            return None;
        }
        let (backup, left) = self.present.unwrap_or_else(|| {
            let full = self.number.is_multiple_of(self.spec.full_every.get());
            self.number += 1;
            let since = log - self.done.last().map_or(0, |last| last.log);
            let size = if full { self.spec.size.value.0 } else { since };
            (Backup { began: now, full, size, log }, size)
        });
        let chunk = left.min(CHUNK);
        self.present = Some((backup, left - chunk));
        Some(Bytes(chunk))
    }

    /// That much has been read once `takes` is over. Returns how long until the next is due.
    pub(super) fn read(&mut self, size: Bytes, takes: Span, now: Time) -> Span {
        let Some((backup, left)) = self.present else { return Span::ZERO };
        let pace = takes.max(self.spec.throughput.time_of(size));
        self.due = now + pace;
        if left == 0 {
            // It is done when its last part has been read, which is when the next may begin.
            self.done.push(backup);
            self.present = None;
            self.due = self.due.max(backup.began + self.spec.every.value);
        }
        self.due - now
    }

    /// What is being made is lost.
    pub(super) fn clear(&mut self) {
        (self.present, self.due) = (None, Time::NEVER);
    }

    /// Returns to how things were at `to`, or at the last backup before, and tells `undoes` of
    /// every write since.
    pub(super) fn return_to(&mut self, to: Time, mut undoes: impl FnMut(Object)) -> Return {
        self.done.retain(|backup| backup.began <= to);
        let last_full = self.done.iter().rposition(|backup| backup.full);
        let chain = &self.done[last_full.expect("one from before the run is there")..];
        let last = chain[chain.len() - 1];
        let backups = Bytes(chain.iter().map(|backup| backup.size).sum());
        let kept = |written: &Written| match self.spec.keep_log {
            true => written.at <= to,
            false => written.log <= last.log,
        };
        let stays = self.journal.partition_point(kept);
        self.journal.drain(stays..).for_each(|written| undoes(written.object));
        let position = self.journal.last().map_or(0, |written| written.log).max(last.log);
        Return { backups, log: Bytes(position - last.log), position }
    }

    /// How long it takes to write back what a return reads of backups.
    pub(super) fn time_of(&self, backups: Bytes) -> Span {
        self.spec.throughput.time_of(backups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Read, Sources, parse};

    fn at(seconds: u64) -> Time {
        Time::from_nanos(seconds * 1_000_000_000)
    }

    /// Backups of 1 MiB every 10 s, every other of them full, with a write of 100 B each second.
    fn backups(words: &str) -> Backups {
        let text = format!("{{size: 1MiB, every: 10s, full_every: 2, {words}}}");
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", &*text);
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let spec = BackupSpec::read(&node, &mut problems).expect("a sound spec");
        let mut backups = Backups::new(&spec);
        backups.first(at(0));
        for second in 1..=35 {
            let log = (second - 1) * 100;
            while let Some(chunk) = backups.next_chunk(at(second), log) {
                backups.read(chunk, Span::ZERO, at(second));
            }
            backups.note(at(second), Object::NONE, second * 100);
        }
        backups
    }

    #[test]
    fn one_returns_to_the_last_backup_or_to_any_time_with_the_log() {
        // Full at 10 and 30 s, what the log had got meanwhile at 20 s.
        let undone = |words: &str, to: u64| {
            let mut count = 0;
            let back = backups(words).return_to(at(to), |_| count += 1);
            (count, back.backups.0, back.log.0, back.position)
        };
        let full = 1 << 20;
        assert_eq!(undone("keep_log: false", 35), (6, full, 0, 2900));
        assert_eq!(undone("keep_log: false", 29), (16, full + 1000, 0, 1900));
        assert_eq!(undone("keep_log: false", 5), (35, full, 0, 0));
        assert_eq!(undone("keep_log: true", 35), (0, full, 600, 3500));
        assert_eq!(undone("keep_log: true", 29), (6, full + 1000, 1000, 2900));
        assert_eq!(undone("keep_log: true", 5), (30, full, 500, 500));
    }
}
