//! How the replicas of a server are built: the steps of its endpoints, with those by which it finds
//! the sessions of its users before, and keeps them after.

use crate::distribution::Delay;
use crate::document::Name;
use crate::engine::{Dist, Stream};
use crate::network::{MessageSize, Payload};
use crate::session::{SESSION_OPERATIONS, SessionStore, SessionsSpec};
use crate::step::StepSpec;
use crate::work::{Call, Compiler, Site, Station, Step, path};

use super::ServerSpec;

/// Places in [`SESSION_OPERATIONS`].
const READ: usize = 0;
const WRITE: usize = 1;

/// Gives all replicas of the server `name` to the site.
pub(super) fn build(spec: &ServerSpec, name: &str, site: &mut dyn Site) {
    for (instance, equipment) in (0..).zip(spec.equipment()) {
        let mut program = Compiler::new(name, site).through(&spec.pools);
        for (endpoint, steps) in spec.endpoints.iter() {
            program.begin(&endpoint.value);
            let sessions = spec.sessions_of(&endpoint.value);
            compile(&mut program, path(&[name, &endpoint.value]), steps, sessions);
        }
        let program = program.finish();
        let cache = spec.cache.as_ref();
        let cache = cache.map(|cache| site.cache(name, &cache.0.value, instance));
        let setting = site.setting(name, instance, &spec.queue);
        site.push(Box::new(Station::new(equipment, program, setting).with(cache)));
    }
}

/// Appends the steps of an endpoint, with what they need of a session before and after.
fn compile(
    program: &mut Compiler,
    path: Stream,
    steps: &[StepSpec],
    sessions: Option<&SessionsSpec>,
) {
    if let Some(sessions) = sessions {
        ask_store(program, sessions, READ, path.named("session"));
        let find = program.reserve();
        program.compile(&sessions.login, path.named("login"));
        program.push(Step::LogIn);
        ask_store(program, sessions, WRITE, path.named("new session"));
        program.set(find, Step::FindSession { known: program.here() });
    }
    program.compile(steps, path);
    if let Some(sessions) = sessions.filter(|sessions| sessions.grows.0 > 0) {
        program.push(Step::GrowSession);
        ask_store(program, sessions, WRITE, path.named("grown session"));
    }
    program.end(Step::Done);
}

/// What it takes to read a session from where it is kept, or to write it there.
fn ask_store(program: &mut Compiler, sessions: &SessionsSpec, operation: usize, path: Stream) {
    let salt = path.salt();
    let (to, lenient): (&Name, bool) = match &sessions.store {
        SessionStore::None | SessionStore::Local => return,
        SessionStore::Cookie(cookie) => {
            let cost = if operation == READ { &cookie.verify } else { &cookie.sign };
            if cookie.signed && *cost != Delay::NONE {
                program.push(Step::Cpu { cost: cost.clone(), salt });
            }
            return;
        }
        SessionStore::Database(to) => (to, false),
        SessionStore::Cache(to) => (to, true),
    };
    let session = Payload::Drawn(MessageSize(Dist::Constant(sessions.size.value.0 as f64)));
    let sizes = match operation {
        READ => program.site.sizes(&Payload::LITTLE, &session),
        _ => program.site.sizes(&session, &Payload::LITTLE),
    };
    let asked = program.site.operation(SESSION_OPERATIONS[operation]);
    let call = program.call_step(to, Some(asked), sizes, None, salt);
    program.ask(Call { lenient, ..call });
}
