//! Those who know users from one request to the next.

use crate::message::NodeId;
use crate::session::{Cookies, Sessions};
use crate::work::salt;

use super::Builder;

impl Builder<'_, '_> {
    /// Makes room for what is known of users from one request to the next, if anything is.
    pub(super) fn know_users(&mut self) {
        if !self.deployment.remembers_users() {
            return;
        }
        let mut users = 0;
        for client in 0..self.deployment.clients.len() {
            self.users(client, &mut users);
        }
        let mut sessions = Sessions::new(users);
        let (_, recorder, _) = self.world.links();
        for (index, (name, spec)) in self.deployment.topology.iter().enumerate() {
            let can = spec.kind().capabilities();
            let instances = u32::try_from(spec.instances()).expect("instances are checked");
            let nodes = (self.first_node[index], instances);
            let salt = salt(&[&name.value, "users"]);
            sessions.add_component(nodes, can.sessions, can.cookies, salt, recorder);
        }
        for _ in self.deployment.clients.iter() {
            sessions.add_component((NodeId(0), 1), None, Cookies::Sent, 0, recorder);
        }
        self.world.know_users(sessions);
    }
}
