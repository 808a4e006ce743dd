//! A case: a scenario, what theory says of it, and how each figure is read from the results.

use deploysim::experiment::results::{ComponentResult, Results};
use deploysim::stats::LogLinear;
use deploysim::stats::acceptance::{Kind, Reference};
use deploysim::units::Span;

/// A scenario whose figures are known.
pub(crate) struct Case {
    pub(crate) id: String,
    /// What it is, in the words of the field.
    pub(crate) title: &'static str,
    /// Where the expected values come from.
    pub(crate) source: &'static str,
    /// Clients, topology and links; how long, how often and under which seed is added.
    pub(crate) yaml: String,
    /// Left out at the start of each replication (s).
    pub(crate) warmup: f64,
    /// Measured in each replication of the first stage (s).
    pub(crate) measured: f64,
    /// Runs averaged to one value; more than one where a run is a single observation.
    pub(crate) ensemble: u64,
    /// The first is the primary one.
    pub(crate) metrics: Vec<Metric>,
}

/// A figure with its expected value.
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) reference: Reference,
    /// Why a coarser resolution must do, if so.
    pub(crate) coarse: Option<&'static str>,
    pub(crate) read: Reader,
}

type Reader = Box<dyn Fn(&Results) -> f64 + Send + Sync>;

impl Case {
    pub(crate) fn new(id: impl Into<String>, title: &'static str, source: &'static str) -> Case {
        Case {
            id: id.into(),
            title,
            source,
            yaml: String::new(),
            warmup: 0.0,
            measured: 0.0,
            ensemble: 1,
            metrics: Vec::new(),
        }
    }

    /// What is deployed, and the seconds left out and measured.
    pub(crate) fn run(self, yaml: String, warmup: f64, measured: f64) -> Case {
        Case { yaml, warmup, measured, ..self }
    }

    /// A mean.
    pub(crate) fn mean(self, name: &str, expected: f64, read: impl Read) -> Case {
        self.metric(name, expected, Kind::Mean, read)
    }

    /// A probability.
    pub(crate) fn prob(self, name: &str, expected: f64, read: impl Read) -> Case {
        self.metric(name, expected, Kind::Prob, read)
    }

    /// The last metric was itself simulated, with this standard error.
    pub(crate) fn simulated(mut self, standard_error: f64) -> Case {
        let metric = self.metrics.last_mut().expect("a metric comes before what is said of it");
        metric.reference.standard_error = standard_error;
        self
    }

    /// The expected `p`-quantile (s) of the time from arrival to answer at a component.
    pub(crate) fn sojourn_quantile(self, component: &'static str, p: f64, q: f64) -> Case {
        self.quantile("sojourn", p, q, move |r| share(&at(r, component).sojourns, q))
    }

    /// The expected `p`-quantile (s) of the wait at a component.
    pub(crate) fn wait_quantile(self, component: &'static str, p: f64, q: f64) -> Case {
        self.quantile("wait", p, q, move |r| share(&at(r, component).waits, q))
    }

    /// The expected `p`-quantile (s) of the latency that clients see.
    pub(crate) fn latency_quantile(self, p: f64, q: f64) -> Case {
        self.quantile("latency", p, q, move |r| share(&r.total.histogram, q))
    }

    /// The last metric is known only coarsely at an affordable length, because of `reason`.
    pub(crate) fn coarse(mut self, reason: &'static str) -> Case {
        let metric = self.metrics.last_mut().expect("a metric comes before what is said of it");
        metric.resolve_coarsely(reason);
        self
    }

    fn quantile(self, of: &str, p: f64, q: f64, read: impl Read) -> Case {
        let name = format!("P({of} <= {:.6} s)", q);
        self.metric(&name, p, Kind::Quantile { p }, read)
    }

    fn metric(mut self, name: &str, expected: f64, kind: Kind, read: impl Read) -> Case {
        let reference =
            Reference { expected, kind, heavy: false, allowance: 0.0, standard_error: 0.0 };
        let read = Box::new(read);
        self.metrics.push(Metric { name: name.to_owned(), reference, coarse: None, read });
        self
    }
}

impl Metric {
    pub(crate) fn resolve_coarsely(&mut self, reason: &'static str) {
        self.coarse = Some(reason);
        self.reference.heavy = true;
    }
}

/// Reads a figure from the results of one run.
pub(crate) trait Read: Fn(&Results) -> f64 + Send + Sync + 'static {}

impl<F: Fn(&Results) -> f64 + Send + Sync + 'static> Read for F {}

/// A component's figures.
pub(crate) fn at<'a>(results: &'a Results, name: &str) -> &'a ComponentResult {
    let found = results.components.iter().find(|component| component.name == name);
    found.expect("the scenario has this component")
}

/// Mean use of a component's cores, `connections` or `workers`, from 0 to 1.
pub(crate) fn utilisation(results: &Results, component: &str, resource: &str) -> f64 {
    let mut resources = at(results, component).resources.iter();
    let found = resources.find(|found| found.name == resource);
    found.expect("the component has this resource").utilisation.mean
}

/// The share of values of at most `seconds`.
fn share<const BITS: u32>(histogram: &LogLinear<BITS>, seconds: f64) -> f64 {
    histogram.share_at_most(Span::from_secs_f64(seconds))
}

/// How long the start of a run matters to a station of `servers` servers of mean service time
/// `service` (s) under Poisson arrivals (1/s): twelve relaxation times, or services if longer.
pub(crate) fn transient(arrivals: f64, service: f64, servers: f64) -> f64 {
    let gap = (servers / service).sqrt() - arrivals.sqrt();
    (12.0 * service).max(12.0 / (gap * gap))
}

/// Poisson clients who never give up, sending `get` to `target`.
pub(crate) fn poisson(rate: f64, target: &str) -> String {
    open(&format!("poisson({rate}/s)"), target)
}

/// Clients who come by this process and never give up, sending `get` to `target`.
pub(crate) fn open(arrivals: &str, target: &str) -> String {
    format!(
        "clients:
  users:
    arrivals: {arrivals}
    target: {target}
    timeout: none
    requests: {{get: {{}}}}
"
    )
}

/// Users who never give up and think between requests.
pub(crate) fn users(count: u64, think: &str, target: &str) -> String {
    format!(
        "clients:
  users:
    users: {{count: {count}, think: \"{think}\"}}
    target: {target}
    timeout: none
    requests: {{get: {{}}}}
"
    )
}

/// One server called `app`, equipped as in `equipment`, that does `step` for each request.
pub(crate) fn server(equipment: &str, step: &str) -> String {
    format!(
        "topology:
  app:
    server:
      {{{equipment}, endpoints: {{get: [{{{step}}}]}}}}
"
    )
}
