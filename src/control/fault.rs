//! What a scenario says of what goes wrong: components that crash, at a known time or by chance.

use std::fmt;

use crate::distribution::Delay;
use crate::document::{At, Definitions, Node, Problems, Read, parsed, record};
use crate::units::{Quantity, Span};

record! {
    /// Something that goes wrong. Exactly one of `at` and `every` says when.
    pub struct FaultSpec {
        /// What crashes: a server or a database with all its instances, or one of them, counted
        /// from 0: `app[0]`, in quotes where it stands within braces. What it was working on fails,
        /// and so does at once what comes while it is down. What it had in memory is lost.
        pub crash: At<Instances>,
        /// When, from the start of the run, warm-up included.
        pub at: Option<At<Span>>,
        /// By chance, each instance on its own: how long it is up, from the start of the run or the
        /// end of its last crash, such as `exp(30d)`.
        pub every: Option<At<Delay>>,
        /// How long it is down; to the end of the run if not given.
        pub r#for: Option<At<Delay>>,
    }
}

/// All instances of a component, or one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instances {
    /// The component.
    pub component: String,
    /// Which of them, counted from 0; all of them if `None`.
    pub index: Option<u64>,
}

impl Instances {
    fn parse(text: &str) -> Option<Instances> {
        let Some((component, rest)) = text.split_once('[') else {
            return Some(Instances { component: text.to_owned(), index: None });
        };
        let index = rest.strip_suffix(']').and_then(|index| u64::parse(index.trim()))?;
        Some(Instances { component: component.trim_end().to_owned(), index: Some(index) })
    }

    /// Whether this instance is among them.
    pub fn include(&self, component: &str, instance: u64) -> bool {
        self.component == component && self.index.is_none_or(|index| index == instance)
    }
}

impl fmt::Display for Instances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "{}[{index}]", self.component),
            None => f.write_str(&self.component),
        }
    }
}

impl Read for Instances {
    fn read(node: &Node, problems: &mut Problems) -> Option<Instances> {
        parsed(node, "a component such as app, or one instance: app[0]", Instances::parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "component or instance", "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_named_by_its_number() {
        let check = |text: &str, index| {
            let instances = Instances::parse(text).expect("it is one");
            assert_eq!((instances.component.as_str(), instances.index), ("app", index));
            assert_eq!(instances.to_string(), text);
        };
        check("app", None);
        check("app[0]", Some(0));
        check("app[12]", Some(12));
        for wrong in ["app[", "app[x]", "app[-1]", "app[0]x", "app[]"] {
            assert_eq!(Instances::parse(wrong), None, "{wrong}");
        }
    }
}
