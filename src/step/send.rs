//! Puts a message into a message queue and waits until the queue has it.

use super::{Ask, Demand, StepKind, What};
use crate::call::Timeout;
use crate::document::{Name, record};
use crate::network::Payload;

record! {
    /// A message to a message queue. The request waits until the queue has it, and not for what
    /// comes of it.
    #[short = to]
    pub struct SendSpec {
        /// The message queue.
        pub to: Name,
        /// How large the message is, in bytes; matters where a link has a `bandwidth`. `object`: as
        /// large as the object of the request. It is drawn anew for each delivery.
        pub size: Payload = "500B",
        /// How long to wait until the queue has it before giving up; as `calls` say if not given,
        /// and for ever if they say nothing.
        pub timeout: Option<Timeout>,
    }
}

/// Puts a message into a message queue and waits until the queue has it.
pub(super) struct Send;

impl StepKind for Send {
    type Spec = SendSpec;

    fn demand(_: &SendSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(send: &SendSpec) -> Option<Ask<'_>> {
        let what = What::Message { of_object: send.size == Payload::Object };
        Some(Ask { to: &send.to, what, timeout: send.timeout })
    }
}
