//! What can go wrong: a file for each, and their list. Each says whom it is of, which words go with
//! it, what of them makes no sense, and what it does.

mod crash;
mod delay;
mod hang;
mod join;
mod leave;
mod membership;
mod partition;
mod restore;
mod silence;
mod slow;

use super::FaultSpec;
use super::faults::{Effect, Told};
use crate::document::{At, Place, Problems};
use crate::engine::Stream;
use crate::message::{Command, LinkId, NodeId};
use crate::placement::Selector;
use crate::runtime::Interference;
use crate::units::Span;
pub(crate) use membership::MembershipChange;

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

    /// The names of all components.
    fn components(&self) -> Vec<&str>;

    /// Whether a selector means every instance and every client.
    fn is_everything(&self, selector: &Selector) -> bool;

    /// Reports instances that are not there, or cannot feel this; clients can only if `clients`
    /// says so.
    fn check_selected(&self, verb: Verb, of: &At<Selector>, clients: bool, problems: &mut Problems);

    /// Everybody who asks somebody, with whom.
    fn links(&self) -> Vec<(String, String)>;
}

/// Instances that fail together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FaultDomain {
    /// The number of the instance, or of the machine; 0 for any other place.
    pub(crate) number: u64,
    /// They, in their order.
    pub(crate) nodes: Vec<NodeId>,
}

/// What a fault is told of the deployment while it is built.
pub(crate) trait Ground {
    /// What fails together of what is selected; of a place the clients only if `clients` says so.
    /// `stream` says what belongs to a share.
    fn domains(&self, selector: &Selector, clients: bool, stream: Stream) -> Vec<FaultDomain>;

    /// The machines that fail with what fails together there.
    fn machines(&self, selector: &Selector, domain: &FaultDomain) -> Vec<NodeId>;

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

    /// Whether it is of what has backups alone.
    const NEEDS_BACKUPS: bool = false;

    /// How it changes which instances there are, of which those who ask them have to learn.
    const CHANGES: Option<MembershipChange> = None;

    /// Of whom a fault is that, if it is.
    fn of(fault: &FaultSpec) -> Option<&At<Selector>>;

    /// The words that go with it and no other, with where the fault has them.
    fn words(_: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        Vec::new()
    }

    /// Reports what is wrong with whom it is of, and with its words.
    fn check(
        verb: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        let _ = fault;
        known.check_selected(verb, of, false, problems);
    }

    /// What it does, of which there is one for all instances, or by chance one for each.
    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects;
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

            /// How it changes which instances there are, of which those who ask have to learn.
            pub(crate) fn changes(self) -> Option<MembershipChange> {
                match self {
                    $(Verb::$verb => <$type>::CHANGES,)*
                }
            }

            /// Whether it is of what has backups alone.
            pub(crate) fn needs_backups(self) -> bool {
                match self {
                    $(Verb::$verb => <$type>::NEEDS_BACKUPS,)*
                }
            }

            fn slows(self) -> bool {
                match self {
                    $(Verb::$verb => <$type>::SLOWS,)*
                }
            }

            fn of(self, fault: &FaultSpec) -> Option<&At<Selector>> {
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
                of: &At<Selector>,
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
                of: &Selector,
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
    /// It leaves for good.
    Leave => leave::Leave = "leave",
    /// It joins, having stood by.
    Join => join::Join = "join",
    /// Messages are lost.
    Partition => partition::Partition = "partition",
    /// It returns to how it was.
    Restore => restore::Restore = "restore",
}

impl FaultSpec {
    /// What goes wrong, and of whom: one of each in a scenario that has been checked.
    pub fn verbs(&self) -> impl Iterator<Item = (Verb, &At<Selector>)> {
        Verb::ALL.iter().filter_map(|&verb| Some((verb, verb.of(self)?)))
    }

    /// How long it lasts where another word than `for` says so: until those who ask instances that
    /// come or go know of it.
    pub(crate) fn known_after(&self) -> Option<Span> {
        membership::lasts(self)
    }

    /// Whose cores may lose their speed by this, if anybody's.
    pub fn slows(&self) -> Option<&Selector> {
        self.verbs().find(|(verb, _)| verb.slows()).map(|(_, scope)| &scope.value)
    }
}

/// Tells all instances that are selected something when a fault begins and when it is over: all at
/// one time, or those that fail together by themselves where that is by chance.
fn told(
    (begin, end): (Command, Command),
    fault: &FaultSpec,
    of: &Selector,
    ground: &dyn Ground,
    stream: Stream,
) -> Effects {
    let tell = |nodes| Box::new(Told { nodes, begin, end }) as Box<dyn Effect>;
    // What hangs or is slow is what is on a machine, each for itself.
    let fails = matches!(begin, Command::Crash { .. } | Command::Silence);
    let whole = |mut domain: FaultDomain| {
        let machines = if fails { ground.machines(of, &domain) } else { Vec::new() };
        domain.nodes.extend(machines);
        domain
    };
    let domains = ground.domains(of, false, stream).into_iter().map(whole);
    if fault.every.is_none() {
        return vec![(tell(domains.flat_map(|domain| domain.nodes).collect()), stream)];
    }
    domains.map(|domain| (tell(domain.nodes), stream.at(domain.number))).collect()
}
