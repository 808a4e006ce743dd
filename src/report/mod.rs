//! Results in, bytes out: the terminal, CSV, JSON, SVG and PNG.
//!
//! *Invariant:* the same results give the same bytes; nothing here reads a clock or the model.

mod capacity;
pub mod chart;
mod comparison;
mod csv;
mod explain;
#[cfg(test)]
mod fixture;
#[cfg(feature = "files")]
mod folder;
mod grid;
mod json;
mod junit;
mod label;
mod number;
mod output_analysis;
mod paired;
mod replay;
mod requests;
mod shown;
mod sweep;
mod table;
#[cfg(feature = "files")]
mod write;

pub use capacity::{CapacityQuery, Objective, capacity, capacity_csv, capacity_json};
pub use chart::capacity::chart as capacity_chart;
pub use chart::differences::chart as differences_chart;
pub use chart::sweep::charts as sweep_charts;
pub use chart::welch::chart as welch_chart;
pub use comparison::{comparison, comparison_csv, comparison_json};
pub use csv::{
    components_csv, latency_csv, present_csv, replications_csv, summary_csv, timeseries_csv,
};
pub use explain::{explain_csv, explain_json, findings, theory};
#[cfg(feature = "files")]
pub use folder::{CAPACITY, COMPARE, EXPLAIN, FileSet, RUN, SERIES, SWEEP, write_files};
pub use json::json;
pub use junit::junit;
pub use number::number;
pub use output_analysis::{analysis, analysis_csv, analysis_json};
pub use paired::{paired_requests, paired_requests_csv, paired_requests_json};
pub use replay::{Replayed, replayed};
pub use requests::requests_csv;
#[cfg(feature = "files")]
pub use sweep::write_sweep;
pub use sweep::{Brief, Outline, brief_bytes, sweep_json, sweep_table};
pub use table::summary;
#[cfg(feature = "files")]
pub use write::{Charts, chart_files, write_all, write_explanation};
