//! When each instance crashes.

use crate::units::{Span, Time};
use crate::work::Outages;

use super::Builder;

impl Builder<'_, '_> {
    /// The crashes of an instance, if there are any.
    pub(super) fn outages(&self, name: &str, instance: u64) -> Option<Outages> {
        let mut planned = Vec::new();
        for (index, fault) in (0..).zip(&self.deployment.faults) {
            if !fault.crash.value.include(name, instance) {
                continue;
            }
            let stream = self.world.stream().named("faults").at(index).at(instance);
            let down = fault.r#for.as_ref().map(|down| down.value.clone());
            if let Some(up) = &fault.every {
                return Some(Outages::Random { up: up.value.clone(), down, stream, number: 0 });
            }
            let begins = Time::ZERO + fault.at.as_ref().map_or(Span::ZERO, |at| at.value);
            let ends = down.map(|down| begins + down.draw(stream));
            planned.push((begins, ends));
        }
        planned.sort_unstable();
        planned.reverse();
        (!planned.is_empty()).then_some(Outages::Planned(planned))
    }
}
