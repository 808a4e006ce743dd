//! What the house asks of a service of somebody else.

use crate::component::kind::{
    Broken, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Plan, Shape,
    Theory, ThroughputBound, Topology, Truth, Visit, immune_members,
};
use crate::control::Verb;
use crate::document::{Name, Problems};
use crate::measure::{CAPACITY, Feature};
use crate::placement::PlacementGroup;
use crate::work::{Site, salt};

use super::{External, ExternalSpec};

impl Kind for ExternalSpec {
    fn instances(&self) -> u64 {
        1
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::regional(&self.place)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        Capabilities::NONE
    }

    fn slots(&self) -> &'static str {
        "concurrency"
    }

    fn features(&self) -> Vec<&'static Feature> {
        self.concurrency.map(|_| &CAPACITY).into_iter().collect()
    }

    fn drawing(&self) -> (String, Shape) {
        ("external".to_owned(), Shape::Module)
    }

    fn answers(&self, _: &str) -> bool {
        true
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        Vec::new()
    }

    fn needs_object(&self, _: &str, _: &dyn Topology) -> Option<Need> {
        None
    }

    fn throughput_bound(&self, _: &str, may_fail: bool) -> ThroughputBound {
        let refuses = self.rate_limit.is_some() || may_fail;
        let room = self.concurrency.map_or(f64::INFINITY, |most| most.get() as f64);
        ThroughputBound {
            room,
            ..ThroughputBound::delay(if refuses { 0.0 } else { self.latency.mean() })
        }
    }

    fn caller(&self) -> Option<&dyn Caller> {
        None
    }

    fn immunity(&self, verb: Verb) -> Option<&'static str> {
        immune_members(verb)
    }

    fn spares(&self) -> u64 {
        0
    }

    fn equipped(&self) -> Option<&dyn Equipped> {
        None
    }

    fn equipped_mut(&mut self) -> Option<&mut dyn Equipped> {
        None
    }

    fn check(&self, _: &Name, _: &dyn Topology, problems: &mut Problems) {
        self.rate_limit.iter().for_each(|limit| limit.check(problems));
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        let salt = |what| salt(&[name, what]);
        site.push(Box::new(External::new(self, salt("latency"), salt("errors"))));
    }
}

impl Theory for ExternalSpec {
    /// Whatever it limits it turns away at once: nobody waits there.
    fn capacity(&self) -> Option<Capacity> {
        None
    }

    fn visit(&self, _: &str) -> Visit<'_> {
        Visit::of(Plan::Time(self.latency.clone()))
    }

    fn rules(&self) -> Vec<Broken> {
        Vec::new()
    }

    fn sums(&self) -> Vec<Broken> {
        let limits = self.rate_limit.is_some() || self.concurrency.is_some();
        let fails = self.error_rate.0 > 0.0;
        let text = "some requests are turned away or fail";
        (limits || fails).then(|| Broken::new(text, Truth::Shorter)).into_iter().collect()
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    /// It is somebody else's.
    fn grown(&self) -> Vec<Grown> {
        Vec::new()
    }
}
