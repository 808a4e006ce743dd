//! Arrivals by the hour of the day, and the clock they go by.

use crate::document::{At, Definitions, Node, Problem, Problems, Read, parsed, record};
use crate::units::{Rate, Span};

use super::arrivals::{Shape, course};
use super::intensity::{Course, Form, Piece};

record! {
    /// A rate that goes by the hour of the day, every day the same.
    pub struct DiurnalSpec {
        /// The rate in each hour of the local day, midnight first: 24 of them.
        pub rates: Hours,
        /// What the rate does within an hour. With `steps` each rate holds for its hour; with
        /// `lines` it is the rate on the hour, and goes straight to the next.
        pub shape: Shape = "steps",
        /// How far the local time is ahead of UTC, such as `+9` or `-4:30`. Clients of different
        /// regions peak at different times by this.
        pub utc_offset: UtcOffset = "+0",
        /// The time of day, in UTC, at which the run begins.
        pub start: TimeOfDay = "00:00",
        /// How long a day takes. A shorter one is a day in quick motion, at the same rates.
        pub day: At<Span> = "24h",
    }
}

/// One rate for each hour of the day.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours(pub At<Vec<Rate>>);

/// How far a local time is ahead of UTC (min).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UtcOffset(i32);

/// A time of day (min since midnight).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay(i32);

const HOURS: usize = 24;
const MINUTES: i32 = 24 * 60;

impl DiurnalSpec {
    /// The rate over time: one day after the other, entered at the local time of the start.
    pub(super) fn course(&self) -> Course {
        let rates = &self.rates.0.value;
        let day = self.day.value;
        // Every hour ends where the next begins, however short the day.
        let on_the_hour = |hour: usize| part(day, hour as u64, HOURS as u64);
        let piece = |hour: usize| {
            let from = rates[hour].0;
            let to = match self.shape {
                Shape::Steps => from,
                Shape::Lines => rates[(hour + 1) % HOURS].0,
            };
            let length = on_the_hour(hour + 1).nanos() - on_the_hour(hour).nanos();
            Piece { length: Span::from_nanos(length), form: Form::Line { from, to } }
        };
        let local = (self.start.0 + self.utc_offset.0).rem_euclid(MINUTES);
        let entered = part(day, local.unsigned_abs().into(), MINUTES.unsigned_abs().into());
        course((0..HOURS).map(piece).collect(), true).entered_at(entered)
    }
}

/// So many of so many parts of a whole.
fn part(whole: Span, number: u64, of: u64) -> Span {
    let nanos = u128::from(whole.nanos()) * u128::from(number) / u128::from(of);
    Span::from_nanos(u64::try_from(nanos).expect("a part is no longer than the whole"))
}

impl Read for Hours {
    fn read(node: &Node, problems: &mut Problems) -> Option<Hours> {
        let before = problems.reported();
        let rates = At::<Vec<Rate>>::read(node, problems)?;
        let count = rates.value.len();
        if count != HOURS {
            // Those that could not be read are reported already.
            if problems.reported() == before {
                let title = format!("{count} rates for the {HOURS} hours of a day");
                problems.push(Problem::new(node.place, title, "expected one for each hour"));
            }
            return None;
        }
        Some(Hours(rates))
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "list of 24 rates",
            "type": "array",
            "items": Rate::schema(definitions),
            "minItems": HOURS,
            "maxItems": HOURS,
        })
    }
}

impl Read for UtcOffset {
    fn read(node: &Node, problems: &mut Problems) -> Option<UtcOffset> {
        const EXPECTED: &str = "an offset from UTC such as +9, -5 or +5:30, from -14 to +14";
        let parse = |text: &str| {
            let (sign, rest) = match text.as_bytes().first()? {
                b'-' => (-1, &text[1..]),
                b'+' => (1, &text[1..]),
                _ => (1, text),
            };
            minutes(rest).filter(|minutes| *minutes <= 14 * 60).map(|m| UtcOffset(sign * m))
        };
        parsed(node, EXPECTED, parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "offset from UTC",
            "type": ["string", "integer"],
            "pattern": r"^[+-]?[0-9]{1,2}(:[0-5][0-9])?$",
            "minimum": -14,
            "maximum": 14,
        })
    }
}

impl Read for TimeOfDay {
    fn read(node: &Node, problems: &mut Problems) -> Option<TimeOfDay> {
        let parse = |text: &str| minutes(text).filter(|m| *m < MINUTES).map(TimeOfDay);
        parsed(node, "a time of day such as 18:30, from 00:00 to 23:59", parse, problems)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({
            "title": "time of day",
            "type": ["string", "integer"],
            "pattern": r"^[0-9]{1,2}(:[0-5][0-9])?$",
            "minimum": 0,
            "maximum": 23,
        })
    }
}

/// `5` and `5:30` in minutes.
fn minutes(text: &str) -> Option<i32> {
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i32>().ok().filter(|_| digits)
    };
    let (hours, rest) = text.split_once(':').unwrap_or((text, "00"));
    let rest = number(rest).filter(|minutes| *minutes < 60)?;
    Some(number(hours)? * 60 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Sources, parse};

    fn diurnal(more: &str) -> Course {
        let rates: Vec<String> = (1..=24).map(|hour| format!("{hour}/h")).collect();
        let text = format!("rates: [{}]\n{more}", rates.join(", "));
        let mut sources = Sources::new();
        let source = sources.add("", text);
        let mut problems = Problems::new();
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let spec = DiurnalSpec::read(&node, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        spec.expect("a day").course()
    }

    #[track_caller]
    fn check(more: &str, minutes: u64, expected: f64) {
        let found = diurnal(more).expected(Span::from_secs(60 * minutes));
        assert!((found - expected).abs() < 1e-9, "{more}: {found} for {expected}");
    }

    #[test]
    fn a_day_goes_by_the_local_time() {
        check("", 120, 3.0);
        check("", 24 * 60, 300.0);
        check("utc_offset: +9", 60, 10.0);
        check("utc_offset: -5", 60, 20.0);
        check("start: 12:30\nutc_offset: -0:30", 60, 13.0);
        check("start: 23:30", 60, 12.0 + 0.5);
        // Straight from 1 at midnight to 2 at one o'clock; from 24 back to 1 at the end.
        check("shape: lines", 60, 1.5);
        check("shape: lines\nstart: 23:00", 60, 12.5);
        check("shape: lines", 48 * 60, 600.0);
    }

    #[test]
    fn a_shorter_day_is_the_same_rates_in_quick_motion() {
        check("day: 24min", 24, 300.0 / 60.0);
        check("day: 24min\nutc_offset: +9", 1, 10.0 / 60.0);
    }

    #[test]
    fn times_of_day_are_read_with_and_without_minutes() {
        for (text, expected) in [
            ("5", Some(300)),
            ("05:30", Some(330)),
            ("14:60", None),
            ("1:2:3", None),
            ("-5", None),
            ("", None),
            ("123", None),
        ] {
            assert_eq!(minutes(text), expected, "{text:?}");
        }
    }
}
