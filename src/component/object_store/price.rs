//! What 1000 of something cost.

use crate::document::{Definitions, Node, Problems, Read, parsed};
use crate::units::Quantity;

/// What 1000 of something cost, in any one currency: kept as billionths for each, a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePerThousand(u64);

const EXPECTED: &str = "a price of 1000 such as 0.005 or 12, up to a million";
/// Billionths for each, where 1000 cost one.
const FACTOR: f64 = 1e6;
const MOST: f64 = 1e6;

impl PricePerThousand {
    /// What one costs (billionths).
    pub(super) fn of_one(self) -> u64 {
        self.0
    }
}

impl Read for PricePerThousand {
    fn read(node: &Node, problems: &mut Problems) -> Option<PricePerThousand> {
        let parse = |text: &str| {
            let price = f64::parse(text).filter(|&price| price <= MOST)?;
            Some(PricePerThousand(libm::round(price * FACTOR) as u64))
        };
        parsed(node, EXPECTED, parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "price of 1000",
            "anyOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": <f64 as Quantity>::PATTERN },
            ],
        })
    }
}
