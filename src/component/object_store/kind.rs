//! What the house asks of an object store.

use crate::component::kind::{
    Broken, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Plan, Shape,
    Theory, ThroughputBound, Topology, Truth, Visit, immune_members,
};
use crate::control::Verb;
use crate::document::{Name, Problem, Problems};
use crate::measure::Feature;
use crate::placement::PlacementGroup;
use crate::work::{Site, salt};

use super::meter::PAID_REQUESTS;
use super::{ObjectStore, ObjectStoreSpec};

/// The most prefixes of a store: there is something to remember of each.
const MOST_PREFIXES: u64 = 1_000_000;

impl Kind for ObjectStoreSpec {
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
        "requests"
    }

    fn features(&self) -> Vec<&'static Feature> {
        vec![&PAID_REQUESTS]
    }

    fn drawing(&self) -> (String, Shape) {
        ("object store".to_owned(), Shape::Cylinder)
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
        let refuses = self.requests.is_some() || may_fail;
        ThroughputBound::delay(if refuses { 0.0 } else { self.latency.mean() })
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
        if let Some(ranges) = self.ranges.as_ref().filter(|ranges| ranges.part.value.0 == 0) {
            let title = "an object would have parts without end";
            problems.push(Problem::new(ranges.part.place, title, "expected a size above 0"));
        }
        let Some(limit) = &self.requests else {
            if self.prefixes.value.get() > 1 {
                let title = "nothing goes by the prefix of a request";
                let problem = Problem::new(self.prefixes.place, title, "this changes nothing");
                problems.push(problem.help("give each a limit: requests: 3500/s"));
            }
            return;
        };
        limit.check(problems);
        let prefixes = self.prefixes.value.get();
        if prefixes > MOST_PREFIXES {
            let label = format!("at most {MOST_PREFIXES} are possible");
            problems.push(Problem::new(self.prefixes.place, format!("{prefixes} prefixes"), label));
        }
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        let salt = |what| salt(&[name, what]);
        let store = ObjectStore::new(self, site.operations(), salt("latency"), salt("prefix"));
        site.push(Box::new(store));
    }
}

impl Theory for ObjectStoreSpec {
    /// Nobody waits there.
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
        let limited = self.requests.as_ref().map(|_| {
            Broken::new("requests beyond the limit of a prefix are turned away", Truth::Shorter)
        });
        let bytes = Broken::new("the bytes of requests and answers take their time", Truth::Longer);
        let parts = self
            .ranges
            .as_ref()
            .map(|_| Broken::new("the slowest part of a large object decides", Truth::Longer));
        std::iter::once(bytes).chain(parts).chain(limited).collect()
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        Vec::new()
    }
}
