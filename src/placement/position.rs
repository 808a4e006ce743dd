//! Where an instance is, and whether that is within a place.

/// Where an instance is, by the numbers of what the scenario declares.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    pub(super) region: Option<usize>,
    /// The zone within the region.
    pub(super) zone: Option<usize>,
    pub(super) rack: Option<usize>,
    /// The machines, and which of them.
    pub(super) machine: Option<(usize, u64)>,
}

impl Position {
    /// How far another is, as far as one knows: in the same zone 0, in the same region 1, anywhere
    /// 2.
    pub(crate) fn distance(self, other: Position) -> u8 {
        let same_region = self.region.is_some() && self.region == other.region;
        match same_region {
            true if self.zone.is_some() && self.zone == other.zone => 0,
            true => 1,
            false => 2,
        }
    }

    /// The machines, and which of them, if it is on one.
    pub(crate) fn on_machine(self) -> Option<(usize, u64)> {
        self.machine
    }

    /// The number of the machine among those that are alike, if it is on one.
    pub(crate) fn machine(self) -> Option<u64> {
        self.machine.map(|(_, number)| number)
    }
}

/// What the name of a place stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Area {
    /// A region.
    Region(usize),
    /// A zone of a region.
    Zone(usize, usize),
    /// A rack.
    Rack(usize),
    /// Machines that are alike, or one of them.
    Machine(usize, Option<u64>),
}

impl Area {
    /// Whether what is at this position is in this area.
    pub(crate) fn contains(self, position: Position) -> bool {
        match self {
            Area::Region(region) => position.region == Some(region),
            Area::Zone(region, zone) => {
                (position.region, position.zone) == (Some(region), Some(zone))
            }
            Area::Rack(rack) => position.rack == Some(rack),
            Area::Machine(machine, number) => position.machine.is_some_and(|(of, which)| {
                of == machine && number.is_none_or(|number| number == which)
            }),
        }
    }
}
