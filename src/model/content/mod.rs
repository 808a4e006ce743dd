//! What requests are about: the object of each, and the version of it that came back. Kept beside
//! the requests, by their slots, and only where a scenario has a catalog.
//!
//! *Invariant:* an answer is stale if its version is older than the newest when the client asked.

mod objects;
mod spec;
mod spread;

pub(super) use objects::{NOTHING, Object, Objects};
pub use spec::{CatalogSpec, Demand};
pub(super) use spread::Spread;
pub use spread::{NodeChange, NodesSpec, SpreadRule};

use crate::engine::Stream;
use crate::units::{Bytes, Span, Time};

use super::link::Payload;
use super::node::{Ctx, Outcome, Phase, RequestKey, Shared};

/// What a cache has said of a request's object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    /// It has it, and that may be used.
    Hit,
    /// It does not have it.
    Miss,
    /// It has it, but it is old: it may be used while whoever asked fetches it anew.
    Refresh,
}

/// No version has come back.
const UNREAD: u32 = u32::MAX;

/// What one request is about.
#[derive(Clone, Copy, Debug)]
struct Carried {
    object: Object,
    /// The version that was last read, or [`UNREAD`].
    version: u32,
    /// The newest version when the client asked.
    newest: u32,
    /// What the cache that was last asked has said.
    found: Found,
    /// It is a write that was answered before, by a cache that writes later.
    late: bool,
}

const EMPTY: Carried =
    Carried { object: Object::NONE, version: UNREAD, newest: 0, found: Found::Miss, late: false };

/// What all requests are about.
#[derive(Debug)]
pub(super) struct Content {
    objects: Objects,
    /// By slot.
    carried: Vec<Carried>,
    /// By component: the caches of several nodes.
    spreads: Vec<Option<Spread>>,
}

impl Content {
    pub(super) fn new(objects: Objects, spreads: Vec<Option<Spread>>) -> Content {
        Content { objects, carried: Vec::new(), spreads }
    }

    /// A request is asked on behalf of `parent`, or of nobody.
    #[inline(never)]
    pub(super) fn carry(&mut self, parent: RequestKey, key: RequestKey) {
        let index = key.index() as usize;
        if self.carried.len() <= index {
            self.carried.resize(index + 1, EMPTY);
        }
        self.carried[index] =
            if parent.is_none() { EMPTY } else { self.carried[parent.index() as usize] };
    }

    fn of(&mut self, key: RequestKey) -> &mut Carried {
        &mut self.carried[key.index() as usize]
    }

    /// How large a question is that carries the object of its request.
    pub(super) fn question_size(&self, key: RequestKey) -> Bytes {
        match self.carried[key.index() as usize].object {
            Object::NONE => Payload::BARE,
            object => self.objects.size(object),
        }
    }

    /// How large an answer is that carries what was found of the object of its request.
    pub(super) fn answer_size(&self, key: RequestKey, payload: &Payload) -> Bytes {
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
        let Carried { version, found, .. } = *self.of(key);
        let parent = self.of(parent);
        parent.version = version;
        parent.found = found;
    }
}

/// The salt of the object that a request is about.
const OBJECT: u64 = 0x6F62_6A65_6374;

impl Ctx<'_> {
    /// A client's request asks for an object of a catalog.
    #[inline(never)]
    pub(super) fn ask_for(&mut self, key: RequestKey, catalog: u16, stream: Stream) {
        let now = self.now();
        let Some(content) = &mut self.shared.content else { return };
        let object = content.objects.draw(catalog, stream.at(OBJECT));
        let newest = content.objects.newest(object, now);
        *content.of(key) = Carried { object, newest, ..EMPTY };
    }

    /// On which node of a cache, a component by its number, the object of a request is.
    #[inline(never)]
    pub(super) fn node_of(&mut self, key: RequestKey, cache: u32) -> u32 {
        let Some((content, now)) = self.content() else { return 0 };
        let object = content.of(key).object;
        let spread = content.spreads.get_mut(cache as usize).and_then(Option::as_mut);
        spread.map_or(0, |spread| spread.node(object, now))
    }

    /// What a request is about, with how large it is where somebody needs to know.
    pub(super) fn object(&mut self, key: RequestKey) -> Object {
        self.shared.content.as_mut().map_or(Object::NONE, |content| content.of(key).object)
    }

    /// The objects there are and what requests know of them.
    pub(super) fn content(&mut self) -> Option<(&mut Content, Time)> {
        let now = self.agenda.now();
        self.shared.content.as_deref_mut().map(|content| (content, now))
    }

    /// What a cache has found for a request.
    pub(super) fn found(&mut self, key: RequestKey, found: Found) {
        if let Some((content, _)) = self.content() {
            content.of(key).found = found;
        }
    }

    /// What the cache that was last asked has found for a request.
    pub(super) fn what_was_found(&mut self, key: RequestKey) -> Found {
        self.content().map_or(Found::Miss, |(content, _)| content.of(key).found)
    }

    /// A cache has this version for a request. Returns whether there is a newer one.
    pub(super) fn has_read(&mut self, key: RequestKey, version: u32, found: Found) -> bool {
        let Some((content, now)) = self.content() else { return false };
        let carried = content.of(key);
        carried.version = version;
        carried.found = found;
        let object = carried.object;
        version < content.objects.newest(object, now)
    }

    /// The object of a request, the version that it has read and how large it is. What was made
    /// without reading is as new as it can be.
    pub(super) fn what_was_read(&mut self, key: RequestKey) -> (Object, u32, Bytes) {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let Carried { object, version, .. } = *content.of(key);
        let version = if version == UNREAD { content.objects.newest(object, now) } else { version };
        (object, version, content.objects.size(object))
    }

    /// A request that waited at this component for what another was fetching goes on. Returns how
    /// long it has waited.
    pub(super) fn waited_for_others(&mut self, key: RequestKey) -> Span {
        let waited = self.now() - self.request(key).visit.since;
        self.pause(key, Span::ZERO);
        waited
    }

    /// Whether a request is still at work at its component.
    pub(super) fn is_here(&self, key: RequestKey) -> bool {
        let here = |phase| matches!(phase, Phase::Visiting | Phase::Strand);
        self.shared.requests.get(key).is_some_and(|request| here(request.phase))
    }

    /// A request reads its object where that is kept for good.
    pub(super) fn read_stored(&mut self, key: RequestKey) {
        let Some((content, now)) = self.content() else { return };
        let object = content.of(key).object;
        if object != Object::NONE {
            content.of(key).version = content.objects.stored(object, now);
        }
    }

    /// A request has written its object where that is kept for good.
    pub(super) fn commit(&mut self, key: RequestKey) {
        let Some((content, now)) = self.content() else { return };
        let Carried { object, version, late, .. } = *content.of(key);
        if late {
            content.objects.settle(object, version, now);
        } else if object != Object::NONE {
            content.of(key).version = content.objects.write(object, now);
        }
    }

    /// A cache keeps what a request writes, and will write it to the database later: returns its
    /// version.
    pub(super) fn accept(&mut self, key: RequestKey) -> u32 {
        let (content, now) = self.content().expect("caches are for what has a catalog");
        let object = content.of(key).object;
        let version = content.objects.accept(object, now);
        content.of(key).version = version;
        version
    }

    /// This strand is to write a version to the database that a cache has accepted.
    pub(super) fn write_late(&mut self, key: RequestKey, version: u32) {
        if let Some((content, _)) = self.content() {
            let carried = content.of(key);
            (carried.version, carried.late, carried.found) = (version, true, Found::Hit);
        }
    }

    /// What a cache has accepted for an object is lost.
    pub(super) fn lose(&mut self, object: Object) {
        if let Some((content, now)) = self.content() {
            content.objects.lose(object, now);
        }
    }
}

impl Shared {
    /// An answer reaches its caller: so does what it says of the object. A client learns whether
    /// that was still true when it asked.
    #[inline(never)]
    pub(super) fn hand_back(&mut self, key: RequestKey) {
        let request = self.requests.get_mut(key).expect("a slot stays until answered");
        let Some(content) = &mut self.content else { return };
        if request.abandoned {
            return;
        }
        if !request.parent.is_none() {
            content.hand_over(key, request.parent);
        } else if Outcome::from(request.ending) == Outcome::Ok {
            let Carried { version, newest, .. } = *content.of(key);
            if version < newest {
                request.ending = Outcome::Stale.into();
            }
        }
    }

    /// A strand is over for which `parent` has waited.
    pub(super) fn hand_over(&mut self, strand: RequestKey, parent: RequestKey) {
        if let Some(content) = &mut self.content {
            content.hand_over(strand, parent);
        }
    }
}
