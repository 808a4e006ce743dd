//! A sweep's folder: one tidy table, charts by the shape of the sweep, and what reproduces them.
//!
//! *Invariant:* cells are read one after the other and dropped; what is kept of each are the few
//! figures of a [`Brief`].

mod brief;
mod outline;
mod table;
#[cfg(feature = "files")]
mod write;

#[cfg(any(feature = "files", test))]
pub(super) use brief::all;
pub use brief::{Brief, brief_bytes};
pub(super) use brief::{Told, told};
pub use outline::Outline;
pub use table::{sweep_json, sweep_table};
#[cfg(feature = "files")]
pub use write::write_sweep;
