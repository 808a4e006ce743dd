//! Axes: where a value stands and how its ticks read.
//!
//! *Invariant:* whatever it is given, an axis has a positive length, and every value is on it or at
//! its nearer end.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::units::{Bytes, Rate, three_digits};

/// Aim for about this many ticks.
const TICKS: f64 = 6.0;

/// How the values of an axis read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A latency (s).
    Seconds,
    /// Simulated time (s).
    Clock,
    /// A share, as a percentage.
    Percent,
    /// The share of requests that are slower, as the quantile that it makes.
    Slower,
    /// A rate (1/s).
    PerSecond,
    /// A size (bytes).
    Bytes,
    /// A number.
    Plain,
}

/// A linear or logarithmic axis with its ticks.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    unit: Unit,
    ticks: Vec<f64>,
}

impl Axis {
    /// From zero to a round number not below `high`.
    pub(super) fn from_zero(high: f64, unit: Unit) -> Axis {
        let high = if high.is_finite() && high > 0.0 { high } else { 1.0 };
        let step = round_up(high / TICKS);
        let steps = libm::ceil(high / step - 1e-9);
        let ticks = (0..=steps as u32).map(|i| f64::from(i) * step).collect();
        Axis { low: 0.0, high: steps * step, log: false, unit, ticks }
    }

    /// From `low` to `high` and no further, with ticks at round numbers between.
    pub(super) fn between(low: f64, high: f64, unit: Unit) -> Axis {
        let known = low.is_finite() && high.is_finite() && high > low;
        let (low, high) = if known { (low, high) } else { (0.0, 1.0) };
        let step = round_up((high - low) / TICKS);
        let first = libm::ceil(low / step - 1e-9);
        let count = libm::floor(high / step - first + 1e-9) as u32;
        let ticks = (0..=count).map(|i| (first + f64::from(i)) * step).collect();
        Axis { low, high, log: false, unit, ticks }
    }

    /// Simulated time from `low` to `high` (s).
    pub(super) fn clock(low: f64, high: f64) -> Axis {
        const STEPS: [f64; 15] = [
            1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0,
            7200.0, 21600.0,
        ];
        let (low, high) = if high > low { (low, high) } else { (0.0, 1.0) };
        let least = (high - low) / 9.0;
        let days = libm::ceil(least / 86_400.0) * 86_400.0;
        let step = if least < STEPS[0] {
            round_up(least)
        } else {
            STEPS.into_iter().find(|&step| step >= least).unwrap_or(days)
        };
        let first = libm::ceil(low / step - 1e-9);
        let count = libm::floor(high / step - first + 1e-9) as u32;
        let ticks = (0..=count).map(|i| (first + f64::from(i)) * step).collect();
        Axis { low, high, log: false, unit: Unit::Clock, ticks }
    }

    /// A logarithmic axis that covers `low` to `high`, ending on round numbers.
    pub(super) fn log(low: f64, high: f64, unit: Unit) -> Axis {
        let high = if high.is_finite() && high > 1e-9 { high } else { 1.0 };
        let low = if low.is_finite() && low > 0.0 { low } else { high / 10.0 };
        // A factor of two at least, so that a small change looks small; nine decades at most.
        let low = low.min(high / 2.0).max(high / 1e9);
        let ladder = rungs(low, high);
        let decades = libm::log10(high / low);
        let is_decade = |x: &f64| x.to_string().trim_matches(['0', '.']) == "1";
        let ticks: Vec<f64> = if decades > 3.5 {
            ladder.iter().copied().filter(is_decade).collect()
        } else {
            ladder.clone()
        };
        let ends = (ladder[0], ladder[ladder.len() - 1]);
        Axis { low: ends.0, high: ends.1, log: true, unit, ticks }
    }

    /// The share of slower requests, from all of them down to `least`.
    pub(super) fn slower(least: f64) -> Axis {
        let ticks = [1.0, 0.5, 0.1, 0.01, 0.001, 1e-4, 1e-5];
        let least = if least.is_finite() { least.clamp(1e-5, 0.01) } else { 0.01 };
        let shown = ticks.into_iter().filter(|&tick| tick >= least).collect();
        Axis { low: least, high: 1.0, log: true, unit: Unit::Slower, ticks: shown }
    }

    /// Places 0 to `count`, without ticks.
    pub(super) fn places(count: usize) -> Axis {
        let high = count.max(1) as f64;
        Axis { low: 0.0, high, log: false, unit: Unit::Plain, ticks: Vec::new() }
    }

    /// The values that are named.
    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// The least value shown.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// The greatest value shown.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// How far along the axis `value` stands, 0 to 1.
    fn position(&self, value: f64) -> f64 {
        let share = if self.log {
            libm::log(value.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share.clamp(0.0, 1.0)
    }
}

/// The least of 1, 2, 2.5, 5 times a power of ten that is not below `x`.
fn round_up(x: f64) -> f64 {
    let power = libm::pow(10.0, libm::floor(libm::log10(x)));
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    power * factors.into_iter().find(|f| f * power >= x * (1.0 - 1e-9)).unwrap_or(10.0)
}

/// The numbers 1, 2, 5 times powers of ten from not above `low` to not below `high`.
fn rungs(low: f64, high: f64) -> Vec<f64> {
    let first = libm::floor(libm::log10(low)) as i32;
    let last = libm::ceil(libm::log10(high)) as i32;
    let all: Vec<f64> = (first..=last)
        .flat_map(|e| ["1", "2", "5"].map(|digit| format!("{digit}e{e}")))
        .map(|text| text.parse().expect("a digit and an exponent are a number"))
        .collect();
    let start = all.iter().rposition(|&x| x <= low * (1.0 + 1e-9)).unwrap_or(0);
    let end = all.iter().position(|&x| x >= high * (1.0 - 1e-9)).unwrap_or(all.len() - 1);
    all[start..=end].to_vec()
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let length = f64::from(limit.1 - limit.0);
        limit.0 + libm::round(length * self.position(*value)) as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        match self.unit {
            Unit::Clock => clock(*value, self.high, self.ticks.get(1).map(|t| t - self.ticks[0])),
            unit => text(*value, unit),
        }
    }
}

/// A value as it reads on an axis; simulated time in seconds.
pub(super) fn text(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds | Unit::Clock => seconds(value),
        Unit::Percent => format!("{}%", three_digits(value * 100.0)),
        Unit::Slower => slower(value),
        Unit::PerSecond => Rate(value).to_string(),
        Unit::Bytes => Bytes(value as u64).to_string(),
        Unit::Plain => three_digits(value),
    }
}

/// A latency (s) in the unit that reads best.
pub(super) fn seconds(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        x if x < 0.999_999e-6 => format!("{}ns", three_digits(value * 1e9)),
        x if x < 0.999_999e-3 => format!("{}µs", three_digits(value * 1e6)),
        x if x < 0.999_999 => format!("{}ms", three_digits(value * 1e3)),
        _ => format!("{}s", three_digits(value)),
    }
}

/// Simulated time (s) in the unit that suits an axis up to `high` with ticks `step` apart: a third
/// of a minute reads badly.
fn clock(value: f64, high: f64, step: Option<f64>) -> String {
    let (unit, name) = match high {
        x if x <= 150.0 || step.is_some_and(|step| step < 30.0) => (1.0, "s"),
        x if x <= 10_800.0 => (60.0, "min"),
        x if x <= 259_200.0 => (3600.0, "h"),
        _ => (86_400.0, "d"),
    };
    format!("{}{name}", three_digits(value / unit))
}

fn slower(share: f64) -> String {
    if share >= 1.0 {
        return "all".to_owned();
    }
    let percent = three_digits(share * 100.0);
    // Subtracting in hundred-thousandths keeps p99.99 from reading p99.
    let quantile = (1e5 - libm::round(share * 1e5)) / 1e3;
    format!("{percent}% · p{quantile}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|tick| axis.format_ext(tick)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_carry_their_unit() {
        assert_eq!(labels(&Axis::from_zero(287.0, Unit::Plain)), "0 50 100 150 200 250 300");
        assert_eq!(labels(&Axis::from_zero(1.0, Unit::Percent)), "0% 20% 40% 60% 80% 100%");
        assert_eq!(
            labels(&Axis::log(0.0007, 0.3, Unit::Seconds)),
            "500µs 1ms 2ms 5ms 10ms 20ms 50ms 100ms 200ms 500ms"
        );
        assert_eq!(labels(&Axis::log(3e-5, 2.0, Unit::Seconds)), "100µs 1ms 10ms 100ms 1s");
        assert_eq!(
            labels(&Axis::slower(1e-4)),
            "all 50% · p50 10% · p90 1% · p99 0.1% · p99.9 0.01% · p99.99"
        );
        assert_eq!(
            labels(&Axis::clock(60.0, 600.0)),
            "1min 2min 3min 4min 5min 6min 7min 8min 9min 10min"
        );
        assert_eq!(
            labels(&Axis::clock(10.0, 180.0)),
            "20s 40s 60s 80s 100s 120s 140s 160s 180s",
            "and not 0.333min"
        );
        assert_eq!(labels(&Axis::clock(0.0, 10.0)), "0s 2s 4s 6s 8s 10s");
        assert_eq!(labels(&Axis::clock(0.0, 86_400.0)), "0h 6h 12h 18h 24h");
    }

    #[test]
    fn an_axis_has_a_length_whatever_it_is_given() {
        for x in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300, 1e12] {
            for axis in [
                Axis::from_zero(x, Unit::Plain),
                Axis::log(x, x, Unit::Seconds),
                Axis::clock(x, x),
                Axis::slower(x),
                Axis::between(x / 3.0, x, Unit::PerSecond),
            ] {
                assert!(axis.high > axis.low, "{axis:?}");
                assert!((2..40).contains(&axis.ticks.len()), "{axis:?}");
                for value in [0.0, f64::NAN, f64::INFINITY, -5.0] {
                    let place = axis.map(&value, (0, 100));
                    assert!((0..=100).contains(&place), "{axis:?}");
                }
            }
        }
    }
}
