//! What a component may learn of the objects of requests, and do with them. Where a scenario has no
//! catalog, requests are about nothing, and nothing is found.

use crate::engine::Stream;
use crate::measure::Recorder;
use crate::message::{AttemptKey, Question};
use crate::units::{Bytes, Span, Time};

use super::browsers::{AtHome, Kept};
use super::cache_control::Terms;
use super::{Carried, Content, Copied, EMPTY, Found, NOTHING, OBJECT, Object, Truth, UNREAD};

/// The objects of requests at one moment.
pub(crate) struct ObjectView<'a> {
    pub(crate) content: Option<&'a mut Content>,
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) now: Time,
}

impl ObjectView<'_> {
    /// A client's request asks for an object of a catalog.
    #[inline(never)]
    pub(crate) fn ask_for(&mut self, key: AttemptKey, user: u32, catalog: u16, stream: Stream) {
        let Some((content, now)) = self.content() else { return };
        let object = content.objects.draw(catalog, user, stream.at(OBJECT));
        let newest = content.objects.newest(object, now);
        *content.of(key) = Carried { object, newest, ..EMPTY };
    }

    /// A request of no client, which asks for nothing as such, is about this object.
    pub(crate) fn put(&mut self, key: AttemptKey, object: Object) {
        let Some((content, now)) = self.content() else { return };
        let newest = if object == Object::NONE { 0 } else { content.objects.newest(object, now) };
        *content.of(key) = Carried { object, newest, ..EMPTY };
    }

    /// On which node of a cache, a component by its number, the object of a request is.
    #[inline(never)]
    pub(crate) fn node_of(&mut self, key: AttemptKey, cache: u32) -> u32 {
        let Some((content, _)) = self.content() else { return 0 };
        let object = content.of(key).object;
        let sharding = content.shardings.get(cache as usize).and_then(Option::as_ref);
        sharding.map_or(0, |sharding| sharding.node(object, &content.objects))
    }

    /// What a request is about, with how large it is where somebody needs to know.
    pub(crate) fn object(&mut self, key: AttemptKey) -> Object {
        self.content().map_or(Object::NONE, |(content, _)| content.of(key).object)
    }

    /// What a request is about, as a number that no other object has, and how large it is.
    pub(crate) fn object_and_size(&mut self, key: AttemptKey) -> Option<(u64, Bytes)> {
        let (content, _) = self.content()?;
        let object = content.of(key).object;
        (object != Object::NONE).then(|| (object.number(), content.objects.size(object)))
    }

    /// Any object of the catalog of a request's, one as likely as another, as a number that no
    /// other has, and how large it is.
    pub(crate) fn another_and_size(
        &mut self,
        key: AttemptKey,
        stream: Stream,
    ) -> Option<(u64, Bytes)> {
        let (content, _) = self.content()?;
        let object = content.of(key).object;
        if object == Object::NONE {
            return None;
        }
        let other = content.objects.any_like(object, stream);
        Some((other.number(), content.objects.size(other)))
    }

    /// The objects there are and what requests know of them.
    fn content(&mut self) -> Option<(&mut Content, Time)> {
        let now = self.now;
        self.content.as_deref_mut().map(|content| (content, now))
    }

    /// A task begins: if that is to fetch anew what was found to be old, that has not been read.
    pub(crate) fn fetch_anew(&mut self, task: AttemptKey) {
        let Some((content, _)) = self.content() else { return };
        let carried = content.of(task);
        if carried.found == Found::Refresh {
            let Carried { version, owner, since, .. } = EMPTY;
            (carried.version, carried.owner, carried.since) = (version, owner, since);
        }
    }

    /// What a cache has found for a request.
    pub(crate) fn found(&mut self, key: AttemptKey, found: Found) {
        if let Some((content, _)) = self.content() {
            content.of(key).found = found;
        }
    }

    /// What the cache that was last asked has found for a request.
    pub(crate) fn what_was_found(&mut self, key: AttemptKey) -> Found {
        self.content().map_or(Found::Miss, |(content, _)| content.of(key).found)
    }

    /// A cache has this for a request. Returns how that compares with the truth.
    pub(crate) fn has_read(&mut self, key: AttemptKey, copied: Copied, found: Found) -> Truth {
        let Some((content, now)) = self.content() else { return Truth::Newest };
        let carried = content.of(key);
        (carried.version, carried.owner, carried.since) =
            (copied.version, copied.owner, copied.since);
        carried.found = found;
        let object = carried.object;
        let newest = content.objects.newest(object, now);
        content.judge(key, newest)
    }

    /// The object of a request, the version that it has read and how large it is. What was made
    /// without reading is as new as it can be.
    pub(crate) fn what_was_read(&mut self, key: AttemptKey) -> (Object, u32, Bytes) {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        if content.of(key).version == UNREAD {
            content.reads_newest(key, now);
        }
        let Carried { object, version, .. } = *content.of(key);
        (object, version, content.objects.size(object))
    }

    /// Whose the answer is that a request has read, and how long a shared cache may use it from now
    /// on, and then while it fetches it anew; `None` if it may not.
    pub(crate) fn may_be_shared(&mut self, key: AttemptKey) -> Option<(Span, Span)> {
        let (content, now) = self.content()?;
        let Carried { object, since, .. } = *content.of(key);
        let Terms { life, grace } = content.objects.keeping(object).shared?;
        let age = now.since(since);
        let left = life.saturating_sub(age);
        let grace = (life + grace).saturating_sub(age).saturating_sub(left);
        (left + grace > Span::ZERO).then_some((left, grace))
    }

    /// What is known of the answer that a request has read.
    pub(crate) fn copied(&mut self, key: AttemptKey) -> Copied {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let Carried { version, owner, since, .. } = *content.of(key);
        Copied { version, owner, since: since.min(now) }
    }

    /// What is known of a version of a request's object that has just been made.
    pub(crate) fn just_made(&mut self, key: AttemptKey, version: u32) -> Copied {
        let (content, _) = self.content().expect("caches are for what has a catalog");
        let owner = content.objects.owner(content.carried[key.index() as usize].object);
        Copied { version, owner, since: Time::NEVER }
    }

    /// The number under which caches that tell no users apart keep an object.
    pub(crate) fn address(&mut self, object: Object) -> u64 {
        self.content().map_or(object.number(), |(content, _)| content.objects.address(object))
    }

    /// Whether what a request has read is what its client has and asks about: then steps that would
    /// make the answer are left out.
    pub(crate) fn is_unmodified(&mut self, key: AttemptKey) -> bool {
        self.content().is_some_and(|(content, now)| content.is_unmodified(key, now))
    }

    /// A request reads its object where that is kept for good.
    pub(crate) fn read_stored(&mut self, key: AttemptKey) {
        let Some((content, now)) = self.content() else { return };
        let object = content.of(key).object;
        if object != Object::NONE {
            let version = content.objects.stored(object, now);
            content.has_version(key, version);
        }
    }

    /// A request reads its object from a copy that has this version, if not what is kept for good.
    /// Returns whether that is an older one.
    pub(crate) fn read_copy(&mut self, key: AttemptKey, version: Option<u32>) -> bool {
        let Some((content, now)) = self.content() else { return false };
        let object = content.of(key).object;
        if object == Object::NONE {
            return false;
        }
        let stored = content.objects.stored(object, now);
        let version = version.map_or(stored, |version| version.min(stored));
        content.has_version(key, version);
        version < stored
    }

    /// A request has written its object where that is kept for good. Returns the version that was
    /// there before, and that which is there now.
    pub(crate) fn commit(&mut self, key: AttemptKey) -> (u32, u32) {
        let Some((content, now)) = self.content() else { return (NOTHING, NOTHING) };
        let Carried { object, version, late, .. } = *content.of(key);
        if object == Object::NONE {
            return (NOTHING, NOTHING);
        }
        let before = content.objects.stored(object, now);
        if late {
            content.objects.settle(object, version, now);
            return (before, before.max(version));
        }
        let version = content.objects.write(object, now);
        content.has_version(key, version);
        (before, version)
    }

    /// A request has written its object, but something later is there: returns its version, twice,
    /// as before and after.
    pub(crate) fn commit_in_vain(&mut self, key: AttemptKey) -> (u32, u32) {
        let object = self.object(key);
        let stored = self.stored(object);
        if let Some((content, _)) = self.content().filter(|_| stored != NOTHING) {
            content.has_version(key, stored);
        }
        (stored, stored)
    }

    /// The version of an object where that is kept for good.
    pub(crate) fn stored(&mut self, object: Object) -> u32 {
        let known = self.content().filter(|_| object != Object::NONE);
        known.map_or(NOTHING, |(content, now)| content.objects.stored(object, now))
    }

    /// What is done on behalf of nobody is about this object.
    pub(crate) fn is_about(&mut self, key: AttemptKey, object: Object) {
        if let Some((content, _)) = self.content() {
            content.of(key).object = object;
        }
    }

    /// An object of the same catalog and user, by its popularity.
    pub(crate) fn another(&mut self, object: Object, stream: Stream) -> Object {
        self.content().map_or(object, |(content, _)| content.objects.another(object, stream))
    }

    /// The object with the next key of the same catalog and user.
    pub(crate) fn next_to(&mut self, object: Object) -> Object {
        self.content().map_or(object, |(content, _)| content.objects.next_to(object))
    }

    /// The version that a request has read.
    pub(crate) fn version(&mut self, key: AttemptKey) -> u32 {
        self.content().map_or(NOTHING, |(content, _)| content.of(key).version)
    }

    /// A request is about this object from now on, of which it has this version.
    pub(crate) fn turn_to(&mut self, key: AttemptKey, object: Object, version: u32) {
        let Some((content, _)) = self.content() else { return };
        content.of(key).object = object;
        if object != Object::NONE {
            content.has_version(key, version);
        }
    }

    /// A cache keeps what a request writes, and will write it to the database later: returns its
    /// version.
    pub(crate) fn accept(&mut self, key: AttemptKey) -> u32 {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let object = content.of(key).object;
        let version = content.objects.accept(object, now);
        content.has_version(key, version);
        version
    }

    /// This subrequest is to write a version to the database that a cache has accepted.
    pub(crate) fn write_late(&mut self, key: AttemptKey, version: u32) {
        if let Some((content, _)) = self.content() {
            let carried = content.of(key);
            (carried.version, carried.late, carried.found) = (version, true, Found::Hit);
        }
    }

    /// What a cache has accepted for an object is lost.
    pub(crate) fn lose(&mut self, object: Object) {
        if let Some((content, now)) = self.content() {
            content.objects.lose(object, now);
        }
    }

    /// The newest write of an object is undone: what it was before is the newest again.
    pub(crate) fn undo(&mut self, object: Object) {
        let Some((content, now)) = self.content() else { return };
        if object != Object::NONE {
            content.objects.write(object, now);
        }
    }

    /// What a user with a cache of its own has of the object of this question; counted.
    pub(crate) fn look_at_home(&mut self, question: &Question, catalog: u16) -> AtHome {
        let (now, recorder) = (self.now, &mut *self.recorder);
        let Some(content) = self.content.as_deref_mut() else { return AtHome::Nothing };
        content.look_at_home(question, catalog, now, recorder)
    }

    /// A client's request is answered with what its user has, or offers that.
    pub(crate) fn use_own(&mut self, key: AttemptKey, at_home: &AtHome) {
        let Some((content, _)) = self.content() else { return };
        let owner = content.objects.owner(content.carried[key.index() as usize].object);
        let carried = content.of(key);
        match *at_home {
            AtHome::Good(Kept { version, owner, .. }) => {
                carried.recalled = true;
                (carried.version, carried.owner) = (version, owner);
            }
            // Another's answer has another tag than any of the user's own.
            AtHome::Old(kept) if kept.owner == owner => carried.offered = kept.version,
            _ => carried.offered = UNREAD,
        }
    }
}
