//! Clients' own caches, as browsers have: one for each user who has come, of what was sent to that
//! user. How long an answer may be used is what it says itself; what is older is asked about, where
//! answers tell their versions, and is fetched anew otherwise (RFC 9111, section 4).
//!
//! *Invariant:* each request for an object, of a client with such caches, is one of three: answered
//! from there, asked whether what is there is still true, or fetched as a whole.

use crate::document::record;
use crate::engine::Stream;
use crate::measure::{CountersId, Recorder};
use crate::message::{Attempt, AttemptKey, Question};
use crate::store::{Capacity, Eviction, Store};
use crate::units::{Bytes, Time};

use super::meter::{BROWSER_COUNTS, Count};
use super::truth::{Keeping, Object};
use super::{Carried, Content, OBJECT};

record! {
    /// A cache of each user's own, as a browser has. Answers are kept as the `cache_control` and
    /// the `etag` of their catalog say.
    #[short = capacity]
    pub struct BrowserCacheSpec {
        /// The most that each user's holds.
        pub capacity: Capacity = "50MiB",
        /// Which entry makes room for another.
        pub eviction: Eviction = "lru",
        /// How large an answer is that says only that nothing has changed (304).
        pub not_modified_size: Bytes = "300B",
    }
}

/// An answer that a user has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(super) version: u32,
    /// The user whose it is.
    pub(super) owner: u32,
    /// Until when it may be used without asking.
    until: Time,
}

/// The caches of the users of one client.
#[derive(Debug)]
pub(crate) struct Browser {
    spec: BrowserCacheSpec,
    /// The number of the first user.
    first: u32,
    /// By user, from the first; of those who have not come, nothing.
    stores: Vec<Option<Box<Store<Kept>>>>,
    stream: Stream,
}

/// The caches of the users of all clients.
#[derive(Debug)]
pub(crate) struct Browsers {
    clients: Vec<Browser>,
    /// By request type of all clients: where its client is among `clients`, whether it only reads,
    /// and where it counts.
    request_types: Vec<Option<(usize, bool, CountersId)>>,
}

/// What a user has of an object.
pub(crate) enum AtHome {
    /// Nothing that would be of use.
    Nothing,
    /// What may be used.
    Good(Kept),
    /// What may be asked about.
    Old(Kept),
}

/// Methods that change what they ask for: never answered from a cache, which then forgets it.
const UNSAFE: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

impl Browser {
    /// The caches of `count` users from `first` on.
    pub(crate) fn new(spec: &BrowserCacheSpec, first: u32, count: u32, stream: Stream) -> Browser {
        let stores = (0..count).map(|_| None).collect();
        Browser { spec: spec.clone(), first, stores, stream }
    }

    /// The cache of a user who has come.
    fn of(&mut self, user: u32) -> &mut Store<Kept> {
        let place = user - self.first;
        let Browser { spec, stream, .. } = self;
        let new = || {
            let stream = stream.at(u64::from(place));
            Box::new(Store::new(spec.capacity, spec.eviction, stream))
        };
        self.stores[place as usize].get_or_insert_with(new)
    }
}

impl Browsers {
    /// No client has any yet.
    pub(crate) fn new() -> Browsers {
        Browsers { clients: Vec::new(), request_types: Vec::new() }
    }

    /// The next client, with the names of its request types.
    pub(crate) fn add<'a>(
        &mut self,
        browser: Option<Browser>,
        types: impl Iterator<Item = &'a str>,
        recorder: &mut Recorder,
    ) {
        let place = browser.as_ref().map(|_| self.clients.len());
        self.clients.extend(browser);
        let first = self.request_types.len();
        let request_types = types.enumerate().map(|(index, name)| {
            let method = name.split(' ').next().unwrap_or_default();
            let request_type = first + index;
            let counters = |place| (place, recorder.add_counters(&BROWSER_COUNTS, request_type));
            let place = place.map(counters);
            place.map(|(place, counters)| (place, !UNSAFE.contains(&method), counters))
        });
        self.request_types.extend(request_types);
    }

    /// Whether no client has any.
    pub(crate) fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The caches that a request type goes by, whether it only reads, and where it counts.
    fn of(&mut self, request_type: u16) -> Option<(&mut Browser, bool, CountersId)> {
        let (place, reads, counters) = self.request_types[usize::from(request_type)]?;
        Some((&mut self.clients[place], reads, counters))
    }

    /// How large an answer of a request type is that says only that nothing has changed.
    fn not_modified_size(&self, request_type: u16) -> Bytes {
        let place = self.request_types[usize::from(request_type)].map_or(0, |(place, ..)| place);
        self.clients[place].spec.not_modified_size
    }
}

impl Content {
    /// How large the answer to a request is if it says only that nothing has changed.
    pub(crate) fn short_answer(&self, key: AttemptKey, request_type: u16) -> Option<Bytes> {
        let browsers = self.browsers.as_ref()?;
        let unmodified = self.carried[key.index() as usize].unmodified;
        unmodified.then(|| browsers.not_modified_size(request_type))
    }

    /// What a user who asks for an object has of it; counted.
    pub(super) fn look_at_home(
        &mut self,
        question: &Question,
        catalog: u16,
        now: Time,
        recorder: &mut Recorder,
    ) -> AtHome {
        let object = self.objects.draw(catalog, question.request.user, question.stream.at(OBJECT));
        let newest = self.objects.newest(object, now);
        let (owner, keeping) = (self.objects.owner(object), self.objects.keeping(object));
        let found =
            self.browsers.as_mut().and_then(|browsers| browsers.of(question.request.request_type));
        let Some((browser, reads, counters)) = found else { return AtHome::Nothing };
        let meter = recorder.counters(counters);
        let kept =
            browser.of(question.request.user).get(object.number()).copied().filter(|_| reads);
        let Some(kept) = kept else {
            meter.add(Count::Full, 1_u64);
            return AtHome::Nothing;
        };
        let is_true = kept.version == newest && kept.owner == owner;
        if now < kept.until {
            meter.add(Count::Hits, 1_u64);
            meter.add(Count::Stale, kept.version < newest && kept.owner == owner);
            return AtHome::Good(kept);
        }
        meter.add(Count::Needless, is_true);
        if !keeping.etag {
            meter.add(Count::Full, 1_u64);
            return AtHome::Nothing;
        }
        meter.add(Count::Conditional, 1_u64);
        AtHome::Old(kept)
    }

    /// A client has an answer of this size, which its user may keep.
    pub(super) fn keep_at_home(
        &mut self,
        key: AttemptKey,
        attempt: &Attempt,
        now: Time,
        size: Bytes,
        recorder: &mut Recorder,
    ) {
        let Carried { object, unmodified, recalled, .. } = *self.of(key);
        let short = self.short_answer(key, attempt.request.request_type).unwrap_or(size).min(size);
        let found =
            self.browsers.as_mut().and_then(|browsers| browsers.of(attempt.request.request_type));
        let Some((browser, reads, counters)) = found.filter(|_| object != Object::NONE) else {
            return;
        };
        if attempt.sent >= recorder.start() {
            let meter = recorder.counters(counters);
            let received = if recalled { 0 } else { short.0 };
            meter.add(Count::NotModified, unmodified);
            meter.add(Count::Received, received);
            meter.add(Count::Saved, size.0 - received);
        }
        let store = browser.of(attempt.request.user);
        if !reads {
            store.remove(object.number());
        } else if !recalled {
            let Carried { version, owner, since, .. } = self.carried[key.index() as usize];
            let Keeping { own, etag, .. } = self.objects.keeping(object);
            let left = own.map(|life| life.saturating_sub(now.since(since)));
            let Some(left) = left.filter(|left| etag || left.nanos() > 0) else { return };
            let kept = Kept { version, owner, until: now + left };
            store.insert(object.number(), self.objects.size(object).0, kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_takes_little_before_there_is_much_to_keep() {
        assert_eq!(size_of::<Option<Box<Store<Kept>>>>(), 8);
        assert_eq!(size_of::<Kept>(), 16);
        assert!(size_of::<Store<Kept>>() <= 200, "{}", size_of::<Store<Kept>>());
    }
}
