//! Links: how messages travel between two components, each way.
//!
//! A link without bandwidth, loss or an order to keep is a delay and nothing else; the others send
//! their messages over a [`wire`].

mod payload;
mod pipe;
mod size;
mod spec;
mod table;
mod wire;

pub use payload::Payload;
pub use size::MessageSize;
pub use spec::{
    DEFAULT_LINK, Direction, DirectionSpec, LinkSpec, MessageOrder, PipeSpec, RetransmitSpec, ends,
};
pub use table::LinkId;
pub(super) use table::{Links, Salts, Sizes, SizesId};
