//! Reading a distribution over durations: `3ms`, `exp(3ms)`, and those made of others.

use std::ops::Range;

use super::form::{FORMS, Form};
use super::measure::Measure;
use crate::document::{Argument, Node, Problem, Problems, call_syntax, listed, nearest, quoted};
use crate::engine::{Dist, FAMILIES, Family, Parameter};
use crate::units::Quantity;

/// How deep distributions may nest; each level costs the reader some of its stack.
const DEEPEST: usize = 16;

/// Reads the text of one node; texts within it are told by the byte at which they begin.
pub(super) struct Reader<'a> {
    pub(super) measure: &'static Measure,
    node: &'a Node,
    pub(super) problems: &'a mut Problems,
    depth: usize,
}

/// A distribution with its arguments, whose offsets are those within the node.
pub(super) struct Call<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) arguments: Vec<Argument<'t>>,
}

impl Call<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }
}

/// Every way to write a distribution: how, and what it is.
pub(super) fn ways() -> impl Iterator<Item = (String, &'static str)> {
    let families = FAMILIES.iter().map(|family| (signature(family), family.doc));
    families.chain(FORMS.iter().map(|form| (form.signature.to_owned(), form.doc)))
}

/// `lognormal(mean, cv)`.
fn signature(family: &Family) -> String {
    let names: Vec<&str> = family.parameters.iter().map(|parameter| parameter.name()).collect();
    format!("{}({})", family.name, names.join(", "))
}

/// The names of all distributions, each once.
fn names() -> Vec<&'static str> {
    let families = FAMILIES.iter().map(|family| family.name);
    let mut names: Vec<&str> = families.chain(FORMS.iter().map(|form| form.name)).collect();
    names.dedup();
    names
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        measure: &'static Measure,
        node: &'a Node,
        problems: &'a mut Problems,
    ) -> Reader<'a> {
        Reader { measure, node, problems, depth: 0 }
    }

    /// The distribution that `text`, which begins at `at`, says.
    pub(super) fn dist(&mut self, text: &str, at: usize) -> Option<Dist> {
        if let Some(amount) = (self.measure.parse)(text) {
            return Some(Dist::Constant(amount));
        }
        let range = at..at + text.len();
        let Some((name, mut arguments)) = call_syntax(text) else {
            let title = format!("{} is not {}", quoted(text), self.measure.name());
            self.report(range, title, format!("expected {}", self.measure.varied));
            return None;
        };
        if self.depth == DEEPEST {
            self.report(range, "distributions nest too deep", format!("at most {DEEPEST} levels"));
            return None;
        }
        arguments.iter_mut().for_each(|argument| argument.offset += at);
        let call = Call { name, text, at, arguments };
        self.depth += 1;
        let dist = self.call(&call);
        self.depth -= 1;
        dist
    }

    fn call(&mut self, call: &Call) -> Option<Dist> {
        if let Some(Form { read, .. }) = FORMS.iter().find(|form| form.name == call.name) {
            return read(self, call);
        }
        let families: Vec<&Family> =
            FAMILIES.iter().filter(|family| family.name == call.name).collect();
        let Some(first) = families.first() else {
            self.unknown(call);
            return None;
        };
        let named = call.arguments.iter().filter_map(|argument| argument.name);
        let has = |family: &Family, name| family.parameters.iter().any(|p| p.name() == name);
        let fits = |family: &&&Family| named.clone().all(|name| has(family, name));
        let family = families.iter().find(fits).unwrap_or(first);
        let ways: Vec<String> = families.iter().map(|family| signature(family)).collect();
        let values = self.values(call, family, &ways.join(" or "))?;
        (family.make)(&values).map_err(|why| self.no_distribution(call, why)).ok()
    }

    fn unknown(&mut self, call: &Call) {
        let place = self.node.part(call.at..call.at + call.name.len());
        let known = names();
        let problem = Problem::unknown(place, "distribution", call.name, &known);
        self.problems.push(match nearest(call.name, known.iter().copied()) {
            Some(_) => problem,
            None => problem.help(format!("distributions: {}", known.join(", "))),
        });
    }

    /// What is read well and makes no distribution all the same.
    pub(super) fn no_distribution(&mut self, call: &Call, why: impl Into<String>) {
        let title = format!("{} is not a distribution", quoted(call.text));
        self.report(call.range(), title, why);
    }

    fn values(&mut self, call: &Call, family: &Family, expected: &str) -> Option<Vec<f64>> {
        let names: Vec<&str> = family.parameters.iter().map(|parameter| parameter.name()).collect();
        let assigned = self.assign(call, &names, names.len(), expected);
        let mut sound = assigned.is_some();
        let mut values = Vec::new();
        for (parameter, argument) in family.parameters.iter().zip(assigned.into_iter().flatten()) {
            let value = argument.and_then(|argument| match parameter {
                Parameter::Amount(_) => self.amount(argument),
                Parameter::Number(_) => self.read(argument, f64::parse, f64::EXPECTED),
            });
            sound &= value.is_some();
            values.extend(value);
        }
        sound.then_some(values)
    }

    /// The arguments in the order of `names`, of which the first `required` must be there; those
    /// with a name may stand in any order, after those without.
    pub(super) fn assign<'t>(
        &mut self,
        call: &Call<'t>,
        names: &[&str],
        required: usize,
        expected: &str,
    ) -> Option<Vec<Option<Argument<'t>>>> {
        let mut slots: Vec<Option<Argument<'t>>> = vec![None; names.len()];
        let mut sound = true;
        for (position, argument) in call.arguments.iter().enumerate() {
            let index = match argument.name {
                Some(name) => names.iter().position(|known| *known == name),
                None => (position < names.len()).then_some(position),
            };
            if let Some(index) = index.filter(|&index| slots[index].is_none()) {
                slots[index] = Some(*argument);
                continue;
            }
            let title = match (index, argument.name) {
                (None, Some(name)) => format!("{} has no {}", call.name, quoted(name)),
                (Some(_), Some(name)) => format!("{} is given twice", quoted(name)),
                _ => format!("{} is one too many", quoted(argument.text)),
            };
            self.report(argument.range(), title, format!("expected {expected}"));
            sound = false;
        }
        let missing: Vec<&str> = (names.iter().zip(&slots).take(required))
            .filter_map(|(name, slot)| slot.is_none().then_some(*name))
            .collect();
        if sound && !missing.is_empty() {
            let title = format!("{} needs {}", call.name, listed(&missing, "and"));
            self.report(call.range(), title, format!("expected {expected}"));
        }
        (sound && missing.is_empty()).then_some(slots)
    }

    /// An amount, in the unit in which it is drawn.
    pub(super) fn amount(&mut self, argument: Argument) -> Option<f64> {
        self.read(argument, self.measure.parse, self.measure.expected)
    }

    fn read(
        &mut self,
        argument: Argument,
        parse: fn(&str) -> Option<f64>,
        expected: &str,
    ) -> Option<f64> {
        let value = parse(argument.text);
        if value.is_none() {
            let short = expected.split(" such as ").next().unwrap_or(expected);
            let title = format!("{} is not {short}", quoted(argument.text));
            self.report(argument.range(), title, format!("expected {expected}"));
        }
        value
    }

    /// Something is wrong with the bytes `range` of the node's text.
    pub(super) fn report(
        &mut self,
        range: Range<usize>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.problems.push(Problem::new(self.node.part(range), title, label));
    }
}
