//! The summary as JSON, for a pipe.

use serde_json::{Map, Value, json as value};

use crate::experiment::results::{
    Attained, Bottleneck, ComponentResult, Decision, RequestResult, Results, Verdict,
};
use crate::stats::Estimate;

use super::number::rounded;
use super::requests::request_json;
use crate::experiment::measure::{Measure, of_component, of_request};

/// Everything that the summary says. What is not a number is `null`.
pub fn json(results: &Results) -> Value {
    let runs = results.replications;
    let requests: Vec<Value> = results.requests.iter().map(|r| request(r, runs)).collect();
    let components: Vec<Value> = results.components.iter().map(|c| component(c, runs)).collect();
    value!({
        "name": results.name,
        "seed": results.seed,
        "duration_s": figure(results.duration.secs()),
        "warmup_s": figure(results.warmup.secs()),
        "warmup_found": results.warmup_found,
        "replications": runs,
        "planned": results.planned,
        "requests": requests,
        "total": request(&results.total, runs),
        "components": components,
        "bottleneck": results.bottleneck.as_ref().map(bottleneck),
        "warnings": results.warnings,
        "expectations": expectations(results),
        "precision": results.precision.as_ref().map(attained),
        "traced": results.traced.as_ref().map(|all| all.iter().map(request_json).collect::<Vec<_>>()),
    })
}

fn request(result: &RequestResult, runs: usize) -> Value {
    value!({
        "client": result.client,
        "request": result.request,
        "metrics": metrics(&of_request(result, runs)),
    })
}

fn component(result: &ComponentResult, runs: usize) -> Value {
    value!({
        "name": result.name,
        "kind": result.kind,
        "instances": result.instances,
        "metrics": metrics(&of_component(result, runs)),
    })
}

fn bottleneck(found: &Bottleneck) -> Value {
    value!({
        "component": found.component,
        "resource": found.resource,
        "utilisation": estimate(&found.utilisation, "share"),
        "headroom": figure(found.headroom),
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

fn metrics(measures: &[Measure]) -> Map<String, Value> {
    measures.iter().map(|m| (m.name.clone(), estimate(&m.estimate, m.unit))).collect()
}

fn estimate(estimate: &Estimate, unit: &str) -> Value {
    let half_width = estimate.half_width.map(figure);
    value!({"unit": unit, "mean": figure(estimate.mean), "half_width": half_width, "n": estimate.n})
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
        let p99 = &json["total"]["metrics"]["latency_p99"];
        assert_eq!(p99, &value!({"unit": "s", "mean": 0.2184, "half_width": 0.00546, "n": 10}));
        assert_eq!(json["bottleneck"]["component"], "main");
        assert_eq!(json["expectations"][1]["verdict"], "fails");
    }

    #[test]
    fn what_is_not_a_number_is_null() {
        let json = json(&fixture::silent());
        assert_eq!(json["total"]["metrics"]["latency_p99"]["mean"], Value::Null);
    }
}
