//! What a run has shown of the deployment as a whole: plain structs, derived once and told alike by
//! tables, charts, sweeps and replays.

use crate::stats::Estimate;

/// A resource of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The component, or the pipe of a link.
    pub component: String,
    /// The resource of it, such as `cpu`.
    pub resource: &'static str,
}

/// The resource that limits the load, or of which most is in use.
#[derive(Clone, Debug)]
pub struct Bottleneck {
    /// The component.
    pub component: String,
    /// The resource of it, such as `cpu`.
    pub resource: &'static str,
    /// How much of it was in use; of memory, of what load can fill.
    pub utilisation: Estimate,
    /// When.
    pub over: Over,
    /// What that means for the load.
    pub standing: Standing,
}

/// The part of the measured time that a statement goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Over {
    /// All of it.
    Run,
    /// The windows of the time series in which most was in use: from when, and for how long (s).
    Peak(f64, f64),
    /// What was before the first fault (s).
    Before(f64),
}

/// What is known of a resource that is in use.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Nothing of it was left.
    Full {
        /// Full resources whose holders wait for this one.
        waiting: Vec<Used>,
    },
    /// It is full before all others as the load grows.
    First {
        /// Others of which the intervals allow the same.
        alike: Vec<Used>,
        /// At how many times the present load it is full, where its use is proportional to that.
        headroom: Option<Estimate>,
    },
    /// Most of it is in use. Which resource is full first as the load grows is not known, for this
    /// reason, a clause.
    MostUsed(&'static str),
}

/// Requests that wait for one another: nothing moves any more.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadlock {
    /// The component of which all that requests hold is held.
    pub component: String,
    /// What is held, such as `workers`.
    pub resource: &'static str,
    /// Since when no visit to it has ended (s), in the replication in which that was first.
    pub since: f64,
    /// In how many replications.
    pub replications: usize,
}

/// Something that happens at a known time, for charts over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// What, in a few words: `crash app`.
    pub what: String,
    /// When it begins (s).
    pub from: f64,
    /// When it is over (s), if that is known and within the run.
    pub to: Option<f64>,
}
