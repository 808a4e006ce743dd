//! Counts and levels that a module declares for itself: what a cache, a session table or a browser
//! cache counts. Each is found by its place in an array, so that counting takes no hash, no string
//! and no memory.

use crate::stats::Level;
use crate::units::Time;

/// What counters of one kind count.
#[derive(Debug)]
pub struct Family {
    /// What has them, such as `cache`.
    pub name: &'static str,
    /// Who has them.
    pub owner: Owner,
    /// How many counts there are.
    pub counts: usize,
    /// How many levels.
    pub levels: usize,
}

/// Who has counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Each instance of a component.
    Instance,
    /// A component as a whole; its first instance stands for it.
    Component,
    /// A request type.
    RequestType,
}

/// Families are told apart by their names.
impl PartialEq for Family {
    fn eq(&self, other: &Family) -> bool {
        self.name == other.name
    }
}

/// Where the recorder has counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountersId(pub(super) usize);

/// The counts and levels of one owner since figures started.
#[derive(Clone, Debug)]
pub struct Counters {
    pub(super) family: &'static Family,
    /// The number of the instance or of the request type.
    pub(super) owner: usize,
    counts: Box<[u128]>,
    levels: Box<[Level]>,
}

impl Counters {
    /// Nothing is counted yet.
    pub(crate) fn new(family: &'static Family, owner: usize) -> Counters {
        let counts = vec![0; family.counts].into();
        Counters { family, owner, counts, levels: vec![Level::new(); family.levels].into() }
    }

    /// Counts so many more.
    #[inline]
    pub(crate) fn add(&mut self, count: impl Into<usize>, more: impl Into<u128>) {
        self.counts[count.into()] += more.into();
    }

    /// A level becomes this.
    #[inline]
    pub(crate) fn set(&mut self, level: impl Into<usize>, now: Time, value: u64) {
        self.levels[level.into()].set(now, value);
    }

    /// What has been counted.
    pub fn count(&self, count: impl Into<usize>) -> u128 {
        self.counts[count.into()]
    }

    /// A level as it stands.
    pub fn level(&self, level: impl Into<usize>) -> u64 {
        self.levels[level.into()].value()
    }

    /// The area under a level (level x ns).
    pub fn area(&self, level: impl Into<usize>, now: Time) -> u128 {
        self.levels[level.into()].area(now)
    }

    /// Figures start now; levels stay as they are.
    pub(super) fn reset(&mut self, now: Time) {
        self.counts.fill(0);
        self.levels.iter_mut().for_each(|level| level.reset(now));
    }
}
