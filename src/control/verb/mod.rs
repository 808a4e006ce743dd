//! What can go wrong: a file for each, and their list. Each says whom it is of, which words go with
//! it, what of them makes no sense, and what it does.

mod crash;
mod delay;
mod hang;
mod partition;
mod silence;
mod slow;

use super::faults::{Effect, Told};
use super::{FaultSpec, Scope};
use crate::document::{At, Place, Problem, Problems, quoted};
use crate::engine::Stream;
use crate::message::{Command, LinkId, NodeId};
use crate::runtime::Interference;

/// Which faults an instance cannot have at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exclusion {
    /// Those by which it is not there.
    Absence,
    /// Those by which it is slower.
    Slowness,
}

/// What a fault knows of the deployment while it is checked.
pub(crate) trait Known {
    /// Whether this is a client.
    fn is_client(&self, name: &str) -> bool;

    /// How many instances a component has, if there is one.
    fn instances(&self, name: &str) -> Option<u64>;

    /// Why a component does not feel this.
    fn immunity(&self, name: &str, verb: Verb) -> Option<&'static str>;

    /// The names of all components.
    fn components(&self) -> Vec<&str>;

    /// Everybody who asks somebody, with whom.
    fn links(&self) -> Vec<(String, String)>;
}

/// What a fault is told of the deployment while it is built.
pub(crate) trait Ground {
    /// The instances in a scope, each with its number. `stream` says which belong to a share.
    fn instances(&self, scope: &Scope, stream: Stream) -> Vec<(u64, NodeId)>;

    /// How many instances there are in all, clients among them.
    fn count(&self) -> usize;

    /// The link by which one asks another, if anybody does.
    fn link(&self, from: &str, to: &str) -> Option<LinkId>;

    /// Something will be done to messages, of which the number is returned.
    fn interfere(&mut self, interference: Box<dyn Interference>) -> usize;
}

/// What a fault does, with what is random about when.
pub(crate) type Effects = Vec<(Box<dyn Effect>, Stream)>;

/// A kind of fault.
trait Goes {
    /// Which others the same instance cannot have at the same time, if any.
    const EXCLUSION: Option<Exclusion>;

    /// Whether cores may lose their speed by it.
    const SLOWS: bool = false;

    /// Of whom a fault is that, if it is.
    fn of(fault: &FaultSpec) -> Option<&At<Scope>>;

    /// The words that go with it and no other, with where the fault has them.
    fn words(_: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        Vec::new()
    }

    /// Reports what is wrong with whom it is of, and with its words.
    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Scope>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        let _ = fault;
        check_instances(verb, of, false, known, problems);
    }

    /// What it does, of which there is one for all instances, or by chance one for each.
    fn effects(fault: &FaultSpec, of: &Scope, ground: &mut dyn Ground, stream: Stream) -> Effects;
}

/// Declares what can go wrong: each with the type that answers for it, and its word.
macro_rules! verbs {
    ($($(#[doc = $doc:literal])* $verb:ident => $type:ty = $word:literal,)*) => {
        /// What goes wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Verb {
            $($(#[doc = $doc])* $verb,)*
        }

        impl Verb {
            /// All of them.
            pub const ALL: &[Verb] = &[$(Verb::$verb),*];

            /// The word of the scenario.
            pub fn word(self) -> &'static str {
                match self {
                    $(Verb::$verb => $word,)*
                }
            }

            /// Which others the same instance cannot have at the same time, if any.
            pub(crate) fn exclusion(self) -> Option<Exclusion> {
                match self {
                    $(Verb::$verb => <$type>::EXCLUSION,)*
                }
            }

            fn slows(self) -> bool {
                match self {
                    $(Verb::$verb => <$type>::SLOWS,)*
                }
            }

            fn of(self, fault: &FaultSpec) -> Option<&At<Scope>> {
                match self {
                    $(Verb::$verb => <$type>::of(fault),)*
                }
            }

            /// The words that go with it and no other, with where a fault has them.
            pub(crate) fn words(self, fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
                match self {
                    $(Verb::$verb => <$type>::words(fault),)*
                }
            }

            /// Reports what is wrong with whom a fault is of, and with its words.
            pub(crate) fn check(
                self,
                fault: &FaultSpec,
                of: &At<Scope>,
                known: &dyn Known,
                problems: &mut Problems,
            ) {
                match self {
                    $(Verb::$verb => <$type>::check(self, fault, of, known, problems),)*
                }
            }

            /// What a fault does.
            pub(crate) fn effects(
                self,
                fault: &FaultSpec,
                of: &Scope,
                ground: &mut dyn Ground,
                stream: Stream,
            ) -> Effects {
                match self {
                    $(Verb::$verb => <$type>::effects(fault, of, ground, stream),)*
                }
            }
        }
    };
}

verbs! {
    /// It fails at once.
    Crash => crash::Crash = "crash",
    /// It answers nothing and forgets all.
    Silence => silence::Silence = "silence",
    /// It answers nothing until it goes on.
    Hang => hang::Hang = "hang",
    /// It works more slowly.
    Slow => slow::Slow = "slow",
    /// Messages over a link take longer.
    Delay => delay::Delay = "delay",
    /// Messages are lost.
    Partition => partition::Partition = "partition",
}

impl FaultSpec {
    /// What goes wrong, and of whom: one of each in a scenario that has been checked.
    pub fn verbs(&self) -> impl Iterator<Item = (Verb, &At<Scope>)> {
        Verb::ALL.iter().filter_map(|&verb| Some((verb, verb.of(self)?)))
    }

    /// Whose cores may lose their speed by this, if anybody's.
    pub fn slows(&self) -> Option<&Scope> {
        self.verbs().find(|(verb, _)| verb.slows()).map(|(_, scope)| &scope.value)
    }
}

/// Tells all instances of a scope something when a fault begins and when it is over: all at one
/// time, or each by itself where that is by chance.
fn told(
    (begin, end): (Command, Command),
    fault: &FaultSpec,
    of: &Scope,
    ground: &dyn Ground,
    stream: Stream,
) -> Effects {
    let tell = |nodes| Box::new(Told { nodes, begin, end }) as Box<dyn Effect>;
    let nodes = ground.instances(of, stream);
    if fault.every.is_none() {
        return vec![(tell(nodes.into_iter().map(|(_, node)| node).collect()), stream)];
    }
    nodes.into_iter().map(|(number, node)| (tell(vec![node]), stream.at(number))).collect()
}

/// Reports instances that are not there, or cannot feel this.
fn check_instances(
    verb: Verb,
    scope: &At<Scope>,
    clients: bool,
    known: &dyn Known,
    problems: &mut Problems,
) {
    let At { value: Scope { component, index, .. }, place } = scope;
    let is_client = known.is_client(component);
    if is_client && !clients {
        let title = format!("{} is a client", quoted(component));
        return problems.push(Problem::new(*place, title, "expected a component"));
    }
    if let Some(why) = known.immunity(component, verb) {
        let title = format!("{} does not feel a `{}`", quoted(component), verb.word());
        return problems.push(Problem::new(*place, title, why));
    }
    let Some(instances) = known.instances(component).or(is_client.then_some(1)) else {
        let components = known.components();
        if !components.contains(&component.as_str()) {
            problems.unknown(*place, "component", component, &components);
        }
        return;
    };
    if let Some(index) = index.filter(|index| *index >= instances) {
        let title = format!("there is no {}", quoted(&format!("{component}[{index}]")));
        let label = match instances {
            1 => format!("there is one {component}: `{component}[0]`"),
            _ => format!("they are `{component}[0]` to `{component}[{}]`", instances - 1),
        };
        problems.push(Problem::new(*place, title, label));
    }
}
