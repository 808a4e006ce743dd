//! A number of a scenario that is to be turned: `clients.shoppers.arrivals`, written
//! `poisson(300/s)`, is turned by its 300.

use crate::document::{self, Node, Path, Place, Problem, Problems, Sources, Step, lookup, quoted};

use super::load::Faults;
use super::overrides::{self, Change};
use super::text::ScenarioText;

/// The one number in a value, with what stands around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The path, as it was asked for.
    pub path: String,
    /// The number that is written there.
    pub number: f64,
    /// Whether that is a whole number without a unit, so that only whole numbers make sense.
    pub whole: bool,
    before: String,
    after: String,
}

impl Parameter {
    /// The number that may be turned at `path` in a scenario with these changes.
    pub fn find(text: &ScenarioText, changes: &[Change], path: &str) -> Result<Parameter, Faults> {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add(text.path.display().to_string(), &text.text);
        let root = document::parse(source, &sources, &mut problems);
        let parameter = root.and_then(|mut root| {
            for change in changes {
                overrides::apply(&mut root, change, &mut sources, &mut problems);
            }
            let place = Place { source: sources.add("--over", path), start: 0, end: path.len() };
            at(&root, path, place).map_err(|problem| problems.push(problem)).ok()
        });
        match parameter {
            Some(parameter) if problems.is_empty() => Ok(parameter),
            _ => Err(Faults { problems, sources }),
        }
    }

    /// The value with another number.
    pub fn value(&self, number: f64) -> String {
        format!("{}{number}{}", self.before, self.after)
    }

    /// The change that turns it there.
    pub fn turn(&self, number: f64) -> Change {
        Change::Set(format!("{}={}", self.path, self.value(number)))
    }

    fn of(path: &str, text: &str) -> Option<Parameter> {
        let mut numbers = numbers(text);
        let range = numbers.next().filter(|_| numbers.next().is_none())?;
        let digits = &text[range.clone()];
        let (before, after) = (text[..range.start].to_owned(), text[range.end..].to_owned());
        Some(Parameter {
            path: path.to_owned(),
            number: digits.replace('_', "").parse().ok()?,
            whole: before.is_empty() && after.is_empty() && !digits.contains('.'),
            before,
            after,
        })
    }
}

fn at(root: &Node, path: &str, place: Place) -> Result<Parameter, Problem> {
    let steps = overrides::resolve(root, Path::parse(path, place)?);
    if let [(Step::Key(key), _)] = &steps.steps[..]
        && ["seed", "replications", "warmup", "duration"].contains(&key.as_str())
    {
        let title = format!("{key} is no load and no equipment");
        let label = "expected the path of a number that a capacity is of, such as app.replicas";
        return Err(Problem::new(place, title, label));
    }
    let Some(node) = lookup(root, &steps) else {
        let title = format!("nothing is written at {path}");
        let label = "expected the path of a number that is in the file or in --set";
        return Err(Problem::new(place, title, label));
    };
    node.text().and_then(|text| Parameter::of(path, text)).ok_or_else(|| {
        let what = node.text().map_or("what is written there".to_owned(), quoted);
        let title = format!("{what} is not one number");
        let label = "expected the path of a number, such as app.replicas, or of a value with one \
                     number in it, such as poisson(300/s)";
        Problem::new(place, title, label).also(node.place, "this")
    })
}

/// Where the numbers of a text stand: digits that no letter comes before.
fn numbers(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let digit = |c: char| c.is_ascii_digit();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find(digit)?;
            let rest = &text[start..];
            let inside = |c: char| digit(c) || c == '.' || c == '_';
            let end = start + rest.find(|c| !inside(c)).unwrap_or(rest.len());
            at = end;
            let before = text[..start].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-') {
                return Some(start..end);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_number_of_a_value_is_turned_and_the_rest_stays() {
        let turned = |text: &str| {
            Parameter::of("x", text).map(|parameter| (parameter.value(2.5), parameter.whole))
        };
        for (text, expect, whole) in [
            ("poisson(300/s)", "poisson(2.5/s)", false),
            ("8", "2.5", true),
            ("8.0", "2.5", false),
            ("1_000", "2.5", true),
            ("exp(mean=5ms)", "exp(mean=2.5ms)", false),
            ("10k", "2.5k", false),
        ] {
            assert_eq!(turned(text), Some((expect.to_owned(), whole)), "{text}");
        }
        for text in ["auto", "", "lognormal(mean=3ms, cv=2)", "p99", "-3", "least_of_2"] {
            assert_eq!(turned(text), None, "{text}");
        }
    }
}
