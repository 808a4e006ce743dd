//! The metrics of requests and of the whole run.

use super::Headline;
use super::Unit::{Number, PerSecond, Seconds, Share};
use super::metric::Reading::{
    Count, Ended, EndedShare, Level, Longest, Mean, Quantile, QuantileOfAll, Rate, Ratio, Start,
};
use super::metric::metrics;
use super::term::{Durations::Latency, Scope, Term};

const ARRIVALS: Term = Term::Requests(|requests, _| requests.arrivals);
const ANSWERED: Term = Term::Requests(|requests, _| requests.answered);
const UNANSWERED: Term = Term::Requests(|requests, _| requests.unanswered);
const ERRORS: Term = Term::Requests(|requests, scope| match scope {
    Scope::Sent => requests.errors(),
    Scope::Ended => requests.unanswered,
});
const FINISHED: Term = Term::Requests(|requests, scope| match scope {
    Scope::Sent => requests.ended(),
    Scope::Ended => requests.answered + requests.unanswered,
});

metrics! {
    /// The metrics of requests.
    pub static REQUEST_METRICS of Requests;

    /// Requests sent.
    Word("arrivals"), Number("requests"), Sum: Count(ARRIVALS);
    /// Requests that ended so: `ok`, `stale`, `timed out`, `rejected by app`, `failed at main`,
    /// `lost on app -> main`, `in flight at the end`. All together are the arrivals.
    Outcome("outcome_count"), Number("requests"), Sum: Ended;
    /// The same as a share of the arrivals.
    Outcome("outcome_share"), Share, Pooled: EndedShare;
    /// Requests sent per second.
    Word("arrival_rate"), PerSecond, Mean, over time: Rate(ARRIVALS);
    /// Requests answered per second.
    Word("throughput"), PerSecond, Mean, over time, headlines [Headline::always("answered")]: Rate(ANSWERED);
    /// Requests that ended without an answer per second.
    Word("failure_rate"), PerSecond, Mean, over time: Rate(UNANSWERED);
    /// Of the requests that ended, the share without an answer: timed out, rejected, failed or
    /// lost.
    Word("error_rate"), Share, Pooled, headlines [Headline::always("errors")]: Ratio(ERRORS, FINISHED);
    /// Mean latency of the requests answered.
    Word("mean_latency"), Seconds, Mean, headlines [Headline::always("mean latency")]: Mean(Latency);
    /// A percentile of their latency: `p50`, `p99.9`, any from `p0` to `p100`.
    Percentile("p"), Seconds, Pooled, over time, headlines [
        Headline::COMPARED.at(0.5),
        Headline::COMPARED.at(0.9),
        Headline::always("p99 latency").at(0.99),
        Headline::COMPARED.at(0.999)
    ]: Quantile(Latency);
    /// The same over all requests that ended, each without an answer counting as longer than any
    /// (`p99_of_all`): infinite where more than so many had none.
    PercentileOfAll("p"), Seconds, Mean: QuantileOfAll(Latency, ERRORS);
    /// The longest latency.
    Word("max_latency"), Seconds, Max: Longest(Latency);
}

metrics! {
    /// The metrics of the whole run.
    pub static RUN_METRICS of Run;

    /// Mean number of clients' requests in flight.
    Word("in_flight"), Number("requests"), Mean:
        Level(Term::Run(|run, now| run.in_flight.area(now)));
    /// How much of the start is left out of every figure.
    Word("warmup"), Seconds, Constant: Start;
}
