//! The truth about objects: which there are, how large they are and what their newest version is.
//!
//! *Invariant:* versions of an object only grow, and no database has a version that is newer than
//! the newest; it has an older one while a cache has yet to write it. Nothing is kept of an object
//! that neither changes by itself nor has been written; of others 16 bytes, in pages of 512
//! neighbours. Where each user has answers of their own, those are objects of their own, under the
//! same keys.

use crate::distribution::Delay;
use crate::engine::{Popularity, Stream};
use crate::network::MessageSize;
use crate::units::{Bytes, Span, Time};

use super::cache_control::Terms;
use super::spec::CatalogSpec;

/// One object: the number of its catalog above its key, which has 48 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Object(u64);

/// Where the catalog would be of rows that are of none: there are fewer.
const ROWS: u16 = u16::MAX - 1;
/// Keys are below this.
const MOST_KEYS: u64 = 1 << 48;

impl Object {
    /// No object at all.
    pub(crate) const NONE: Object = Object(u64::MAX);

    pub(super) fn new(catalog: u16, key: u64) -> Object {
        Object(u64::from(catalog) << 48 | key)
    }

    /// The object of a number.
    #[cfg(test)]
    pub(crate) fn of(number: u64) -> Object {
        Object(number)
    }

    /// It as a number that no other object has.
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    /// A row that is of no catalog, by its identifier.
    pub(crate) fn row(identifier: u64) -> Object {
        Object::new(ROWS, identifier % MOST_KEYS)
    }

    /// Whether it is of no catalog.
    pub(crate) fn is_row(self) -> bool {
        self != Object::NONE && self.catalog() == usize::from(ROWS)
    }

    /// The identifier of what is of no catalog.
    pub(crate) fn row_number(self) -> u64 {
        self.key()
    }

    fn catalog(self) -> usize {
        (self.0 >> 48) as usize
    }

    fn key(self) -> u64 {
        self.0 % MOST_KEYS
    }
}

/// Versions count from 1; this one says that there is nothing under the key.
pub(crate) const NOTHING: u32 = 0;

/// All catalogs of a run.
#[derive(Debug)]
pub(crate) struct Objects {
    catalogs: Vec<Catalog>,
}

/// What answers about an object say of how they may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keeping {
    /// For how long the user's own cache may use one; `None` if it may not keep it.
    pub(crate) own: Option<Span>,
    /// What a shared cache may do, if anything.
    pub(crate) shared: Option<Terms>,
    /// Whether it can be asked whether one is still true.
    pub(crate) etag: bool,
}

#[derive(Debug)]
struct Catalog {
    demand: Popularity,
    keys: u64,
    per_user: bool,
    keeping: Keeping,
    size: MessageSize,
    changes: Option<Delay>,
    absent: f64,
    sizes: Stream,
    absences: Stream,
    gaps: Stream,
    pages: Vec<Option<Box<Page>>>,
}

const PAGE: usize = 512;
type Page = [State; PAGE];

/// What is known of an object that was looked at.
#[derive(Clone, Copy, Debug)]
struct State {
    /// When it changes by itself next.
    changes: Time,
    version: u32,
    /// The version that the database has.
    stored: u32,
}

/// Nothing is known yet.
const UNSEEN: State = State { changes: Time::ZERO, version: u32::MAX, stored: u32::MAX };
/// Further away than any run is long.
const NEVER: Time = Time::from_nanos(u64::MAX);

impl Objects {
    /// The objects of these catalogs, for so many users; all that is random about them comes from
    /// `stream`.
    pub(crate) fn new<'a>(
        specs: impl Iterator<Item = (&'a str, &'a CatalogSpec)>,
        users: u64,
        stream: Stream,
    ) -> Objects {
        let catalog = |(name, spec): (&str, &CatalogSpec)| {
            let stream = stream.named(name);
            let keys = spec.keys.value.get();
            let objects = keys * if spec.per_user.value { users } else { 1 };
            let pages = usize::try_from(objects.div_ceil(PAGE as u64)).expect("keys are checked");
            let says = spec.cache_control.clone().unwrap_or_default();
            Catalog {
                demand: spec.popularity.over(keys),
                keys,
                per_user: spec.per_user.value,
                keeping: Keeping {
                    own: says.for_its_user(),
                    shared: says.for_all(),
                    etag: spec.etag,
                },
                size: spec.size.clone(),
                changes: spec.changes.as_ref().map(|changes| changes.value.clone()),
                absent: spec.absent.0,
                sizes: stream.named("size"),
                absences: stream.named("absent"),
                gaps: stream.named("changes"),
                pages: vec![None; pages],
            }
        };
        Objects { catalogs: specs.map(catalog).collect() }
    }

    /// Draws an object of a catalog for a user.
    pub(crate) fn draw(&self, catalog: u16, user: u32, stream: Stream) -> Object {
        let Catalog { demand, keys, per_user, .. } = &self.catalogs[usize::from(catalog)];
        let own = if *per_user { u64::from(user) * keys } else { 0 };
        Object::new(catalog, own + demand.draw(&mut stream.draws()))
    }

    /// Draws an object of the same catalog and user as another.
    pub(crate) fn another(&self, object: Object, stream: Stream) -> Object {
        if object == Object::NONE {
            return object;
        }
        self.draw(object.catalog() as u16, self.owner(object), stream)
    }

    /// The object with the next key of the same catalog and user; after the last comes the first.
    pub(crate) fn next_to(&self, object: Object) -> Object {
        if object == Object::NONE {
            return object;
        }
        let (key, keys) = self.key(object);
        let first = object.key() - key;
        Object::new(object.catalog() as u16, first + (key + 1) % keys)
    }

    /// Any object of the same catalog and user, one as likely as another.
    pub(crate) fn any_like(&self, object: Object, stream: Stream) -> Object {
        let keys = self.catalogs[object.catalog()].keys;
        let own = object.key() / keys * keys;
        let drawn = (stream.draws().unit() * keys as f64) as u64;
        Object::new(object.catalog() as u16, own + drawn.min(keys - 1))
    }

    /// The user whose object it is; 0 where all have the same.
    pub(crate) fn owner(&self, object: Object) -> u32 {
        (object.key() / self.catalogs[object.catalog()].keys) as u32
    }

    /// The key of an object, and how many there are.
    pub(crate) fn key(&self, object: Object) -> (u64, u64) {
        let keys = self.catalogs[object.catalog()].keys;
        (object.key() % keys, keys)
    }

    /// A number that an object shares with those that other users have under the same key.
    pub(crate) fn address(&self, object: Object) -> u64 {
        let catalog = object.catalog();
        Object::new(catalog as u16, object.key() % self.catalogs[catalog].keys).number()
    }

    /// What answers about an object say of how they may be kept.
    pub(crate) fn keeping(&self, object: Object) -> Keeping {
        self.catalogs[object.catalog()].keeping
    }

    /// How large an object is.
    pub(crate) fn size(&self, object: Object) -> Bytes {
        let catalog = &self.catalogs[object.catalog()];
        catalog.size.draw(catalog.sizes.at(object.key()))
    }

    /// The newest version of an object at `now`, which must not be before the last time that
    /// anybody asked.
    pub(crate) fn newest(&mut self, object: Object, now: Time) -> u32 {
        let catalog = &mut self.catalogs[object.catalog()];
        let page = &catalog.pages[object.key() as usize / PAGE];
        if catalog.changes.is_none() && page.is_none() {
            return catalog.first(object.key());
        }
        catalog.state(object.key(), now).version
    }

    /// The version of an object that the database has at `now`.
    pub(crate) fn stored(&mut self, object: Object, now: Time) -> u32 {
        let catalog = &mut self.catalogs[object.catalog()];
        match catalog.pages[object.key() as usize / PAGE] {
            None if catalog.changes.is_none() => catalog.first(object.key()),
            _ => catalog.state(object.key(), now).stored,
        }
    }

    /// Somebody has written an object to the database: returns its version from now on.
    pub(crate) fn write(&mut self, object: Object, now: Time) -> u32 {
        let version = self.accept(object, now);
        self.catalogs[object.catalog()].state(object.key(), now).stored = version;
        version
    }

    /// A caller has been told that what it writes to an object is kept, though the database does
    /// not have it yet: returns its version from now on.
    pub(crate) fn accept(&mut self, object: Object, now: Time) -> u32 {
        let catalog = &mut self.catalogs[object.catalog()];
        let key = object.key();
        let State { mut changes, version, stored } = *catalog.state(key, now);
        let version = version + 1;
        if version == 1 {
            changes = catalog.next_change(key, version, now);
        }
        *catalog.state(key, now) = State { changes, version, stored };
        version
    }

    /// The database gets a version that was accepted before. It does not replace a newer one.
    pub(crate) fn settle(&mut self, object: Object, version: u32, now: Time) {
        let state = self.catalogs[object.catalog()].state(object.key(), now);
        state.stored = state.stored.max(version);
    }

    /// What the database does not have is lost: what it has is the newest again, as a version of
    /// its own, so that a cache that remembers what was lost is known to be wrong.
    pub(crate) fn lose(&mut self, object: Object, now: Time) {
        let state = self.catalogs[object.catalog()].state(object.key(), now);
        if state.stored < state.version {
            state.version += 1;
            state.stored = state.version;
        }
    }
}

impl Catalog {
    /// The version at the start of the run.
    fn first(&self, key: u64) -> u32 {
        let absent = self.absent > 0.0 && self.absences.at(key).draws().unit() < self.absent;
        if absent { NOTHING } else { 1 }
    }

    fn next_change(&self, key: u64, version: u32, after: Time) -> Time {
        let gap = |changes: &Delay| changes.draw(self.gaps.at(key).at(u64::from(version)));
        match self.changes.as_ref().map(gap) {
            Some(gap) if version != NOTHING => after + gap,
            _ => NEVER,
        }
    }

    /// What is known of an object once all its changes up to `now` have happened.
    fn state(&mut self, key: u64, now: Time) -> &mut State {
        let (page, place) = (key as usize / PAGE, key as usize % PAGE);
        let mut state = self.pages[page].as_ref().map_or(UNSEEN, |page| page[place]);
        if state.version == UNSEEN.version {
            state.version = self.first(key);
            state.stored = state.version;
            state.changes = self.next_change(key, state.version, Time::ZERO);
        }
        while state.changes <= now {
            state.version += 1;
            state.stored = state.version;
            state.changes = self.next_change(key, state.version, state.changes);
        }
        let page = self.pages[page].get_or_insert_with(|| Box::new([UNSEEN; PAGE]));
        page[place] = state;
        &mut page[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, Read, Sources, parse};

    fn objects(text: &str) -> Objects {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", text);
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let spec = CatalogSpec::read(&node, &mut problems).expect("a sound spec");
        Objects::new([("things", &spec)].into_iter(), 3, Stream::root(1, 0))
    }

    fn at(seconds: u64) -> Time {
        Time::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn a_version_counts_the_changes_by_themselves_and_the_writes() {
        let mut objects = objects("{keys: 1k, changes: 10s}");
        let object = Object::new(0, 7);
        assert_eq!(objects.newest(object, at(9)), 1);
        assert_eq!(objects.newest(object, at(35)), 4);
        assert_eq!(objects.write(object, at(36)), 5);
        assert_eq!(objects.newest(object, at(39)), 5);
        assert_eq!(objects.newest(object, at(40)), 6);
        assert_eq!(objects.newest(Object::new(0, 8), at(40)), 5);
    }

    #[test]
    fn the_database_has_what_reached_it_and_what_is_lost_was_never_there() {
        let mut objects = objects("{keys: 10}");
        let object = Object::new(0, 7);
        assert_eq!((objects.newest(object, at(1)), objects.stored(object, at(1))), (1, 1));
        assert_eq!((objects.accept(object, at(1)), objects.accept(object, at(2))), (2, 3));
        assert_eq!((objects.newest(object, at(2)), objects.stored(object, at(2))), (3, 1));
        objects.settle(object, 2, at(3));
        assert_eq!((objects.newest(object, at(3)), objects.stored(object, at(3))), (3, 2));
        objects.lose(object, at(4));
        assert_eq!((objects.newest(object, at(4)), objects.stored(object, at(4))), (4, 4));
        // What comes late replaces nothing newer.
        objects.settle(object, 3, at(5));
        objects.lose(object, at(5));
        assert_eq!((objects.newest(object, at(5)), objects.stored(object, at(5))), (4, 4));
        assert_eq!((objects.write(object, at(6)), objects.stored(object, at(6))), (5, 5));
    }

    #[test]
    fn each_user_has_an_object_of_his_own_under_a_key_where_that_is_said() {
        for (per_user, owners) in [("true", [0, 1, 2]), ("false", [0, 0, 0])] {
            let mut objects = objects(&format!("{{keys: 7, per_user: {per_user}, changes: 10s}}"));
            let drawn = [0, 1, 2].map(|user| objects.draw(0, user, Stream::root(5, 5)));
            assert_eq!(drawn.map(|object| objects.owner(object)), owners);
            let addresses = drawn.map(|object| objects.address(object));
            assert_eq!(addresses, [drawn[0].number(); 3]);
            assert_eq!(objects.write(drawn[2], at(1)), 2);
            let versions = [objects.newest(drawn[0], at(2)), objects.newest(drawn[2], at(2))];
            assert_eq!(versions, if per_user == "true" { [1, 2] } else { [2, 2] });
        }
    }

    #[test]
    fn nothing_is_kept_of_objects_that_do_not_change() {
        let mut objects = objects("{keys: 10M, absent: 10%}");
        let absent = (0..10_000).filter(|&key| objects.newest(Object::new(0, key), at(1)) == 0);
        // Binomial with standard deviation 30; the band is six of those.
        assert!((820..=1180).contains(&absent.count()));
        assert!(objects.catalogs[0].pages.iter().all(Option::is_none));
        objects.write(Object::new(0, 5), at(2));
        assert_eq!(objects.catalogs[0].pages.iter().flatten().count(), 1);
    }

    #[test]
    fn what_was_absent_is_there_once_it_is_written() {
        let mut objects = objects("{keys: 10, absent: 100%, changes: 1s}");
        let object = Object::new(0, 3);
        assert_eq!(objects.newest(object, at(100)), NOTHING);
        assert_eq!(objects.write(object, at(100)), 1);
        assert_eq!(objects.newest(object, at(103)), 4);
    }

    #[test]
    fn the_size_of_an_object_is_drawn_once_and_its_key_by_its_popularity() {
        let objects =
            objects("{keys: 100, popularity: zipf(1), size: lognormal(mean=20KiB, cv=1)}");
        let object = Object::new(0, 3);
        assert_eq!(objects.size(object), objects.size(object));
        assert_ne!(objects.size(object), objects.size(Object::new(0, 4)));
        let drawn = (0..10_000).filter(|&n| objects.draw(0, 0, Stream::root(2, n)).key() == 0);
        // 1 / H(100) = 0.1928; the band is six standard deviations of 39.
        assert!((1692..=2164).contains(&drawn.count()));
    }
}
