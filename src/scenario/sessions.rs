//! What typed reading cannot see of sessions: kept where nothing is kept, needed by what is not
//! there, over at once, or too large.

use crate::component::{ComponentSpec, ServerSpec};
use crate::deployment::Deployment;
use crate::document::{Name, Problem, Problems, quoted};
use crate::session::{CookieSpec, SessionStore, SessionsSpec};
use crate::units::{Bytes, Span};

/// The most bytes of a session, and of what a request adds to it.
const LARGEST: Bytes = Bytes(1 << 30);

/// Reports impossible sessions.
pub(super) fn check_sessions(deployment: &Deployment, problems: &mut Problems) {
    for (name, spec) in deployment.topology.iter() {
        if let ComponentSpec::Server(server) = spec
            && let Some(sessions) = server.sessions()
        {
            check_store(deployment, sessions, problems);
            check_endpoints(name, server, sessions, problems);
            check_figures(sessions, problems);
        }
    }
}

/// Reports sessions that are kept by what keeps none. What is not there is reported elsewhere.
fn check_store(deployment: &Deployment, sessions: &SessionsSpec, problems: &mut Problems) {
    let (to, wanted) = match &sessions.store {
        SessionStore::Database(to) => (to, "database"),
        SessionStore::Cache(to) => (to, "cache"),
        SessionStore::None | SessionStore::Local | SessionStore::Cookie(_) => return,
    };
    let Some(spec) = deployment.topology.get(&to.value) else { return };
    if spec.kind() != wanted {
        let title = format!("{} is no {wanted}", quoted(&to.value));
        let label = format!("this is a {}", spec.kind().replace('_', " "));
        problems.push(Problem::new(to.place, title, label));
    } else if spec.instances() > 1 {
        let title = format!("{} has {} nodes", quoted(&to.value), spec.instances());
        let label = "sessions are kept by a cache of one node";
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
    if let SessionStore::Cookie(CookieSpec { forged, stolen, .. }) = store
        && forged.0 + stolen.value.0 > 1.0
    {
        let label = "`forged` and `stolen` sum to more than 100%";
        problems.push(Problem::new(stolen.place, "more cookies are bad than there are", label));
    }
}
