//! What a scenario says of a client.

use crate::call::Timeout;
use crate::distribution::Delay;
use crate::distribution::Size;
use crate::document::{At, Count, Entries, Name, Place, Positive, choice, record};
use crate::network::Payload;
use crate::objects::BrowserCacheSpec;
use crate::placement::PlaceName;
use crate::units::Span;

use super::{Arrivals, PageSpec, VisitsSpec};

record! {
    /// A source of requests from outside. Exactly one of `arrivals`, `users` and `trace` says
    /// when.
    pub struct ClientSpec {
        /// Open load: requests come at this rate whatever happens to them, such as
        /// `poisson(300/s)`.
        pub arrivals: Option<Arrivals>,
        /// How many requests come together at each arrival; 1 if not given. The rate of `arrivals`
        /// is then that of batches.
        pub batch: Option<At<Size>>,
        /// Closed load: users who wait for their answer, think, and send the next request.
        pub users: Option<UsersSpec>,
        /// Requests as recorded in an access log or a CSV.
        pub trace: Option<TraceSpec>,
        /// How many users there are behind `arrivals` or a `trace`, each as likely as another to
        /// have sent a request or to be a visitor: for load balancers that go by the user, and for
        /// whatever each user has alone. 10k if not given.
        pub population: Option<At<Count>>,
        /// A cache of each user's own, as a browser has; none if not given.
        pub browser_cache: Option<At<BrowserCacheSpec>>,
        /// Where its users are: a region, a zone or a machine. In a region they are in none of its
        /// zones. Users in several places are several clients.
        pub place: Option<At<PlaceName>>,
        /// The component that the requests go to.
        pub target: Name,
        /// The request types, by name, and how often each is sent. A trace or a journey brings its
        /// own.
        pub requests: Option<Entries<RequestSpec>>,
        /// The request types in their order: pages, and what comes after each. A journey begins at
        /// the first. With `users` each user makes one journey after the other; with `arrivals`
        /// each arrival is a visitor who makes one and is gone.
        pub journey: Option<Entries<PageSpec>>,
        /// How long to wait for an answer before giving up; as `calls` say if not given, and `30s`
        /// if they say nothing. Giving up does not cancel: work on the request goes on.
        pub timeout: Option<Timeout>,
    }
}

record! {
    /// One type of request.
    pub struct RequestSpec {
        /// How often it is sent, relative to the other types of this client.
        pub weight: f64 = "1",
        /// How urgent it is, 0 being the most: it and all calls made for it go first where a
        /// queue or a processor goes by priority.
        pub priority: u64 = "0",
        /// How long to wait for its answer; the client's `timeout` if not given.
        pub timeout: Option<Timeout>,
        /// Of which `catalog` it asks for an object, by its popularity; of none if not given.
        pub keys: Option<Name>,
        /// How large the request is, in bytes; matters where a link has a `bandwidth`. `object`: as
        /// large as the object that is asked for.
        pub request_size: Payload = "500B",
        /// How large the response is, in bytes or `object`.
        pub response_size: Payload = "10KiB",
    }
}

record! {
    /// Users who each have at most one request in flight.
    pub struct UsersSpec {
        /// How many users there are.
        pub count: Count,
        /// How long a user thinks between an answer, or giving up, and the next request. A cycle
        /// that takes no time at all is made to take 1 ms.
        pub think: Delay = "exp(7s)",
        /// Over how long the users come at the start, evenly; each thinks before the first request.
        pub ramp: Span = "0",
        /// Requests in visits with pauses between them. Without it a user thinks from each
        /// request to the next, and from the end of a journey to the next.
        pub visits: Option<At<VisitsSpec>>,
    }
}

impl ClientSpec {
    /// Of which catalog a request type asks for an object.
    pub fn keys_of(&self, request: &str) -> Option<&Name> {
        let of_type = self.requests.as_ref().and_then(|requests| requests.get(request));
        let page = self.journey.as_ref().and_then(|pages| pages.get(request));
        let keys = of_type.and_then(|spec| spec.keys.as_ref());
        keys.or_else(|| page.and_then(|page| page.keys.as_ref()))
    }

    /// Whether the messages of a request type are as large as the object that it asks for.
    pub fn is_about_its_object(&self, request: &str) -> bool {
        let of_type = self.requests.as_ref().and_then(|requests| requests.get(request));
        let page = self.journey.as_ref().and_then(|pages| pages.get(request));
        let of_type = of_type.map(|spec| [&spec.request_size, &spec.response_size]);
        let sizes = of_type.or_else(|| page.map(|page| [&page.request_size, &page.response_size]));
        sizes.is_some_and(|sizes| sizes.contains(&&Payload::Object))
    }

    /// Whether the load changes with time by itself: growth says nothing then.
    pub fn varies(&self) -> bool {
        let ramp = self.users.as_ref().is_some_and(|users| users.ramp > Span::ZERO);
        self.follows_the_clock() || ramp
    }

    /// Whether requests come by a timetable that the figures are to cover from its beginning.
    pub fn follows_the_clock(&self) -> bool {
        let arrivals = self.arrivals.as_ref();
        self.trace.is_some() || arrivals.is_some_and(|arrivals| arrivals.0.varies())
    }

    /// How urgent each of its request types or pages is, 0 being the most.
    pub(crate) fn priorities(&self) -> Vec<u64> {
        let pages = self.journey.iter().flat_map(|pages| pages.iter().map(|(_, p)| p.priority));
        let requests = self.requests.iter().flat_map(|types| types.iter().map(|(_, r)| r.priority));
        pages.chain(requests).collect()
    }

    /// Where the scenario names this request type.
    pub fn place_of(&self, request: &str) -> Option<Place> {
        let requests = self.requests.iter().flat_map(|requests| requests.iter().map(|(n, _)| n));
        let pages = self.journey.iter().flat_map(|pages| pages.iter().map(|(n, _)| n));
        requests.chain(pages).find(|name| name.value == request).map(|name| name.place)
    }
}

record! {
    /// Requests as they were recorded.
    #[short = file]
    pub struct TraceSpec {
        /// The file, relative to the scenario.
        pub file: Name,
        /// How it is written; `auto` looks at the first lines.
        pub format: TraceFormat = "auto",
        /// How many requests to send for each recorded one. Those added follow the recorded one
        /// within `over`; a fraction is one request by that chance.
        pub scale: Positive = "1",
        /// How fast time in the trace passes: 2 sends the requests of two hours in one.
        pub speed: Positive = "1",
        /// Start again from the beginning at the trace's end.
        pub r#loop: bool = "false",
        /// Over how long the requests that `scale` adds are spread.
        pub over: Span = "1min",
        /// How many parts of the path tell request types apart: 0 for the method alone, 1 for
        /// `GET /blog`. The query is never part of it; beyond 50 types the rarest are `other`.
        pub depth: u64 = "1",
        /// Names for request types, by pattern, such as `GET /blog/*: read`; the first that matches
        /// wins and the rest are `other`. Takes the place of `depth`.
        pub group: Option<Entries<String>>,
    }
}

choice! {
    /// How a trace is written.
    pub enum TraceFormat {
        /// Look at the first lines.
        Auto = "auto",
        /// An access log in the Common Log Format.
        Common = "common",
        /// An access log in the Combined Log Format.
        Combined = "combined",
        /// A CSV with a time for each request.
        Timestamps = "timestamps",
        /// A CSV with a number of requests for each interval.
        Counts = "counts",
    }
}
