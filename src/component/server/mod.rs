//! An application server: identical replicas, each a station with cores, workers, a queue, and
//! endpoints made of steps.

mod build;
mod check;
mod kind;
mod sessions;
mod spec;
mod theory;

pub use spec::{ReplicaSpec, ReplicaSpecs, ServerSpec, Workers};
