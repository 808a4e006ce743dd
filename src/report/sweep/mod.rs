//! A sweep's folder: one tidy table, charts by the shape of the sweep, and what reproduces them.
//!
//! *Invariant:* cells are read one after the other and dropped; what is kept of each are the few
//! figures of a [`Brief`].

mod brief;
mod outline;
mod table;
mod write;

pub use brief::Brief;
pub(super) use brief::{Shown, Told, all, told};
pub use outline::Outline;
pub use table::{sweep_json, sweep_table};
pub use write::write_sweep;
