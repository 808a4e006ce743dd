//! The summary as JSON, for a pipe.

use serde_json::{Map, Value, json as value};

use crate::experiment::measure::{Measure, Measures};
use crate::experiment::results::{
    Attained, Bottleneck, ComponentResult, Deadlock, Decision, Incident, Over, RequestResult,
    Results, Standing, Used, Verdict,
};
use crate::measure::Statistic;
use crate::stats::Estimate;

use super::number::rounded;
use super::requests::request_json;

/// Everything that the summary says. What is not a number is `null`.
pub fn json(results: &Results) -> Value {
    let runs = results.replications;
    let requests: Vec<Value> = results.requests.iter().map(request).collect();
    let components: Vec<Value> = results.components.iter().map(component).collect();
    value!({
        "name": results.name,
        "seed": results.seed,
        "duration_s": figure(results.duration.secs()),
        "warmup_s": figure(results.warmup.secs()),
        "warmup_found": results.warmup_found,
        "replications": runs,
        "planned": results.planned,
        "requests": requests,
        "total": request(&results.total),
        "components": components,
        "run": metrics(&results.run),
        "bottleneck": results.bottleneck.as_ref().map(bottleneck),
        "deadlock": results.deadlock.as_ref().map(deadlock),
        "incidents": results.incidents.iter().map(incident).collect::<Vec<_>>(),
        "warnings": results.warnings,
        "expectations": expectations(results),
        "precision": results.precision.as_ref().map(attained),
        "traced": results.traced.as_ref().map(|all| all.iter().map(request_json).collect::<Vec<_>>()),
    })
}

fn request(result: &RequestResult) -> Value {
    value!({
        "client": result.client,
        "request": result.request,
        "metrics": metrics(&result.measures),
    })
}

fn component(result: &ComponentResult) -> Value {
    value!({
        "name": result.name,
        "kind": result.kind,
        "instances": result.instances,
        "metrics": metrics(&result.measures),
    })
}

fn bottleneck(found: &Bottleneck) -> Value {
    let over = match found.over {
        Over::Run => "run",
        Over::Peak(..) => "peak",
        Over::Before(_) => "before the first fault",
    };
    let (word, alike, waiting, headroom, reason) = match &found.standing {
        Standing::Full { waiting } => ("full", Vec::new(), names(waiting), None, None),
        Standing::First { alike, headroom } => {
            ("first", names(alike), Vec::new(), headroom.as_ref(), None)
        }
        Standing::MostUsed(reason) => ("most used", Vec::new(), Vec::new(), None, Some(*reason)),
    };
    value!({
        "component": found.component,
        "resource": found.resource,
        "utilisation": estimate(&found.utilisation, "share", Statistic::Mean),
        "over": over,
        "standing": word,
        "alike": alike,
        "waiting": waiting,
        "headroom": headroom.map(|estimate| figure(estimate.mean)),
        "headroom_half_width": headroom.and_then(|estimate| estimate.half_width).map(figure),
        "unknown": reason,
    })
}

fn names(list: &[Used]) -> Vec<String> {
    list.iter().map(|of| format!("{} {}", of.component, of.resource)).collect()
}

fn deadlock(found: &Deadlock) -> Value {
    value!({
        "component": found.component,
        "resource": found.resource,
        "since_s": figure(found.since),
        "replications": found.replications,
    })
}

fn incident(incident: &Incident) -> Value {
    value!({
        "what": incident.what,
        "from_s": figure(incident.from),
        "to_s": incident.to.map(figure),
    })
}

fn attained(found: &Attained) -> Value {
    value!({
        "figure": found.figure,
        "asked": figure(found.asked),
        "relative_half_width": figure(found.relative),
        "reached": found.reached,
    })
}

fn expectations(results: &Results) -> Vec<Value> {
    let word = |decision| match decision {
        Decision::Holds => "holds",
        Decision::Fails => "fails",
        Decision::Undecided => "undecided",
    };
    let one = |v: &Verdict| {
        let verdict = word(v.holds);
        let (expectation, found, more) = (&v.expectation, &v.found, v.more);
        value!({
            "expectation": expectation, "found": found, "verdict": verdict, "more_replications": more,
        })
    };
    results.verdicts.iter().map(one).collect()
}

fn metrics(measures: &Measures) -> Map<String, Value> {
    let one = |m: &Measure| {
        let mut told = estimate(&m.estimate, m.unit, m.statistic);
        told["one_run"] = m.one_run().map(|ends| ends.map(figure)).into();
        (m.name.clone(), told)
    };
    measures.0.iter().map(one).collect()
}

fn estimate(estimate: &Estimate, unit: &str, statistic: Statistic) -> Value {
    let half_width = estimate.half_width.map(figure);
    value!({
        "unit": unit,
        "statistic": statistic.word(),
        "value": figure(estimate.mean),
        "half_width": half_width,
        "low": figure(estimate.low()),
        "high": figure(estimate.high()),
        "n": estimate.n,
    })
}

/// Rounded as in the CSV files; JSON has no infinity either.
fn figure(x: f64) -> Value {
    Value::from(rounded(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn figures_are_found_by_name() {
        let json = json(&fixture::shop());
        let p99 = &json["total"]["metrics"]["p99"];
        assert_eq!(
            p99,
            &value!({
                "unit": "s", "statistic": "mean", "value": 0.2184, "half_width": 0.00546, "n": 10,
                "low": 0.21294, "high": 0.22386, "one_run": [0.2184, 0.2184],
            })
        );
        assert_eq!(json["bottleneck"]["component"], "main");
        assert_eq!(json["expectations"][1]["verdict"], "fails");
    }

    #[test]
    fn what_is_not_a_number_is_null() {
        let json = json(&fixture::silent());
        assert_eq!(json["total"]["metrics"]["p99"]["value"], Value::Null);
    }
}
