//! What a component may learn of the copies of databases, and do with them.

use crate::call::Consistency;
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{Attempt, AttemptKey, NodeId};
use crate::objects::{Content, Object, ObjectView};
use crate::units::{Span, Time};

use super::log::{Position, Write};
use super::meter::Count;
use super::quorum::{Asks, Next};
use super::{Access, Became, Group, GroupId, Replication, Told};

/// The copies of databases at one moment.
pub(crate) struct ReplicationView<'a> {
    pub(crate) replication: &'a mut Replication,
    pub(crate) content: Option<&'a mut Content>,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) now: Time,
}

impl ReplicationView<'_> {
    pub(crate) fn group(&mut self, group: GroupId) -> &mut Group {
        self.replication.group(group)
    }

    /// The group, and where it counts.
    fn counting(&mut self, group: GroupId) -> (&mut Group, Time, &mut Recorder) {
        (self.replication.group(group), self.now, self.recorder)
    }

    fn objects(&mut self) -> ObjectView<'_> {
        let content = self.content.as_deref_mut();
        ObjectView { content, recorder: self.recorder, now: self.now }
    }

    /// A copy counts for itself from now on.
    pub(crate) fn start(&mut self, group: GroupId, copy: u32) {
        self.replication.group(group).start(copy, self.recorder);
    }

    /// The instance that `me` asks on behalf of `key`, whose user this is.
    pub(crate) fn choose(
        &mut self,
        group: GroupId,
        access: &Access,
        (key, user): (AttemptKey, u32),
        me: NodeId,
        stream: Stream,
    ) -> NodeId {
        let Access::Read(from, consistency) = access else {
            return self.group(group).choose_for_write(me, stream);
        };
        let needed = self.needed(consistency, user);
        *self.replication.needed.of(key) = needed;
        self.replication.group(group).choose(*from, me, stream)
    }

    /// Up to when what a user reads must be complete.
    fn needed(&self, consistency: &Consistency, user: u32) -> Time {
        let Replication { wrote, seen, .. } = &*self.replication;
        let of = |times: &[Time]| times.get(user as usize).copied().unwrap_or(Time::ZERO);
        match consistency {
            Consistency::Eventual => Time::ZERO,
            Consistency::ReadYourWrites => of(wrote),
            Consistency::MonotonicReads => of(wrote).max(of(seen)),
            Consistency::Within(most) => {
                Time::from_nanos(self.now.nanos().saturating_sub(most.nanos()))
            }
        }
    }

    /// A copy commits a write. Returns its number, and whether it waits for other copies.
    pub(crate) fn commit(
        &mut self,
        (id, copy): (GroupId, u32),
        key: AttemptKey,
        attempt: &Attempt,
    ) -> (Position, bool) {
        let (user, request_type) = (attempt.request.user, attempt.request.request_type);
        let (of_catalog, at, stream) = (self.objects().object(key), self.now, attempt.stream);
        let (group, now, recorder) = self.counting(id);
        let object = group.row_or(of_catalog, copy, stream, recorder);
        let fate = group.compare(copy, object, now, recorder);
        let (before, version) = match fate.void {
            true => self.objects().commit_in_vain(key),
            false => self.objects().commit(key),
        };
        if let Some(wrote) = self.replication.wrote.get_mut(user as usize) {
            *wrote = at;
        }
        *self.replication.became.of(key) = Became::Under;
        let (group, _, recorder) = self.counting(id);
        let write = Write { object, before, version, user, request_type, stream, at };
        group.commit(copy, write, fate, key, recorder)
    }

    /// A copy has said that it has something that `me` has sent.
    pub(crate) fn acked(&mut self, group: GroupId, me: u32, told: Told) {
        self.group(group).acked(me, told);
    }

    /// A copy has not taken something that `me` has sent. Returns the write that fails by that.
    pub(crate) fn refused(&mut self, group: GroupId, me: u32, told: Told) -> Option<AttemptKey> {
        let (group, _, recorder) = self.counting(group);
        let key = group.refused(me, told)?;
        let too_few = group.quorum.is_some();
        group.count(me, Count::TooFew, u64::from(too_few), recorder);
        // Those that have it keep it.
        group.count(me, Count::InDoubt, u64::from(too_few), recorder);
        *self.replication.became.of(key) = Became::Failed;
        Some(key)
    }

    /// The next write of `me` that waits no longer, since enough other copies have it.
    pub(crate) fn released(&mut self, group: GroupId, me: u32) -> Option<AttemptKey> {
        let (group, now, recorder) = self.counting(group);
        group.released(me, now, recorder)
    }

    // Reads that several copies answer together.

    /// A copy begins to coordinate a read. Returns its number, and the copies that it asks, as
    /// bits.
    pub(crate) fn begin_read(
        &mut self,
        id: GroupId,
        me: u32,
        key: AttemptKey,
        attempt: &Attempt,
    ) -> (u64, u64) {
        let object = self.objects().object(key);
        let stored = self.objects().stored(object);
        let (group, _, recorder) = self.counting(id);
        group.count(me, Count::Asked, 1_u64, recorder);
        let wanted = group.wanted(object, stored, attempt.request.user, attempt.sent);
        let (number, asked) = group.begin_read(me, key, wanted, attempt.stream);
        *self.replication.became.of(key) = Became::Read(number);
        (number, asked)
    }

    /// What a copy has of the object of a read by now, of which it will tell.
    pub(crate) fn find(&mut self, id: GroupId, asks: Asks) {
        let group = self.group(id);
        let object = group.object_of(asks.number);
        let (version, _) = group.version(asks.copy, object, (0, Time::ZERO));
        let stored = self.objects().stored(object);
        let version = version.map_or(stored, |version| version.min(stored));
        self.group(id).finds(asks, version);
    }

    /// A copy has answered a read, or failed to.
    pub(crate) fn hears(&mut self, (id, me): (GroupId, u32), asks: Asks, answered: bool) -> Next {
        let (group, _, recorder) = self.counting(id);
        let next = group.hears(asks, answered);
        if let Next::Over { failed: true, .. } = next {
            group.count(me, Count::TooFew, 1_u64, recorder);
        }
        next
    }

    /// The next copy that a read brings up to date.
    pub(crate) fn repair(&mut self, (id, me): (GroupId, u32), number: u64) -> Option<Told> {
        let (group, _, recorder) = self.counting(id);
        let told = group.repair(number)?;
        group.count(me, Count::Repairs, 1_u64, recorder);
        Some(told)
    }

    /// The number of the read that a request is.
    pub(crate) fn read_of(&mut self, key: AttemptKey) -> u64 {
        match *self.replication.became.of(key) {
            Became::Read(number) => number,
            Became::Under | Became::Failed => u64::MAX,
        }
    }

    /// Whether a write is known to have failed.
    pub(crate) fn has_failed(&mut self, key: AttemptKey) -> bool {
        *self.replication.became.of(key) == Became::Failed
    }

    /// A request sees the newest of what copies have answered. Returns whether enough have.
    pub(crate) fn sees(&mut self, (id, me): (GroupId, u32), key: AttemptKey, number: u64) -> bool {
        let (group, _, recorder) = self.counting(id);
        let Some(outcome) = group.outcome_of(number) else { return false };
        group.count(me, Count::Reads, 1_u64, recorder);
        group.count(me, Count::StaleReads, u64::from(outcome.stale), recorder);
        group.count(me, Count::OwnMissed, u64::from(outcome.own_missed), recorder);
        self.objects().read_copy(key, Some(outcome.version));
        true
    }

    /// The next write that waits for replicas no longer, since it has for long enough.
    pub(crate) fn gives_up(&mut self, group: GroupId) -> Option<AttemptKey> {
        let (group, now, recorder) = self.counting(group);
        group.gives_up(now, recorder)
    }

    /// The next write that a copy begins to apply, if it can begin with one now.
    pub(crate) fn begin(&mut self, group: GroupId, copy: u32) -> Option<(Position, Write)> {
        self.group(group).begin(copy)
    }

    /// A copy has applied a write.
    pub(crate) fn apply(&mut self, group: GroupId, copy: u32, position: Position) {
        let (group, now, recorder) = self.counting(group);
        group.apply(copy, position, now, recorder);
    }

    /// A read on behalf of `parent` has come to a copy. Returns whether it is to wait until that
    /// has what it must see.
    pub(crate) fn waits(
        &mut self,
        id: GroupId,
        copy: u32,
        key: AttemptKey,
        parent: AttemptKey,
    ) -> bool {
        let needed =
            if parent.is_none() { Time::ZERO } else { *self.replication.needed.of(parent) };
        let (group, _, recorder) = self.counting(id);
        group.count(copy, Count::Asked, 1_u64, recorder);
        if parent.is_none() || group.has_all(copy, needed) {
            return false;
        }
        group.count(copy, Count::Waits, 1_u64, recorder);
        group.wait(copy, needed, key);
        true
    }

    /// The next read that waits at a copy and need not any longer.
    pub(crate) fn satisfied(&mut self, group: GroupId, copy: u32) -> Option<AttemptKey> {
        self.group(group).satisfied(copy)
    }

    /// A read has waited so long.
    pub(crate) fn has_waited(&mut self, group: GroupId, copy: u32, waited: Span) {
        let (group, _, recorder) = self.counting(group);
        group.count(copy, Count::Waited, 1_u64, recorder);
        group.count(copy, Count::Waiting, waited.nanos(), recorder);
    }

    /// A read that was asked for by this user, and then, sees what a copy has.
    pub(crate) fn read(
        &mut self,
        id: GroupId,
        copy: u32,
        key: AttemptKey,
        (user, asked): (u32, Time),
    ) {
        let object = self.objects().object(key);
        let (group, now, recorder) = self.counting(id);
        group.count(copy, Count::Reads, 1_u64, recorder);
        let seen = group.seen(copy, now);
        let (version, own) = group.version(copy, object, (user, asked));
        if let Some(of_user) = self.replication.seen.get_mut(user as usize) {
            *of_user = (*of_user).max(seen);
        }
        let stale = self.objects().read_copy(key, version);
        let (group, _, recorder) = self.counting(id);
        group.count(copy, Count::StaleReads, u64::from(stale), recorder);
        group.count(copy, Count::OwnMissed, u64::from(own), recorder);
    }

    /// A copy goes down.
    pub(crate) fn goes_down(&mut self, group: GroupId, copy: u32) {
        let (group, now, recorder) = self.counting(group);
        group.goes_down(copy, now, recorder);
    }

    /// A copy becomes the primary. Returns the writes that wait at the one before: they go on, and
    /// find that it is none.
    pub(crate) fn promote(&mut self, group: GroupId, copy: u32) -> Vec<AttemptKey> {
        let ReplicationView { replication, content, recorder, now } = self;
        let (mut lost, group) = (Vec::new(), replication.group(group));
        let waiting = group.promote(copy, *now, recorder, |object: Object| lost.push(object));
        for object in lost {
            let content = content.as_deref_mut();
            ObjectView { content, recorder, now: *now }.undo(object);
        }
        waiting
    }

    /// Whether a primary that was chosen takes writes from now on.
    pub(crate) fn takes_over(&mut self, group: GroupId, copy: u32) -> bool {
        let (group, now, recorder) = self.counting(group);
        group.takes_over(copy, now, recorder)
    }
}
