//! The steps by which a server finds the sessions of its users, and those who keep them for it.

use crate::component::{ComponentSpec, ServerSpec};
use crate::distribution::Delay;
use crate::document::Name;
use crate::engine::{Dist, Stream};
use crate::message::NodeId;
use crate::network::{MessageSize, Payload};
use crate::session::{Cookies, SESSION_OPERATIONS, SessionStore, Sessions, SessionsSpec};
use crate::step::StepSpec;
use crate::work::{Call, Step};

use super::steps::here;
use super::{Builder, path, salt};

/// Places in [`SESSION_OPERATIONS`].
const READ: usize = 0;
const WRITE: usize = 1;

impl Builder<'_, '_> {
    /// Makes room for what is known of users from one request to the next, if anything is.
    pub(super) fn know_users(&mut self) {
        if !self.deployment.remembers_users() {
            return;
        }
        let mut users = 0;
        for (_, client) in self.deployment.clients.iter() {
            super::users(client, &mut users);
        }
        let mut sessions = Sessions::new(users);
        let (_, recorder, _) = self.world.links();
        for (index, (name, spec)) in self.deployment.topology.iter().enumerate() {
            let (kept, cookies) = match spec {
                ComponentSpec::Server(server) => (server.sessions(), Cookies::Kept),
                ComponentSpec::LoadBalancer(_) => (None, Cookies::PassedOn),
                _ => (None, Cookies::Kept),
            };
            let instances = u32::try_from(spec.instances()).expect("instances are checked");
            let nodes = (self.first_node[index], instances);
            sessions.add_component(nodes, kept, cookies, salt(&[&name.value, "users"]), recorder);
        }
        for _ in self.deployment.clients.iter() {
            sessions.add_component((NodeId(0), 1), None, Cookies::Sent, 0, recorder);
        }
        self.world.know_users(sessions);
    }

    /// Appends the steps of an endpoint, with what they need of a session before and after.
    pub(super) fn endpoint(
        &mut self,
        from: &str,
        spec: &ServerSpec,
        endpoint: &str,
        list: &[StepSpec],
        steps: &mut Vec<Step>,
    ) {
        let path = path(&[from, endpoint]);
        let sessions = spec.sessions().filter(|sessions| sessions.needed_by(endpoint));
        if let Some(sessions) = sessions {
            self.ask_store(from, sessions, READ, path.named("session"), steps);
            let find = here(steps);
            steps.push(Step::Join);
            self.compile(from, &sessions.login, path.named("login"), steps);
            steps.push(Step::LogIn);
            self.ask_store(from, sessions, WRITE, path.named("new session"), steps);
            steps[find as usize] = Step::FindSession { known: here(steps) };
        }
        self.compile(from, list, path, steps);
        if let Some(sessions) = sessions.filter(|sessions| sessions.grows.0 > 0) {
            steps.push(Step::GrowSession);
            self.ask_store(from, sessions, WRITE, path.named("grown session"), steps);
        }
        steps.push(Step::Done);
    }

    /// What it takes to read a session from where it is kept, or to write it there.
    fn ask_store(
        &mut self,
        from: &str,
        sessions: &SessionsSpec,
        operation: usize,
        path: Stream,
        steps: &mut Vec<Step>,
    ) {
        let salt = path.salt();
        let (to, lenient): (&Name, bool) = match &sessions.store {
            SessionStore::None | SessionStore::Local => return,
            SessionStore::Cookie(cookie) => {
                let cost = if operation == READ { &cookie.verify } else { &cookie.sign };
                if cookie.signed && *cost != Delay::NONE {
                    steps.push(Step::Cpu { cost: cost.clone(), salt });
                }
                return;
            }
            SessionStore::Database(to) => (to, false),
            SessionStore::Cache(to) => (to, true),
        };
        let session = Payload::Drawn(MessageSize(Dist::Constant(sessions.size.value.0 as f64)));

        let sizes = match operation {
            READ => self.sizes(&Payload::LITTLE, &session),
            _ => self.sizes(&session, &Payload::LITTLE),
        };
        let asked = self.operation(SESSION_OPERATIONS[operation]);
        let call = self.call_step(from, to, Some(asked), sizes, None, salt);
        steps.push(Step::Call(Call { lenient, ..call }));
    }

    /// Whether anybody asks `name` for sessions.
    pub(super) fn keeps_sessions(&self, name: &str) -> bool {
        self.deployment.topology.iter().any(|(_, spec)| match spec {
            ComponentSpec::Server(server) => {
                let sessions = server.sessions();
                let kept = sessions.and_then(|sessions| sessions.store.component());
                kept.is_some_and(|component| component.value == name)
            }
            _ => false,
        })
    }
}
