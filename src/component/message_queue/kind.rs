//! What the house asks of a message queue.

use crate::call::Timeout;
use crate::component::kind::{
    Broken, Call, Caller, Capabilities, Capacity, Choice, Equipped, Grown, Kind, Need, Plan, Shape,
    Theory, ThroughputBound, Topology, Truth, Visit, immune_members,
};
use crate::control::Verb;
use crate::document::{Name, Problem, Problems, quoted};
use crate::measure::{CAPACITY, Feature, MESSAGES};
use crate::placement::PlacementGroup;
use crate::queue::Consumer;
use crate::step::MESSAGE_OPERATION;
use crate::units::Span;
use crate::work::{Site, salt};

use super::delivery::Grave;
use super::polls::{Instance, Polls};
use super::spec::{ConsumedQueue, OnFailure, PartitionKey};
use super::{MessageQueue, Salts};

/// The most messages that all consumers have at once.
const MOST_AT_ONCE: u64 = 10_000_000;
/// The least time after which a message is delivered again, unless that ends soon.
const LEAST: Span = Span::from_millis(1);
/// The most deliveries of a message one right after the other.
const MOST_AT_ONE_TIME: u64 = 1_000;
/// The most partitions.
const MOST_PARTITIONS: u64 = 1_000_000;

impl Kind for ConsumedQueue {
    fn instances(&self) -> u64 {
        1
    }

    fn placement(&self) -> Vec<PlacementGroup<'_>> {
        PlacementGroup::regional(&self.settings.place)
    }

    fn capabilities(&self) -> Capabilities<'_> {
        let knows_users = self.partition_key() == Some(PartitionKey::User);
        let keeps_order = self.settings.partitions.is_some();
        Capabilities { takes_messages: true, keeps_order, knows_users, ..Capabilities::NONE }
    }

    fn slots(&self) -> &'static str {
        "consumers"
    }

    fn features(&self) -> Vec<&'static Feature> {
        let consumed = (!self.consumers.is_empty()).then_some(&CAPACITY);
        std::iter::once(&MESSAGES).chain(consumed).collect()
    }

    fn drawing(&self) -> (String, Shape) {
        let partitions = self.settings.partitions.as_ref();
        let partitions = partitions.map(|count| format!(", {} partitions", count.value.get()));
        (format!("message queue{}", partitions.unwrap_or_default()), Shape::Parallelogram)
    }

    fn answers(&self, operation: &str) -> bool {
        operation == MESSAGE_OPERATION
    }

    fn report_unanswered(&self, call: &Call, problems: &mut Problems) {
        let name = &call.to.value;
        let title = format!("{} is a message queue", quoted(name));
        let problem =
            Problem::new(call.place, title, "it takes messages, and answers nothing else");
        problems.push(problem.help(format!("in a step, write `send: {name}`")));
    }

    fn endpoints(&self) -> Vec<(&Name, usize)> {
        Vec::new()
    }

    fn needs_object(&self, _: &str, _: &dyn Topology) -> Option<Need> {
        None
    }

    fn consumers_mut(&mut self) -> Option<&mut Vec<Consumer>> {
        Some(&mut self.consumers)
    }

    fn throughput_bound(&self, _: &str, may_fail: bool) -> ThroughputBound {
        let refuses = self.settings.capacity.get().is_some() || may_fail;
        ThroughputBound::delay(if refuses { 0.0 } else { self.settings.latency.mean() })
    }

    fn caller(&self) -> Option<&dyn Caller> {
        Some(self)
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

    fn check(&self, _: &Name, topology: &dyn Topology, problems: &mut Problems) {
        self.check_times(problems);
        self.check_partitions(problems);
        self.check_room(problems);
        let Some(dead) = &self.settings.dead_letter else { return };
        if self.settings.max_receives.is_none() {
            let problem = Problem::new(dead.place, "no message is ever dead", "expected a limit");
            problems.push(problem.help("add how often one is delivered: max_receives: 5"));
        }
        let found = topology.find(&dead.value);
        if let Some(found) = found.filter(|found| !found.kind.capabilities().takes_messages) {
            let title = format!("{} is no message queue", quoted(&dead.value));
            problems.push(Problem::new(dead.place, title, found.label()));
        }
    }

    fn build(&self, name: &str, site: &mut dyn Site) {
        let polls = Polls::new(self.instances_of_consumers(name, site));
        let grave = self.settings.dead_letter.as_ref().map(|dead| Grave {
            node: site.replicas(&dead.value).first,
            link: site.link(name, &dead.value),
            operation: site.operation(MESSAGE_OPERATION),
        });
        let salt = |what| salt(&[name, what]);
        let salts = Salts {
            latency: salt("latency"),
            message: salt("message"),
            delay: salt("delay"),
            poison: salt("poison"),
        };
        let spread = site.stream().named("partitions").named(name);
        site.push(Box::new(MessageQueue::new(self, polls, grave, salts, spread)));
    }
}

impl ConsumedQueue {
    fn check_times(&self, problems: &mut Problems) {
        let settings = &self.settings;
        if settings.visibility.value < LEAST {
            let title = "a message would be visible again at once";
            let label = format!("expected {LEAST} or more");
            problems.push(Problem::new(settings.visibility.place, title, label));
        }
        if let Some(retention) = settings.retention.as_ref().filter(|it| it.value == Span::ZERO) {
            let title = "no message would be kept";
            problems.push(Problem::new(retention.place, title, "expected a time above 0"));
        }
        let returned = settings.on_failure == OnFailure::Return;
        let again = &settings.retry_delay;
        let most = settings.max_receives.as_ref().map_or(u64::MAX, |most| most.value.get());
        if returned && again.value.mean() < LEAST.secs() && most > MOST_AT_ONE_TIME {
            let title = "a message that always fails would be delivered for ever at one time";
            let label = format!("expected a `retry_delay` of {LEAST} or more");
            let problem = Problem::new(again.place, title, label);
            problems.push(problem.help("or a limit of deliveries: max_receives: 5"));
        }
    }

    fn check_partitions(&self, problems: &mut Problems) {
        match (&self.settings.partitions, &self.settings.partition_by) {
            (None, Some(by)) => {
                let title = "there are no partitions over which messages could be spread";
                let problem = Problem::new(by.place, title, "this changes nothing");
                problems.push(problem.help("say how many there are: partitions: 16"));
            }
            (Some(count), _) if count.value.get() > MOST_PARTITIONS => {
                let label = format!("at most {MOST_PARTITIONS} are possible");
                problems.push(Problem::new(count.place, "too many partitions", label));
            }
            _ => {}
        }
    }

    fn instances_of_consumers(&self, name: &str, site: &mut dyn Site) -> Vec<Instance> {
        let mut instances = Vec::new();
        for consumer in &self.consumers {
            let to = &consumer.name.value;
            let (replicas, link) = (site.replicas(to), site.link(name, to));
            let at_once = u32::try_from(consumer.at_once).expect("checked to be few");
            let operation = site.operation(name);
            instances.extend((0..replicas.count).map(|nth| Instance {
                node: replicas.nth(nth),
                link,
                operation,
                at_once,
            }));
        }
        instances
    }

    fn check_room(&self, problems: &mut Problems) {
        let Some(last) = self.consumers.last().filter(|_| self.room() > MOST_AT_ONCE) else {
            return;
        };
        let title = format!("{} messages are taken at once", self.room());
        let label = format!("at most {MOST_AT_ONCE} are possible, of all consumers together");
        problems.push(Problem::new(last.from.place, title, label));
    }

    /// How likely each consumer is to take a message, if all are as busy.
    fn shares(&self) -> impl Iterator<Item = (f64, &Consumer)> {
        let room = self.room() as f64;
        let share = move |one: &Consumer| one.instances as f64 * one.at_once as f64 / room;
        self.consumers.iter().map(move |one| (share(one), one))
    }
}

impl Caller for ConsumedQueue {
    /// Its consumers do for a message what the endpoint of its name says. Nobody waits for that.
    fn calls<'a>(&'a self, _: &str) -> Vec<Call<'a>> {
        let dead = self.settings.dead_letter.iter();
        let dead = dead.map(|to| Call { checked: true, ..Call::new(to, MESSAGE_OPERATION) });
        let calls = self.consumers.iter().map(Consumer::call).chain(dead);
        calls.map(|call| Call { aside: true, ..call }).collect()
    }

    fn callees(&self) -> Vec<&Name> {
        let consumers = self.consumers.iter().map(|consumer| &consumer.name);
        consumers.chain(&self.settings.dead_letter).collect()
    }

    fn asks_for(&self) -> Vec<String> {
        self.consumers.iter().map(|consumer| consumer.from.value.clone()).collect()
    }

    /// It knows each that takes messages.
    fn chooses_among(&self, _: &dyn Kind) -> bool {
        true
    }

    fn forwards(&self) -> Option<Vec<u64>> {
        None
    }
}

impl Consumer {
    /// What it is asked for a message.
    fn call(&self) -> Call<'_> {
        let place = self.from.place;
        // That it has such an endpoint is checked where it says that it takes messages.
        Call { place, checked: true, ..Call::new(&self.name, &self.from.value) }
    }
}

impl Theory for ConsumedQueue {
    /// Nobody who puts a message waits for another. Messages wait, but are no requests.
    fn capacity(&self) -> Option<Capacity> {
        None
    }

    fn visit(&self, _: &str) -> Visit<'_> {
        let visibility = Some(Timeout(Some(self.settings.visibility.value)));
        let taken = self.shares().map(|(share, consumer)| {
            (share, Plan::Ask(Call { timeout: visibility, ..consumer.call() }))
        });
        let taken = Plan::Aside(Box::new(Plan::Chance(taken.collect())));
        Visit::of(Plan::Serial(vec![Plan::Time(self.settings.latency.clone()), taken]))
    }

    fn rules(&self) -> Vec<Broken> {
        Vec::new()
    }

    fn sums(&self) -> Vec<Broken> {
        let settings = &self.settings;
        let rules = [
            (settings.capacity.get().is_some(), "a full queue turns senders away", Truth::Shorter),
            (settings.poison.0 > 0.0, "what always fails is delivered again", Truth::Longer),
            (self.consumers.len() > 1, "who takes a message depends on who is free", Truth::Either),
        ];
        let holding = rules.into_iter().filter(|(holds, ..)| *holds);
        holding.map(|(_, what, truth)| Broken::new(what, truth)).collect()
    }

    fn choice(&self) -> Option<Choice> {
        None
    }

    fn grown(&self) -> Vec<Grown> {
        Vec::new()
    }
}
