//! Whom something concerns: a component, one instance of it, or a share of its instances.

use std::fmt;

use crate::document::{Definitions, Node, Problems, Read, parsed};
use crate::engine::Stream;
use crate::units::{Quantity, Share};

/// Instances of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The component, or the client.
    pub component: String,
    /// Which instance, counted from 0; all of them if `None`.
    pub index: Option<u64>,
    /// Which share of the instances, rounded up to whole ones; all of them if `None`.
    pub share: Option<Share>,
}

impl Scope {
    fn parse(text: &str) -> Option<Scope> {
        if let Some((share, component)) = text.split_once(" of ") {
            let share = Some(Share::parse(share.trim()).filter(|share| share.0 > 0.0)?);
            return Some(Scope { component: component.trim().to_owned(), index: None, share });
        }
        let Some((component, rest)) = text.split_once('[') else {
            return Some(Scope { component: text.to_owned(), index: None, share: None });
        };
        let index = rest.strip_suffix(']').and_then(|index| u64::parse(index.trim()))?;
        let component = component.trim_end().to_owned();
        Some(Scope { component, index: Some(index), share: None })
    }

    /// The instances among so many, counted from 0 and in their order. `stream` says which belong
    /// to a share.
    pub(crate) fn instances(&self, count: u64, stream: Stream) -> Vec<u64> {
        if let Some(index) = self.index {
            return vec![index];
        }
        let mut all: Vec<u64> = (0..count).collect();
        let Some(Share(share)) = self.share else { return all };
        let wanted = libm::ceil(share * count as f64) as usize;
        let mut draws = stream.named("share").draws();
        // The first of a shuffled list: each instance is as likely as another.
        for place in 0..wanted.min(all.len()) {
            let other = place + draws.below(all.len() - place);
            all.swap(place, other);
        }
        all.truncate(wanted);
        all.sort_unstable();
        all
    }

    /// Whether an instance may be in this scope and in another.
    pub fn meets(&self, other: &Scope) -> bool {
        let apart = self.index.is_some() && other.index.is_some() && self.index != other.index;
        self.component == other.component && !apart
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.index, self.share) {
            (Some(index), _) => write!(f, "{}[{index}]", self.component),
            (None, Some(share)) => write!(f, "{share} of {}", self.component),
            (None, None) => f.write_str(&self.component),
        }
    }
}

impl Read for Scope {
    fn read(node: &Node, problems: &mut Problems) -> Option<Scope> {
        let expected = "a component such as app, one instance: app[0], or a share: 25% of app";
        parsed(node, expected, Scope::parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "component, instance or share of instances", "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_named_by_its_number_and_some_by_their_share() {
        let check = |text: &str, index, share: Option<f64>| {
            let scope = Scope::parse(text).expect("it is one");
            let found = (scope.component.as_str(), scope.index, scope.share.map(|share| share.0));
            assert_eq!(found, ("app", index, share));
            assert_eq!(scope.to_string(), text);
        };
        check("app", None, None);
        check("app[0]", Some(0), None);
        check("app[12]", Some(12), None);
        check("25% of app", None, Some(0.25));
        for wrong in ["app[", "app[x]", "app[-1]", "app[0]x", "app[]", "0% of app", "x of app"] {
            assert_eq!(Scope::parse(wrong), None, "{wrong}");
        }
    }

    /// Each of ten is among three with probability 0.3: of 3,000 draws in 900, with a standard
    /// deviation of 25. The band is five of those.
    #[test]
    fn a_share_is_of_whole_instances_and_each_is_as_likely() {
        let scope = Scope::parse("25% of app").expect("it is one");
        let mut counts = [0_i32; 10];
        for n in 0..3_000 {
            let chosen = scope.instances(10, Stream::root(1, n));
            assert!(chosen.len() == 3 && chosen.is_sorted());
            chosen.iter().for_each(|&instance| counts[instance as usize] += 1);
        }
        assert!(counts.iter().all(|count| (count - 900).abs() < 125), "{counts:?}");
    }
}
