//! Copies of a database, as a scenario says them.

use crate::distribution::Delay;
use crate::document::{At, Count, Limit, Name, Problem, Problems, choice, quoted, record};
use crate::units::Span;

/// The most copies of anything: each is a bit in a word.
const MOST_COPIES: u64 = 64;
/// The least time from one check to the next, or until something is sent again: a run of many
/// shorter ones would not end.
const LEAST: Span = Span::from_nanos(1_000_000);
/// The most writes that are kept for replicas.
const MOST_KEPT: u64 = 1 << 22;

record! {
    /// Copies of a database: a primary, which all writes go to, and replicas that follow it. A
    /// primary that goes down takes with it what it has sent and has not come. One that is back
    /// sends its replicas what they lack, or follows another.
    #[short = factor]
    pub struct ReplicationSpec {
        /// How many copies there are, the primary included.
        pub factor: At<Count>,
        /// What a write waits for before it is answered.
        pub mode: ReplicationMode = "async",
        /// How many replicas must have a write before it is answered, of `semi_sync`; 1 if not
        /// given.
        pub acks: Option<At<Count>>,
        /// For how long a write of `semi_sync` waits for them. Then it is answered all the same,
        /// and so are those after it, until a replica has caught up. 10s if not given, as of MySQL.
        pub falls_back: Option<At<Span>>,
        /// When a replica says that it has a write.
        pub acknowledge: Acknowledgement = "received",
        /// In which order a replica applies writes.
        pub apply: ApplyOrder = "in_order",
        /// How many writes a replica applies at once: 1 if not given, and without limit where they
        /// are applied in any order.
        pub appliers: Option<Limit>,
        /// Processor time of applying a write; that of a `write` if not given.
        pub replay: Option<Delay>,
        /// After how long without an answer of a replica it is sent what it lacks again, by a
        /// message of little size.
        pub resend: At<Span> = "1s",
        /// How many writes are kept for replicas that lack them. When there are so many, writes
        /// fail.
        pub keep: At<Count> = "1M",
    }
}

choice! {
    /// What a write waits for before it is answered.
    pub enum ReplicationMode {
        /// Nothing but the primary.
        Async = "async",
        /// Some replicas, for a while.
        SemiSync = "semi_sync",
        /// All replicas.
        Sync = "sync",
    }
}

choice! {
    /// When a replica says that it has a write.
    pub enum Acknowledgement {
        /// When it has come and, if there is a disk, is in its log: it will not be lost, and reads
        /// do not see it yet. Where writes are applied in order, all before it must have come.
        Received = "received",
        /// When it is applied: reads of this replica see it.
        Applied = "applied",
    }
}

choice! {
    /// In which order a replica applies writes.
    pub enum ApplyOrder {
        /// As they were committed: none is seen before all those before it.
        InOrder = "in_order",
        /// As they come, each by itself.
        AnyOrder = "any_order",
    }
}

choice! {
    /// Which copy is asked for a read that needs nothing special.
    pub enum ReadPreference {
        /// The primary.
        Primary = "primary",
        /// One of all copies, each as likely.
        Any = "any",
        /// One of the replicas, each as likely.
        Replicas = "replicas",
        /// The nearest: in the same zone, if not there in the same region, if not there anywhere;
        /// of several that are equally near one by chance.
        Nearest = "nearest",
    }
}

record! {
    /// How the failure of a primary is found out, and what is done about it. Whether a copy is up
    /// is asked from nowhere: that the network to it is cut is not found out.
    pub struct FailoverSpec {
        /// How often the primary is asked whether it is up.
        pub every: At<Span> = "1s",
        /// How many times in a row it must not be, before another copy takes its place.
        pub misses: Count = "3",
        /// How long it takes to choose that copy and to tell all others of it.
        pub promote: At<Span> = "10s",
    }
}

/// What a database with copies is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copies<'a> {
    pub(crate) replication: &'a ReplicationSpec,
    pub(crate) reads: ReadPreference,
    pub(crate) failover: Option<&'a FailoverSpec>,
}

impl Copies<'_> {
    /// Processor time at the primary and at each replica for a visit that takes so long where it is
    /// worked on, at cores of this speed (s).
    pub(crate) fn work(&self, writes: bool, takes: f64, speed: f64) -> [f64; 2] {
        let copies = self.replication.copies() as f64;
        if writes {
            let replay = self.replication.replay.as_ref().map(|replay| replay.mean() / speed);
            return [takes, replay.unwrap_or(takes)];
        }
        match self.reads {
            ReadPreference::Primary => [takes, 0.0],
            ReadPreference::Any | ReadPreference::Nearest => [takes / copies; 2],
            ReadPreference::Replicas => [0.0, takes / (copies - 1.0)],
        }
    }
}

impl ReplicationSpec {
    /// How many copies there are.
    pub(crate) fn copies(&self) -> u64 {
        self.factor.value.get()
    }

    /// How many replicas must have a write before it is answered.
    pub(super) fn needed(&self) -> u32 {
        let acks = self.acks.as_ref().map_or(1, |acks| acks.value.get());
        let needed = match self.mode {
            ReplicationMode::Async => 0,
            ReplicationMode::SemiSync => acks,
            ReplicationMode::Sync => self.copies() - 1,
        };
        u32::try_from(needed).expect("copies are checked to be few")
    }

    /// For how long a write waits for them, if not for ever.
    pub(super) fn patience(&self) -> Option<Span> {
        let given = self.falls_back.as_ref().map(|after| after.value);
        let semi = self.mode == ReplicationMode::SemiSync;
        semi.then(|| given.unwrap_or(Span::from_secs(10)))
    }

    /// How many writes a replica applies at once.
    pub(super) fn appliers(&self) -> u64 {
        let usual = if self.apply == ApplyOrder::InOrder { 1 } else { u64::MAX };
        self.appliers.map_or(usual, |limit| limit.get().unwrap_or(u64::MAX))
    }

    /// Reports what could not be meant of the copies of `name`.
    pub(crate) fn check(&self, name: &Name, problems: &mut Problems) {
        let copies = self.copies();
        if !(2..=MOST_COPIES).contains(&copies) {
            let title = format!("the copies of {} are {copies} in number", quoted(&name.value));
            let label = format!("expected 2 to {MOST_COPIES}, the primary included");
            problems.push(Problem::new(self.factor.place, title, label));
        }
        if let Some(acks) = self.acks.as_ref().filter(|acks| acks.value.get() >= copies) {
            let title = format!("{} replicas are to have each write", acks.value.get());
            let label = format!("there are {}", copies.saturating_sub(1));
            problems.push(Problem::new(acks.place, title, label));
        }
        let semi = [
            self.acks.as_ref().map(|acks| (acks.place, "`acks`")),
            self.falls_back.as_ref().map(|after| (after.place, "`falls_back`")),
        ];
        let other = self.mode != ReplicationMode::SemiSync;
        for (place, key) in semi.into_iter().flatten().filter(|_| other) {
            let title = format!("{key} is for `mode: semi_sync`");
            problems.push(Problem::new(place, title, "no write waits for so many"));
        }
        if self.resend.value < LEAST {
            let label = format!("nobody can know by then: expected {LEAST} or more");
            let title = "what is lost is sent again at once";
            problems.push(Problem::new(self.resend.place, title, label));
        }
        if self.keep.value.get() > MOST_KEPT {
            let title = format!("{} writes are to be kept", self.keep.value.get());
            let label = format!("at most {MOST_KEPT} are possible");
            problems.push(Problem::new(self.keep.place, title, label));
        }
    }
}

impl FailoverSpec {
    /// Reports what could not be meant of it.
    pub(crate) fn check(&self, problems: &mut Problems) {
        if self.every.value < LEAST {
            let title = format!("a check each {}", self.every.value);
            let label = format!("expected {LEAST} or more");
            problems.push(Problem::new(self.every.place, title, label));
        }
    }
}
