//! The places of a scenario: what their names stand for, and which instance comes where.

use std::collections::BTreeMap;

use crate::document::{At, Entries, Place};

use super::position::{Area, Position};
use super::spec::{Across, MachineSite, PlaceName, RegionSpec};

/// The regions and machines of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The regions.
    pub regions: Entries<RegionSpec>,
    /// The machines.
    pub machines: Entries<MachineSite>,
}

/// Instances of one component that are placed by the same words.
pub(crate) struct PlacementGroup<'a> {
    /// How many there are.
    pub(crate) count: u64,
    /// Their places in turn; nowhere if there are none.
    pub(crate) place: &'a [At<PlaceName>],
    /// The turn of the first of them.
    pub(crate) first: u64,
    /// Where those are whose place is a region alone.
    pub(crate) across: Across,
    /// Where the scenario says that, if it does.
    pub(crate) said: Option<Place>,
}

impl<'a> PlacementGroup<'a> {
    /// All instances of a component.
    pub(crate) fn all(
        count: u64,
        place: &'a [At<PlaceName>],
        across: &'a Option<At<Across>>,
    ) -> Vec<PlacementGroup<'a>> {
        vec![PlacementGroup::new(count, place, 0, across.as_ref())]
    }

    /// A service that is everywhere in a region of which it is said to be.
    pub(crate) fn regional(place: &'a Option<At<PlaceName>>) -> Vec<PlacementGroup<'a>> {
        let place = place.as_slice();
        vec![PlacementGroup { count: 1, place, first: 0, across: Across::Region, said: None }]
    }

    /// So many instances, the first of which has this turn.
    pub(crate) fn new(
        count: u64,
        place: &'a [At<PlaceName>],
        first: u64,
        across: Option<&At<Across>>,
    ) -> PlacementGroup<'a> {
        let said = across.map(|across| across.place);
        let across = across.map_or(Across::Zones, |across| across.value);
        PlacementGroup { count, place, first, across, said }
    }
}

impl Places {
    /// What the name of a place stands for, if there is such a place.
    pub(crate) fn find(&self, place: &PlaceName) -> Option<Area> {
        self.area(&place.name, place.index)
    }

    /// The same of a name and the number of a machine.
    pub(crate) fn area(&self, name: &str, index: Option<u64>) -> Option<Area> {
        if let Some(machine) = self.machines.index(name) {
            let (_, spec) = &self.machines.0[machine];
            let there = index.is_none_or(|index| index < spec.count.get());
            return there.then_some(Area::Machine(machine, index));
        }
        if index.is_some() {
            return None;
        }
        let region = || self.regions.index(name).map(Area::Region);
        let rack = || Some(Area::Rack(self.racks().iter().position(|rack| *rack == name)?));
        region().or_else(|| self.zone(name)).or_else(rack)
    }

    fn zone(&self, name: &str) -> Option<Area> {
        let (region, zone) = name.split_once('.')?;
        let region = self.regions.index(region)?;
        let mut zones = self.regions.0[region].1.zones.iter();
        Some(Area::Zone(region, zones.position(|known| known.value == zone)?))
    }

    /// The names of all racks, each once.
    pub(crate) fn racks(&self) -> Vec<&str> {
        let mut racks = Vec::new();
        for (_, spec) in self.machines.iter() {
            let rack = spec.rack.iter().map(|rack| rack.value.as_str());
            racks.extend(rack.filter(|rack| !racks.contains(rack)).collect::<Vec<_>>());
        }
        racks
    }

    /// The names of all places.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for (region, spec) in self.regions.iter() {
            names.push(region.value.clone());
            names.extend(spec.zones.iter().map(|zone| format!("{}.{}", region.value, zone.value)));
        }
        names.extend(self.machines.names().map(str::to_owned));
        names.extend(self.racks().into_iter().map(str::to_owned));
        names
    }

    /// Whether this is a region with zones.
    pub(crate) fn has_zones(&self, area: Area) -> bool {
        matches!(area, Area::Region(region) if self.zones(region) > 0)
    }

    fn zones(&self, region: usize) -> u64 {
        self.regions.0[region].1.zones.len() as u64
    }

    /// Where each instance of a component is, in their order.
    pub(crate) fn deal(&self, groups: &[PlacementGroup<'_>]) -> Vec<Position> {
        let mut dealt = BTreeMap::new();
        let mut positions = Vec::new();
        for group in groups {
            let areas: Vec<_> = group.place.iter().map(|place| self.find(&place.value)).collect();
            for turn in group.first..group.first + group.count {
                let area = (turn as usize).checked_rem(areas.len()).and_then(|turn| areas[turn]);
                let position = area.map(|area| {
                    let next = dealt.entry((area, group.across == Across::Region)).or_insert(0);
                    *next += 1;
                    self.position(area, *next - 1, group.across)
                });
                positions.push(position.unwrap_or_default());
            }
        }
        positions
    }

    /// Where clients are that are placed there: of a region as a whole, in none of its zones.
    pub(crate) fn of_client(&self, place: Option<&At<PlaceName>>) -> Position {
        let area = place.and_then(|place| self.find(&place.value));
        area.map(|area| self.position(area, 0, Across::Region)).unwrap_or_default()
    }

    /// The position of the instance of this number among those of a component in an area.
    fn position(&self, area: Area, number: u64, across: Across) -> Position {
        match area {
            Area::Region(region) => {
                let zone = number.checked_rem(self.zones(region)).map(|zone| zone as usize);
                let zone = zone.filter(|_| across == Across::Zones);
                Position { region: Some(region), zone, ..Position::default() }
            }
            Area::Zone(region, zone) => {
                Position { region: Some(region), zone: Some(zone), ..Position::default() }
            }
            Area::Machine(machine, which) => {
                let (_, spec) = &self.machines.0[machine];
                self.on_machine(machine, which.unwrap_or(number % spec.count.get()))
            }
            Area::Rack(_) => Position::default(),
        }
    }

    /// The position of all that is on the machine of this number.
    pub(crate) fn on_machine(&self, machine: usize, number: u64) -> Position {
        let (_, spec) = &self.machines.0[machine];
        let area = spec.place.as_ref().and_then(|place| self.find(&place.value));
        // That machines are not placed on machines is checked.
        let area = area.filter(|area| !matches!(area, Area::Machine(..)));
        let within = area.map(|area| self.position(area, number, Across::Zones));
        let name = spec.rack.as_ref().map(|rack| rack.value.as_str());
        let rack = name.and_then(|name| self.racks().iter().position(|rack| *rack == name));
        Position { machine: Some((machine, number)), rack, ..within.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::read_text;

    fn places() -> Places {
        let machine = |name: &str, place: &str, count: &str, rack: Option<&str>| {
            let site = MachineSite {
                place: Some(read_text(place)),
                count: read_text(count),
                rack: rack.map(read_text),
            };
            (read_text(name), site)
        };
        Places {
            regions: read_text("{east: {zones: [a, b, c]}, west: {}}"),
            machines: Entries(vec![
                machine("box", "east.b", "2", Some("r1")),
                machine("cabin", "east", "1", None),
            ]),
        }
    }

    fn dealt(count: u64, place: &str, across: &str) -> Vec<Position> {
        let across = (!across.is_empty()).then(|| read_text(across));
        let place: Vec<At<PlaceName>> = read_text(place);
        places().deal(&PlacementGroup::all(count, &place, &across))
    }

    #[test]
    fn instances_take_places_in_turn_and_those_of_a_region_its_zones() {
        let zones = |place, across: &str| -> Vec<(Option<usize>, Option<usize>)> {
            let dealt = dealt(5, place, across).into_iter();
            dealt.map(|position| (position.region, position.zone)).collect()
        };
        let east = |zone| (Some(0), Some(zone));
        assert_eq!(zones("east", "zones"), [0, 1, 2, 0, 1].map(east));
        assert_eq!(zones("east", "region"), [(Some(0), None); 5]);
        assert_eq!(zones("west", ""), [(Some(1), None); 5]);
        assert_eq!(zones("[east.c, east]", ""), [2, 0, 2, 1, 2].map(east));
        assert_eq!(zones("[]", ""), [(None, None); 5]);
    }

    #[test]
    fn what_is_on_a_machine_is_where_the_machine_is() {
        let there = |number| Position {
            region: Some(0),
            zone: Some(1),
            rack: Some(0),
            machine: Some((0, number)),
        };
        assert_eq!(dealt(3, "box", ""), [0, 1, 0].map(there));
        assert_eq!(dealt(2, "'box[1]'", ""), [1, 1].map(there));
        let [cabin] = dealt(1, "cabin", "")[..] else { panic!("one instance is dealt") };
        assert_eq!((cabin.zone, cabin.rack), (Some(0), None));
    }

    #[test]
    fn an_area_has_what_is_in_it_and_no_more() {
        let places = places();
        let at = dealt(4, "[box, west]", "");
        let within = |name: &str| -> Vec<bool> {
            let place = PlaceName::parse(name).expect("it is a name");
            let area = places.find(&place).expect("it is there");
            at.iter().map(|&position| area.contains(position)).collect()
        };
        for name in ["east", "east.b", "box", "r1"] {
            assert_eq!(within(name), [true, false, true, false], "{name}");
        }
        assert_eq!(within("box[1]"), [false, false, true, false]);
        assert_eq!(within("west"), [false, true, false, true]);
        assert_eq!(within("east.a"), [false; 4]);
        for wrong in ["south", "east.d", "box[2]", "east[0]", "r1[0]", "west.a"] {
            let place = PlaceName::parse(wrong).expect("it is a name");
            assert_eq!(places.find(&place), None, "{wrong}");
        }
    }
}
