//! What a scenario says of a client.

use crate::access_log::{Format, LogFormat, Named};
use crate::call::Timeout;
use crate::distribution::Delay;
use crate::distribution::Size;
use crate::document::{
    At, Count, Definitions, Entries, Name, Node, Place, Positive, Problem, Problems, Read, listed,
    record, scalar,
};
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
        /// whatever each user has alone. If not given: the users that a trace tells apart, `scale`
        /// times over, and 10k otherwise.
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
        /// The file, relative to the scenario; packed by gzip, bzip2, xz or zstd or not.
        pub file: Name,
        /// How it is written; `auto` looks at the first lines.
        pub format: TraceFormat = "auto",
        /// Which column of a table holds what, where its names do not tell.
        pub columns: Option<ColumnsSpec>,
        /// How many requests to send for each recorded one, all about the time of the recorded one;
        /// a fraction is one request by that chance.
        pub scale: Positive = "1",
        /// How fast time in the trace passes: 2 sends the requests of two hours in one.
        pub speed: Positive = "1",
        /// Start again from the beginning at the trace's end.
        pub r#loop: bool = "false",
        /// Over how long the requests that `scale` adds are spread, after the recorded one. If not
        /// given: until the next recorded one, so that the rate at each time is multiplied. What is
        /// spread over longer has lower peaks.
        pub over: Option<Span>,
        /// How many parts of the path tell request types apart: 0 for the method alone, 1 for
        /// `GET /blog`. The query is never part of it; beyond 50 types the rarest are `other`.
        pub depth: u64 = "1",
        /// Names for request types, by pattern, such as `GET /blog/*: read`; the first that matches
        /// wins and the rest are `other`. Takes the place of `depth`.
        pub group: Option<Entries<String>>,
    }
}

record! {
    /// Which column of a table holds what. A column is called by its name, or by its number from 1.
    /// With `count` or `rate` a row is an interval that lasts to the next row, else it is a
    /// request.
    pub struct ColumnsSpec {
        /// When it was, or when the interval begins.
        pub time: Option<String>,
        /// The unit of times that are numbers: `d`, `h`, `min`, `s`, `ms`, `us` or `ns`.
        pub unit: Option<String>,
        /// How many requests there were in the interval.
        pub count: Option<String>,
        /// At which rate they came in the interval.
        pub rate: Option<Name>,
        /// Of how long a rate is; as the column's name says if not given, else a second.
        pub per: Option<At<Span>>,
        /// A request line, such as `GET /a HTTP/1.1`.
        pub request: Option<String>,
        /// A name of a request type.
        pub r#type: Option<String>,
        /// A method.
        pub method: Option<String>,
        /// A path or an address.
        pub path: Option<String>,
        /// The size of the response, in bytes.
        pub bytes: Option<String>,
        /// Who asked.
        pub user: Option<String>,
    }
}

impl ColumnsSpec {
    /// What it says, for the reader of tables.
    pub fn named(&self) -> Named {
        let ColumnsSpec { time, unit, count, request, method, path, bytes, user, .. } =
            self.clone();
        Named {
            time,
            unit,
            count,
            rate: self.rate.as_ref().map(|rate| rate.value.clone()),
            per: self.per.as_ref().map(|per| per.value),
            request,
            request_type: self.r#type.clone(),
            method,
            path,
            bytes,
            user,
        }
    }
}

/// How a trace is written.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceFormat(pub Format);

/// The words for formats, with what each is.
const FORMATS: [(&str, Format, &str); 7] = [
    ("auto", Format::Auto, "look at the first lines"),
    ("common", Format::Common, "an access log in the Common Log Format"),
    ("combined", Format::Combined, "an access log in the Combined Log Format"),
    ("json", Format::Json, "an access log in JSON, an object a line"),
    ("w3c", Format::Extended, "a log whose line `#Fields:` names its columns"),
    ("timestamps", Format::Timestamps, "a table with a request a row"),
    ("counts", Format::Counts, "a table with an interval a row"),
];

impl Read for TraceFormat {
    fn read(node: &Node, problems: &mut Problems) -> Option<TraceFormat> {
        let words: Vec<&str> = FORMATS.iter().map(|(word, ..)| *word).collect();
        let text = scalar(node, &listed(&words, "or"), problems)?;
        if let Some((_, format, _)) = FORMATS.iter().find(|(word, ..)| *word == text) {
            return Some(TraceFormat(format.clone()));
        }
        if !text.contains(['$', '%']) {
            problems.unknown(node.place, "format of a trace", text, &words);
            return None;
        }
        match LogFormat::parse(text) {
            Ok(format) => Some(TraceFormat(Format::Written(format))),
            Err(why) => {
                let title = "this is not how a line of a log is written";
                problems.push(Problem::new(node.place, title, why));
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let words = FORMATS.iter().map(|(word, _, what)| format!("`{word}`: {what}"));
        serde_json::json!({
            "title": "format of a trace",
            "description": format!(
                "{}. Or how a line of a log is written, in the words of nginx \
                 (`$remote_addr [$time_local] \"$request\" $status`) or of Apache \
                 (`%h %l %u %t \"%r\" %>s %b`).",
                words.collect::<Vec<_>>().join("; ")
            ),
            "type": "string",
        })
    }
}
