//! What a scenario says of places that could not be meant, and what is said of a name that no place
//! has.

use std::collections::BTreeMap;

use crate::deployment::Deployment;
use crate::document::{At, Name, Place, Problem, Problems, quoted};
use crate::placement::{Area, PlaceName, Places};

/// Reports places that are not there, and words about places that come to nothing.
pub(super) fn check_places(deployment: &Deployment, problems: &mut Problems) {
    let places = &deployment.places;
    check_names(places, problems);
    check_machines(places, problems);
    for (_, client) in deployment.clients.iter() {
        client.place.iter().for_each(|place| check_location(places, place, problems));
    }
    for (_, spec) in deployment.topology.iter() {
        for group in spec.kind().placement() {
            group.place.iter().for_each(|place| check_location(places, place, problems));
            if let Some(said) = group.said {
                check_across(places, group.place, said, problems);
            }
        }
    }
}

/// The name of everything that a scenario may select or place, with what it is.
pub(super) fn names(deployment: &Deployment) -> Vec<(&Name, &'static str)> {
    let Places { regions, machines } = &deployment.places;
    let racks = machines.iter().filter_map(|(_, spec)| spec.rack.as_ref());
    let clients = deployment.clients.iter().map(|(name, _)| (name, "client"));
    let components = deployment.topology.iter().map(|(name, _)| (name, "component"));
    let regions = regions.iter().map(|(name, _)| (name, "region"));
    let machines = machines.iter().map(|(name, _)| (name, "machine"));
    let racks = racks.map(|rack| (rack, "rack"));
    clients.chain(components).chain(regions).chain(machines).chain(racks).collect()
}

/// Reports names of places that the words for places would take for something else.
fn check_names(places: &Places, problems: &mut Problems) {
    let Places { regions, machines } = places;
    let of_regions =
        regions.iter().flat_map(|(name, spec)| std::iter::once(name).chain(&spec.zones));
    let of_machines =
        machines.iter().flat_map(|(name, spec)| std::iter::once(name).chain(&spec.rack));
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    for name in of_regions.chain(of_machines).filter(|name| !name.value.chars().all(plain)) {
        let title = format!("{} cannot be the name of a place", quoted(&name.value));
        let label = "expected letters, digits, `-` and `_`";
        problems.push(Problem::new(name.place, title, label));
    }
    for (_, region) in regions.iter() {
        for (index, zone) in region.zones.iter().enumerate() {
            let before = region.zones[..index].iter().find(|before| before.value == zone.value);
            if let Some(before) = before {
                let title = format!("this region has zone {} already", quoted(&zone.value));
                let problem = Problem::new(zone.place, title, "expected another name");
                problems.push(problem.also(before.place, "the first"));
            }
        }
    }
}

/// Reports machines that are on machines, and racks that are in several places.
fn check_machines(places: &Places, problems: &mut Problems) {
    let mut racks: BTreeMap<&str, (Option<Area>, Place)> = BTreeMap::new();
    for (_, spec) in places.machines.iter() {
        let area = spec.place.as_ref().and_then(|place| places.find(&place.value));
        if let Some(place) = &spec.place {
            match area {
                None => report_unknown(places, place, problems),
                Some(Area::Machine(..) | Area::Rack(_)) => {
                    let title = format!("machines are not in {}", quoted(&place.value.to_string()));
                    let label = "expected a region or a zone";
                    problems.push(Problem::new(place.place, title, label));
                }
                Some(Area::Region(_) | Area::Zone(..)) => {}
            }
        }
        let Some(rack) = &spec.rack else { continue };
        let name = quoted(&rack.value);
        if area.is_some_and(|area| places.has_zones(area)) {
            let title = format!("rack {name} is in one zone, and these machines are in several");
            problems.push(Problem::new(rack.place, title, "expected a zone as their `place`"));
        }
        let (before, first) = *racks.entry(&rack.value).or_insert((area, rack.place));
        if before != area {
            let title = format!("rack {name} is in two places");
            let problem = Problem::new(rack.place, title, "these machines are elsewhere");
            problems.push(problem.also(first, "than these"));
        }
    }
}

/// Reports a place where nothing can be.
fn check_location(places: &Places, place: &At<PlaceName>, problems: &mut Problems) {
    match places.find(&place.value) {
        None => report_unknown(places, place, problems),
        Some(Area::Rack(_)) => {
            let title = format!("{} is a rack", quoted(&place.value.name));
            let label = "expected a machine, a zone or a region";
            problems.push(Problem::new(place.place, title, label));
        }
        Some(_) => {}
    }
}

/// Reports a word about the zones of regions where there are none.
fn check_across(places: &Places, place: &[At<PlaceName>], said: Place, problems: &mut Problems) {
    let areas: Option<Vec<Area>> = place.iter().map(|place| places.find(&place.value)).collect();
    // What is not there is reported already.
    if areas.is_some_and(|areas| !areas.iter().any(|area| places.has_zones(*area))) {
        let title = "this says something of a region's zones";
        let label = "expected a region with `zones` as the `place`, or no `across`";
        problems.push(Problem::new(said, title, label));
    }
}

/// Reports that there is no such place.
pub(super) fn report_unknown(places: &Places, place: &At<PlaceName>, problems: &mut Problems) {
    let PlaceName { name, index } = &place.value;
    let machine = index.and_then(|_| places.machines.get(name));
    if let Some(machine) = machine {
        let title = format!("there is no {}", quoted(&place.value.to_string()));
        let label = among(name, machine.count.get());
        return problems.push(Problem::new(place.place, title, label));
    }
    let known = places.names();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    problems.unknown(place.place, "place", &place.value.to_string(), &known);
}

/// How several that are numbered are called.
pub(super) fn among(name: &str, count: u64) -> String {
    match count {
        1 => format!("there is one {name}: `{name}[0]`"),
        _ => format!("they are `{name}[0]` to `{name}[{}]`", count - 1),
    }
}
