//! What a scenario says of machines.

use crate::document::{At, Boxed, Count, Name, Positive, record};
use crate::measure::{CAPACITY, Feature, MEMORY, Resource};
use crate::placement::{MachineSite, PlaceName};
use crate::storage::DiskSpec;
use crate::units::Bytes;

record! {
    /// Machines that are alike, on which instances are placed. What is on one is lost with it, and
    /// shares what is said here of it.
    pub struct MachineSpec {
        /// Where they are: a zone, or a region, over whose zones they are dealt in turn; in no
        /// region if not given.
        pub place: Option<At<PlaceName>>,
        /// How many there are: of two, `office[0]` and `office[1]`.
        pub count: Count = "1",
        /// The rack that all of them are in. Others can be in it too.
        pub rack: Option<Name>,
        /// Processor cores of each, which the instances on it share: every job has as much as any
        /// other, and a core at most. The `cores` of an instance are then the most that its jobs
        /// have together, and of which its `cpu` is told; all of the machine's if not given. An
        /// instance has cores of its own if its machine has none.
        pub cores: Option<Count>,
        /// How fast a core is, beside the `speed` of what runs on it: with 2 and 2, four times as
        /// fast.
        pub speed: Positive = "1",
        /// Memory of each, of which the `memory` of servers is, and the `buffer` of databases and
        /// the `capacity` of caches as far as they are given in bytes. When more is wanted than
        /// there is, the system kills the server that has most, whatever its own `full` says. Never
        /// short if not given.
        pub memory: Option<At<Bytes>>,
        /// A disk of each, which all have together who say `disk: machine`.
        pub disk: Option<Boxed<DiskSpec>>,
    }
}

impl MachineSpec {
    /// Where they are, and how many.
    pub fn site(&self) -> MachineSite {
        let MachineSpec { place, count, rack, .. } = self;
        MachineSite { place: place.clone(), count: *count, rack: rack.clone() }
    }

    /// Whether they have what a metric needs. Nobody visits them: what needs nothing is of visits.
    pub fn has(&self, needed: Option<&'static Feature>) -> bool {
        let is_it = |feature: &Feature| needed.is_some_and(|needed| std::ptr::eq(feature, needed));
        let disk = self.disk.iter().flat_map(|disk| disk.0.features());
        let own = [(self.is_equipped(), &CAPACITY), (self.memory.is_some(), &MEMORY)];
        let own = own.into_iter().filter_map(|(has, feature)| has.then_some(feature));
        own.chain(disk).any(is_it)
    }

    /// Whether they have a resource.
    pub fn has_resource(&self, resource: Resource) -> bool {
        match resource.needs() {
            Some(needed) => self.has(Some(needed)),
            None => resource == Resource::Cpu && self.cores.is_some(),
        }
    }

    /// Whether they have anything that those on them share.
    pub fn is_equipped(&self) -> bool {
        self.cores.is_some() || self.memory.is_some() || self.disk.is_some()
    }
}

/// What a component on machines has of them where it says nothing itself.
#[derive(Clone, Debug)]
pub(crate) struct FromMachines {
    /// All cores, of the machine that has most.
    pub(crate) cores: Option<Count>,
    /// All memory, of the machine that has most.
    pub(crate) memory: Option<At<Bytes>>,
}
