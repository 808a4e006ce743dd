//! A deployment: all that is deployed and all that uses it, and the runs made of it.
//!
//! *Invariant:* nothing here can fail: what a scenario says has been checked before.

mod build;
mod deployed;
mod machines;
pub mod metrics;
mod selected;

pub use deployed::Deployment;
pub(crate) use machines::OnMachine;
pub(crate) use selected::Named;

use crate::engine::Stream;
use crate::measure::{Horizon, Recorder};
use crate::runtime::Watch;
use crate::tracing::{Breakdown, Digest, Digests, MOST_DIGESTS, Reader, Selection, Trace, Wanted};
use crate::units::Span;

/// Runs a deployment to the horizon and returns what was recorded; `None` if `watch` stopped it
/// meanwhile. `stream` is all the randomness that the run has.
///
/// # Panics
/// If the deployment has not been checked.
pub fn simulate(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    watch: &dyn Watch,
) -> Option<Recorder> {
    build::build(deployment, horizon, stream, watch).run()
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
    watch: &dyn Watch,
    thresholds: &[Span],
) -> Option<Breakdown> {
    let world = build::build(deployment, horizon, stream, watch);
    let breakdown = Breakdown::new(world.component_of().to_vec(), thresholds);
    let (_, reader) = world.watched(Reader::Breakdown(breakdown), deployment.census())?;
    let Reader::Breakdown(breakdown) = reader else { unreachable!("{STAYS}") };
    Some(breakdown)
}

/// Runs a deployment as [`simulate`] does and returns what was recorded with the traces of the
/// requests that are wanted, the first of them first.
///
/// # Panics
/// If the deployment has not been checked.
pub fn follow(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    watch: &dyn Watch,
    wanted: Wanted,
) -> Option<(Recorder, Vec<Trace>)> {
    let world = build::build(deployment, horizon, stream, watch);
    let reader = Reader::Selection(Selection::new(wanted));
    let (recorder, reader) = world.watched(reader, deployment.census())?;
    let Reader::Selection(selection) = reader else { unreachable!("{STAYS}") };
    Some((recorder, selection.kept()))
}

/// Runs a deployment as [`simulate`] does and returns what became of the requests sent after the
/// warm-up, of at most [`MOST_FATES`], in the order of their identities.
///
/// # Panics
/// If the deployment has not been checked.
pub fn digests(
    deployment: &Deployment,
    horizon: Horizon,
    stream: Stream,
    watch: &dyn Watch,
) -> Option<Vec<Digest>> {
    let world = build::build(deployment, horizon, stream, watch);
    let reader = Reader::Digests(Digests::new(MOST_DIGESTS));
    let (_, reader) = world.watched(reader, deployment.census())?;
    let Reader::Digests(digests) = reader else { unreachable!("{STAYS}") };
    Some(digests.kept())
}

/// Why a reader is found again as it was given.
const STAYS: &str = "the reader of the traces of a run is the same at its end";
