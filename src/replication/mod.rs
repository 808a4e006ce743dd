//! Databases with several copies, one of which takes writes or all of them: a log of what not all
//! of them have, what each has of it, and what users have written and seen.
//!
//! A copy is a position in that log. Versions of objects are kept only from the write that the
//! slowest copy lacks to the newest: 72 bytes for each of those writes and 11 to 23 to find
//! the newest of an object, whatever the number of objects.
//!
//! *Invariant:* a write that was answered is at the copy that took it, or it is counted as lost.

mod commits;
mod conflicts;
mod follow;
mod group;
mod identifiers;
mod log;
mod meter;
mod quorum;
mod roles;
mod spec;
mod view;

pub(crate) use commits::Told;
pub(crate) use group::Group;
pub use meter::{FAILOVER, REPLICATION, REPLICATION_METRICS};
pub use quorum::QuorumSpec;
pub(crate) use quorum::{Asks, Next};
pub(crate) use spec::Copies;
pub use spec::{FailoverSpec, ReadPreference, ReplicationSpec};
pub(crate) use view::ReplicationView;

use crate::call::Consistency;
use crate::message::AttemptKey;
use crate::units::Time;

/// A database with copies, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GroupId(pub(crate) u32);

impl GroupId {
    /// That of the shard of this number, of a database whose first shard this is.
    pub(crate) fn nth(self, shard: u32) -> GroupId {
        GroupId(self.0 + shard)
    }
}

/// Which copy of a database is asked.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// The primary.
    Write,
    /// One of these, which lets the read wait until it has what it must see.
    Read(ReadPreference, Consistency),
}

/// What has become of a request that several copies answer together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Became {
    /// It is under way.
    #[default]
    Under,
    /// It is the read of this number.
    Read(u64),
    /// It is a write that too few copies can have, or that is rejected.
    Failed,
}

/// Something for each request, by its slot.
#[derive(Clone, Default, Debug)]
struct Slots<T>(Vec<T>);

impl<T: Clone + Default> Slots<T> {
    /// That of a request.
    fn of(&mut self, key: AttemptKey) -> &mut T {
        let slot = key.index() as usize;
        if self.0.len() <= slot {
            self.0.resize(slot + 1, T::default());
        }
        &mut self.0[slot]
    }
}

/// All databases of a run that have copies, and what their users know.
#[derive(Debug)]
pub(crate) struct Replication {
    groups: Vec<Group>,
    /// By slot of who asks: up to when what it reads must be complete.
    needed: Slots<Time>,
    /// By slot of a request that several copies answer together, what has become of it.
    became: Slots<Became>,
    /// By user: when the last write was committed, and up to when something was seen.
    wrote: Vec<Time>,
    seen: Vec<Time>,
}

impl Replication {
    /// For so many users, of whom anything is known only if some read goes by that.
    pub(crate) fn new(users: usize) -> Replication {
        let of_users = vec![Time::ZERO; users];
        Replication {
            groups: Vec::new(),
            needed: Slots::default(),
            became: Slots::default(),
            wrote: of_users.clone(),
            seen: of_users,
        }
    }

    /// One more.
    pub(crate) fn add(&mut self, group: Group) -> GroupId {
        self.groups.push(group);
        GroupId(u32::try_from(self.groups.len() - 1).expect("instances are checked to be few"))
    }

    pub(crate) fn group(&mut self, GroupId(group): GroupId) -> &mut Group {
        &mut self.groups[group as usize]
    }
}
