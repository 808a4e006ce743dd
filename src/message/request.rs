//! A request: what somebody wants of a component.

use super::AttemptKey;

/// One component instance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

/// What is asked of a component, such as `GET /product` or `read`: an index into the scenario's
/// table of operations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Operation(pub(crate) u16);

impl Operation {
    /// Whether it is up, which an instance that is up answers at once.
    pub(crate) const CHECK: Operation = Operation(u16::MAX);
    /// To take writes that another copy has.
    pub(crate) const REPLICATE: Operation = Operation(u16::MAX - 1);
    /// To do what a server says of a transaction.
    pub(crate) const TRANSACT: Operation = Operation(u16::MAX - 2);

    /// Whether it is asked by components of their own accord, and is no visit.
    pub(crate) fn is_internal(self) -> bool {
        self.0 >= Operation::TRANSACT.0
    }
}

/// What somebody wants. It is the same in all attempts at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// The attempt on whose behalf it is made, or [`Key::NONE`](crate::engine::Key::NONE).
    pub(crate) parent: AttemptKey,
    /// Who of all clients' users started it all; 0 where nobody wants to know.
    pub(crate) user: u32,
    /// The client's request type that started it all: an index over all types of all clients.
    pub(crate) request_type: u16,
    /// What is asked.
    pub(crate) operation: Operation,
}

impl Request {
    /// The type of what no client has started.
    pub(crate) const NO_TYPE: u16 = u16::MAX;
}

/// One link, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkId(pub(crate) u32);

impl LinkId {
    /// Its place among the links of a run.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How large a request and its response are, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SizesId(pub(crate) u16);
