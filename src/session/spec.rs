//! What a scenario says of the sessions of a server's users.

use crate::distribution::Delay;
use crate::document::{At, Name, record, variant};
use crate::step::StepSpec;
use crate::units::{Bytes, Share, Span};

record! {
    /// What a server knows of users who have logged in, and where it keeps that. A request that
    /// needs a session and comes without one logs its user in first.
    #[short = store]
    pub struct SessionsSpec {
        /// Where sessions are kept.
        pub store: SessionStore,
        /// The endpoints that need a session; all of them if not given.
        pub endpoints: Vec<Name> = "[]",
        /// What is done to log a user in.
        pub login: Vec<StepSpec> = "[]",
        /// For how long a session is good after it was last used.
        pub idle: At<Span> = "30min",
        /// How large it is when the user has logged in.
        pub size: At<Bytes> = "500B",
        /// How much each request adds to it, before it is written back.
        pub grows: Bytes = "0B",
    }
}

impl SessionsSpec {
    /// Whether this endpoint needs one.
    pub fn needed_by(&self, endpoint: &str) -> bool {
        let mut named = self.endpoints.iter();
        self.endpoints.is_empty() || named.any(|name| name.value == endpoint)
    }
}

impl SessionStore {
    /// The component that is asked for them, if one is.
    pub fn component(&self) -> Option<&Name> {
        match self {
            SessionStore::Database(name) | SessionStore::Cache(name) => Some(name),
            SessionStore::None | SessionStore::Local | SessionStore::Cookie(_) => None,
        }
    }
}

/// What a database or a cache is asked about sessions.
pub const SESSION_OPERATIONS: [&str; 2] = ["read session", "write session"];

variant! {
    /// Where sessions are kept.
    pub enum SessionStore {
        /// Nowhere: every request logs its user in.
        None = "none",
        /// In the memory of the replica that logged the user in. A request that comes to another
        /// finds none, and a crash loses them.
        Local = "local",
        /// In this database: read for each request, and written at the login and when it grows.
        Database(Name) = "database",
        /// The same in a cache, which may evict them or be restarted. One that fails has none.
        Cache(Name) = "cache",
        /// In a cookie that comes with every request.
        Cookie(CookieSpec) = "cookie",
    }
}

record! {
    /// A session that the browser keeps. It refuses a cookie of more than 4 KiB, and goes on with
    /// the one before.
    pub struct CookieSpec {
        /// Whether it is signed, so that a forged one is found out. A stolen one is not.
        pub signed: bool = "true",
        /// Processor time to sign it, at the login and when it grows.
        pub sign: Delay = "10us",
        /// Processor time to verify it, for each request.
        pub verify: Delay = "10us",
        /// The share of the requests that come with a cookie that somebody made up: served if it is
        /// not signed, rejected otherwise.
        pub forged: Share = "0",
        /// The share of the requests that come with a copy of a user's cookie: served as long as it
        /// is good, rejected afterwards.
        pub stolen: At<Share> = "0",
    }
}
