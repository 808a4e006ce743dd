//! What a component may learn of the copies of databases, and do with them.

use crate::call::Consistency;
use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{Attempt, AttemptKey, NodeId};
use crate::objects::{Content, Object, ObjectView};
use crate::units::{Span, Time};

use super::log::{Position, Write};
use super::meter::Count;
use super::{Access, Group, GroupId, Replication, Told};

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
            let group = self.group(group);
            return group.node(group.primary());
        };
        let needed = self.needed(consistency, user);
        let slots = &mut self.replication.needed;
        let slot = key.index() as usize;
        if slots.len() <= slot {
            slots.resize(slot + 1, Time::ZERO);
        }
        slots[slot] = needed;
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

    /// A write is committed at the primary. Returns its number, and whether it waits for replicas.
    pub(crate) fn commit(
        &mut self,
        group: GroupId,
        key: AttemptKey,
        attempt: &Attempt,
    ) -> (Position, bool) {
        let (before, version) = self.objects().commit(key);
        let (user, request_type) = (attempt.request.user, attempt.request.request_type);
        let (object, at) = (self.objects().object(key), self.now);
        let stream = attempt.stream;
        if let Some(wrote) = self.replication.wrote.get_mut(user as usize) {
            *wrote = at;
        }
        let (group, _, recorder) = self.counting(group);
        let write = Write { object, before, version, user, request_type, stream, at };
        group.commit(write, key, recorder)
    }

    /// A copy has said that it has something.
    pub(crate) fn acked(&mut self, group: GroupId, told: Told) {
        self.group(group).acked(told);
    }

    /// The next write that waits for replicas no longer, since enough of them have it.
    pub(crate) fn released(&mut self, group: GroupId) -> Option<AttemptKey> {
        let (group, now, recorder) = self.counting(group);
        group.released(now, recorder)
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
        let needed = &self.replication.needed;
        let needed = needed.get(parent.index() as usize).copied().unwrap_or(Time::ZERO);
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
