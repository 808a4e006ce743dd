//! What is wrong with a cache wherever it is: times that come to nothing, words without a TTL.

use crate::document::{At, Place, Problem, Problems};
use crate::units::Span;

use super::{CacheSpec, Ttl};

impl CacheSpec {
    /// Reports what could not be meant of the cache that is written at `place`.
    pub(crate) fn check_entries(&self, place: Place, problems: &mut Problems) {
        let ttl = self.ttl.as_ref().filter(|ttl| ttl.value == Ttl::For(Span::ZERO));
        let zero = |time: &&At<Span>| time.value == Span::ZERO;
        let negative = self.negative_ttl.as_ref().filter(zero);
        let lease = Some(&self.lease).filter(zero);
        for (place, title) in [
            (ttl.map(|ttl| ttl.place), "what is kept is of no use at once"),
            (negative.map(|ttl| ttl.place), "what is kept is of no use at once"),
            (lease.map(|lease| lease.place), "a fetch is given up at once"),
        ] {
            if let Some(place) = place {
                problems.push(Problem::new(place, title, "expected a duration above zero"));
            }
        }
        let about_ttl = [
            ("jitter", self.jitter.0 > 0.0),
            ("sliding", self.sliding),
            ("stale_while_revalidate", self.stale_while_revalidate > Span::ZERO),
        ];
        if let (None, Some((key, _))) = (&self.ttl, about_ttl.iter().find(|(_, given)| *given)) {
            let title = format!("`{key}` says something of a TTL, and there is none");
            let label = format!("expected a `ttl`, or no `{key}`");
            problems.push(Problem::new(place, title, label));
        }
    }
}
