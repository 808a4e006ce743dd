//! An application server: identical replicas, each with cores, workers, a queue, and endpoints
//! made of steps.

use crate::document::{
    Count, Definitions, Entries, Node, Positive, Problems, Read, parsed, record,
};
use crate::units::Quantity;

use super::station::{Equipment, HostSpec, QueueSpec, Scheduling};
use super::step::{Often, StepSpec};

record! {
    /// Identical application servers. More than one need a load balancer in front.
    pub struct ServerSpec {
        /// How many there are, each with its own cores, workers and queue.
        pub replicas: Count = "1",
        /// Processor cores of each.
        pub cores: Count = "1",
        /// How fast a core is: 2 does a step's `cpu` in half the time.
        pub speed: Positive = "1",
        /// How the cores are given to workers that want them.
        pub scheduling: Scheduling = "processor_sharing",
        /// The machine, where it is shared with others who slow this one down.
        pub host: Option<HostSpec>,
        /// How many requests are worked on at once. A number: each holds its worker while it waits
        /// for io or a call. `async`: a worker for each core, free while its request waits.
        pub workers: Workers = "200",
        /// Where requests wait for a worker.
        pub queue: QueueSpec = "{}",
        /// What each request type makes this server do, step by step. `"*"` is any other type.
        pub endpoints: Entries<Vec<StepSpec>>,
    }
}

/// How many workers, and whether they wait with their request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// Held while the request waits; `None` without a limit.
    Blocking(Option<u64>),
    /// Free while the request waits; one for each core.
    Async,
}

const WORKERS: &str = "a number of workers such as 16, `unlimited`, or `async`";

impl Read for Workers {
    fn read(node: &Node, problems: &mut Problems) -> Option<Workers> {
        let parse = |text: &str| match text {
            "async" => Some(Workers::Async),
            "unlimited" => Some(Workers::Blocking(None)),
            _ => u64::parse(text).filter(|&count| count > 0).map(|n| Workers::Blocking(Some(n))),
        };
        parsed(node, WORKERS, parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "workers",
            "anyOf": [
                { "enum": ["async", "unlimited"] },
                { "type": "integer", "minimum": 1 },
                { "type": "string", "pattern": <u64 as Quantity>::PATTERN },
            ],
        })
    }
}

impl ServerSpec {
    pub(super) fn equipment(&self) -> Equipment {
        let cores = self.cores.get();
        let (slots, blocking) = match self.workers {
            Workers::Blocking(count) => (count, true),
            Workers::Async => (Some(cores), false),
        };
        Equipment {
            cores,
            speed: self.speed.get(),
            scheduling: self.scheduling,
            host: None,
            slots,
            blocking,
            queue_limit: self.queue.limit.get(),
        }
    }

    /// Every step of every endpoint, those within others too.
    pub fn steps(&self) -> Vec<&StepSpec> {
        let mut steps = Vec::new();
        for step in self.endpoints.iter().flat_map(|(_, steps)| steps) {
            step.walk(Often::ONCE, &mut |step, _| steps.push(step));
        }
        steps
    }

    /// The endpoint that answers `operation`.
    pub fn endpoint(&self, operation: &str) -> Option<&[StepSpec]> {
        let named = self.endpoints.0.iter().find(|(name, _)| name.value == operation);
        let any = || self.endpoints.0.iter().find(|(name, _)| name.value == "*");
        named.or_else(any).map(|(_, steps)| &steps[..])
    }
}
