//! A schema change: each part of a table in each shard is locked while it is changed, and until the
//! last is done both forms are served.

use std::sync::Arc;

use crate::distribution::Delay;
use crate::document::{At, Count, Problem, Problems, choice, record};
use crate::engine::Stream;
use crate::measure::Unit::{Number, Seconds};
use crate::measure::{CountersId, Family, Feature, Owner, Reading, Term, metrics};
use crate::message::AttemptKey;
use crate::objects::Object;
use crate::runtime::Ctx;
use crate::units::{Span, Time};

use super::program::Instruction;
use super::worker::Progress;
use super::{SCHEMA_CHANGED, Station};

record! {
    /// A change of a table's form, part by part. Reads and writes of a part wait while it is
    /// locked, each with its connection.
    pub struct SchemaChangeSpec {
        /// When it begins, from the start of the run.
        pub at: At<Span>,
        /// In how many parts the table is, in each shard: each has about as many of the objects.
        pub parts: At<Count> = "1",
        /// How long a part is locked while it is changed.
        pub locks: Delay,
        /// How long from the end of one part to the beginning of the next.
        pub pause: Span = "0",
        /// Which shards are at it at a time.
        pub shards: ShardOrder = "in_turn",
    }
}

choice! {
    /// Which shards are changed at a time.
    pub enum ShardOrder {
        /// One after the other.
        InTurn = "in_turn",
        /// All.
        AtOnce = "at_once",
    }
}

/// The most parts of a table.
const MOST_PARTS: u64 = 1_000;

impl SchemaChangeSpec {
    /// Reports what could not be meant.
    pub(crate) fn check(&self, problems: &mut Problems) {
        let parts = self.parts.value.get();
        if parts > MOST_PARTS {
            let label = format!("at most {MOST_PARTS} are possible");
            problems.push(Problem::new(self.parts.place, format!("{parts} parts"), label));
        }
    }

    /// When each part of each of so many shards is locked; what is random about it comes from
    /// `stream`.
    pub(crate) fn plan(&self, shards: u64, stream: Stream) -> SchemaPlan {
        let begins = Time::ZERO + self.at.value;
        let (mut next, mut ends) = (begins, begins);
        let mut plan = Vec::new();
        for shard in 0..shards {
            if self.shards == ShardOrder::AtOnce {
                next = begins;
            }
            let stream = stream.at(shard);
            let parts = (0..self.parts.value.get()).map(|part| {
                let from = next;
                let until = from + self.locks.draw(stream.at(part));
                (next, ends) = (until + self.pause, ends.max(until));
                Locked { from, until }
            });
            plan.push(parts.collect());
        }
        SchemaPlan { shards: plan, begins, ends }
    }
}

/// When a part is locked.
#[derive(Clone, Copy, Debug)]
struct Locked {
    from: Time,
    until: Time,
}

/// A schema change of all shards of a database.
#[derive(Debug)]
pub(crate) struct SchemaPlan {
    shards: Vec<Arc<[Locked]>>,
    begins: Time,
    ends: Time,
}

/// A schema change as one instance has it.
#[derive(Debug)]
pub(crate) struct SchemaChange {
    parts: Arc<[Locked]>,
    /// When all of it begins and ends, of the one instance that counts that.
    whole: Option<(Time, Time)>,
    meter: Option<CountersId>,
}

impl SchemaPlan {
    /// As an instance of this shard has it; the `first` of all counts how long it took.
    pub(crate) fn of(&self, shard: usize, first: bool) -> SchemaChange {
        let whole = first.then_some((self.begins, self.ends));
        SchemaChange { parts: Arc::clone(&self.shards[shard]), whole, meter: None }
    }
}

impl SchemaChange {
    /// How long somebody has to wait whose object is `of` this number.
    fn wait(&self, of: Stream, now: Time) -> Span {
        let parts = self.parts.len();
        let part = (of.draws().unit() * parts as f64) as usize;
        let Locked { from, until } = self.parts[part.min(parts - 1)];
        if from <= now { until.since(now) } else { Span::ZERO }
    }

    fn count(&self, counted: Counted, more: u64, ctx: &mut Ctx) {
        let id = self.meter.expect("it counts from its start on");
        ctx.recorder().counters(id).add(counted, more);
    }
}

/// Waits while the part of the request's object is being changed. Where there are no objects, a
/// request is about any part, one as likely as another.
#[derive(Debug)]
pub(crate) struct AwaitSchema {
    pub(crate) salt: u64,
}

impl Instruction for AwaitSchema {
    fn begin(&self, station: &mut Station, key: AttemptKey, ctx: &mut Ctx) -> Option<Progress> {
        let (now, object) = (ctx.now(), ctx.objects().object(key));
        let of = match object {
            Object::NONE => ctx.attempt(key).stream.beside(self.salt),
            object => Stream::root(self.salt, 0).at(object.number()),
        };
        let change = station.schema.as_ref().expect("what waits for a change has one");
        let wait = change.wait(of, now);
        if wait == Span::ZERO {
            return None;
        }
        change.count(Counted::Waits, 1, ctx);
        change.count(Counted::Wait, wait.nanos(), ctx);
        ctx.pause_for_io(key, wait);
        Some(station.while_waiting())
    }
}

impl Station {
    /// The same with a schema change.
    pub(crate) fn with_schema_change(self, change: Option<SchemaChange>) -> Station {
        Station { schema: change.map(Box::new), ..self }
    }

    /// The run begins.
    pub(super) fn start_schema_change(&mut self, ctx: &mut Ctx) {
        let Some(change) = &mut self.schema else { return };
        let me = ctx.me();
        change.meter = Some(ctx.recorder().add_counters(&SCHEMA, me.0 as usize));
        if let Some((_, ends)) = change.whole {
            ctx.alarm(ends.since(Time::ZERO), SCHEMA_CHANGED);
        }
    }

    /// All parts of all shards have the new form.
    pub(super) fn end_schema_change(&mut self, ctx: &mut Ctx) {
        let Some(change) = &self.schema else { return };
        if let Some((begins, ends)) = change.whole {
            change.count(Counted::Changes, 1, ctx);
            change.count(Counted::BothForms, ends.since(begins).nanos(), ctx);
        }
    }
}

/// What is counted of a schema change.
#[derive(Clone, Copy, Debug)]
enum Counted {
    /// Requests that waited.
    Waits,
    /// How long they were to wait, summed (ns).
    Wait,
    /// Changes that are done, and how long both forms were served, summed (ns).
    Changes,
    BothForms,
}

impl From<Counted> for usize {
    fn from(counted: Counted) -> usize {
        counted as usize
    }
}

/// What schema changes count.
static SCHEMA: Family = Family {
    name: "schema change",
    owner: Owner::Instance,
    counts: Counted::BothForms as usize + 1,
    levels: 0,
};

/// A schema change.
pub static SCHEMA_CHANGE: Feature = Feature {
    missing: "has no schema change",
    nowhere: "nothing has a schema change",
    expected: "a database with a `schema_change`",
};

macro_rules! count {
    ($count:ident) => {
        Term::Counters(&SCHEMA, |schema, _| schema.count(Counted::$count))
    };
}

metrics! {
    /// The metrics of schema changes.
    pub static SCHEMA_METRICS of Component;

    /// How long both forms were served: from the beginning of a change until its last part is done.
    Word("both_forms_served") needs SCHEMA_CHANGE, Seconds, Mean:
        Reading::Time(count!(BothForms), count!(Changes));
    /// Requests that came to a part while it was locked.
    Word("schema_waits") needs SCHEMA_CHANGE, Number("requests"), Sum:
        Reading::Count(count!(Waits));
    /// Mean time that these had to wait for it.
    Word("schema_wait") needs SCHEMA_CHANGE, Seconds, Mean:
        Reading::Time(count!(Wait), count!(Waits));
}
