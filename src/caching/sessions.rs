//! Sessions among what a cache remembers: entries as any other, but for a time to live of their own
//! that starts anew with each use.

use crate::message::AttemptKey;
use crate::objects::Copied;
use crate::runtime::Ctx;

use super::Cache;
use super::meter::Count;

impl Cache {
    /// Looks for the session that a server asks for.
    pub(crate) fn look_up_session(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let (number, _, idle) = ctx.sessions().session_asked_for(key);
        let entry = if self.down { None } else { self.store.get(number) };
        let found = entry.map(|entry| {
            entry.until = now + idle;
            entry.filled
        });
        let meter = self.meter(ctx);
        match found {
            Some(filled) => {
                meter.add(Count::Hits, 1_u64);
                meter.add(Count::Age, (now - filled).nanos());
            }
            None => meter.add(Count::Misses, 1_u64),
        }
        ctx.sessions().tell_of_session(key, found.is_some());
    }

    /// Keeps the session that a server has made or changed.
    pub(crate) fn keep_session(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let (number, size, idle) = ctx.sessions().session_asked_for(key);
        if !self.down {
            let made = Copied { version: 1, owner: 0, since: ctx.now() };
            let life = (Some(idle), self.spec.stale_while_revalidate);
            self.keep(number, made, size.0, life, ctx);
        }
    }
}
