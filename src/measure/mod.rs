//! What a run counts: the figures of requests, of component instances and of time windows.

mod horizon;
mod memory;
mod meter;
mod recorder;
mod tracker;
mod windows;

pub use horizon::Horizon;
pub use memory::MemoryUse;
pub use meter::{Meter, Visits};
pub use recorder::{PipeName, Recorder};
pub use tracker::Tracker;
pub use windows::{KindWindow, NodeWindow, Windows};
