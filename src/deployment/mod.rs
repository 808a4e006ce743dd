//! A deployment: all that is deployed and all that uses it, and the runs made of it.
//!
//! *Invariant:* nothing here can fail: what a scenario says has been checked before.

mod build;
mod deployed;
pub mod metrics;

pub use deployed::Deployment;

use std::sync::atomic::AtomicBool;

use crate::engine::Stream;
use crate::measure::{Horizon, Recorder};
use crate::tracing::{Anatomy, Fate, Fates, Journal, MOST_FATES, Reader, Sample, Wanted};
use crate::units::Span;

/// Runs a deployment to the horizon and returns what was recorded; `None` if `stop` was set
/// meanwhile. `stream` is all the randomness that the run has.
///
/// # Panics
/// If the deployment has not been checked.
pub fn simulate(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
) -> Option<Recorder> {
    build::build(deployment, horizon, stream, stop).run()
}

/// Runs a deployment as [`simulate`] does and returns where the time of its requests went. A
/// request counts as slow from the threshold of its type on; the last threshold is for all types
/// together.
///
/// # Panics
/// If the deployment has not been checked.
pub fn dissect(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
    thresholds: &[Span],
) -> Option<Anatomy> {
    let world = build::build(deployment, horizon, stream, stop);
    let anatomy = Anatomy::new(world.component_of().to_vec(), thresholds);
    let (_, reader) = world.watched(Reader::Anatomy(anatomy), deployment.census())?;
    let Reader::Anatomy(anatomy) = reader else { unreachable!("{STAYS}") };
    Some(anatomy)
}

/// Runs a deployment as [`simulate`] does and returns what was recorded with the journals of the
/// requests that are wanted, the first of them first.
///
/// # Panics
/// If the deployment has not been checked.
pub fn follow(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
    wanted: Wanted,
) -> Option<(Recorder, Vec<Journal>)> {
    let world = build::build(deployment, horizon, stream, stop);
    let reader = Reader::Sample(Sample::new(wanted));
    let (recorder, reader) = world.watched(reader, deployment.census())?;
    let Reader::Sample(sample) = reader else { unreachable!("{STAYS}") };
    Some((recorder, sample.kept()))
}

/// Runs a deployment as [`simulate`] does and returns what became of the requests sent after the
/// warm-up, of at most [`MOST_FATES`], in the order of their identities.
///
/// # Panics
/// If the deployment has not been checked.
pub fn fates(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    stop: &AtomicBool,
) -> Option<Vec<Fate>> {
    let world = build::build(deployment, horizon, stream, stop);
    let reader = Reader::Fates(Fates::new(MOST_FATES));
    let (_, reader) = world.watched(reader, deployment.census())?;
    let Reader::Fates(fates) = reader else { unreachable!("{STAYS}") };
    Some(fates.kept())
}

/// Why a reader is found again as it was given.
const STAYS: &str = "whoever reads the journals of a run is the same at its end";
