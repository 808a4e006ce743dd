//! What requests are about: the object of each, and the version of it that came back. Kept beside
//! the requests, by their slots, and only where a scenario has a catalog.
//!
//! *Invariant:* an answer is stale if its version is older than the newest when the client asked.
//! It is a leak, and nothing else, if it is another user's.

mod browsers;
mod cache_control;
mod meter;
mod sharding;
mod spec;
mod truth;
mod view;

pub use browsers::BrowserCacheSpec;
pub(crate) use browsers::{AtHome, Browser, Browsers};
pub use meter::{BROWSER_CACHE, BROWSER_METRICS, OBJECT_METRICS, PRIVATE_ANSWERS, VERSIONS};
pub(crate) use sharding::Sharding;
pub use sharding::ShardingRule;
pub use spec::CatalogSpec;
pub(crate) use truth::{NOTHING, Object, Objects};
pub(crate) use view::ObjectView;

use crate::column::{Column, Moment, Moments, Scene};
use crate::message::{AttemptKey, Outcome, Request};
use crate::network::Payload;
use crate::units::{Bytes, Time};

/// The salt of the object that a request is about.
const OBJECT: u64 = 0x6F62_6A65_6374;

/// What a cache has said of a request's object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// None has been asked.
    Unasked,
    /// It has it, and that may be used.
    Hit,
    /// It does not have it.
    Miss,
    /// It has it, but it is old: it may be used while the caller fetches it anew.
    Refresh,
}

/// How what a cache has compares with the truth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Truth {
    /// There is nothing newer.
    Newest,
    /// There is something newer.
    Stale,
    /// It is somebody else's.
    Leak,
}

/// No version has come back, or none was offered.
const UNREAD: u32 = u32::MAX;

/// What is known of an answer that some cache keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copied {
    pub(crate) version: u32,
    /// The user whose it is.
    pub(crate) owner: u32,
    /// Since when it could have been kept, where a cache that goes by the header has had it before;
    /// [`Time::NEVER`] if it has just been made.
    pub(crate) since: Time,
}

/// What one request is about.
#[derive(Clone, Copy, Debug)]
struct Carried {
    object: Object,
    /// The version that was last read, or [`UNREAD`].
    version: u32,
    /// The newest version when the client asked.
    newest: u32,
    /// The user whose answer was last read, and since when it is kept: see [`Copied`].
    owner: u32,
    since: Time,
    /// The version that the client has, if it asks whether that is still true, or [`UNREAD`].
    offered: u32,
    /// It still is, and that is all that the answer says.
    unmodified: bool,
    /// The client had the answer himself.
    recalled: bool,
    /// What the cache that was last asked has said.
    found: Found,
    /// It is a write that was answered before, by a cache that writes later.
    late: bool,
}

const EMPTY: Carried = Carried {
    object: Object::NONE,
    version: UNREAD,
    newest: 0,
    owner: 0,
    since: Time::NEVER,
    offered: UNREAD,
    unmodified: false,
    recalled: false,
    found: Found::Unasked,
    late: false,
};

/// What all requests are about.
#[derive(Debug)]
pub(crate) struct Content {
    objects: Objects,
    /// By slot.
    carried: Vec<Carried>,
    /// By component: the caches of several nodes.
    shardings: Vec<Option<Sharding>>,
    /// The caches of clients' users, if any have one.
    browsers: Option<Browsers>,
}

impl Content {
    pub(crate) fn new(
        objects: Objects,
        shardings: Vec<Option<Sharding>>,
        browsers: Option<Browsers>,
    ) -> Content {
        Content { objects, carried: Vec::new(), shardings, browsers }
    }

    /// Those who ask a component learn that an instance of it is there, or is gone.
    pub(crate) fn list(&mut self, component: usize, instance: u32, listed: bool) {
        if let Some(sharding) = self.shardings[component].as_mut() {
            sharding.list(instance, listed);
        }
    }

    /// A request is asked on behalf of `parent`, or of nobody. Whether something is still true is
    /// asked on only where the request is passed `on` as it is, and not to fill a cache.
    fn carry(&mut self, parent: AttemptKey, key: AttemptKey, on: bool) {
        let index = key.index() as usize;
        if self.carried.len() <= index {
            self.carried.resize(index + 1, EMPTY);
        }
        if parent.is_none() {
            self.carried[index] = EMPTY;
            return;
        }
        let mut carried = self.carried[parent.index() as usize];
        if !on || carried.found != Found::Unasked {
            carried.offered = UNREAD;
        }
        self.carried[index] = Carried { unmodified: false, ..carried };
    }

    fn of(&mut self, key: AttemptKey) -> &mut Carried {
        &mut self.carried[key.index() as usize]
    }

    /// How large a question is that carries the object of its request.
    pub(crate) fn question_size(&self, key: AttemptKey) -> Bytes {
        match self.carried[key.index() as usize].object {
            Object::NONE => Payload::BARE,
            object => self.objects.size(object),
        }
    }

    /// How large an answer is that carries what was found of the object of its request.
    pub(crate) fn answer_size(&self, key: AttemptKey, payload: &Payload) -> Bytes {
        let Carried { object, version, found, .. } = self.carried[key.index() as usize];
        let missed = *payload == Payload::Found && found == Found::Miss;
        match object {
            _ if missed || version == NOTHING => Payload::BARE,
            Object::NONE => Payload::PAGE,
            object => self.objects.size(object),
        }
    }

    /// What was found out for `key` is known to `parent` as well.
    fn hand_over(&mut self, key: AttemptKey, parent: AttemptKey) {
        let Carried { version, found, owner, since, .. } = *self.of(key);
        let parent = self.of(parent);
        (parent.version, parent.owner, parent.since) = (version, owner, since);
        parent.found = found;
    }

    /// A request has read its object where that is kept for good, or made what is as new.
    fn reads_newest(&mut self, key: AttemptKey, now: Time) {
        let object = self.of(key).object;
        if object != Object::NONE {
            let version = self.objects.newest(object, now);
            self.has_version(key, version);
        }
    }

    fn has_version(&mut self, key: AttemptKey, version: u32) {
        let object = self.of(key).object;
        let owner = self.objects.owner(object);
        let carried = self.of(key);
        (carried.version, carried.owner, carried.since) = (version, owner, Time::NEVER);
    }

    /// Whether what a request has read is what its client has and asks about.
    fn is_unmodified(&mut self, key: AttemptKey, now: Time) -> bool {
        if self.of(key).offered == UNREAD {
            return false;
        }
        if self.of(key).version == UNREAD {
            self.reads_newest(key, now);
        }
        let Carried { object, version, offered, owner, .. } = *self.of(key);
        version == offered && owner == self.objects.owner(object)
    }

    /// How what a request has read compares with the truth, which was `newest`.
    fn judge(&self, key: AttemptKey, newest: u32) -> Truth {
        let Carried { object, version, owner, .. } = self.carried[key.index() as usize];
        if object == Object::NONE || version == UNREAD {
            return Truth::Newest;
        }
        match owner == self.objects.owner(object) {
            true if version < newest => Truth::Stale,
            true => Truth::Newest,
            false => Truth::Leak,
        }
    }

    /// How large the payload of a request's question is, way 0, or of its answer, way 1, where that
    /// depends on its object.
    pub(crate) fn size(&self, way: usize, key: AttemptKey, payload: &Payload) -> Bytes {
        if way == 0 { self.question_size(key) } else { self.answer_size(key, payload) }
    }

    /// A request is answered well. If its client has what was read, that is all that it is told.
    fn compare(&mut self, key: AttemptKey, scene: &mut Scene) {
        if self.browsers.is_none() {
            return;
        }
        if scene.attempts[key].request.parent.is_none() && self.of(key).version == UNREAD {
            self.reads_newest(key, scene.now);
        }
        self.of(key).unmodified = self.is_unmodified(key, scene.now);
    }

    /// An answer reaches its caller: so does what it says of the object. A client learns whether
    /// that was still true when it asked.
    fn hand_back(&mut self, key: AttemptKey, scene: &mut Scene) {
        let Scene { now, attempts, links, recorder } = scene;
        let attempt = &mut attempts[key];
        if attempt.abandoned {
            return;
        }
        if !attempt.request.parent.is_none() {
            self.hand_over(key, attempt.request.parent);
        } else if attempt.request.request_type != Request::NO_TYPE
            && Outcome::from(attempt.ending) == Outcome::Ok
        {
            let newest = self.of(key).newest;
            let truth = self.judge(key, newest);
            if truth == Truth::Stale {
                attempt.ending = Outcome::Stale.into();
            }
            recorder.leaked(attempt, truth == Truth::Leak);
            if self.browsers.is_some() {
                let size = links.size(1, attempt, |payload| self.size(1, key, payload));
                self.keep_at_home(key, attempt, *now, size, recorder);
            }
        }
    }
}

impl Column for Content {
    const MOMENTS: Moments =
        Moments::of(&[Moment::Sent, Moment::Answered, Moment::Returned, Moment::Ended]);

    fn at(&mut self, moment: Moment, key: AttemptKey, scene: &mut Scene) {
        let Some(&attempt) = scene.attempts.get(key) else { return };
        match moment {
            Moment::Sent => {
                let parent = scene.attempts.get(attempt.request.parent);
                let on = parent
                    .is_some_and(|parent| parent.request.operation == attempt.request.operation);
                self.carry(attempt.request.parent, key, on);
            }
            Moment::Answered if Outcome::from(attempt.ending) == Outcome::Ok => {
                self.compare(key, scene);
            }
            Moment::Returned => self.hand_back(key, scene),
            Moment::Ended if !attempt.abandoned && !attempt.request.parent.is_none() => {
                self.hand_over(key, attempt.request.parent);
            }
            _ => {}
        }
    }
}
