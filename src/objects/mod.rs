//! What requests are about: the object of each, and the version of it that came back. Kept beside
//! the requests, by their slots, and only where a scenario has a catalog.
//!
//! *Invariant:* an answer is stale if its version is older than the newest when the client asked.
//! It is a leak, and nothing else, if it is another user's.

mod browsers;
mod cache_control;
mod meter;
mod objects;
mod spec;
mod spread;

pub use browsers::BrowserCacheSpec;
pub(crate) use browsers::{Browser, Browsers};
pub use cache_control::CacheControl;
use cache_control::Terms;
pub use meter::{BROWSER_CACHE, BROWSER_METRICS, OBJECT_METRICS, PRIVATE_ANSWERS, VERSIONS};
pub(crate) use objects::{NOTHING, Object, Objects};
pub use spec::{CatalogSpec, Demand};
pub(crate) use spread::Spread;
pub use spread::{NodeChange, NodesSpec, SpreadRule};

use crate::engine::Stream;
use crate::message::{Outcome, Phase, RequestKey};
use crate::network::Payload;
use crate::runtime::{Ctx, Shared};
use crate::units::{Bytes, Span, Time};

/// What a cache has said of a request's object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// None has been asked.
    Unasked,
    /// It has it, and that may be used.
    Hit,
    /// It does not have it.
    Miss,
    /// It has it, but it is old: it may be used while whoever asked fetches it anew.
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
    spreads: Vec<Option<Spread>>,
    /// The caches of clients' users, if any have one.
    browsers: Option<Browsers>,
}

impl Content {
    pub(crate) fn new(
        objects: Objects,
        spreads: Vec<Option<Spread>>,
        browsers: Option<Browsers>,
    ) -> Content {
        Content { objects, carried: Vec::new(), spreads, browsers }
    }

    /// A request is asked on behalf of `parent`, or of nobody. Whether something is still true is
    /// asked on only where the request is passed `on` as it is, and not to fill a cache.
    fn carry(&mut self, parent: RequestKey, key: RequestKey, on: bool) {
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

    fn of(&mut self, key: RequestKey) -> &mut Carried {
        &mut self.carried[key.index() as usize]
    }

    /// How large a question is that carries the object of its request.
    pub(crate) fn question_size(&self, key: RequestKey) -> Bytes {
        match self.carried[key.index() as usize].object {
            Object::NONE => Payload::BARE,
            object => self.objects.size(object),
        }
    }

    /// How large an answer is that carries what was found of the object of its request.
    pub(crate) fn answer_size(&self, key: RequestKey, payload: &Payload) -> Bytes {
        let Carried { object, version, found, .. } = self.carried[key.index() as usize];
        let missed = *payload == Payload::Found && found == Found::Miss;
        match object {
            _ if missed || version == NOTHING => Payload::BARE,
            Object::NONE => Payload::PAGE,
            object => self.objects.size(object),
        }
    }

    /// What was found out for `key` is known to `parent` as well.
    fn hand_over(&mut self, key: RequestKey, parent: RequestKey) {
        let Carried { version, found, owner, since, .. } = *self.of(key);
        let parent = self.of(parent);
        (parent.version, parent.owner, parent.since) = (version, owner, since);
        parent.found = found;
    }

    /// A request has read its object where that is kept for good, or made what is as new.
    fn reads_newest(&mut self, key: RequestKey, now: Time) {
        let object = self.of(key).object;
        if object != Object::NONE {
            let version = self.objects.newest(object, now);
            self.has_version(key, version);
        }
    }

    fn has_version(&mut self, key: RequestKey, version: u32) {
        let object = self.of(key).object;
        let owner = self.objects.owner(object);
        let carried = self.of(key);
        (carried.version, carried.owner, carried.since) = (version, owner, Time::NEVER);
    }

    /// Whether what a request has read is what its client has and asks about.
    fn is_unmodified(&mut self, key: RequestKey, now: Time) -> bool {
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
    fn judge(&self, key: RequestKey, newest: u32) -> Truth {
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
}

/// The salt of the object that a request is about.
const OBJECT: u64 = 0x6F62_6A65_6374;

impl Ctx<'_> {
    /// A client's request asks for an object of a catalog.
    #[inline(never)]
    pub(crate) fn ask_for(&mut self, key: RequestKey, catalog: u16, stream: Stream) {
        let now = self.now();
        let user = self.request(key).user;
        let Some(content) = &mut self.shared.content else { return };
        let object = content.objects.draw(catalog, user, stream.at(OBJECT));
        let newest = content.objects.newest(object, now);
        *content.of(key) = Carried { object, newest, ..EMPTY };
    }

    /// On which node of a cache, a component by its number, the object of a request is.
    #[inline(never)]
    pub(crate) fn node_of(&mut self, key: RequestKey, cache: u32) -> u32 {
        let Some((content, now)) = self.content() else { return 0 };
        let object = content.of(key).object;
        let spread = content.spreads.get_mut(cache as usize).and_then(Option::as_mut);
        spread.map_or(0, |spread| spread.node(object, now))
    }

    /// What a request is about, with how large it is where somebody needs to know.
    pub(crate) fn object(&mut self, key: RequestKey) -> Object {
        self.shared.content.as_mut().map_or(Object::NONE, |content| content.of(key).object)
    }

    /// The objects there are and what requests know of them.
    pub(crate) fn content(&mut self) -> Option<(&mut Content, Time)> {
        let now = self.agenda.now();
        self.shared.content.as_deref_mut().map(|content| (content, now))
    }

    /// A task begins: if that is to fetch anew what was found to be old, that has not been read.
    pub(crate) fn fetch_anew(&mut self, task: RequestKey) {
        let Some((content, _)) = self.content() else { return };
        let carried = content.of(task);
        if carried.found == Found::Refresh {
            let Carried { version, owner, since, .. } = EMPTY;
            (carried.version, carried.owner, carried.since) = (version, owner, since);
        }
    }

    /// What a cache has found for a request.
    pub(crate) fn found(&mut self, key: RequestKey, found: Found) {
        if let Some((content, _)) = self.content() {
            content.of(key).found = found;
        }
    }

    /// What the cache that was last asked has found for a request.
    pub(crate) fn what_was_found(&mut self, key: RequestKey) -> Found {
        self.content().map_or(Found::Miss, |(content, _)| content.of(key).found)
    }

    /// A cache has this for a request. Returns how that compares with the truth.
    pub(crate) fn has_read(&mut self, key: RequestKey, copied: Copied, found: Found) -> Truth {
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
    pub(crate) fn what_was_read(&mut self, key: RequestKey) -> (Object, u32, Bytes) {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        if content.of(key).version == UNREAD {
            content.reads_newest(key, now);
        }
        let Carried { object, version, .. } = *content.of(key);
        (object, version, content.objects.size(object))
    }

    /// Whose the answer is that a request has read, and how long a shared cache may use it from now
    /// on, and then while it fetches it anew; `None` if it may not.
    pub(crate) fn may_be_shared(&mut self, key: RequestKey) -> Option<(Span, Span)> {
        let (content, now) = self.content()?;
        let Carried { object, since, .. } = *content.of(key);
        let Terms { life, grace } = content.objects.keeping(object).shared?;
        let age = now.since(since);
        let left = life.saturating_sub(age);
        let grace = (life + grace).saturating_sub(age).saturating_sub(left);
        (left + grace > Span::ZERO).then_some((left, grace))
    }

    /// What is known of the answer that a request has read.
    pub(crate) fn copied(&mut self, key: RequestKey) -> Copied {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let Carried { version, owner, since, .. } = *content.of(key);
        Copied { version, owner, since: since.min(now) }
    }

    /// What is known of a version of a request's object that has just been made.
    pub(crate) fn just_made(&mut self, key: RequestKey, version: u32) -> Copied {
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
    pub(crate) fn is_unmodified(&mut self, key: RequestKey) -> bool {
        self.content().is_some_and(|(content, now)| content.is_unmodified(key, now))
    }

    /// A request that waited at this component for what another was fetching goes on. Returns how
    /// long it has waited.
    pub(crate) fn waited_for_others(&mut self, key: RequestKey) -> Span {
        let waited = self.now() - self.request(key).visit.since;
        self.pause(key, Span::ZERO);
        waited
    }

    /// Whether a request is still at work at its component.
    pub(crate) fn is_here(&self, key: RequestKey) -> bool {
        let here = |phase| matches!(phase, Phase::Visiting | Phase::Strand);
        self.shared.requests.get(key).is_some_and(|request| here(request.phase))
    }

    /// A request reads its object where that is kept for good.
    pub(crate) fn read_stored(&mut self, key: RequestKey) {
        let Some((content, now)) = self.content() else { return };
        let object = content.of(key).object;
        if object != Object::NONE {
            let version = content.objects.stored(object, now);
            content.has_version(key, version);
        }
    }

    /// A request has written its object where that is kept for good.
    pub(crate) fn commit(&mut self, key: RequestKey) {
        let Some((content, now)) = self.content() else { return };
        let Carried { object, version, late, .. } = *content.of(key);
        if late {
            content.objects.settle(object, version, now);
        } else if object != Object::NONE {
            let version = content.objects.write(object, now);
            content.has_version(key, version);
        }
    }

    /// A cache keeps what a request writes, and will write it to the database later: returns its
    /// version.
    pub(crate) fn accept(&mut self, key: RequestKey) -> u32 {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let object = content.of(key).object;
        let version = content.objects.accept(object, now);
        content.has_version(key, version);
        version
    }

    /// This strand is to write a version to the database that a cache has accepted.
    pub(crate) fn write_late(&mut self, key: RequestKey, version: u32) {
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
}

impl Shared {
    /// A request is asked on behalf of `parent`, or of nobody.
    #[inline(never)]
    pub(crate) fn carry(&mut self, parent: RequestKey, key: RequestKey) {
        let asked = |key| self.requests.get(key).map(|request| request.operation);
        let on = asked(parent) == asked(key);
        if let Some(content) = &mut self.content {
            content.carry(parent, key, on);
        }
    }

    /// A request is answered well. If its client has what was read, that is all that it is told.
    #[inline(never)]
    pub(crate) fn compare(&mut self, key: RequestKey, now: Time) {
        let request = &self.requests[key];
        let Some(content) = &mut self.content else { return };
        if content.browsers.is_none() {
            return;
        }
        if request.parent.is_none() && content.of(key).version == UNREAD {
            content.reads_newest(key, now);
        }
        content.of(key).unmodified = content.is_unmodified(key, now);
    }

    /// An answer reaches its caller: so does what it says of the object. A client learns whether
    /// that was still true when it asked.
    #[inline(never)]
    pub(crate) fn hand_back(&mut self, key: RequestKey, now: Time) {
        let request = &mut self.requests[key];
        let Some(content) = &mut self.content else { return };
        if request.abandoned {
            return;
        }
        if !request.parent.is_none() {
            content.hand_over(key, request.parent);
        } else if Outcome::from(request.ending) == Outcome::Ok {
            let newest = content.of(key).newest;
            let truth = content.judge(key, newest);
            if truth == Truth::Stale {
                request.ending = Outcome::Stale.into();
            }
            self.recorder.leaked(request, truth == Truth::Leak);
            if content.browsers.is_some() {
                let size = self.links.size(1, key, request, Some(content));
                content.keep_at_home(key, request, now, size, &mut self.recorder);
            }
        }
    }

    /// A strand is over for which `parent` has waited.
    pub(crate) fn hand_over(&mut self, strand: RequestKey, parent: RequestKey) {
        if let Some(content) = &mut self.content {
            content.hand_over(strand, parent);
        }
    }
}
