//! Where instances are: regions with their zones, machines in racks, and the words by which a
//! scenario selects instances, by name or by place.
//!
//! *Invariant:* an instance on a machine is where the machine is; one in a zone is in its region.

mod group;
mod places;
mod position;
mod selector;
mod spec;

pub use group::GroupSpec;
pub(crate) use group::check_instances;
pub(crate) use places::PlacementGroup;
pub use places::Places;
pub(crate) use position::{Area, Position};
pub use selector::Selector;
pub use spec::{Across, MachineSite, PlaceName, RegionSpec};
