//! Expectations, decided with the confidence interval.

use crate::measure::{Recorder, Unit};
use crate::scenario::{Expectation, Figure, Scenario, Side};
use crate::stats::{Estimate, t_quantile};

use super::results::{Decision, Verdict};
use super::target::{Reading, Target};

/// An expectation is decided with this confidence.
const CONFIDENCE: f64 = 0.95;
/// More replications than this would decide nothing that matters.
const MOST: f64 = 1e5;

/// Decides each expectation of the scenario on these replications.
pub(super) fn decide(scenario: &Scenario, runs: &[Recorder]) -> Vec<Verdict> {
    let expectations = scenario.expectations.iter();
    expectations
        .map(|expectation| {
            let mut evidence = Evidence::of(scenario, &expectation.figure);
            evidence.read(runs);
            evidence.verdict(expectation)
        })
        .collect()
}

/// What one replication says of a figure: see `Evidence`.
pub type Said = [Reading; 3];

/// What replications say of a figure.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// The figure in each; not-a-number where there was nothing to measure.
    figure: Target,
    /// How many of the requests that it is about were sent, or at which rate they failed in its
    /// part of the run, and what is above zero only where one was answered.
    sent: Target,
    answered: Target,
}

impl Evidence {
    /// Nothing yet.
    pub(super) fn of(scenario: &Scenario, figure: &Figure) -> Evidence {
        let [sent, answered] = figure.answers(&scenario.deployment);
        Evidence {
            figure: Target::new(scenario, figure),
            sent: Target::of(vec![sent]),
            answered: Target::of(vec![answered]),
        }
    }

    /// Takes more replications into account.
    pub(super) fn read(&mut self, runs: &[Recorder]) {
        for asked in [&mut self.figure, &mut self.sent, &mut self.answered] {
            asked.read(runs);
        }
    }

    /// What a replication says of the figure, and of how many requests it is.
    pub(super) fn reading(&self, run: &Recorder) -> Said {
        [&self.figure, &self.sent, &self.answered].map(|asked| asked.reading(run))
    }

    /// Takes what one more replication says.
    pub(super) fn take(&mut self, said: Said) {
        let asked = [&mut self.figure, &mut self.sent, &mut self.answered];
        asked.into_iter().zip(said).for_each(|(asked, reading)| asked.take(reading));
    }

    /// Replications that have no such figure because none of these requests was answered.
    fn unanswered(&self) -> usize {
        let requests = self.sent.values().iter().zip(self.answered.values());
        let each = self.figure.values().iter().zip(requests);
        let is_silent = |(value, (sent, answered)): &(&f64, (&f64, &f64))| {
            value.is_nan() && **sent > 0.0 && (answered.is_nan() || **answered == 0.0)
        };
        each.filter(is_silent).count()
    }

    fn verdict(&self, expectation: &Expectation) -> Verdict {
        let estimate = self.figure.estimate(CONFIDENCE);
        let holds = self.judge(&estimate, expectation);
        let would_tell = holds == Decision::Undecided && self.unanswered() == 0;
        Verdict {
            expectation: expectation.text.clone(),
            found: self.written(expectation.figure.metric.unit),
            holds,
            more: if would_tell { more(&estimate, expectation.bound) } else { None },
        }
    }

    /// The figure with its 95% interval.
    pub(super) fn estimate(&self) -> Estimate {
        self.figure.estimate(CONFIDENCE)
    }

    /// Whether the expectation holds, by an interval of this `confidence`.
    pub(super) fn decision(&self, expectation: &Expectation, confidence: f64) -> Decision {
        let estimate = self.figure.estimate(confidence);
        self.judge(&estimate, expectation)
    }

    /// What is expected of answers fails where there are none though requests were sent: more
    /// replications would show no more of it. It does not hold where there are none now and then.
    fn judge(&self, estimate: &Estimate, expectation: &Expectation) -> Decision {
        match decision(estimate, expectation) {
            _ if self.is_silent() => Decision::Fails,
            Decision::Holds if self.unanswered() > 0 => Decision::Undecided,
            decision => decision,
        }
    }

    /// Whether there is nothing to measure because no request was answered.
    fn is_silent(&self) -> bool {
        let nothing = self.figure.values().iter().all(|value| value.is_nan());
        let answered = self.answered.values().iter().any(|&rate| rate > 0.0);
        nothing && self.unanswered() > 0 && !answered
    }

    /// The figure as it is told.
    pub(super) fn written(&self, unit: Unit) -> String {
        if self.is_silent() {
            return "no answer at all".to_owned();
        }
        let values = self.figure.values().iter();
        let endless = values.clone().filter(|value| value.is_infinite()).count();
        if endless > 0 {
            let all = values.len();
            return format!("longer than any answer took, in {endless} of {all} replications");
        }
        let found = written(self.figure.estimate(CONFIDENCE), unit);
        match self.unanswered() {
            0 => found,
            some => {
                let all = self.figure.values().len();
                format!("{found}, and no answer in {some} of {all} replications")
            }
        }
    }
}

/// Whether the whole interval is on one side of the bound.
fn decision(estimate: &Estimate, expectation: &Expectation) -> Decision {
    let (low, high) = (estimate.low(), estimate.high());
    let bound = expectation.bound;
    let (holds, fails) = match expectation.side {
        Side::Below => (high <= bound, low > bound),
        Side::Above => (low >= bound, high < bound),
    };
    match (holds, fails) {
        (true, _) => Decision::Holds,
        (false, true) => Decision::Fails,
        (false, false) => Decision::Undecided,
    }
}

/// About how many more replications would decide: as many as make the interval end before the
/// bound, if mean and spread stay what they are.
fn more(estimate: &Estimate, bound: f64) -> Option<usize> {
    estimate.half_width?;
    let end = if bound > estimate.mean { estimate.high() } else { estimate.low() };
    let half_width = (end - estimate.mean).abs();
    let n = estimate.n as f64;
    if estimate.low() == estimate.mean && bound > estimate.mean {
        // Nothing was seen: the bound falls as one over what was looked at.
        let needed = libm::ceil(n * half_width / (bound - estimate.mean));
        return (needed < MOST).then(|| (needed as usize).saturating_sub(estimate.n).max(1));
    }
    let spread = half_width * libm::sqrt(n) / t_quantile(estimate.n - 1, 0.975);
    let ratio = spread / (estimate.mean - bound).abs();
    let mut needed = estimate.n;
    // Student's t depends on the number that is sought: a few turns settle that.
    for _ in 0..4 {
        let t = t_quantile(needed - 1, 0.975);
        let next = libm::ceil(t * t * ratio * ratio);
        if next.is_nan() || next >= MOST {
            return None;
        }
        needed = (next as usize).max(estimate.n + 1);
    }
    Some(needed - estimate.n)
}

/// A figure as it is told.
pub(super) fn written(estimate: Estimate, unit: Unit) -> String {
    if estimate.mean.is_nan() {
        return match estimate.known_above() {
            Some(above) if above > 0.0 => {
                format!("more than {}", unit.read(&Estimate::point(above)).value)
            }
            Some(_) => "too few to tell".to_owned(),
            None => "nothing to measure".to_owned(),
        };
    }
    unit.read(&estimate).text()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::experiment::{Plan, replicate};
    use crate::scenario::load_text;

    /// What becomes of these expectations of a service that answers after a second, which clients
    /// wait for as long as `timeout`, and which they ask from the 20th second on.
    fn decided(timeout: &str, expectations: &[&str]) -> Vec<(Decision, String)> {
        let text = format!(
            "duration: 60s\nwarmup: 5s\nreplications: 3\nexpect: {expectations:?}\nclients:\n  \
             early: {{arrivals: constant(1/s), target: app, requests: {{get: }}}}\n  \
             users: {{arrivals: {{profile: {{points: [{{at: 0, rate: 0/s}}, {{at: 20s, rate: \
             5/s}}]}}}}, timeout: {timeout}, \
             target: slow, requests: {{get: }}}}\ntopology:\n  \
             app: {{server: {{endpoints: {{get: [io: 1ms]}}}}}}\n  \
             slow: {{server: {{endpoints: {{get: [io: 1s]}}}}}}\n"
        );
        let scenario = load_text(Path::new("x.yaml"), &text, &[]);
        let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
        let stop = AtomicBool::new(false);
        let results = replicate(&scenario, &Plan { progress: &(), stop: &stop });
        let verdicts = results.expect("nothing stops it").verdicts.into_iter();
        verdicts.map(|verdict| (verdict.holds, verdict.found)).collect()
    }

    #[test]
    fn what_is_expected_of_answers_fails_where_all_requests_do() {
        let of_answers =
            ["p99(users) < 3s", "mean_latency(users) > 1ms", "p50(users) during 30s..40s < 3s"];
        let silent = (Decision::Fails, "no answer at all".to_owned());
        assert_eq!(decided("500ms", &of_answers), vec![silent; 3]);
        let all: Vec<Decision> = decided("2s", &of_answers).into_iter().map(|one| one.0).collect();
        assert_eq!(all, [Decision::Holds; 3]);
    }

    #[test]
    fn where_nothing_is_sent_nothing_is_decided() {
        let found = decided("500ms", &["p99(users) during 6s..10s < 3s", "p50(early) < 3s"]);
        assert_eq!(found[0], (Decision::Undecided, "nothing to measure".to_owned()));
        assert_eq!(found[1].0, Decision::Holds);
    }

    #[test]
    fn what_is_answered_now_and_then_does_not_hold() {
        let scenario = scenario();
        let expectation = &scenario.expectations[0];
        let decide = |replications: &[(f64, (u32, u32))]| {
            let mut evidence = Evidence::of(&scenario, &expectation.figure);
            for &(value, (sent, answered)) in replications {
                evidence.figure.push(value);
                evidence.sent.push(f64::from(sent));
                evidence.answered.push(f64::from(answered));
            }
            (evidence.verdict(expectation).holds, evidence.written(Unit::Seconds))
        };
        let (good, dead, idle) = ((0.1, (9, 9)), (f64::NAN, (9, 0)), (f64::NAN, (0, 0)));
        assert_eq!(decide(&[good, good, idle]).0, Decision::Holds);
        assert_eq!(decide(&[dead, dead, idle]).0, Decision::Fails);
        assert_eq!(decide(&[idle, idle, idle]).0, Decision::Undecided);
        let found = "100 ms ± 0, and no answer in 1 of 3 replications".to_owned();
        assert_eq!(decide(&[good, good, dead]), (Decision::Undecided, found));
    }

    /// It expects `p99 < 150ms`.
    fn scenario() -> Scenario {
        let text = "clients: {users: {arrivals: poisson(1/s), target: app, requests: {get: }}}\n\
                    topology: {app: {server: {endpoints: {get: [io: 1ms]}}}}\nexpect: [p99 < 150ms]\n";
        let scenario = load_text(Path::new("x.yaml"), text, &[]);
        scenario.unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn the_replications_that_are_missing_make_the_interval_half_as_wide_where_it_must_be() {
        // Ten values of standard deviation 1: half-width 0.715. At a distance of 0.36, t = 2.04.
        let estimate = Estimate { half_width: Some(0.715_36), n: 10, ..Estimate::point(0.36) };
        let found = more(&estimate, 0.0).unwrap();
        assert!((22..=24).contains(&found), "{found}");
        let one = Estimate::point(1.0);
        assert_eq!(more(&one, 0.0), None);
        assert_eq!(more(&Estimate { mean: 0.0, ..estimate }, 0.0), None, "too close to tell");
    }
}
