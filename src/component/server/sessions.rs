//! What typed reading cannot see of sessions: kept where nothing is kept, needed by what is not
//! there, over at once, or too large.

use crate::component::kind::Topology;
use crate::document::{Name, Problem, Problems, quoted};
use crate::session::{CookieSpec, LARGEST_COOKIE, SessionStore, SessionsSpec};
use crate::units::{Bytes, Span};

use super::ServerSpec;

/// The most bytes of a session, and of what a request adds to it.
const LARGEST: Bytes = Bytes(1 << 30);

/// Reports impossible sessions of the server `name`.
pub(super) fn check(
    server: &ServerSpec,
    name: &Name,
    topology: &dyn Topology,
    problems: &mut Problems,
) {
    let Some(sessions) = server.sessions() else { return };
    check_store(sessions, topology, problems);
    check_endpoints(name, server, sessions, problems);
    check_figures(sessions, problems);
}

/// Reports sessions that are kept by what keeps none. What is not there is reported elsewhere.
fn check_store(sessions: &SessionsSpec, topology: &dyn Topology, problems: &mut Problems) {
    let Some(to) = sessions.store.component() else { return };
    let Some(found) = topology.find(&to.value) else { return };
    let can = found.kind.capabilities();
    let (keeps, wanted) = match &sessions.store {
        SessionStore::Cache(_) => (can.entries.is_some(), "cache"),
        _ => (can.keeps_data, "database"),
    };
    let instances = found.kind.instances();
    if !keeps {
        let title = format!("{} is no {wanted}", quoted(&to.value));
        problems.push(Problem::new(to.place, title, found.label()));
    } else if instances > 1 {
        let title = format!("{} has {instances} nodes", quoted(&to.value));
        let label = "sessions are kept by a cache of one node, or a database of one copy";
        problems.push(Problem::new(to.place, title, label));
    }
}

/// Reports endpoints that are not there.
fn check_endpoints(
    name: &Name,
    server: &ServerSpec,
    sessions: &SessionsSpec,
    problems: &mut Problems,
) {
    let known: Vec<&str> = server.endpoints.names().collect();
    for endpoint in &sessions.endpoints {
        if !known.contains(&endpoint.value.as_str()) {
            let what = format!("endpoint of {}", name.value);
            problems.unknown(endpoint.place, &what, &endpoint.value, &known);
        }
    }
}

fn check_figures(sessions: &SessionsSpec, problems: &mut Problems) {
    let SessionsSpec { idle, size, grows, store, .. } = sessions;
    if idle.value == Span::ZERO {
        let label = "expected a duration above zero";
        problems.push(Problem::new(idle.place, "a session is over at once", label));
    }
    if size.value > LARGEST || *grows > LARGEST {
        let title = format!("a session of {}, and {grows} more each time", size.value);
        problems.push(Problem::new(size.place, title, format!("at most {LARGEST} are possible")));
    }
    // The first request adds to it before the browser is given any.
    let first = Bytes(size.value.0.saturating_add(grows.0));
    if matches!(store, SessionStore::Cookie(_)) && first > LARGEST_COOKIE {
        let title = format!("every browser refuses a cookie of {first}");
        let label = format!("at most {LARGEST_COOKIE} are possible, as browsers have it");
        problems.push(Problem::new(size.place, title, label));
    }
    if let SessionStore::Cookie(CookieSpec { forged, stolen, .. }) = store
        && forged.0 + stolen.value.0 > 1.0
    {
        let label = "`forged` and `stolen` sum to more than 100%";
        problems.push(Problem::new(stolen.place, "more cookies are bad than there are", label));
    }
}
