//! Messages over a link take longer.

use super::{Effects, Exclusion, Goes, Ground, Known, Verb};
use crate::control::FaultSpec;
use crate::control::faults::Interferes;
use crate::distribution::Delay as Time;
use crate::document::{At, Place, Problem, Problems, quoted};
use crate::engine::Stream;
use crate::message::{Attempt, LinkId, NodeId};
use crate::network::ends;
use crate::placement::Selector;
use crate::runtime::Interference;
use crate::units::Span;

/// Messages over a link take longer.
pub(super) struct Delay;

impl Goes for Delay {
    /// Delays add up.
    const EXCLUSION: Option<Exclusion> = None;

    fn of(fault: &FaultSpec) -> Option<&At<Selector>> {
        fault.delay.as_ref()
    }

    fn words(fault: &FaultSpec) -> Vec<(&'static str, Option<Place>)> {
        vec![("by", fault.by.as_ref().map(|by| by.place))]
    }

    fn check(
        _: Verb,
        fault: &FaultSpec,
        of: &At<Selector>,
        known: &dyn Known,
        problems: &mut Problems,
    ) {
        if fault.by.is_none() {
            let title = "delayed by how much?";
            problems.push(Problem::new(of.place, title, "expected `by: 50ms` beside"));
        }
        check_link(of, known, problems);
    }

    fn effects(
        fault: &FaultSpec,
        of: &Selector,
        ground: &mut dyn Ground,
        stream: Stream,
    ) -> Effects {
        let (from, to) = ends(&of.name.value).expect("the names of links are checked");
        let Some(link) = ground.link(from, to) else { return Vec::new() };
        let by = fault.by.as_ref().expect("it is checked to be there").value.clone();
        let salts = ["there", "back"].map(|way| stream.named("by").named(way).salt());
        let number = ground.interfere(Box::new(Later { link, by, salts }));
        vec![(Box::new(Interferes(number)), stream.at(0))]
    }
}

/// Reports what is no link, or one by which nobody asks.
fn check_link(of: &At<Selector>, known: &dyn Known, problems: &mut Problems) {
    let At { value: Selector { name, .. }, place } = of;
    let name = &name.value;
    let Some((from, to)) = ends(name) else {
        let title = format!("{} is no link", quoted(name));
        let label = "expected who asks and who is asked, such as `app -> main`";
        return problems.push(Problem::new(*place, title, label));
    };
    let components = known.components();
    let is_known = |name: &str| known.is_client(name) || components.contains(&name);
    if let Some(unknown) = [from, to].into_iter().find(|name| !is_known(name)) {
        problems.unknown(*place, "component", unknown, &components);
    } else if !known.links().iter().any(|(a, b)| a == from && b == to) {
        let title = format!("{} never asks {}", quoted(from), quoted(to));
        let label = "a link runs from who asks to who is asked";
        problems.push(Problem::new(*place, title, label));
    }
}

/// Delays messages over one link, both ways.
#[derive(Debug)]
struct Later {
    link: LinkId,
    by: Time,
    /// Tell the delays of questions, and of answers, from a request's other draws.
    salts: [u64; 2],
}

impl Interference for Later {
    fn concerns(&self, link: LinkId) -> bool {
        link == self.link
    }

    fn impact(&self, attempt: &Attempt, _: NodeId, _: NodeId) -> Option<Span> {
        let salt = self.salts[attempt.phase.way()];
        Some(self.by.draw(attempt.stream.beside(salt)))
    }
}
