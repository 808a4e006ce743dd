//! What clients send, on average over the part of a run that is measured.

use crate::access_log::Trace;
use crate::component::client::{ArrivalProcess, ClientSpec, journey_length};
use crate::scenario::{Scenario, Warmup, between};
use crate::units::Span;

/// The part of a run that figures are of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: Span,
    pub(super) to: Span,
}

impl Window {
    /// A warm-up that is yet to be found takes nothing.
    pub(super) fn of(scenario: &Scenario) -> Window {
        let from = match scenario.warmup {
            Warmup::Given(warmup) if warmup < scenario.duration => warmup,
            _ => Span::ZERO,
        };
        Window { from, to: scenario.duration }
    }

    /// The mean rate of arrivals (1/s).
    pub(super) fn mean(self, process: &ArrivalProcess) -> f64 {
        let expected = process.expected(self.to) - process.expected(self.from);
        expected / (self.to.secs() - self.from.secs())
    }
}

/// What makes a client send.
#[derive(Clone, Copy, Debug)]
pub(super) enum Load {
    /// So many requests per second, whatever happens.
    Open(f64),
    /// So many users, who think so long (s).
    Users { count: u64, think: f64 },
}

pub(super) fn load(client: &ClientSpec, trace: Option<&Trace>, window: Window) -> Load {
    if let Some(arrivals) = &client.arrivals {
        let rate = window.mean(&arrivals.0);
        let together = client.batch.as_ref().map_or(1.0, |batch| batch.value.mean());
        let pages = client.journey.as_ref().and_then(journey_length).unwrap_or(1.0);
        return Load::Open(rate * together * pages);
    }
    if let Some(users) = &client.users {
        return Load::Users { count: users.count.get(), think: between(client, users) };
    }
    let recorded = trace.map_or(0.0, |trace| {
        let count: u64 = trace.arrivals.iter().map(|arrival| u64::from(arrival.count)).sum();
        let length = trace.length.secs();
        if length > 0.0 { count as f64 / length } else { 0.0 }
    });
    let replay = client.trace.as_ref();
    Load::Open(replay.map_or(0.0, |replay| recorded * replay.scale.get() * replay.speed.get()))
}
