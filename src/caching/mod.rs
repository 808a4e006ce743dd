//! What a cache remembers: entries with a time to live, who fetches what is missing and who waits
//! for it. Caches and servers with a cache of their own have one.
//!
//! *Invariant:* an entry is gone when its time is over, to the nanosecond; each lookup is counted
//! once, as a hit, a delayed hit or a miss, when it is answered.

mod check;
mod coalescing;
mod expiry;
mod meter;
mod sessions;
mod spec;
mod theory;
mod write_behind;

pub use meter::{CACHE, CACHE_METRICS, SHARED_CACHE};
use meter::{CACHES, Count, Held};
pub use spec::{CACHE_OPERATIONS, CacheSpec, FlushSpec, Refill, Ttl, WritePolicy};

use crate::engine::Stream;
use crate::measure::{Counters, CountersId};
use crate::message::AttemptKey;
use crate::objects::{Copied, Found, NOTHING, Truth};
use crate::runtime::{Condition, Ctx};
use crate::session::is_session;
use crate::store::Store;
use crate::tracing::Part;
use crate::units::{Span, Time};
use coalescing::Coalescing;
use expiry::{Expiry, Over};
pub(crate) use theory::Lookups;
#[cfg(feature = "cli")]
pub(crate) use theory::characteristic_time;
use write_behind::WriteBehind;
pub(crate) use write_behind::{Accepted, Written};

/// One version of an object.
#[derive(Clone, Copy, Debug)]
struct Entry {
    version: u32,
    /// The user whose it is.
    owner: u32,
    /// Since when any cache that goes by the header has had it, and when it was filled.
    since: Time,
    filled: Time,
    /// Until when it is good, and how long it is after it was filled, or used if that counts.
    until: Time,
    life: Span,
    /// When somebody looks whether its time is over.
    due: Time,
    /// Until when nobody else fetches it anew.
    fetched_by: Time,
}

impl Entry {
    /// What a caller that gets it learns of it: how old it is only if that counts further on.
    fn copied(self, by_header: bool) -> Copied {
        let since = if by_header { self.since } else { Time::NEVER };
        Copied { version: self.version, owner: self.owner, since }
    }
}

/// What a cache remembers.
pub(crate) struct Cache {
    spec: CacheSpec,
    store: Store<Entry>,
    coalescing: Coalescing,
    /// What has been answered and is not yet written, where that may be.
    write_behind: Option<Box<WriteBehind>>,
    expiry: Expiry,
    /// It is down.
    down: bool,
    /// Where its figures are.
    meter: Option<CountersId>,
    /// Tells the drawn TTL of an entry from what else is drawn for the request that fills it.
    salt: u64,
}

/// Further away than any run is long.
const NEVER: Time = Time::from_nanos(u64::MAX);

impl Cache {
    /// `stream` is for what is random about the cache itself.
    pub(crate) fn new(spec: &CacheSpec, stream: Stream, salt: u64) -> Cache {
        let write_behind = |flush| Box::new(WriteBehind::new(flush, stream.named("unwritten")));
        Cache {
            write_behind: match spec.writes() {
                WritePolicy::Behind(flush) => Some(write_behind(flush)),
                WritePolicy::Through | WritePolicy::Around => None,
            },
            store: Store::new(spec.capacity, spec.eviction, stream.named("entries")),
            coalescing: Coalescing::default(),
            expiry: Expiry::default(),
            down: false,
            meter: None,
            salt,
            spec: spec.clone(),
        }
    }

    /// The run begins.
    pub(crate) fn start(&mut self, ctx: &mut Ctx) {
        let me = ctx.me();
        self.meter = Some(ctx.recorder().add_counters(&CACHES, me.0 as usize));
    }

    /// When the next alarm is due, if another is to be set.
    pub(crate) fn arm(&mut self) -> Option<Time> {
        self.expiry.arm()
    }

    /// Whether it answers nothing.
    pub(crate) fn is_down(&self) -> bool {
        self.down
    }

    fn meter<'a>(&self, ctx: &'a mut Ctx) -> &'a mut Counters {
        ctx.recorder().counters(self.meter.expect("a cache counts from its start on"))
    }

    /// Looks for the object of a request, which then knows what was found. Returns whether it has
    /// to wait: it is resumed when that is known.
    pub(crate) fn look_up(&mut self, key: AttemptKey, ctx: &mut Ctx) -> bool {
        let now = ctx.now();
        let object = self.name_of(key, ctx);
        if self.hit(key, object, ctx) {
            return false;
        }
        if self.spec.coalesce {
            let ends = now + self.spec.lease.value;
            if self.coalescing.join(object, key, ends) {
                ctx.attempt(key).visit.since = now;
                ctx.tracing().waits(key, Part::Io);
                return true;
            }
            self.expiry.push(ends, Over::Fetch(object));
        }
        ctx.objects().found(key, Found::Miss);
        self.meter(ctx).add(Count::Misses, 1_u64);
        false
    }

    fn hit(&mut self, key: AttemptKey, object: u64, ctx: &mut Ctx) -> bool {
        let (now, by_header) = (ctx.now(), self.spec.goes_by_the_header());
        let Some(entry) = self.store.get(object) else {
            return self.hit_unwritten(key, ctx);
        };
        let old = now >= entry.until;
        let found = if old && now >= entry.fetched_by {
            entry.fetched_by = now + self.spec.lease.value;
            Found::Refresh
        } else {
            Found::Hit
        };
        if self.spec.sliding && !old {
            entry.until = now + entry.life;
        }
        let Entry { version, filled, .. } = *entry;
        let truth = ctx.objects().has_read(key, entry.copied(by_header), found);
        let meter = self.meter(ctx);
        meter.add(Count::Hits, 1_u64);
        meter.add(Count::Stale, truth == Truth::Stale);
        meter.add(Count::Leaks, truth == Truth::Leak);
        meter.add(Count::Revalidating, old);
        meter.add(Count::Negative, version == NOTHING);
        meter.add(Count::Age, (now - filled).nanos());
        true
    }

    /// Keeps what a request has read, and lets those go on who wait for it.
    pub(crate) fn fill(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let now = ctx.now();
        let (object, version, _) = ctx.objects().what_was_read(key);
        let good = |entry: &Entry| now < entry.until;
        let entry = self.store.peek(self.name_of(key, ctx));
        let stays = self.spec.refill == Refill::Keep && entry.is_some_and(good);
        // Who sees all writes knows which is the newer.
        let newer = self.spec.in_front_of.is_some()
            && (entry.is_some_and(|entry| entry.version > version)
                || self.unwritten(object).is_some_and(|(unwritten, _)| unwritten > version));
        if !stays && !newer {
            self.put(key, ctx);
        }
        self.land(key, ctx);
    }

    /// Keeps what a request has written.
    pub(crate) fn renew(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        self.put(key, ctx);
        self.land(key, ctx);
    }

    /// Puts in what a request has read or written.
    fn put(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let (_, version, size) = ctx.objects().what_was_read(key);
        if let Some(life) = self.life(key, version, ctx) {
            let (name, copied) = (self.name_of(key, ctx), ctx.objects().copied(key));
            self.keep(name, copied, size.0, life, ctx);
        }
    }

    /// Lets those go on who wait for the object of a request. What only its own user may have is of
    /// no use to others.
    fn land(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let alone = self.spec.goes_by_the_header() && ctx.objects().may_be_shared(key).is_none();
        let copied = ctx.objects().copied(key);
        let waiters = self.coalescing.land(self.name_of(key, ctx));
        for &waiter in &waiters {
            match ctx.is_here(waiter) {
                true if alone => self.let_fetch(waiter, ctx),
                true => self.serve_late(waiter, copied, ctx),
                false => {}
            }
        }
        self.coalescing.recycle(waiters);
    }

    /// Under which number it keeps the object of a request.
    fn name_of(&self, key: AttemptKey, ctx: &mut Ctx) -> u64 {
        let object = ctx.objects().object(key);
        if self.spec.goes_by_the_header() { ctx.objects().address(object) } else { object.number() }
    }

    /// How long this version may be used, if not for ever, and how long after that while it is
    /// fetched anew; `None` if it is not kept.
    fn life(&self, key: AttemptKey, version: u32, ctx: &mut Ctx) -> Option<(Option<Span>, Span)> {
        let grace = self.spec.stale_while_revalidate;
        let ttl = match (version, self.spec.ttl.as_ref().map(|ttl| ttl.value)) {
            (NOTHING, _) => self.spec.negative_ttl.as_ref()?.value,
            (_, None) => return Some((None, grace)),
            (_, Some(Ttl::For(ttl))) => ttl,
            (_, Some(Ttl::Header)) => {
                let (life, grace) = ctx.objects().may_be_shared(key)?;
                return Some((Some(life), grace));
            }
        };
        Some((Some(self.jittered(ttl, ctx.attempt(key).stream)), grace))
    }

    fn jittered(&self, life: Span, stream: Stream) -> Span {
        let jitter = self.spec.jitter.0;
        if jitter == 0.0 {
            return life;
        }
        life.times(1.0 + jitter * (2.0 * stream.beside(self.salt).draws().unit() - 1.0))
    }

    fn keep(
        &mut self,
        name: u64,
        copied: Copied,
        size: u64,
        (life, grace): (Option<Span>, Span),
        ctx: &mut Ctx,
    ) {
        let now = ctx.now();
        let until = life.map_or(NEVER, |life| now + life);
        let due = life.map_or(NEVER, |_| until + grace);
        let life = life.unwrap_or(Span::ZERO);
        let Copied { version, owner, since } = copied;
        let entry = Entry { version, owner, since, filled: now, until, life, due, fetched_by: now };
        let evicted = self.store.insert(name, size, entry);
        if due < NEVER && self.store.peek(name).is_some() {
            self.expiry.push(due, Over::Entry(name));
        }
        let meter = self.meter(ctx);
        meter.add(Count::Fills, 1_u64);
        meter.add(Count::Evictions, evicted);
        self.count(ctx);
    }

    /// Tells how much is held.
    fn count(&self, ctx: &mut Ctx) {
        let now = ctx.now();
        let meter = self.meter(ctx);
        meter.set(Held::Entries, now, self.store.len() as u64);
        meter.set(Held::Bytes, now, self.store.bytes());
    }

    /// Removes the object of a request.
    pub(crate) fn remove(&mut self, key: AttemptKey, ctx: &mut Ctx) {
        let name = self.name_of(key, ctx);
        if self.store.remove(name).is_some() {
            self.meter(ctx).add(Count::Invalidated, 1_u64);
            self.count(ctx);
        }
    }

    /// What another has fetched is here for one who has waited.
    fn serve_late(&mut self, waiter: AttemptKey, copied: Copied, ctx: &mut Ctx) {
        let truth = ctx.objects().has_read(waiter, copied, Found::Hit);
        let waited = ctx.waited_for_others(waiter);
        let meter = self.meter(ctx);
        meter.add(Count::Delayed, 1_u64);
        meter.add(Count::Leaks, truth == Truth::Leak);
        meter.add(Count::Delay, waited.nanos());
    }

    /// An alarm went off: lets everything happen that is due.
    pub(crate) fn on_alarm(&mut self, ctx: &mut Ctx) {
        let now = ctx.now();
        self.expiry.went_off(now);
        while let Some((at, over)) = self.expiry.pop(now) {
            match over {
                Over::Entry(object) => self.expire(object, at, ctx),
                Over::Fetch(object) => self.take_over(object, at, ctx),
                Over::Rest => self.flush(ctx),
            }
        }
    }

    /// An entry's time may be over: it may have been used, filled anew or removed meanwhile.
    fn expire(&mut self, object: u64, at: Time, ctx: &mut Ctx) {
        let sliding = self.spec.sliding || is_session(object);
        let entry = self.store.peek_mut(object).filter(|entry| entry.due == at);
        let Some(entry) = entry else { return };
        let due = entry.until + self.spec.stale_while_revalidate;
        if sliding && due > at {
            entry.due = due;
            self.expiry.push(due, Over::Entry(object));
            return;
        }
        self.store.remove(object);
        self.meter(ctx).add(Count::Expired, 1_u64);
        self.count(ctx);
    }

    /// A fetch took too long: one of those who wait for it begins another.
    fn take_over(&mut self, object: u64, at: Time, ctx: &mut Ctx) {
        let ends = at + self.spec.lease.value;
        let here = |key| ctx.is_here(key);
        let Some(next) = self.coalescing.expire(object, at, ends, here) else { return };
        self.expiry.push(ends, Over::Fetch(object));
        self.let_fetch(next, ctx);
    }

    /// Who has waited in vain fetches the object.
    fn let_fetch(&mut self, waiter: AttemptKey, ctx: &mut Ctx) {
        ctx.objects().found(waiter, Found::Miss);
        ctx.waited_for_others(waiter);
        self.meter(ctx).add(Count::Misses, 1_u64);
    }

    /// The server that it is within has crashed, and with it all who wait.
    pub(crate) fn forget(&mut self, ctx: &mut Ctx) {
        self.store.clear();
        self.coalescing.cancel();
        self.count(ctx);
    }

    /// It goes down, and perhaps forgets everything, or is up again. Who waits fetches it himself.
    pub(crate) fn change(&mut self, empty: bool, ctx: &mut Ctx) {
        self.down = ctx.condition() != Condition::Up;
        if empty {
            self.store.clear();
            self.count(ctx);
            self.forget_unwritten(ctx);
        }
        for waiter in self.coalescing.cancel() {
            if ctx.is_here(waiter) {
                self.let_fetch(waiter, ctx);
            }
        }
    }
}
