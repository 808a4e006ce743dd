//! The words by which a scenario selects instances: of a component, by their number, by a share of
//! them, by where they are.

use std::fmt;

use crate::document::{At, Definitions, Name, Node, Problem, Problems, Read, scalar};
use crate::engine::Stream;
use crate::units::{Quantity, Share};

use super::spec::{PlaceName, split_index};

/// Instances, as a scenario selects them: `app`, `app[0]`, `25% of app`, `app@us-east`, or what is
/// at a place: `us-east.a`, `office[0]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The component, the client or the place.
    pub name: Name,
    /// Which instance or machine, counted from 0; all of them if `None`.
    pub index: Option<u64>,
    /// Which share of the instances or machines, rounded up to whole ones; all of them if `None`.
    pub share: Option<Share>,
    /// Where they are; anywhere if `None`.
    pub at: Option<At<PlaceName>>,
}

/// What a selector may be, for a message.
pub const SELECTOR: &str = "a component such as app, one instance: app[0], a share: 25% of app, \
                            or a place: app@us-east or us-east.a";

impl Selector {
    /// The selector that is written so; `None` if it is none.
    pub fn parse(text: &Name) -> Option<Selector> {
        let Name { value: text, place } = text;
        let part = |inner: &str| {
            let start = inner.as_ptr() as usize - text.as_ptr() as usize;
            place.part(text, start..start + inner.len())
        };
        let (share, rest) = match text.split_once(" of ") {
            Some((share, rest)) => {
                (Some(Share::parse(share.trim()).filter(|share| share.0 > 0.0)?), rest)
            }
            None => (None, &text[..]),
        };
        let (rest, at) = match rest.rsplit_once('@') {
            Some((rest, at)) => {
                let at = at.trim();
                (rest, Some(At { value: PlaceName::parse(at)?, place: part(at) }))
            }
            None => (rest, None),
        };
        let (name, index) = split_index(rest.trim())?;
        // One instance is where it is, and no share.
        let sole = index.is_some() && (share.is_some() || at.is_some());
        let name = At { value: name.to_owned(), place: part(name) };
        (!sole && !name.value.is_empty()).then_some(Selector { name, index, share, at })
    }

    /// Of all that are in question those that are meant, in their order. `stream` says which belong
    /// to a share.
    pub(crate) fn choose<T>(&self, all: Vec<T>, stream: Stream) -> Vec<T> {
        let Some(Share(share)) = self.share else { return all };
        let wanted = libm::ceil(share * all.len() as f64) as usize;
        let mut draws = stream.named("share").draws();
        let mut order: Vec<usize> = (0..all.len()).collect();
        // The first of a shuffled list: each instance is as likely as another.
        for place in 0..wanted.min(order.len()) {
            let other = place + draws.below(order.len() - place);
            order.swap(place, other);
        }
        let mut chosen = vec![false; all.len()];
        order.iter().take(wanted).for_each(|&number| chosen[number] = true);
        all.into_iter().zip(chosen).filter_map(|(one, chosen)| chosen.then_some(one)).collect()
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(share) = self.share {
            write!(f, "{share} of ")?;
        }
        f.write_str(&self.name.value)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        match &self.at {
            Some(at) => write!(f, "@{}", at.value),
            None => Ok(()),
        }
    }
}

impl Read for Selector {
    fn read(node: &Node, problems: &mut Problems) -> Option<Selector> {
        let text = scalar(node, SELECTOR, problems)?;
        let selector = Selector::parse(&At { value: text.to_owned(), place: node.place });
        if selector.is_none() {
            problems.push(Problem::mismatch(node, SELECTOR));
        }
        selector
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "component, instance, share of instances, or place",
            "type": "string",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Place, Sources};

    fn parse(text: &str) -> Option<Selector> {
        let place = Place { source: Sources::new().add("a", text), start: 0, end: text.len() };
        Selector::parse(&At { value: text.to_owned(), place })
    }

    #[test]
    fn instances_are_selected_by_name_number_share_and_place() {
        let check = |text: &str, name, index, share: Option<f64>, at: Option<&str>| {
            let selector = parse(text).expect("it is one");
            let Selector { name: found, index: number, share: part, at: place } = &selector;
            let place = place.as_ref().map(|place| place.value.to_string());
            let found = (found.value.as_str(), *number, part.map(|share| share.0));
            assert_eq!((found, place.as_deref()), ((name, index, share), at), "{text}");
            assert_eq!(selector.to_string(), text);
        };
        check("app", "app", None, None, None);
        check("app[12]", "app", Some(12), None, None);
        check("25% of app", "app", None, Some(0.25), None);
        check("app@us-east", "app", None, None, Some("us-east"));
        check("25% of app@us-east.a", "app", None, Some(0.25), Some("us-east.a"));
        check("app@office[1]", "app", None, None, Some("office[1]"));
        check("us-east.a", "us-east.a", None, None, None);
        for wrong in [
            "app[",
            "app[x]",
            "app[-1]",
            "app[0]x",
            "app[]",
            "0% of app",
            "x of app",
            "",
            "app@",
            "@us-east",
            "app[0]@us-east",
            "10% of app[0]",
            "app@a b",
            "app]",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_part_knows_where_it_stands() {
        let selector = parse("25% of app @ us-east").expect("it is one");
        let range = |place: Place| place.start..place.end;
        assert_eq!(range(selector.name.place), 7..10);
        assert_eq!(selector.at.map(|at| range(at.place)), Some(13..20));
    }

    /// Each of ten is among three with probability 0.3: of 3,000 draws in 900, with a standard
    /// deviation of 25. The band is five of those.
    #[test]
    fn a_share_is_of_whole_instances_and_each_is_as_likely() {
        let selector = parse("25% of app").expect("it is one");
        let mut counts = [0_i32; 10];
        for n in 0..3_000 {
            let chosen = selector.choose((0..10).collect(), Stream::root(1, n));
            assert!(chosen.len() == 3 && chosen.is_sorted());
            chosen.iter().for_each(|&instance: &usize| counts[instance] += 1);
        }
        assert!(counts.iter().all(|count| (count - 900).abs() < 125), "{counts:?}");
    }
}
