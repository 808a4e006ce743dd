//! The registry of metrics: all that are declared, each beside what it counts, and what of a
//! deployment has what they need.

use super::Deployment;
use crate::caching::{CACHE, CACHE_METRICS, SHARED_CACHE};
use crate::component::{ComponentSpec, MESSAGE_METRICS, STORE_METRICS};
use crate::measure::{
    CAPACITY, COMPONENT_METRICS, Feature, Form, INSTANCES, Metric, OF_ALL, REQUEST_METRICS,
    RUN_METRICS, SLOTS,
};
use crate::objects::{BROWSER_CACHE, BROWSER_METRICS, OBJECT_METRICS, PRIVATE_ANSWERS, VERSIONS};
use crate::replication::REPLICATION_METRICS;
use crate::session::SESSION_METRICS;
use crate::storage::STORAGE_METRICS;
use crate::transaction::{LOCK_METRICS, TRANSACTION_METRICS};
use crate::units::{Quantity, Span};
use crate::work::{CONNECTION_METRICS, SCHEMA_METRICS};

/// Metrics that are about the same.
#[derive(Debug)]
pub struct Family {
    /// What they are about.
    pub about: &'static str,
    /// They.
    pub metrics: &'static [Metric],
}

/// All metrics.
pub static FAMILIES: [Family; 15] = [
    Family { about: "requests", metrics: REQUEST_METRICS },
    Family { about: "requests for objects of a `catalog`", metrics: OBJECT_METRICS },
    Family { about: "requests of users with a `browser_cache`", metrics: BROWSER_METRICS },
    Family { about: "the whole run", metrics: RUN_METRICS },
    Family {
        about: "a component, a link that messages share, or a machine",
        metrics: COMPONENT_METRICS,
    },
    Family { about: "a cache, or a server with one of its own", metrics: CACHE_METRICS },
    Family { about: "a server or a database with a `disk`", metrics: STORAGE_METRICS },
    Family { about: "a database with `replication`", metrics: REPLICATION_METRICS },
    Family { about: "a database that transactions name", metrics: LOCK_METRICS },
    Family { about: "a server with transactions", metrics: TRANSACTION_METRICS },
    Family { about: "a database with a `schema_change`", metrics: SCHEMA_METRICS },
    Family { about: "a server with `pools`", metrics: CONNECTION_METRICS },
    Family { about: "a message queue", metrics: MESSAGE_METRICS },
    Family { about: "an object store", metrics: STORE_METRICS },
    Family { about: "a server with `sessions`", metrics: SESSION_METRICS },
];

/// Words that were metrics once, and what they are called now.
const FORMER: [(&str, &str); 9] = [
    ("evictions", "eviction_rate"),
    ("latency_mean", "mean_latency"),
    ("latency_max", "max_latency"),
    ("queue_mean", "queue"),
    ("present_mean", "present"),
    ("wait_mean", "wait"),
    ("sojourn_mean", "sojourn"),
    ("own_mean", "own"),
    ("delay_mean", "delay"),
];

/// Words that told a rate or a share once and tell a count now, and what that is called now.
const OTHERWISE: [(&str, &str); 2] = [("misses", "miss_rate"), ("wasted", "wasted_share")];

/// The parameter in a metric's name, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum WrittenArgument {
    /// There is none.
    None,
    /// `p99`: the probability of a quantile.
    Quantile(f64),
    /// What stands behind a colon.
    Word(String),
    /// A whole number from 1.
    Number(u64),
    /// A duration.
    Duration(Span),
}

/// Every metric.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    FAMILIES.iter().flat_map(|family| family.metrics)
}

/// The metric that is written so, with its parameter.
pub fn find(name: &str) -> Option<(&'static Metric, WrittenArgument)> {
    metrics().find_map(|metric| Some((metric, parameter(metric.form, name)?)))
}

/// What a word that was a metric once is called now.
pub fn former(name: &str) -> Option<String> {
    if let Some(percentile) = name.strip_prefix("latency_p") {
        return Some(format!("p{percentile}"));
    }
    FORMER.iter().find(|(old, _)| *old == name).map(|(_, new)| (*new).to_owned())
}

/// What a count that was a rate or a share once is called as such.
pub fn otherwise(name: &str) -> Option<&'static str> {
    OTHERWISE.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

fn parameter(form: Form, name: &str) -> Option<WrittenArgument> {
    let behind = |word| name.strip_prefix(word)?.strip_prefix(':').map(str::trim);
    match form {
        Form::Word(word) => (word == name).then_some(WrittenArgument::None),
        Form::Percentile(stem) => {
            percentage(name.strip_prefix(stem)?).map(WrittenArgument::Quantile)
        }
        Form::PercentileOfAll(stem) => {
            let number = name.strip_prefix(stem)?.strip_suffix(OF_ALL)?;
            percentage(number).map(WrittenArgument::Quantile)
        }
        Form::Resource(word) | Form::Outcome(word) => {
            behind(word).map(|rest| WrittenArgument::Word(rest.to_owned()))
        }
        Form::Number(word) => {
            let number = behind(word)?.parse().ok().filter(|&number| number > 0);
            number.map(WrittenArgument::Number)
        }
        Form::Duration(word) => Span::parse(behind(word)?).map(WrittenArgument::Duration),
    }
}

/// `99.9` as a probability. What is one in a thousand is read as such, and not as what a division
/// by a hundred leaves.
fn percentage(text: &str) -> Option<f64> {
    let plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    if !plain || !digits || !(0.0..=100.0).contains(&text.parse::<f64>().ok()?) {
        return None;
    }
    format!("{text}e-2").parse().ok()
}

type ComponentHas = fn(&ComponentSpec) -> bool;
type RequestsHave = fn(&Deployment, &[usize]) -> bool;

/// What components of several kinds have.
const OF_COMPONENTS: [(&Feature, ComponentHas); 4] = [
    (&SLOTS, |spec| spec.has(Some(&CAPACITY))),
    (&INSTANCES, |spec| spec.instances() > 1),
    (&CACHE, |spec| spec.cache().is_some()),
    (&SHARED_CACHE, |spec| spec.cache().is_some_and(|cache| cache.goes_by_the_header())),
];

/// What request types have.
const OF_REQUESTS: [(&Feature, RequestsHave); 3] = [
    (&VERSIONS, |deployment, _| !deployment.catalog.is_empty()),
    (&PRIVATE_ANSWERS, |deployment, _| deployment.tells_users_apart()),
    (&BROWSER_CACHE, Deployment::browses),
];

impl ComponentSpec {
    /// Whether it has what a metric needs.
    pub fn has(&self, needed: Option<&'static Feature>) -> bool {
        let Some(needed) = needed else { return true };
        let is_it = |feature: &Feature| std::ptr::eq(feature, needed);
        let shared = OF_COMPONENTS.iter().any(|(feature, has)| is_it(feature) && has(self));
        shared || self.kind().features().into_iter().any(is_it)
    }

    /// What it calls that of which each request that is served holds one.
    pub fn slots(&self) -> &'static str {
        self.kind().slots()
    }
}

/// What the slots of a link that messages share are called.
pub const BANDWIDTH: &str = "bandwidth";

/// Whether a link that messages share has what a metric needs: it can be full, and no more.
pub fn link_has(needed: Option<&'static Feature>) -> bool {
    needed.is_none_or(|needed| [&CAPACITY, &SLOTS].iter().any(|has| std::ptr::eq(*has, needed)))
}

impl Deployment {
    /// Whether any of these request types has what a metric needs.
    pub fn have(&self, types: &[usize], needed: Option<&'static Feature>) -> bool {
        let Some(needed) = needed else { return true };
        let known = OF_REQUESTS.iter().find(|(feature, _)| std::ptr::eq(*feature, needed));
        known.is_some_and(|(_, have)| have(self, types))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::About;
    use std::collections::BTreeSet;

    #[test]
    fn every_metric_has_a_name_of_its_own_a_doc_and_a_feature_that_somebody_can_have() {
        let mut names = BTreeSet::new();
        for metric in metrics() {
            let name = metric.form.stem();
            let kind = std::mem::discriminant(&metric.form);
            assert!(names.insert((name, format!("{kind:?}"))), "{name} is declared twice");
            assert!(metric.doc.iter().any(|line| !line.trim().is_empty()), "{name} has no doc");
            assert!(!metric.unit.word().is_empty(), "{name} has no unit");
            let Some(needs) = metric.needs else { continue };
            let known = match metric.about {
                About::Requests => OF_REQUESTS.iter().any(|(of, _)| std::ptr::eq(*of, needs)),
                About::Component => true,
                About::Run => false,
            };
            assert!(known, "nobody can have what {name} needs");
        }
    }

    #[test]
    fn a_name_is_found_with_its_parameter_and_former_ones_lead_to_the_new() {
        let parameter = |name: &str| find(name).map(|(_, parameter)| parameter);
        assert_eq!(parameter("p99.9"), Some(WrittenArgument::Quantile(0.999)));
        assert_eq!(parameter("p99.9_of_all"), Some(WrittenArgument::Quantile(0.999)));
        assert_eq!(parameter("wait_p0"), Some(WrittenArgument::Quantile(0.0)));
        assert_eq!(parameter("utilisation:cpu"), Some(WrittenArgument::Word("cpu".to_owned())));
        assert_eq!(parameter("utilisation"), Some(WrittenArgument::None));
        let second = WrittenArgument::Duration(Span::from_secs(1));
        assert_eq!(parameter("oldest_age_above:1s"), Some(second));
        assert_eq!(parameter("present_at_least:5"), Some(WrittenArgument::Number(5)));
        for wrong in [
            "p",
            "p101",
            "p9x",
            "p.5",
            "present_at_least:0",
            "present_at_least",
            "x",
            "oldest_age_above:2",
        ] {
            assert_eq!(parameter(wrong), None, "{wrong}");
        }
        for (old, new) in FORMER {
            assert_eq!((parameter(old), former(old)), (None, Some(new.to_owned())));
            assert!(find(new).is_some(), "{new}");
        }
        for (count, other) in OTHERWISE {
            assert!(find(count).is_some() && find(other).is_some(), "{count}");
        }
        assert_eq!(former("latency_p99.9").as_deref(), Some("p99.9"));
    }
}
