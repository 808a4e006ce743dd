//! Instances of a component, in groups of those that are placed alike.

use super::places::PlacementGroup;
use super::spec::{Across, PlaceName};
use crate::document::{At, Count, Name, Problem, Problems, quoted, record};

record! {
    /// Instances that are placed alike; what is not given is as the component says.
    #[short = count]
    pub struct GroupSpec {
        /// How many there are.
        pub count: Count = "1",
        /// Where they are: regions, zones or machines, which they take in turn.
        pub place: Vec<At<PlaceName>> = "[]",
        /// Where in a region those are whose place is the region alone.
        pub across: Option<At<Across>>,
    }
}

impl GroupSpec {
    /// How many there are in all groups together.
    pub fn count_all(groups: &[GroupSpec]) -> u64 {
        groups.iter().fold(0, |sum, group| sum.saturating_add(group.count.get()))
    }
}

/// Reports that a component has no instance at all.
pub(crate) fn check_instances(count: u64, name: &Name, problems: &mut Problems) {
    if count == 0 {
        let title = format!("{} has no replicas", quoted(&name.value));
        problems.push(Problem::new(name.place, title, "expected at least one in `replicas`"));
    }
}

/// How many a group has, and where its own words say that they are.
pub(crate) type Group<'a> = (u64, &'a [At<PlaceName>], Option<&'a At<Across>>);

impl<'a> From<&'a GroupSpec> for Group<'a> {
    fn from(group: &'a GroupSpec) -> Group<'a> {
        (group.count.get(), &group.place, group.across.as_ref())
    }
}

impl<'a> PlacementGroup<'a> {
    /// The instances of a component, group by group; what a group does not say is as the component
    /// says. Groups without places of their own share its turns.
    pub(crate) fn each(
        groups: impl Iterator<Item = Group<'a>>,
        place: &'a [At<PlaceName>],
        across: &'a Option<At<Across>>,
    ) -> Vec<PlacementGroup<'a>> {
        let mut before = 0;
        let of = |(count, own, its): Group<'a>| {
            let (place, first) = if own.is_empty() { (place, before) } else { (own, 0) };
            before += count;
            PlacementGroup::new(count, place, first, its.or(across.as_ref()))
        };
        groups.map(of).collect()
    }
}
