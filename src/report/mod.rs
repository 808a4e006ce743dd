//! Results in, bytes out: the terminal, CSV, JSON, SVG and PNG.
//!
//! *Invariant:* the same results give the same bytes; nothing here reads a clock or the model.

pub mod chart;
mod csv;
mod explain;
#[cfg(test)]
mod fixture;
mod grid;
mod json;
mod label;
mod number;
mod sweep;
mod table;
mod write;

pub use csv::{components_csv, summary_csv, timeseries_csv};
pub use explain::{explain_csv, explain_json, findings, theory, write_explanation};
pub use json::json;
pub use number::number;
pub use sweep::{Brief, Outline, sweep_json, sweep_table, write_sweep};
pub use table::summary;
pub use write::write_all;
