//! The figures of the sessions of one server, all replicas together.

use crate::measure::Recorder;
use crate::message::NodeId;

/// What became of requests that need a session. Each finds one, logs its user in, or comes from
/// somebody else: is served or rejected.
#[derive(Clone, Debug)]
pub struct SessionMeter {
    /// The first instance of the server.
    pub node: u32,
    /// Requests that found the session of their user.
    pub found: u64,
    /// Requests that logged their user in.
    pub logins: u64,
    /// Of them, those whose session had not been used for too long.
    pub expired: u64,
    /// Of the logins, those whose session was still good, but not there: lost, or elsewhere.
    pub again: u64,
    /// Sessions that were lost while they were good: with a replica, or by a cache, of which it is
    /// found out when the user comes back.
    pub lost: u64,
    /// Calls to wherever sessions are kept.
    pub calls: u64,
    /// Bytes of cookies that clients have sent.
    pub cookie_bytes: u64,
    /// Cookies that browsers refused, as too large.
    pub refused: u64,
    /// Requests with a forged cookie that were served, and that were rejected.
    pub forged: [u64; 2],
    /// The same with a stolen one.
    pub stolen: [u64; 2],
}

impl SessionMeter {
    pub(crate) fn new(node: u32) -> SessionMeter {
        SessionMeter {
            node,
            found: 0,
            logins: 0,
            expired: 0,
            again: 0,
            lost: 0,
            calls: 0,
            cookie_bytes: 0,
            refused: 0,
            forged: [0; 2],
            stolen: [0; 2],
        }
    }

    /// Requests that needed a session.
    pub fn needed(&self) -> u64 {
        let others: u64 = self.forged.iter().chain(&self.stolen).sum();
        self.found + self.logins + others
    }
}

impl Recorder {
    /// The server whose first instance this is has sessions.
    pub(super) fn add_sessions(&mut self, NodeId(node): NodeId) {
        self.sessions.push(SessionMeter::new(node));
    }

    /// The figures of a server's sessions.
    pub(super) fn sessions_of(&mut self, index: usize) -> &mut SessionMeter {
        &mut self.sessions[index]
    }

    /// The figures of the sessions of all servers that have any.
    pub fn sessions(&self) -> &[SessionMeter] {
        &self.sessions
    }
}
