//! What explains a scenario, for other programs.

use serde_json::{Value, json};

use crate::experiment::explain::{
    Agreement, AnalyticModel, Broken, Drain, Explanation, Latency, Remedy, Truth, Verdict,
};
use crate::report::csv;
use crate::report::number::{number, rounded};
use crate::stats::Estimate;

/// Everything as JSON. What is not a number, or has no bound, is `null`.
pub fn explain_json(explanation: &Explanation) -> Value {
    let results = &explanation.results;
    json!({
        "name": results.name,
        "seed": results.seed,
        "replications": results.replications,
        "duration_s": figure(results.duration.secs()),
        "warmup_s": figure(results.warmup.secs()),
        "theory": analytic_model(&explanation.analytic_model),
        "agreement": list(&explanation.agreements, agreement),
        "latency": list(&explanation.latencies, latency),
        "remedies": list(&explanation.remedies.list, remedy),
        "remedies_possible": explanation.remedies.possible,
        "remedies_tried": explanation.remedies.list.len(),
        "remedies_left_out": explanation.remedies.left_out,
        "warnings": results.warnings,
    })
}

fn list<T>(list: &[T], one: fn(&T) -> Value) -> Vec<Value> {
    list.iter().map(one).collect()
}

fn figure(value: f64) -> Value {
    Value::from(rounded(value))
}

fn estimate(estimate: &Estimate) -> Value {
    let half_width = estimate.half_width.map(figure);
    json!({"mean": figure(estimate.mean), "half_width": half_width, "n": estimate.n})
}

fn analytic_model(analytic_model: &AnalyticModel) -> Value {
    let resources: Vec<Value> = analytic_model
        .resources
        .iter()
        .map(|r| {
            json!({
                "component": r.component,
                "resource": r.resource,
                "capacity": figure(r.capacity),
                "demand_s": figure(r.demand),
                "held_s": figure(r.held),
                "utilisation": figure(r.utilisation),
                "full_at_per_s": figure(r.full_at),
            })
        })
        .collect();
    let components: Vec<Value> = analytic_model
        .components
        .iter()
        .map(|c| {
            json!({
                "component": c.name,
                "model": c.model,
                "visits": figure(c.visits),
                "rate_per_s": figure(c.rate),
                "rejected": figure(c.rejected),
                "hit_ratio": c.hit_ratio.map(figure),
                "wait_s": figure(c.wait),
                "own_s": figure(c.own),
                "sojourn_s": figure(c.sojourn),
                "broken": list(&c.broken, broken),
            })
        })
        .collect();
    let bounds = analytic_model.bounds.as_ref().map(|b| {
        json!({
            "users": b.users,
            "think_s": figure(b.think),
            "throughput_per_s": figure(b.throughput),
            "latency_s": figure(b.latency),
            "knee_users": figure(b.knee),
        })
    });
    let drain = |of: &Drain| {
        json!({
            "queue": of.queue,
            "rate_per_s": figure(of.rate),
            "greatest_rate_per_s": figure(of.most),
        })
    };
    let drains: Vec<Value> = analytic_model.drains.iter().map(drain).collect();
    json!({
        "load": analytic_model.load,
        "rate_per_s": figure(analytic_model.rate),
        "throughput_per_s": figure(analytic_model.throughput),
        "latency_s": figure(analytic_model.latency),
        "latency_alone_s": figure(analytic_model.alone),
        "resources": resources,
        "bottleneck": analytic_model.bottleneck,
        "bounds": bounds,
        "components": components,
        "drains": drains,
        "broken": list(&analytic_model.broken, broken),
    })
}

fn broken(broken: &Broken) -> Value {
    let truth = match broken.truth {
        Truth::Shorter => "shorter",
        Truth::Longer => "longer",
        Truth::Either => "either",
    };
    json!({"assumption": broken.what, "true_time": truth})
}

fn agreement(a: &Agreement) -> Value {
    let off = match a.verdict {
        Verdict::Off(share) => figure(share),
        Verdict::Agrees => figure(0.0),
        Verdict::Unknown => Value::Null,
    };
    json!({
        "subject": a.subject,
        "measure": a.measure,
        "unit": a.unit,
        "predicted": figure(a.predicted),
        "simulated": estimate(&a.simulated),
        "agrees": a.verdict == Verdict::Agrees,
        "off": off,
    })
}

/// Nanoseconds as a whole number; as text where JSON has none so great.
fn nanos(nanos: u128) -> Value {
    u64::try_from(nanos).map_or_else(|_| Value::from(nanos.to_string()), Value::from)
}

fn latency(latency: &Latency) -> Value {
    let which = |which: usize| {
        let parts = latency.shares.iter().map(|share| {
            json!({
                "component": share.component,
                "part": share.part,
                "total_ns": nanos(share.nanos[which]),
                "mean_s": estimate(&share.mean[which]),
            })
        });
        json!({
            "requests": latency.requests[which],
            "total_ns": nanos(latency.nanos[which]),
            "mean_s": estimate(&latency.mean[which]),
            "parts": parts.collect::<Vec<Value>>(),
        })
    };
    json!({
        "client": latency.client,
        "request": latency.request,
        "all": which(0),
        "slowest": which(1),
    })
}

fn remedy(remedy: &Remedy) -> Value {
    json!({
        "component": remedy.component,
        "change": remedy.what,
        "set": remedy.sets,
        "p99_cut_s": estimate(&remedy.p99_cut),
        "mean_cut_s": estimate(&remedy.mean_cut),
        "throughput_gain_per_s": estimate(&remedy.throughput_gain),
        "score": figure(remedy.score),
    })
}

/// The figures of a backlog: whose, which, in what unit.
fn told_of(drain: &Drain) -> [(&str, &'static str, &'static str, f64); 3] {
    [
        (&drain.queue, "message_rate", "1/s", drain.rate),
        (&drain.queue, "greatest_message_rate", "1/s", drain.most),
        (&drain.queue, "drain_time_of_1000", "s", drain.time(1000.0)),
    ]
}

/// Every figure in a row of its own: what block it is of, whose it is, what it is.
pub fn explain_csv(explanation: &Explanation) -> Vec<u8> {
    let mut table = ::csv::Writer::from_writer(Vec::new());
    let header =
        ["block", "subject", "part", "metric", "unit", "statistic", "value", "half_width", "n"];
    let mut row = |fields: [&str; 5], value: f64, half: Option<f64>, n: &str| {
        let [block, subject, part, metric, unit] = fields;
        // Theory estimates nothing.
        let statistic = if n.is_empty() { "exact" } else { "mean" };
        let (value, half) = (number(value), half.map_or(String::new(), number));
        let fields = [block, subject, part, metric, unit, statistic, &value, &half, n];
        csv::row(&mut table, &fields);
    };
    let exact = |value: f64| (value, None, "");
    let about = |e: &Estimate| (e.mean, e.half_width, e.n.to_string());
    for r in &explanation.analytic_model.resources {
        for (metric, unit, value) in [
            ("capacity", "units", r.capacity),
            ("demand", "s", r.demand),
            ("held", "s", r.held),
            ("utilisation", "share", r.utilisation),
            ("full_at", "1/s", r.full_at),
        ] {
            let (mean, half, n) = exact(value);
            row(["theory", &r.component, r.resource, metric, unit], mean, half, n);
        }
    }
    for c in &explanation.analytic_model.components {
        for (metric, unit, value) in [
            ("visits_per_request", "visits", c.visits),
            ("rate", "1/s", c.rate),
            ("rejected_share", "share", c.rejected),
            ("wait", "s", c.wait),
            ("own", "s", c.own),
            ("sojourn", "s", c.sojourn),
        ] {
            let (mean, half, n) = exact(value);
            row(["theory", &c.name, &c.model, metric, unit], mean, half, n);
        }
    }
    for (queue, metric, unit, value) in explanation.analytic_model.drains.iter().flat_map(told_of) {
        row(["theory", queue, "backlog", metric, unit], value, None, "");
    }
    for a in &explanation.agreements {
        row(["agreement", &a.subject, "predicted", &a.measure, a.unit], a.predicted, None, "");
        let (mean, half, n) = about(&a.simulated);
        row(["agreement", &a.subject, "simulated", &a.measure, a.unit], mean, half, &n);
    }
    for latency in &explanation.latencies {
        let subject = format!("{} {}", latency.client, latency.request);
        for (which, metric) in ["mean", "mean_of_slowest"].into_iter().enumerate() {
            let (mean, half, n) = about(&latency.mean[which]);
            row(["latency", subject.trim(), "latency", metric, "s"], mean, half, &n);
            for share in &latency.shares {
                let part = format!("{}: {}", share.component, share.part);
                let (mean, half, n) = about(&share.mean[which]);
                row(["latency", subject.trim(), &part, metric, "s"], mean, half, &n);
            }
        }
    }
    for remedy in &explanation.remedies.list {
        for (metric, unit, gain) in [
            ("p99_cut", "s", &remedy.p99_cut),
            ("mean_cut", "s", &remedy.mean_cut),
            ("throughput_gain", "1/s", &remedy.throughput_gain),
        ] {
            let (mean, half, n) = about(gain);
            row(["remedy", &remedy.component, &remedy.what, metric, unit], mean, half, &n);
        }
    }
    let rows = table.into_inner().expect("memory takes what is written to it");
    [header.join(",").as_bytes(), b"\n", &rows].concat()
}
