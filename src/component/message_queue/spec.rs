//! What a scenario says of a message queue.

use crate::distribution::Delay;
use crate::document::{At, Count, Definitions, Limit, Name, Node, Problems, Read, choice, record};
use crate::placement::PlaceName;
use crate::queue::Consumer;
use crate::units::{Share, Span};

record! {
    /// A message queue, such as SQS or RabbitMQ. A step `send` of a server, or a client's request
    /// `send`, puts a message into it; servers that say so with `consumes` take them, the oldest
    /// first, each as often as it has room for one more. A message that was taken is there until
    /// its work is done: if that is not heard of in time, or goes wrong, it is delivered again, so
    /// that it is done at least once.
    pub struct MessageQueueSpec {
        /// How long it takes until a message is kept and its sender is told so.
        pub latency: Delay = "5ms",
        /// How long a message that was delivered stays invisible. If its work is not done by then
        /// it is delivered again, while its first consumer works on.
        pub visibility: At<Span> = "30s",
        /// How long a message rests before it can be delivered for the first time.
        pub delay: Delay = "0",
        /// How long it rests each time before it can be delivered again.
        pub retry_delay: At<Delay> = "0",
        /// When a message is delivered again whose work has failed, or whose consumer has crashed.
        pub on_failure: OnFailure = "wait",
        /// By which deliveries a message can be done.
        pub done_by: DoneBy = "any",
        /// How often a message is delivered at most. One whose last delivery is not done in time,
        /// or fails, is dead. No limit if not given.
        pub max_receives: Option<At<Count>>,
        /// The message queue to which dead messages go; nowhere if not given.
        pub dead_letter: Option<Name>,
        /// How long messages are kept; one that still waits by then is dropped. For ever if not
        /// given.
        pub retention: Option<At<Span>>,
        /// How many messages there can be, waiting or taken; beyond that senders are turned away.
        pub capacity: Limit = "unlimited",
        /// Whether messages are still there after a crash.
        pub durable: bool = "true",
        /// In how many partitions there is an order: the next message of a partition is delivered
        /// only when the one before is done or dead. There is no order if not given.
        pub partitions: Option<At<Count>>,
        /// By what messages are spread over the partitions.
        pub partition_by: Option<At<PartitionKey>>,
        /// The share of messages whose work fails each time, when it is done.
        pub poison: Share = "0",
        /// Where it is: a region, a zone or a machine. In a region it is in none of its zones, so
        /// that it outlives each.
        pub place: Option<At<PlaceName>>,
    }
}

choice! {
    /// When a message is delivered again after a failure.
    pub enum OnFailure {
        /// When it is visible again: nobody tells the queue, as with SQS.
        Wait = "wait",
        /// At once, or after `retry_delay`: the queue is told, as with RabbitMQ.
        Return = "return",
    }
}

choice! {
    /// By which deliveries a message can be done.
    pub enum DoneBy {
        /// By whichever is done first, though the message has been delivered again since.
        Any = "any",
        /// By the last alone: what was done for one before is done again.
        Latest = "latest",
    }
}

choice! {
    /// By what messages are spread over partitions.
    pub enum PartitionKey {
        /// The object of the request; in turn where it is about none.
        Object = "object",
        /// The user.
        User = "user",
        /// Nothing: each partition in its turn.
        Turn = "turn",
    }
}

/// A message queue, with those who take messages from it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumedQueue {
    /// What a scenario says of it.
    pub settings: MessageQueueSpec,
    /// Who takes messages, as is known when all is read.
    pub(crate) consumers: Vec<Consumer>,
}

impl Read for ConsumedQueue {
    fn read(node: &Node, problems: &mut Problems) -> Option<ConsumedQueue> {
        let settings = MessageQueueSpec::read(node, problems)?;
        Some(ConsumedQueue { settings, consumers: Vec::new() })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        MessageQueueSpec::schema(definitions)
    }
}

impl ConsumedQueue {
    /// How many messages all consumers together have at once.
    pub(super) fn room(&self) -> u64 {
        let each = self.consumers.iter().map(|one| one.instances.saturating_mul(one.at_once));
        each.fold(0, u64::saturating_add)
    }

    /// By what messages are spread over partitions, where there are any.
    pub(super) fn partition_key(&self) -> Option<PartitionKey> {
        self.settings.partitions.as_ref()?;
        let key = self.settings.partition_by.as_ref();
        Some(key.map_or(PartitionKey::Object, |key| key.value))
    }
}
