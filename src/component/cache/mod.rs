//! A cache by itself: what it is asked takes a time and perhaps a processor, and a connection.

mod build;
mod check;
mod kind;

use crate::caching::CacheSpec;
use crate::distribution::Delay;
use crate::engine::Dist;
use crate::queue::QueueSpec;
use crate::work::{Equipment, Scheduling};

/// How long it takes to answer where nothing is said (ns): a round in a process on another machine.
const LATENCY: f64 = 4e5;
/// How many requests it works on at once where nothing is said.
const CONNECTIONS: u64 = 10_000;

impl CacheSpec {
    /// What a cache by itself runs on.
    pub(crate) fn equipment(&self) -> Equipment {
        Equipment {
            // Without work there is no processor to speak of.
            cores: self.cost.as_ref().map_or(0, |_| self.cores.map_or(1, |cores| cores.get())),
            speed: 1.0,
            scheduling: Scheduling::RunToCompletion,
            neighbours: None,
            slots: self.connections.map_or(Some(CONNECTIONS), |limit| limit.get()),
            blocking: true,
            queue: self.queue(),
            memory: None,
            recycle: None,
            storage: None,
            contention: None,
            pools: Vec::new(),
        }
    }

    /// Where requests wait for a connection.
    pub(crate) fn queue(&self) -> QueueSpec {
        self.queue.clone().unwrap_or_default()
    }

    /// How long an answer takes, beside processor time.
    pub fn latency(&self) -> Delay {
        self.latency.clone().unwrap_or(Delay(Dist::Constant(LATENCY)))
    }
}
