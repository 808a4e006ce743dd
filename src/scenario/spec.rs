//! The shape of a scenario file.

use crate::call::CallRules;
use crate::component::ComponentSpec;
use crate::component::client::ClientSpec;
use crate::control::FaultSpec;
use crate::document::{At, Count, Definitions, Entries, Node, Problems, Read, parsed, record};
use crate::network::LinkSpec;
use crate::objects::CatalogSpec;
use crate::placement::RegionSpec;
use crate::units::{Quantity, Span};
use crate::work::MachineSpec;

use super::axis::AxisSpec;
use super::expectation::Expectation;

record! {
    /// One scenario: what is deployed, who uses it, and for how long.
    pub struct ScenarioSpec {
        /// What it is called; the file's name if not given.
        pub name: Option<String>,
        /// What it shows, in a line.
        pub teaches: Option<String>,
        /// The root of all randomness: the same seed gives the same users with the same demands.
        pub seed: u64 = "1",
        /// Simulated length of each replication, warm-up included. If not given: the length of the
        /// trace where there is one, 10 minutes otherwise.
        pub duration: Option<At<Span>>,
        /// How much of the start is left out of every figure; `auto` finds where the transient ends
        /// (MSER-5). If not given: nothing where there is a trace or a rate that changes with time,
        /// `auto` otherwise.
        pub warmup: Option<At<Warmup>>,
        /// How often the run is repeated with other random numbers; the spread between replications
        /// says how sure each figure is.
        pub replications: At<Count> = "10",
        /// What requests ask for: kinds of objects, which have sizes, popularity and versions.
        pub catalog: Entries<CatalogSpec> = "{}",
        /// Where components and clients can be.
        pub regions: Entries<RegionSpec> = "{}",
        /// On what they can be, and what those on one machine share.
        pub machines: Entries<MachineSpec> = "{}",
        /// Who sends requests.
        pub clients: Entries<ClientSpec>,
        /// What answers them.
        pub topology: Entries<ComponentSpec>,
        /// The delays between them. Without any, a message takes no time.
        pub links: Entries<LinkSpec> = "{}",
        /// How callers ask, and how long they wait.
        pub calls: Entries<CallRules> = "{}",
        /// What goes wrong.
        pub faults: Vec<At<FaultSpec>> = "[]",
        /// What must hold, such as `p99(GET /product) < 250ms`; checked after the run.
        pub expect: Vec<Expectation> = "[]",
        /// What `deploysim sweep` varies: every value of each axis with every value of the others.
        pub sweep: Entries<AxisSpec> = "{}",
    }
}

/// How much of the start of a run is left out of the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warmup {
    /// Found by MSER-5 on pilot runs.
    Auto,
    /// This much.
    Given(Span),
}

impl Read for Warmup {
    fn read(node: &Node, problems: &mut Problems) -> Option<Warmup> {
        let parse = |text: &str| match text {
            "auto" => Some(Warmup::Auto),
            _ => Span::parse(text).map(Warmup::Given),
        };
        parsed(node, "a duration such as 1min, or `auto`", parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "warm-up",
            "anyOf": [
                { "const": "auto" },
                { "const": 0 },
                { "type": "string", "pattern": Span::PATTERN },
            ],
        })
    }
}

/// The names that stand in a file, those of what could not be read among them.
pub(super) struct Declared {
    pub(super) components: Vec<String>,
    pub(super) catalogs: Vec<String>,
}
