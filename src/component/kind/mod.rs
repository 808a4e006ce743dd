//! What the house asks of a component, whatever its kind: one trait, which each kind implements
//! beside its spec. Nothing outside knows which kinds there are.
//!
//! *Invariant:* a question that a kind could forget to answer has no default: the compiler asks.

mod call;
mod caller;
mod equipped;
mod plan;
mod theory;
mod throughput;
mod topology;

pub(crate) use call::{Call, Need};
pub(crate) use caller::Caller;
pub(crate) use equipped::Equipped;
pub(crate) use plan::Plan;
pub use theory::{Broken, Truth};
pub(crate) use theory::{Capacity, Choice, Grown, Priority, Theory, Visit};
pub(crate) use theory::{
    broken_by_contention, broken_by_neighbours, broken_by_queue, grown_station,
};
pub(crate) use throughput::ThroughputBound;
pub(crate) use topology::{Found, Topology};

use crate::caching::CacheSpec;
use crate::control::Verb;
use crate::document::{At, Entries, Name, Place, Problem, Problems, quoted};
use crate::measure::Feature;
use crate::objects::ShardsSpec;
use crate::placement::PlacementGroup;
use crate::queue::{Consumer, ConsumesSpec};
use crate::replication::Copies;
use crate::session::{Cookies, SessionsSpec};
use crate::step::TransactionSpec;
use crate::transaction::CommitSpec;
use crate::units::Span;
use crate::work::{ConnectionPoolSpec, NeighboursSpec, Scheduling, Site};

/// A kind of component.
pub(crate) trait Kind: Theory {
    /// How many identical instances there are, those that stand by among them.
    fn instances(&self) -> u64;

    /// Where each of them is, group by group.
    fn placement(&self) -> Vec<PlacementGroup<'_>>;

    /// What is said of it by name.
    fn capabilities(&self) -> Capabilities<'_>;

    /// What each request holds for as long as it is there, of which there may be a limit.
    fn slots(&self) -> &'static str;

    /// What it has of its own that some metrics are about. That it has several instances or a
    /// cache is known without.
    fn features(&self) -> Vec<&'static Feature>;

    /// What stands in its box in a drawing, below its name, and the form of the box.
    fn drawing(&self) -> (String, Shape);

    // What it is asked.

    /// Whether it answers `operation`.
    fn answers(&self, operation: &str) -> bool;

    /// Reports a call that it does not answer.
    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
        let (to, operation) = (quoted(&call.to.value), quoted(&call.operation));
        let title = format!("{to} does not answer {operation}");
        problems.push(Problem::new(call.place, title, "expected something that it answers"));
    }

    /// What it answers by steps of the scenario, each with the number of its steps.
    fn endpoints(&self) -> Vec<(&Name, usize)>;

    /// What the object of a request for `operation` is needed for, if it is.
    fn needs_object(&self, operation: &str, topology: &dyn Topology) -> Option<Need>;

    /// What a request for `operation` meets here while nobody else is there, its calls left out;
    /// `may_fail` where a fault may make it fail at once.
    fn throughput_bound(&self, operation: &str, may_fail: bool) -> ThroughputBound;

    /// Whom it asks; `None` of what asks nobody.
    fn caller(&self) -> Option<&dyn Caller>;

    /// Of what takes messages in: who takes them from it, to be filled in when all is read.
    fn consumers_mut(&mut self) -> Option<&mut Vec<Consumer>> {
        None
    }

    /// The transactions that its steps are.
    fn transactions(&self) -> Vec<&TransactionSpec> {
        Vec::new()
    }

    /// How many rows the greatest transaction for `operation` has, and where that is said.
    fn most_rows(&self, _operation: &str) -> Option<(Place, u64)> {
        None
    }

    /// Its rows are locked by transactions of others.
    fn take_transactions(&mut self) {}

    // What happens to it.

    /// Why it does not feel this fault, if it does not.
    fn immunity(&self, verb: Verb) -> Option<&'static str>;

    /// How many of its instances, the last of them, stand by until they join.
    fn spares(&self) -> u64;

    /// What its instances have or share with others on a machine; `None` of what has nothing there.
    fn equipped(&self) -> Option<&dyn Equipped>;

    /// The same, to be changed.
    fn equipped_mut(&mut self) -> Option<&mut dyn Equipped>;

    /// Reports what is wrong with it, whatever asks it.
    fn check(&self, name: &Name, topology: &dyn Topology, problems: &mut Problems);

    /// Builds all its instances, and gives them to the site in their order.
    fn build(&self, name: &str, site: &mut dyn Site);
}

/// What others go by, in place of the kind of a component.
pub(crate) struct Capabilities<'a> {
    /// It keeps data for good: caches stand in front of it, and sessions are kept in it.
    pub(crate) keeps_data: bool,
    /// It has backups, by which it returns to how it was.
    pub(crate) backs_up: bool,
    /// The cache that it is, which is asked by steps of others.
    pub(crate) entries: Option<&'a CacheSpec>,
    /// The cache that it has within each instance.
    pub(crate) own_cache: Option<&'a CacheSpec>,
    /// What it knows of users who have logged in, and where that is kept.
    pub(crate) sessions: Option<&'a SessionsSpec>,
    /// The parts that it has, each with some of the objects.
    pub(crate) shards: Option<&'a ShardsSpec>,
    /// What transactions take there, if its rows are locked by any.
    pub(crate) transactions: Option<&'a CommitSpec>,
    /// The copies that it has, of each part.
    pub(crate) copies: Option<Copies<'a>>,
    /// The pools of connections through which each of its instances asks databases.
    pub(crate) pools: Option<&'a Entries<ConnectionPoolSpec>>,
    /// What becomes of the cookies of a request that comes to it.
    pub(crate) cookies: Cookies,
    /// A user is sent to the same instance each time.
    pub(crate) sticks: bool,
    /// Where a request goes depends on its user.
    pub(crate) knows_users: bool,
    /// Who asks one of several instances takes any of them: nothing need stand in front.
    pub(crate) is_any: bool,
    /// It takes messages in, and their senders do not wait for what comes of them.
    pub(crate) takes_messages: bool,
    /// Some of these are delivered only when others are done.
    pub(crate) keeps_order: bool,
    /// The queues from which each of its instances takes messages.
    pub(crate) consumes: &'a [ConsumesSpec],
    /// How long it waits for the answer when it asks whether others are up.
    pub(crate) check_timeout: Option<At<Span>>,
}

impl<'a> Capabilities<'a> {
    /// What can do nothing of all that.
    pub(crate) const NONE: Capabilities<'static> = Capabilities {
        keeps_data: false,
        backs_up: false,
        entries: None,
        own_cache: None,
        sessions: None,
        shards: None,
        transactions: None,
        copies: None,
        pools: None,
        cookies: Cookies::Kept,
        sticks: false,
        knows_users: false,
        is_any: false,
        takes_messages: false,
        keeps_order: false,
        consumes: &[],
        check_timeout: None,
    };

    /// The cache that it is, or that is in it.
    pub(crate) fn cache(&self) -> Option<&'a CacheSpec> {
        self.entries.or(self.own_cache)
    }
}

/// The form of a box in a drawing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    /// With round ends.
    Round,
    /// With six corners.
    Hexagon,
    /// With four.
    Box,
    /// As data is drawn.
    Cylinder,
    /// Slanted.
    Parallelogram,
    /// With double sides, or tabs.
    Module,
}

/// A number of things, by a noun that takes an `s`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// Why a component whose callers do not learn that an instance leaves or joins cannot have that.
pub(crate) fn immune_members(verb: Verb) -> Option<&'static str> {
    verb.changes().map(|_| "those who ask it would not learn of that: let it `crash`")
}

/// Why a station whose cores are given in this way, with such neighbours, cannot share cores.
pub(crate) fn shares_no_cores(
    scheduling: Scheduling,
    neighbours: Option<&NeighboursSpec>,
) -> Option<&'static str> {
    match (scheduling, neighbours) {
        (Scheduling::PreemptivePriority, _) => {
            Some("cores that are given by priority are its own: expected another `scheduling`")
        }
        (_, Some(_)) => Some("its `neighbours` are those on the machine: expected no others"),
        _ => None,
    }
}

/// Why a station whose cores are given in this way does not feel a fault, if it does not.
pub(crate) fn immune_cores(scheduling: Scheduling, verb: Verb) -> Option<&'static str> {
    let slowed = matches!(verb, Verb::Slow | Verb::Hang);
    let preemptive = scheduling == Scheduling::PreemptivePriority;
    (slowed && preemptive).then_some("cores that are given by priority keep their speed")
}
