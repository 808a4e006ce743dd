//! Who takes messages from a message queue.

use crate::document::{At, Count, Name, record};

record! {
    /// A message queue from which each replica takes messages: the endpoint of the queue's name
    /// does the work on one. A replica that works on as many as it may, is down or hangs takes
    /// none. Jobs are as urgent as the most urgent of requests, and need no session.
    #[short = from]
    pub struct ConsumesSpec {
        /// The message queue.
        pub from: Name,
        /// How many messages each replica has at once. Those beyond its workers wait there for one,
        /// taken ahead, and no other replica can have them.
        pub at_once: At<Count> = "1",
    }
}

/// A component that takes messages from a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Consumer {
    /// The component.
    pub(crate) name: Name,
    /// The queue, as it says so itself.
    pub(crate) from: Name,
    /// How many instances it has.
    pub(crate) instances: u64,
    /// How many messages each has at once.
    pub(crate) at_once: u64,
}
