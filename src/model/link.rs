//! Links: the delay each way between two components.

use crate::document::record;
use crate::engine::Agenda;

use super::delay::{Delay, Transit};
use super::node::Event;

record! {
    /// A link between two components. `a -> b` names the link by which `a` asks `b`; `default` is
    /// every link that is not named.
    #[short = delay]
    pub struct LinkSpec {
        /// The delay each way.
        pub delay: Delay = "0",
        /// The delay of the question, where it differs.
        pub there: Option<Delay>,
        /// The delay of the answer, where it differs.
        pub back: Option<Delay>,
    }
}

/// The name of every link that is not named.
pub const DEFAULT_LINK: &str = "default";

/// The two ends of a link's name, `a -> b`.
pub fn ends(name: &str) -> Option<(&str, &str)> {
    let (from, to) = name.split_once("->")?;
    Some((from.trim(), to.trim()))
}

/// One link, as an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LinkId(pub(super) u32);

/// A link with its delay each way.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) there: Transit,
    pub(super) back: Transit,
}

/// The links of a run.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Link>);

impl Links {
    /// Adds a link whose randomness is told from others by `salt`.
    pub(super) fn add(
        &mut self,
        there: &Delay,
        back: &Delay,
        salt: u64,
        agenda: &mut Agenda<Event>,
    ) -> LinkId {
        self.0.push(Link {
            there: Transit::new(there, salt, agenda),
            back: Transit::new(back, salt ^ 1, agenda),
        });
        LinkId(u32::try_from(self.0.len() - 1).expect("links are fewer than 2^32"))
    }

    #[inline]
    pub(super) fn get(&self, id: LinkId) -> &Link {
        &self.0[id.0 as usize]
    }
}
