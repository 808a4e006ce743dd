//! The columns of a run, in the order in which they are told of what happens to requests.

use crate::column::{Column, Moment, Moments, Scene};
use crate::message::AttemptKey;
use crate::objects::Content;
use crate::session::Sessions;
use crate::tracing::Tracing;

/// What stands beside the requests of a run. Most runs have no column, and pay one comparison at
/// each moment.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// What requests are about.
    pub(super) objects: Option<Box<Content>>,
    /// What is known of users from one request to the next.
    pub(super) sessions: Option<Box<Sessions>>,
    /// What becomes of single requests. Comes last: it sees how requests end.
    pub(super) tracing: Option<Box<Tracing>>,
    /// The moments of all columns.
    moments: Moments,
}

impl Columns {
    /// Requests will be about something.
    pub(super) fn add_objects(&mut self, objects: Content) {
        self.objects = Some(Box::new(objects));
        self.moments = self.moments.with(Content::MOMENTS);
    }

    /// Users will be known from one request to the next.
    pub(super) fn add_sessions(&mut self, sessions: Sessions) {
        self.sessions = Some(Box::new(sessions));
        self.moments = self.moments.with(Sessions::MOMENTS);
    }

    /// The run will be watched.
    pub(super) fn add_tracing(&mut self, tracing: Tracing) {
        self.tracing = Some(Box::new(tracing));
        self.moments = self.moments.with(Tracing::MOMENTS);
    }

    /// Whether any column wants to be told of this moment.
    #[inline]
    pub(super) fn want(&self, moment: Moment) -> bool {
        self.moments.include(moment)
    }

    /// Tells every column that wants to know.
    pub(super) fn tell(&mut self, moment: Moment, key: AttemptKey, mut scene: Scene) {
        tell(self.objects.as_deref_mut(), moment, key, &mut scene);
        tell(self.sessions.as_deref_mut(), moment, key, &mut scene);
        tell(self.tracing.as_deref_mut(), moment, key, &mut scene);
    }
}

fn tell<C: Column>(column: Option<&mut C>, moment: Moment, key: AttemptKey, scene: &mut Scene) {
    if let Some(column) = column
        && C::MOMENTS.include(moment)
    {
        column.at(moment, key, scene);
    }
}
