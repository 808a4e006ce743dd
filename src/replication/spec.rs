//! Copies of a database, as a scenario says them.

use crate::distribution::Delay;
use crate::document::{
    At, Count, Limit, Name, Place, Problem, Problems, choice, quoted, record, variant,
};
use crate::measure::Feature;
use crate::units::Span;

use super::conflicts::MultiPrimarySpec;
use super::meter::{LEADERLESS, QUORUM};
use super::quorum::QuorumSpec;

/// The most copies of anything: each is a bit in a word.
const MOST_COPIES: u64 = 64;
/// The least time from one check to the next, or until something is sent again: a run of many
/// shorter ones would not end.
const LEAST: Span = Span::from_nanos(1_000_000);
/// The most writes that are kept for replicas.
const MOST_KEPT: u64 = 1 << 22;

record! {
    /// Copies of a database: a primary, which all writes go to, and replicas that follow it, or
    /// copies of which each takes writes. A copy that goes down takes with it what it has sent and
    /// has not come. One that is back sends the others what they lack, or follows another.
    #[short = factor]
    pub struct ReplicationSpec {
        /// How many copies there are, the primary included.
        pub factor: At<Count>,
        /// Who takes writes, and what a write waits for before it is answered.
        pub mode: ReplicationMode = "async",
        /// How many other copies must have a write before it is answered, of `semi_sync` and
        /// `multi_primary`; if not given 1 of `semi_sync` and none of `multi_primary`.
        pub acks: Option<At<Count>>,
        /// For how long a write of `semi_sync` waits for them. Then it is answered all the same,
        /// and so are those after it, until a replica has caught up. 10s if not given, as of MySQL.
        pub falls_back: Option<At<Span>>,
        /// When a replica says that it has a write: `received` if not given, and `applied` where
        /// copies answer together.
        pub acknowledge: Option<Acknowledgement>,
        /// In which order a replica applies writes; if not given as they were committed, and as
        /// they come where every copy takes writes.
        pub apply: Option<At<ApplyOrder>>,
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

variant! {
    /// Who takes writes, and what a write waits for before it is answered.
    pub enum ReplicationMode {
        /// The primary, and nothing else.
        Async = "async",
        /// The primary, and some replicas for a while.
        SemiSync = "semi_sync",
        /// The primary, and all replicas.
        Sync = "sync",
        /// Every copy takes writes and reads and asks the others: enough of them must answer.
        Quorum(QuorumSpec) = "quorum",
        /// Every copy takes writes, and tells the others afterwards.
        MultiPrimary(MultiPrimarySpec) = "multi_primary",
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
        /// What becomes of reads from when a primary fails until another copy takes writes.
        pub reads: ReadsMeanwhile = "served",
        /// For how long the first primary must be up again before it takes its place back; never if
        /// not given. The other takes no writes from then on, until the first has all that it has
        /// taken: none is lost.
        pub fail_back: Option<At<Span>>,
    }
}

choice! {
    /// What becomes of reads while no copy takes writes.
    pub enum ReadsMeanwhile {
        /// Copies that are up answer them.
        Served = "served",
        /// They fail, wherever they come.
        Refused = "refused",
    }
}

/// What a database with copies is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copies<'a> {
    pub(crate) replication: &'a ReplicationSpec,
    pub(crate) reads: ReadPreference,
    pub(crate) failover: Option<&'a FailoverSpec>,
    /// Processor time of a read and of a write, at cores of speed 1.
    pub(crate) costs: [&'a Delay; 2],
}

impl Copies<'_> {
    /// Processor time at the primary and at each replica for a visit that takes so long where it is
    /// worked on, at cores of this speed (s).
    pub(crate) fn work(&self, writes: bool, takes: f64, speed: f64) -> [f64; 2] {
        let copies = self.replication.copies() as f64;
        let replay = self.replication.replay.as_ref().map(|replay| replay.mean() / speed);
        // Who coordinates apart does nothing itself.
        let apart = self.replication.quorum().is_some_and(QuorumSpec::is_apart);
        let takes = if apart { self.costs[usize::from(writes)].mean() / speed } else { takes };
        if let Some(share) = self.replication.shares(writes) {
            return [share.own * takes + share.of_others * replay.unwrap_or(takes); 2];
        }
        if writes {
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
    pub(crate) fn needed(&self) -> u32 {
        let needed = match &self.mode {
            ReplicationMode::Async => 0,
            ReplicationMode::SemiSync => self.acks().unwrap_or(1),
            ReplicationMode::Sync => self.copies() - 1,
            ReplicationMode::Quorum(quorum) => quorum.others_to_write(self.copies()),
            ReplicationMode::MultiPrimary(_) => self.acks().unwrap_or(0),
        };
        u32::try_from(needed).expect("copies are checked to be few")
    }

    /// For how long a write waits for them, if not for ever.
    pub(super) fn patience(&self) -> Option<Span> {
        let given = self.falls_back.as_ref().map(|after| after.value);
        let semi = matches!(self.mode, ReplicationMode::SemiSync);
        semi.then(|| given.unwrap_or(Span::from_secs(10)))
    }

    /// How many writes a replica applies at once.
    pub(super) fn appliers(&self) -> u64 {
        let usual = if self.is_in_order() { 1 } else { u64::MAX };
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
        self.check_mode(problems);
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

/// What each copy does of a visit where every copy takes them, in visits: of those worked on where
/// they come, and of what others tell it.
struct Share {
    own: f64,
    of_others: f64,
}

impl ReplicationSpec {
    /// Whether every copy takes writes, so that none leads.
    pub(crate) fn is_leaderless(&self) -> bool {
        matches!(self.mode, ReplicationMode::Quorum(_) | ReplicationMode::MultiPrimary(_))
    }

    /// What has figures of its own.
    pub(crate) fn features(&self) -> impl Iterator<Item = &'static Feature> {
        let leaderless = self.is_leaderless().then_some(&LEADERLESS);
        leaderless.into_iter().chain(self.quorum().map(|_| &QUORUM))
    }

    /// How copies answer together, if they do.
    pub(crate) fn quorum(&self) -> Option<&QuorumSpec> {
        match &self.mode {
            ReplicationMode::Quorum(quorum) => Some(quorum),
            _ => None,
        }
    }

    /// What becomes of writes that several copies take at once, if they do.
    pub(super) fn conflicts(&self) -> Option<MultiPrimarySpec> {
        match &self.mode {
            ReplicationMode::Quorum(quorum) => Some(quorum.conflicts()),
            ReplicationMode::MultiPrimary(several) => Some(several.clone()),
            _ => None,
        }
    }

    /// How many copies the one that takes a write tells of it.
    pub(crate) fn told(&self) -> u64 {
        let apart = self.quorum().is_some_and(QuorumSpec::is_apart);
        self.copies() - u64::from(!apart)
    }

    /// Whether a copy says that it has a write when it has worked on it.
    pub(crate) fn waits_for_work(&self) -> bool {
        self.acknowledgement() == Acknowledgement::Applied
    }

    /// What visits wait for besides the copy that is asked, if they do.
    pub(crate) fn waits(&self) -> Option<&'static str> {
        match self.quorum() {
            Some(_) => Some("reads and writes wait until enough copies have answered"),
            None => (self.needed() > 0).then_some("writes wait until other copies have them"),
        }
    }

    /// Whether each copy applies writes as they were committed.
    pub(super) fn is_in_order(&self) -> bool {
        let given = self.apply.as_ref().map(|apply| apply.value);
        given.unwrap_or(ApplyOrder::InOrder) == ApplyOrder::InOrder && !self.is_leaderless()
    }

    /// When a copy says that it has a write.
    pub(super) fn acknowledgement(&self) -> Acknowledgement {
        let usual = match self.mode {
            ReplicationMode::Quorum(_) => Acknowledgement::Applied,
            _ => Acknowledgement::Received,
        };
        self.acknowledge.unwrap_or(usual)
    }

    fn acks(&self) -> Option<u64> {
        self.acks.as_ref().map(|acks| acks.value.get())
    }

    /// What each copy does of a visit, if every copy takes them.
    fn shares(&self, writes: bool) -> Option<Share> {
        let copies = self.copies() as f64;
        let (own, of_others) = match (self.quorum(), writes) {
            _ if !self.is_leaderless() => return None,
            (Some(quorum), true) if quorum.is_apart() => (0.0, 1.0),
            (_, true) => (1.0 / copies, (copies - 1.0) / copies),
            (Some(quorum), false) => (quorum.asked_to_read(self.copies()) as f64 / copies, 0.0),
            (None, false) => (1.0 / copies, 0.0),
        };
        Some(Share { own, of_others })
    }

    /// Reports keys of another mode.
    fn check_mode(&self, problems: &mut Problems) {
        let semi = matches!(self.mode, ReplicationMode::SemiSync);
        let several = matches!(self.mode, ReplicationMode::MultiPrimary(_));
        let given = |place: Option<Place>, key: &'static str, fits: bool, modes: &'static str| {
            place.filter(|_| !fits).map(|place| (place, key, modes))
        };
        let acks = self.acks.as_ref().map(|acks| acks.place);
        let falls_back = self.falls_back.as_ref().map(|after| after.place);
        let given = [
            given(acks, "acks", semi || several, "`mode: semi_sync` and `multi_primary`"),
            given(falls_back, "falls_back", semi, "`mode: semi_sync`"),
        ];
        for (place, key, modes) in given.into_iter().flatten() {
            let title = format!("`{key}` is for {modes}");
            problems.push(Problem::new(place, title, "no write waits for so many"));
        }
        if let Some(apply) = &self.apply
            && apply.value == ApplyOrder::InOrder
            && self.is_leaderless()
        {
            let title = "writes of several copies have no order in which all could apply them";
            let problem = Problem::new(apply.place, title, "expected `any_order`");
            problems.push(problem.help("leave this out"));
        }
        match &self.mode {
            ReplicationMode::Quorum(quorum) => quorum.check(self.copies(), problems),
            ReplicationMode::MultiPrimary(several) => several.check(problems),
            _ => {}
        }
    }

    /// Reports what only copies with a primary have: a failover, and reads of the others.
    pub(crate) fn check_leaderless(
        &self,
        reads: Option<&At<ReadPreference>>,
        failover: Option<Place>,
        problems: &mut Problems,
    ) {
        if !self.is_leaderless() {
            return;
        }
        if let Some(place) = failover {
            let problem = Problem::new(place, "a `failover` without a primary", "every copy leads");
            problems.push(problem.help("leave this out"));
        }
        let of_primary = |reads: &ReadPreference| {
            matches!(reads, ReadPreference::Primary | ReadPreference::Replicas)
        };
        if let Some(reads) = reads.filter(|reads| of_primary(&reads.value)) {
            let title = "every copy takes writes: none is the primary";
            problems.push(Problem::new(reads.place, title, "expected `any` or `nearest`"));
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
