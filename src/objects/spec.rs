//! What a scenario says of the objects that requests ask for.

use crate::distribution::Delay;
use crate::document::{At, Count, Definitions, Node, Problems, Read, call_syntax, parsed, record};
use crate::engine::Popularity;
use crate::network::MessageSize;
use crate::units::{Quantity, Share};

use super::cache_control::CacheControl;

record! {
    /// Objects of one kind, of which each request asks for one.
    #[short = keys]
    pub struct CatalogSpec {
        /// How many there are.
        pub keys: At<Count>,
        /// How often each is asked for: `zipf(0.9)`, by which the k-th most popular is asked for in
        /// proportion to 1/k^0.9, or `uniform`.
        pub popularity: Demand = "zipf(0.9)",
        /// How large each is, drawn once for each: what it takes of a cache that is so many bytes
        /// large.
        pub size: MessageSize = "10KiB",
        /// From one change of an object by itself to its next, from the start of the run on, for
        /// each object on its own: what nobody in the scenario writes. Never if not given.
        pub changes: Option<At<Delay>>,
        /// The share of the keys under which there is nothing, as long as nobody writes it.
        pub absent: Share = "0",
        /// What answers about an object say of how they may be kept, in the words of HTTP, such as
        /// `public, max-age=60`: for the clients' own caches, and for those with `ttl: header`.
        pub cache_control: Option<CacheControl>,
        /// Whether answers tell their version (an entity tag), so that clients who have one can ask
        /// whether it is still true instead of fetching it anew.
        pub etag: bool = "false",
        /// Whether there is an answer for each user under each key, as on an account page.
        pub per_user: At<bool> = "false",
    }
}

/// How often each object is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Demand {
    /// All as often.
    Uniform,
    /// Zipf's law with this exponent, above 0 and at most 10.
    Zipf(f64),
}

/// The greatest exponent: the first of all objects then has more than 99.9% of the requests.
const STEEPEST: f64 = 10.0;
const EXPECTED: &str = "`uniform`, or `zipf(0.9)` with an exponent from 0 to 10";

impl Demand {
    fn parse(text: &str) -> Option<Demand> {
        if text == "uniform" {
            return Some(Demand::Uniform);
        }
        let ("zipf", arguments) = call_syntax(text)? else { return None };
        let [exponent] = &arguments[..] else { return None };
        let named = exponent.name.is_none_or(|name| name == "exponent");
        let exponent = f64::parse(exponent.text).filter(|s| named && (0.0..=STEEPEST).contains(s));
        exponent.map(|s| if s == 0.0 { Demand::Uniform } else { Demand::Zipf(s) })
    }

    /// The law for so many objects, the most popular first.
    pub(crate) fn over(self, keys: u64) -> Popularity {
        match self {
            Demand::Uniform => Popularity::uniform(keys),
            Demand::Zipf(exponent) => Popularity::zipf(keys, exponent),
        }
    }
}

impl Read for Demand {
    fn read(node: &Node, problems: &mut Problems) -> Option<Demand> {
        parsed(node, EXPECTED, Demand::parse, problems)
    }

    fn stand_in() -> Option<Demand> {
        Some(Demand::Uniform)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "popularity",
            "type": "string",
            "pattern": r"^uniform$|^zipf\(.+\)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_uniform_or_a_zipf_law() {
        let check = |text, expect| assert_eq!(Demand::parse(text), expect, "{text}");
        check("uniform", Some(Demand::Uniform));
        check("zipf(0)", Some(Demand::Uniform));
        check("zipf(0.9)", Some(Demand::Zipf(0.9)));
        check("zipf(exponent=1.2)", Some(Demand::Zipf(1.2)));
        for wrong in ["zipf", "zipf()", "zipf(-1)", "zipf(11)", "zipf(1, 2)", "zipf(s=1)", "0.9"] {
            check(wrong, None);
        }
    }
}
