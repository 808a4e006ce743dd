//! Expectations, decided with the confidence interval.

use crate::scenario::{Expectation, Metric, Side, Unit};
use crate::stats::Estimate;
use crate::units::{Rate, Share, Span, three_digits};

use super::results::{ComponentResult, Decision, RequestResult, Results, Verdict};

/// Decides each expectation.
pub(super) fn decide(expectations: &[Expectation], results: &Results) -> Vec<Verdict> {
    expectations
        .iter()
        .map(|expectation| {
            let estimate = estimate(expectation, results);
            Verdict {
                expectation: expectation.text.clone(),
                found: found(estimate, expectation.metric.unit()),
                holds: decision(estimate, expectation.side, expectation.bound),
            }
        })
        .collect()
}

fn decision(estimate: Estimate, side: Side, bound: f64) -> Decision {
    if estimate.mean.is_nan() {
        return Decision::Undecided;
    }
    let (low, high) = (estimate.low(), estimate.high());
    let (holds, fails) = match side {
        Side::Below => (high <= bound, low > bound),
        Side::Above => (low >= bound, high < bound),
    };
    match (holds, fails) {
        (true, _) => Decision::Holds,
        (false, true) => Decision::Fails,
        (false, false) => Decision::Undecided,
    }
}

fn estimate(expectation: &Expectation, results: &Results) -> Estimate {
    let subject = expectation.subject.as_ref().map(|name| name.value.as_str());
    if expectation.metric.of_component() {
        let mut components = results.components.iter();
        let component = components.find(|component| Some(component.name.as_str()) == subject);
        return of_component(expectation.metric, component.expect("names are checked"));
    }
    let request = match subject {
        Some(name) => results.requests.iter().find(|request| request.request == name),
        None => Some(&results.total),
    };
    of_request(expectation.metric, request.expect("names are checked"))
}

fn of_request(metric: Metric, request: &RequestResult) -> Estimate {
    match metric {
        Metric::ArrivalRate => request.arrival_rate,
        Metric::Throughput => request.throughput,
        Metric::ErrorRate => request.error_rate,
        Metric::MeanLatency => request.latency_mean,
        Metric::P50 => request.latency[0],
        Metric::P90 => request.latency[1],
        Metric::P99 => request.latency[2],
        Metric::P999 => request.latency[3],
        Metric::Utilisation | Metric::Queue | Metric::Wait | Metric::Sojourn => {
            unreachable!("these are about components")
        }
    }
}

fn of_component(metric: Metric, component: &ComponentResult) -> Estimate {
    let busiest = component
        .resources
        .iter()
        .map(|resource| resource.utilisation)
        .max_by(|a, b| a.mean.total_cmp(&b.mean));
    match metric {
        Metric::Utilisation => busiest.unwrap_or(Estimate::exact(0.0)),
        Metric::Queue => component.queue_mean,
        Metric::Wait => component.wait_mean,
        Metric::Sojourn => component.sojourn_mean,
        _ => unreachable!("these are about requests"),
    }
}

fn found(estimate: Estimate, unit: Unit) -> String {
    let written = |value: f64| match unit {
        Unit::Seconds => Span::from_secs_f64(value).to_string(),
        Unit::PerSecond => Rate(value).to_string(),
        Unit::Share => Share(value).to_string(),
        Unit::Number => three_digits(value),
    };
    match estimate.half_width {
        _ if estimate.mean.is_nan() => "nothing to measure".to_owned(),
        Some(half) => format!("{} ± {}", written(estimate.mean), written(half)),
        None => written(estimate.mean),
    }
}
