//! Asks another component and waits for its answer.

use super::{Ask, Demand, StepKind, What};
use crate::call::Timeout;
use crate::document::{Name, record};
use crate::network::Payload;

record! {
    /// A call to another component.
    #[short = to]
    pub struct CallSpec {
        /// The component asked.
        pub to: Name,
        /// Which of its endpoints; the one of the same name as the caller's if not given.
        pub endpoint: Option<Name>,
        /// How long to wait before giving up; as `calls` say if not given, and for ever if they say
        /// nothing. The work goes on over there.
        pub timeout: Option<Timeout>,
        /// How large the question is, in bytes; matters where a link has a `bandwidth`. `object`:
        /// as large as the object that is asked for.
        pub request_size: Payload = "500B",
        /// How large the answer is, in bytes or `object`.
        pub response_size: Payload = "10KiB",
    }
}

/// Asks another component and waits for its answer.
pub(super) struct Call;

impl StepKind for Call {
    type Spec = CallSpec;

    fn demand(_: &CallSpec) -> Demand<'_> {
        Demand::Nothing
    }

    fn asks(call: &CallSpec) -> Option<Ask<'_>> {
        let of_object = [&call.request_size, &call.response_size].contains(&&Payload::Object);
        let what = What::Endpoint { name: call.endpoint.as_ref(), of_object };
        Some(Ask { to: &call.to, what, timeout: call.timeout })
    }
}
