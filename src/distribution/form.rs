//! Distributions that are made of others, or of any number of values: `shifted(2ms, exp(3ms))`,
//! `mixture(90% exp(1ms), 10% exp(20ms))`.

use super::empirical;
use super::read::{Call, Reader};
use crate::document::{Argument, quoted};
use crate::engine::Dist;
use crate::units::Quantity;

/// One way to write a distribution that a few numbers do not make.
pub(super) struct Form {
    /// The word before the bracket.
    pub(super) name: &'static str,
    /// How it is written.
    pub(super) signature: &'static str,
    /// What it is and what it is good for.
    pub(super) doc: &'static str,
    /// Makes the distribution, or reports why there is none.
    pub(super) read: fn(&mut Reader, &Call) -> Option<Dist>,
}

/// All of them.
pub(super) const FORMS: &[Form] = &[
    Form {
        name: "shifted",
        signature: "shifted(by, dist)",
        doc: "So much more than another distribution: `shifted(2ms, exp(3ms))`.",
        read: shifted,
    },
    Form {
        name: "mixture",
        signature: "mixture(weight dist, ...)",
        doc: "One of several distributions, by chance: `mixture(90% exp(1ms), 10% exp(20ms))`. \
              Weights that are not shares are relative; without any, all are equally likely.",
        read: mixture,
    },
    Form {
        name: "discrete",
        signature: "discrete(weight value, ...)",
        doc: "One of several values, by chance: `discrete(3 1ms, 1 20ms)`, with weights as in \
              `mixture`.",
        read: discrete,
    },
    Form {
        name: "empirical",
        signature: empirical::SIGNATURE,
        doc: "A value of a CSV, all lines equally likely or by a column of weights. Numbers without \
              a unit have that of `unit`; the file lies relative to the scenario.",
        read: empirical::read,
    },
];

/// The greatest weight: sums of them stay exact enough.
pub(super) const GREATEST_WEIGHT: f64 = 1e15;

fn shifted(reader: &mut Reader, call: &Call) -> Option<Dist> {
    let slots = reader.assign(call, &["by", "dist"], 2, "shifted(by, dist)")?;
    let [Some(by), Some(dist)] = slots[..] else { return None };
    let (by, dist) = (reader.amount(by), reader.dist(dist.text, dist.offset));
    Some(Dist::shifted(by?, dist?))
}

fn mixture(reader: &mut Reader, call: &Call) -> Option<Dist> {
    let entries = entries(reader, call)?;
    let mut branches = Vec::new();
    for Entry { weight, of } in &entries {
        branches.extend(reader.dist(of.text, of.offset).map(|dist| (*weight, dist)));
    }
    (branches.len() == entries.len()).then(|| Dist::mixture(branches))
}

fn discrete(reader: &mut Reader, call: &Call) -> Option<Dist> {
    let entries = entries(reader, call)?;
    let mut values = Vec::new();
    for Entry { weight, of } in &entries {
        values.extend(reader.amount(*of).map(|value| (*weight, value)));
    }
    (values.len() == entries.len()).then(|| Dist::weighted_values(values))
}

/// A part of a mixture.
struct Entry<'t> {
    weight: f64,
    of: Argument<'t>,
}

/// The parts with their weights, of which at least one is above zero.
fn entries<'t>(reader: &mut Reader, call: &Call<'t>) -> Option<Vec<Entry<'t>>> {
    if call.arguments.is_empty() {
        let example = format!("expected parts such as {}(90% 1ms, 10% 20ms)", call.name);
        reader.no_distribution(call, example);
        return None;
    }
    let split: Vec<_> = call.arguments.iter().map(|argument| weighted(reader, *argument)).collect();
    let any = split.iter().any(|(weight, _)| weight.is_some());
    let mut entries = Vec::new();
    for (argument, (weight, of)) in call.arguments.iter().zip(&split) {
        if let Some(name) = argument.name {
            let title = format!("{} has no {}", call.name, quoted(name));
            reader.report(argument.range(), title, "the parts of it have no names");
        } else if let Some(weight) = weight {
            entries.extend(read_weight(reader, *weight).map(|weight| Entry { weight, of: *of }));
        } else if any {
            let title = format!("{} has no weight", quoted(of.text));
            reader.report(of.range(), title, "the others have one");
        } else {
            entries.push(Entry { weight: 1.0, of: *of });
        }
    }
    let sum: f64 = entries.iter().map(|entry| entry.weight).sum();
    let shares = split.iter().all(|(weight, _)| weight.is_some_and(|w| w.text.ends_with('%')));
    if entries.len() < call.arguments.len() {
        return None;
    }
    if sum == 0.0 {
        reader.no_distribution(call, "all its weights are zero");
        return None;
    }
    // Weights as shares are meant to be the whole; one that is forgotten or mistyped shows here.
    if shares && (sum - 1.0).abs() > 1e-6 {
        let sum = crate::units::three_digits(sum * 100.0);
        reader.no_distribution(call, format!("its shares add up to {sum}%, not to 100%"));
        return None;
    }
    Some(entries)
}

/// `90% exp(1ms)` as its weight and what it weighs. `2 min` is a duration and has no weight.
fn weighted<'t>(reader: &Reader, part: Argument<'t>) -> (Option<Argument<'t>>, Argument<'t>) {
    let whole = !part.text.starts_with(|c: char| c.is_ascii_digit());
    match part.text.split_once(char::is_whitespace) {
        Some((weight, of)) if !whole && (reader.measure.parse)(part.text).is_none() => {
            let of = of.trim_start();
            let offset = part.offset + part.text.len() - of.len();
            let weight = Argument { text: weight, ..part };
            (Some(weight), Argument { text: of, offset, ..part })
        }
        _ => (None, part),
    }
}

fn read_weight(reader: &mut Reader, weight: Argument) -> Option<f64> {
    let read = match weight.text.strip_suffix('%') {
        Some(percent) => f64::parse(percent).map(|percent| percent / 100.0),
        None => f64::parse(weight.text),
    };
    let read = read.filter(|&weight| weight <= GREATEST_WEIGHT);
    if read.is_none() {
        let title = format!("{} is not a weight", quoted(weight.text));
        reader.report(weight.range(), title, "expected a share such as 90%, or a number such as 9");
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Delay;
    use crate::document::{Node, Place, Problems, Read, Sources, Value};

    fn read(text: &str) -> Result<Dist, Vec<(String, String)>> {
        let source = Sources::new().add("test", text);
        let place = Place { source, start: 0, end: text.len() };
        let node = Node { place, value: Value::Scalar(text.to_owned()) };
        let mut problems = Problems::new();
        let read = Delay::read(&node, &mut problems).map(|delay| delay.0);
        assert_eq!(read.is_some(), problems.is_empty(), "{text}");
        let shown = |place: Place| text[place.start..place.end].to_owned();
        let listed = problems.sorted().into_iter().map(|p| (shown(p.place), p.title.clone()));
        read.ok_or_else(|| listed.collect())
    }

    #[track_caller]
    fn check(text: &str, dist: Dist) {
        assert_eq!(read(text), Ok(dist), "{text}");
    }

    #[track_caller]
    fn fails(text: &str, at: &str, title: &str) {
        assert_eq!(read(text), Err(vec![(at.to_owned(), title.to_owned())]), "{text}");
    }

    const MS: f64 = 1e6;

    #[test]
    fn weights_are_shares_or_numbers_or_none() {
        let exp = |ms: f64| Dist::Exponential(ms * MS);
        let mixture = |a, b| Dist::mixture(vec![(a, exp(1.0)), (b, exp(20.0))]);
        check("mixture(90% exp(1ms), 10% exp(20ms))", mixture(0.9, 0.1));
        check("mixture(0.9  exp(1ms),0.1 exp(mean=20ms))", mixture(0.9, 0.1));
        check("mixture(3 exp(1ms), 1 exp(20ms))", mixture(3.0, 1.0));
        check("mixture(exp(1ms), exp(20ms))", mixture(1.0, 1.0));
        assert!(read("mixture(33.3333333% 1ms, 66.6666667% 2ms)").is_ok(), "near to the whole");
    }

    #[test]
    fn a_duration_with_a_blank_is_no_weight() {
        check("discrete(2 min, 1 h)", Dist::values(vec![120_000.0 * MS, 3_600_000.0 * MS]));
        let weighted = vec![(1.0, 120_000.0 * MS), (2.0, 3_600_000.0 * MS)];
        check("discrete(1 2 min, 2 1 h)", Dist::weighted_values(weighted));
        check("discrete(1 5ms, 0 1ms)", Dist::Constant(5.0 * MS));
    }

    #[test]
    fn distributions_nest_and_faults_within_have_their_place() {
        let shifted = Dist::shifted(2.0 * MS, Dist::Exponential(3.0 * MS));
        check("shifted(2ms, exp(3ms))", shifted.clone());
        check("shifted(dist=exp(3ms), by=2ms)", shifted.clone());
        let mixture = Dist::mixture(vec![(1.0, shifted), (1.0, Dist::Constant(MS))]);
        check("mixture(shifted(2ms, exp(3ms)), 1ms)", mixture);
        fails("mixture(1 shifted(2ms, ex(3ms)), 1 1ms)", "ex", "unknown distribution \"ex\"");
        fails("mixture(2 exp(3), 1 1ms)", "3", "\"3\" is not a duration");
        fails("shifted(2ms, 3)", "3", "\"3\" is not a duration");
        let title = "\"exp(0ms)\" is not a distribution";
        fails("mixture(50% 1ms, 50% exp(0ms))", "exp(0ms)", title);
    }

    #[test]
    fn a_name_with_two_forms_is_told_by_its_parameters() {
        let pareto = Dist::Pareto { minimum: 6.0 * MS, shape: 2.5 };
        check("pareto(2.5, 6ms)", pareto.clone());
        check("pareto(mean=10ms, shape=2.5)", pareto.clone());
        check("pareto(2.5, mean=10ms)", pareto);
        fails("pareto(2.5)", "pareto(2.5)", "pareto needs \"minimum\"");
    }
}
