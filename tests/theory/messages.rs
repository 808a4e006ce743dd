//! Message queues, and the answers of an object store.

use deploysim::experiment::Results;

use crate::case::{Case, at, transient};

const OLDEST: &str =
    "P(any waits) = C rho; then the age of the oldest is Exp(c mu - lambda); Erlang 1917";
const VISIBILITY: &str = "P(N > n) = prod P(S > jV) where any delivery counts, geometric where the \
                          last does; duplicate work (E[N] - 1) E[S]";
const DEAD: &str = "P(dead) = p^n, receives (1 - p^n)/(1 - p), latency of a success (K - 1) V + s";
const DRAIN: &str = "first passage of a random walk: B/(c mu - lambda)";
const FIRST_BYTE: &str = "median e^(sigma^2/2) + size/bandwidth; quantiles by quadrature";

const LONG_WAITS: &str = "at 90% of four servers waits resemble one another for long";

/// A time of work, as a scenario writes it and its mean (s), with what is to be expected of a
/// visibility timeout of 30 s: P(N > 1), E[N] where any delivery counts and where the last does, and
/// P(N > 2).
type Work = (&'static str, f64, [f64; 4]);

const EXPONENTIAL: Work = (
    "exp(20s)",
    20.0,
    [0.223_130_160_148_429_8, 1.234_362_872_562_29, 1.287_216_916_788_868, 0.011_108_996_538_242_3],
);
const LOGNORMAL: Work = (
    "lognormal(mean=16.487212707s, cv=1.31083249)",
    16.487_212_707,
    [
        0.135_968_607_641_424_4,
        1.141_013_228_391_561_5,
        1.157_365_355_985_812_4,
        0.004_974_513_747_674_9,
    ],
);

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![
        oldest(),
        visibility("MQ-VIS-EXP", EXPONENTIAL),
        visibility("MQ-VIS-LN", LOGNORMAL),
        latest("MQ-VIS-EXP latest", EXPONENTIAL),
        latest("MQ-VIS-LN latest", LOGNORMAL),
        third("MQ-VIS-EXP third", EXPONENTIAL),
        third("MQ-VIS-LN third", LOGNORMAL),
        dead("MQ-DLQ-1", (0.3, 4, 60, 2), [0.0081, 1.417, 25.754_410_726_887_787]),
        dead("MQ-DLQ-2", (0.15, 3, 30, 5), [0.003_375, 1.1725, 9.989_339_019_189_766]),
        drain(),
        object(),
    ]
}

fn measure(name: &'static str) -> impl Fn(&Results) -> f64 {
    move |r| at(r, "jobs").measures.get(name).expect("a message queue has it").estimate.mean
}

/// Clients who put messages, and the topology around the queue.
fn queue(rate: u64, queue: &str, topology: &str) -> String {
    format!(
        "
clients:
  users: {{arrivals: poisson({rate}/s), target: jobs, timeout: none, requests: {{send: {{}}}}}}
topology:
  jobs: {{message_queue: {{latency: 0, {queue}}}}}
{topology}"
    )
}

/// Consumers who always have room.
fn worker(steps: &str) -> String {
    format!(
        "  worker: {{server: {{workers: unlimited, consumes: {{from: jobs, at_once: 100k}}, \
         endpoints: {{jobs: [{steps}]}}}}}}\n"
    )
}

fn oldest() -> Case {
    let worker = "  worker: {server: {replicas: 4, workers: 1, consumes: jobs, \
                  endpoints: {jobs: [cpu: exp(100ms)]}}}\n";
    Case::new("MQ-AGE-1", "a message queue with 4 consumers", OLDEST)
        .run(queue(36, "", worker) + OLD, transient(36.0, 0.1, 4.0), 40_000.0)
        .prob("P(age of the oldest > 0.25 s)", 0.260_818_407_584_961_8, older)
        .mean("mean age of the oldest [s]", 0.177_244_484_466_456_6, measure("oldest_age"))
        .coarse(LONG_WAITS)
        .mean("mean backlog", 7.089_779_378_658_266, measure("backlog"))
        .coarse(LONG_WAITS)
        .prob("P(backlog > 0)", 0.708_977_937_865_826_4, measure("backlog_share"))
        .mean("mean wait [s]", 0.196_938_316_073_840_66, measure("delivery_wait"))
        .coarse(LONG_WAITS)
}

const OLD: &str = "expect: [\"oldest_age_above:250ms(jobs) < 100%\"]\n";

/// What was found of the one expectation, told to three digits.
fn older(results: &Results) -> f64 {
    let found = &results.verdicts[0].found;
    let share = found.split_once('%').map_or(found.as_str(), |(share, _)| share);
    share.trim().parse::<f64>().expect("a share is told as a percentage") / 100.0
}

fn visibility(id: &'static str, (work, mean, [again, any, ..]): Work) -> Case {
    let yaml = queue(20, "visibility: 30s", &worker(&format!("io: \"{work}\"")));
    Case::new(id, "a visibility timeout that is too short", VISIBILITY)
        .run(yaml, 600.0, 12_000.0)
        .mean("deliveries of a message", any, measure("receives"))
        .prob("P(delivered more than once)", again, measure("redelivered_share"))
        .mean("duplicate work [s]", (any - 1.0) * mean, move |r| {
            at(r, "worker").present.mean / r.total.arrival_rate.mean - mean
        })
        .coarse("a small difference of two numbers that are larger")
}

fn latest(id: &'static str, (work, _, [_, _, latest, _]): Work) -> Case {
    let steps = worker(&format!("io: \"{work}\""));
    Case::new(id, "the same where the last delivery alone counts", VISIBILITY)
        .run(queue(20, "visibility: 30s, done_by: latest", &steps), 600.0, 4_000.0)
        .mean("deliveries of a message", latest, measure("receives"))
}

/// A message that is not done by two visibility timeouts would be delivered a third time.
fn third(id: &'static str, (work, _, [.., third]): Work) -> Case {
    let steps = worker(&format!("io: \"{work}\""));
    Case::new(id, "the same with two deliveries at most", VISIBILITY)
        .run(queue(20, "visibility: 30s, max_receives: 2", &steps), 600.0, 4_000.0)
        .prob("P(more than two deliveries)", third, measure("dead_share"))
}

fn dead(
    id: &'static str,
    (fails, most, visibility, work): (f64, u64, u64, u64),
    [share, receives, latency]: [f64; 3],
) -> Case {
    let fail = format!("{{p: {fails}, steps: [call: {{to: broken, endpoint: jobs}}]}}");
    let steps = format!("{{branch: [{fail}, {{steps: [io: {work}s]}}]}}");
    let others = "  broken: {external: {latency: 0, error_rate: 100%}}
  dead: {message_queue: {latency: 0}}
";
    let more = worker(&steps) + others;
    let limits = format!("visibility: {visibility}s, max_receives: {most}, dead_letter: dead");
    Case::new(id, "dead after several deliveries", DEAD)
        .run(queue(50, &limits, &more), 5.0 * (most * visibility) as f64, 4_000.0)
        .mean("receives of a message", receives, measure("receives"))
        .prob("P(dead)", share, measure("dead_share"))
        .mean("time to be done [s]", latency, measure("completion"))
}

/// 2,008 messages come at once, of which 8 are taken, and others from then on.
fn drain() -> Case {
    let yaml = "
clients:
  burst: {arrivals: {renewal: 40s}, batch: 2008, target: jobs, timeout: none, requests: {send: {}}}
  others:
    arrivals: {profile: {points: [{at: 0, rate: 0/s}, {at: 40s, rate: 300/s}]}}
    target: jobs
    timeout: none
    requests: {send: {}}
topology:
  jobs: {message_queue: {latency: 0}}
  worker:
    server: {workers: 8, cores: 8, consumes: {from: jobs, at_once: 8}, endpoints: {jobs: [cpu: exp(20ms)]}}
";
    let each = |r: &Results| -> Vec<f64> {
        let found = at(r, "jobs").measures.get("longest_backlog");
        found.expect("a message queue has it").values.clone()
    };
    let mean = move |r: &Results| {
        let all = each(r);
        all.iter().sum::<f64>() / all.len() as f64
    };
    let case = Case::new("MQ-DRAIN-1", "how long a backlog of 2,000 is drained", DRAIN)
        .run(yaml.to_owned(), 0.0, 79.0)
        .mean("mean time [s]", 20.0, mean);
    Case { ensemble: 40, ..case }
}

fn object() -> Case {
    let yaml = "
clients:
  users:
    arrivals: poisson(100/s)
    target: store
    timeout: none
    requests: {get: {request_size: 1B, response_size: \"lognormal(mean=1MB, cv=1.5)\"}}
topology:
  store: {object_store: {latency: \"lognormal(mean=33.994453592ms, cv=0.53294035)\", bandwidth: 50MB/s}}
";
    Case::new("OBJ-GET-1", "an object: its first byte, and its transfer", FIRST_BYTE)
        .run(yaml.to_owned(), 5.0, 1_000.0)
        .mean("mean latency [s]", 0.053_994_453_592_004_79, |r| r.total.mean_latency.mean)
        .latency_quantile(0.5, 0.045_990_955_158_224_56)
        .latency_quantile(0.95, 0.111_590_487_926_428_8)
        .latency_quantile(0.99, 0.179_732_955_710_999_18)
}
