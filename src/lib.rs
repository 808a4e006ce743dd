//! deploysim

pub mod cli;
pub mod document;
pub mod engine;
pub mod experiment;
pub mod model;
pub mod report;
pub mod scenario;
pub mod stats;
pub mod trace;
pub mod units;
