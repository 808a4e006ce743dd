//! Links: how messages travel between two components, each way.
//!
//! A link without bandwidth, loss or an order to keep is a delay and nothing else; the others send
//! their messages over a channel.

mod channel;
mod payload;
mod pipe;
mod size;
mod spec;
mod table;
mod transit;

pub use payload::Payload;
pub use size::MessageSize;
pub use spec::{DEFAULT_LINK, Direction, LinkSpec, PipeSpec, RetransmitSpec, ends};
pub(crate) use table::{Links, Salts, Sizes};
pub(crate) use transit::Transit;
