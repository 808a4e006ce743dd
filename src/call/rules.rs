//! What holds of all calls of one component by another.

use crate::document::{At, Problem, Problems, record};

use super::Timeout;

record! {
    /// How a caller asks. `a -> b` names the calls that `a` makes of `b`, be `a` a client, a
    /// balancer or a server; `default` holds for all calls, where the name of a call says nothing
    /// else. What a step, a client or its request type says itself comes before both.
    pub struct CallRules {
        /// How long the caller waits in all, whatever it tries, before it gives up; if nothing is
        /// said, `30s` for clients, and for ever for components. Giving up does not cancel: work on
        /// the request goes on.
        pub timeout: Option<Timeout>,
        /// How long the caller waits for the answer to one attempt. A call has one attempt, so that
        /// the shorter of both ends it.
        pub attempt_timeout: Option<At<Timeout>>,
    }
}

impl CallRules {
    /// Nothing is said.
    pub const NONE: CallRules = CallRules { timeout: None, attempt_timeout: None };

    /// These rules, and `others` for what they do not say.
    pub fn or(&self, others: &CallRules) -> CallRules {
        CallRules {
            timeout: self.timeout.or(others.timeout),
            attempt_timeout: self.attempt_timeout.clone().or(others.attempt_timeout.clone()),
        }
    }

    /// When a caller gives up that has a timeout of its `own`, or else waits as `usual`.
    pub fn gives_up(&self, own: Option<Timeout>, usual: Timeout) -> Timeout {
        let attempt = self.attempt_timeout.as_ref().map_or(Timeout::NONE, |limit| limit.value);
        own.or(self.timeout).unwrap_or(usual).min(attempt)
    }

    /// Reports an attempt that could not last as long as is said.
    pub fn check(&self, problems: &mut Problems) {
        let (Some(Timeout(Some(whole))), Some(attempt)) = (self.timeout, &self.attempt_timeout)
        else {
            return;
        };
        if attempt.value.0.is_none_or(|attempt| attempt > whole) {
            let title = "an attempt would outlast its call";
            let label = format!("the `timeout` of the whole call is {whole}");
            problems.push(Problem::new(attempt.place, title, label));
        }
    }
}
