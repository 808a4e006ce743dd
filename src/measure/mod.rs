//! What a run counts, and the registry of metrics: the figures of requests, of component instances
//! and of time windows. It knows no component: what only some of them count they declare beside it.

mod counters;
mod disk;
mod feature;
mod headline;
mod horizon;
mod instances;
mod memory;
mod meter;
mod metric;
mod occupancy;
mod pool;
mod probe;
mod recorder;
mod requests;
mod slots;
mod term;
mod tracker;
mod unit;
mod windows;

pub(crate) use counters::CountersId;
pub use counters::{Counters, Family, Owner};
pub use disk::{DiskUse, Limited};
pub use feature::{
    CAPACITY, CONNECTION_POOL, DISK, DISK_AT_ONCE, DISK_IOPS, DISK_THROUGHPUT, Feature, INSTANCES,
    LOG_BY_WRITES, MEMORY, MESSAGES, SLOTS,
};
pub use headline::{Headline, InSweeps};
pub use horizon::Horizon;
pub use instances::COMPONENT_METRICS;
pub use memory::MemoryUse;
pub use meter::{Meter, Visits};
pub(crate) use metric::metrics;
pub use metric::{About, Form, Metric, OF_ALL, Reading, Statistic, percentile};
pub use occupancy::Occupancy;
pub use pool::PoolUse;
pub use probe::{Basis, Over, Probe, Subject};
pub use recorder::Recorder;
pub use requests::{REQUEST_METRICS, RUN_METRICS};
pub use slots::Slots;
pub use term::{Argument, Durations, Resource, Term};
pub use tracker::{EndedAs, Tracker};
pub use unit::Unit;
pub use windows::Windows;
