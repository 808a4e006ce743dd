//! What a scenario says of links that could not be meant.

use crate::deployment::Deployment;
use crate::document::{At, Problem, Problems, quoted};
use crate::network::{Direction, PipeSpec, RetransmitSpec};
use crate::units::{Bytes, Span};

use super::calls::links;

/// The most tries of a message.
const MOST_TRIES: u64 = 100;

/// Reports links that could not be meant.
pub(super) fn check_links(deployment: &Deployment, problems: &mut Problems) {
    check_checks(deployment, problems);
    for (_, link) in deployment.links.iter() {
        check_tries(&link.retransmit, problems);
        let ways = [(&link.there, link.way_there()), (&link.back, link.way_back())];
        if let Some(buffer) = &link.buffer {
            let ways: Vec<&Direction> = ways.iter().map(|(_, way)| way).collect();
            check_buffer(buffer, &ways, problems);
        }
        for (said, way) in &ways {
            let Some(said) = said else { continue };
            if let Some(buffer) = &said.buffer {
                check_buffer(buffer, &[way], problems);
            }
            if let Some(retransmit) = &said.retransmit {
                check_tries(retransmit, problems);
            }
        }
    }
}

/// Reports checks that nobody can answer in time: their link takes longer there and back.
fn check_checks(deployment: &Deployment, problems: &mut Problems) {
    for (name, spec) in deployment.topology.iter() {
        let Some(timeout) = spec.kind().capabilities().check_timeout else { continue };
        for to in spec.kind().callees() {
            let Some(link) = deployment.link(&name.value, &to.value) else { continue };
            let least = link.way_there().delay.least() + link.way_back().delay.least();
            if least > timeout.value {
                let title = format!("no check of {} is answered in time", quoted(&to.value));
                let label = format!("the way there and back takes {least} at least");
                problems.push(Problem::new(timeout.place, title, label));
            }
        }
    }
}

/// A buffer must stand before a shared pipe at least one of the ways that it is for.
fn check_buffer(buffer: &At<Bytes>, ways: &[&Direction], problems: &mut Problems) {
    let narrow = || ways.iter().filter(|way| way.bandwidth.is_some());
    let (title, label) = if narrow().count() == 0 {
        ("a buffer without a bandwidth", "nothing waits where messages leave at once")
    } else if narrow().all(|way| way.pipe == PipeSpec::Own) {
        ("a buffer before pipes that nobody shares", "nothing waits there")
    } else {
        return;
    };
    let problem = Problem::new(buffer.place, title, label);
    problems.push(problem.help("leave out `buffer`, or give the link a `bandwidth` to share"));
}

fn check_tries(retransmit: &RetransmitSpec, problems: &mut Problems) {
    let RetransmitSpec { after, tries } = retransmit;
    if after.value == Span::ZERO {
        let label = "nobody can know by then: expected a duration above zero";
        problems.push(Problem::new(after.place, "lost messages are sent again at once", label));
    }
    if tries.value.get() > MOST_TRIES {
        let title = format!("{} tries", tries.value.get());
        problems.push(Problem::new(
            tries.place,
            title,
            format!("at most {MOST_TRIES} are possible"),
        ));
    }
}

/// The names of all pipes that messages share, as the results have them.
pub fn pipes(deployment: &Deployment) -> Vec<String> {
    let mut pipes = Vec::new();
    for (from, to) in links(deployment) {
        let Some(link) = deployment.link(&from, &to) else { continue };
        let shared = |way: Direction| way.bandwidth.is_some() && way.pipe == PipeSpec::Shared;
        if shared(link.way_there()) {
            pipes.push(format!("{from} -> {to}"));
        }
        if shared(link.way_back()) {
            pipes.push(format!("{from} <- {to}"));
        }
    }
    pipes
}
