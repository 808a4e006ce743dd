//! What a scenario says of a link.

use crate::distribution::Delay;
use crate::document::{At, Count, choice, record};
use crate::units::{Bandwidth, Bytes, Share, Span};

record! {
    /// A link between two components. `a -> b` names the link by which `a` asks `b`, all their
    /// instances together; `default` is every link that is not named, each for itself.
    #[short = delay]
    pub struct LinkSpec {
        /// The delay each way, from the moment that a message has left.
        pub delay: Delay = "0",
        /// Whether a message may overtake the one before it, where delays vary.
        pub order: MessageOrder = "free",
        /// How fast messages leave, each way. Without it they leave at once, whatever their size.
        pub bandwidth: Option<Bandwidth>,
        /// Who shares the bandwidth.
        pub pipe: PipeSpec = "shared",
        /// How much may wait to leave; a message that finds too much waiting is dropped. One that
        /// finds nothing leaving always gets through. Without it, there is room for all.
        pub buffer: Option<At<Bytes>>,
        /// The chance that a message is lost on its way.
        pub loss: Share = "0%",
        /// How messages that were lost or dropped are sent again.
        pub retransmit: RetransmitSpec = "{}",
        /// The way of the question, where it differs.
        pub there: Option<DirectionSpec>,
        /// The way of the answer, where it differs.
        pub back: Option<DirectionSpec>,
    }
}

record! {
    /// One direction of a link. What it does not say is as the link says.
    #[short = delay]
    pub struct DirectionSpec {
        /// The delay this way.
        pub delay: Option<Delay>,
        /// Whether a message may overtake the one before it.
        pub order: Option<MessageOrder>,
        /// How fast messages leave.
        pub bandwidth: Option<Bandwidth>,
        /// Who shares the bandwidth.
        pub pipe: Option<PipeSpec>,
        /// How much may wait to leave.
        pub buffer: Option<At<Bytes>>,
        /// The chance that a message is lost.
        pub loss: Option<Share>,
        /// How messages that were lost or dropped are sent again.
        pub retransmit: Option<RetransmitSpec>,
    }
}

record! {
    /// How a message that was lost or dropped is sent again, as TCP does. Its sender knows only
    /// that no acknowledgement comes.
    #[short = after]
    pub struct RetransmitSpec {
        /// How long the sender waits before the second try. The wait doubles with every try, up to
        /// 2 minutes.
        pub after: At<Span> = "200ms",
        /// How often a message is sent in all. If the last try is lost as well, the connection has
        /// failed when its wait is over: the request ends as `lost on a -> b`.
        pub tries: At<Count> = "16",
    }
}

choice! {
    /// Whether messages may overtake one another.
    pub enum MessageOrder {
        /// Every message takes its own time.
        Free = "free",
        /// None arrives before one that was sent earlier the same way. A message that is sent again
        /// counts as sent then.
        Kept = "kept",
    }
}

choice! {
    /// Who shares the bandwidth of a direction.
    pub enum PipeSpec {
        /// All messages leave through one pipe, first come first served.
        Shared = "shared",
        /// Every message has a pipe of its own and none waits.
        Own = "own",
    }
}

/// The name of every link that is not named.
pub const DEFAULT_LINK: &str = "default";

/// The two ends of a link's name, `a -> b`.
pub fn ends(name: &str) -> Option<(&str, &str)> {
    let (from, to) = name.split_once("->")?;
    Some((from.trim(), to.trim()))
}

/// One direction of a link, with all that holds of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// From the moment that a message has left to its arrival.
    pub delay: Delay,
    /// Whether a message may overtake the one before it.
    pub order: MessageOrder,
    /// How fast messages leave; at once without it.
    pub bandwidth: Option<Bandwidth>,
    /// Who shares the bandwidth.
    pub pipe: PipeSpec,
    /// How much may wait to leave; any amount without it.
    pub buffer: Option<Bytes>,
    /// The chance that a message is lost.
    pub loss: Share,
    /// How messages that were lost or dropped are sent again.
    pub retransmit: RetransmitSpec,
}

impl Direction {
    /// Whether messages are delayed and nothing else happens to them. Where all take as long, they
    /// keep their order by themselves.
    pub(super) fn is_plain(&self) -> bool {
        let ordered = self.order == MessageOrder::Kept && self.delay.0.constant().is_none();
        self.bandwidth.is_none() && self.loss.0 == 0.0 && !ordered
    }
}

impl LinkSpec {
    /// The way of the question, with all that holds of it.
    pub fn way_there(&self) -> Direction {
        self.direction(self.there.as_ref())
    }

    /// The way of the answer, with all that holds of it.
    pub fn way_back(&self) -> Direction {
        self.direction(self.back.as_ref())
    }

    fn direction(&self, way: Option<&DirectionSpec>) -> Direction {
        let buffer = way.and_then(|way| way.buffer.as_ref()).or(self.buffer.as_ref());
        Direction {
            delay: way.and_then(|way| way.delay.as_ref()).unwrap_or(&self.delay).clone(),
            order: way.and_then(|way| way.order).unwrap_or(self.order),
            bandwidth: way.and_then(|way| way.bandwidth).or(self.bandwidth),
            pipe: way.and_then(|way| way.pipe).unwrap_or(self.pipe),
            buffer: buffer.map(|buffer| buffer.value),
            loss: way.and_then(|way| way.loss).unwrap_or(self.loss),
            retransmit: way
                .and_then(|way| way.retransmit.clone())
                .unwrap_or(self.retransmit.clone()),
        }
    }
}
