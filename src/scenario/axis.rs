//! The axes of a sweep: what it varies, and which values each takes in turn.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{
    At, Definitions, Entries, Name, Node, Path, Place, Problem, Problems, Read, Value, call_syntax,
    quoted, record,
};

use super::range::{Dimension, MOST, RangeSpec, measure, steps, too_many};

/// A value of any kind: what it may be is decided where it is put.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree(Node);

impl Read for Tree {
    fn read(node: &Node, _: &mut Problems) -> Option<Tree> {
        Some(Tree(node.clone()))
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "any value" })
    }
}

record! {
    /// Several paths that move together: the first values of all, then the second, and so on.
    pub struct ZipSpec {
        /// The paths, each with its list or range; all of the same length.
        pub zip: Entries<AxisSpec>,
    }
}

record! {
    /// Ways to build the same thing, each with a name of its own.
    pub struct VariantsSpec {
        /// For each variant, the paths that it changes and their values. One that changes nothing,
        /// `{}`, is the scenario as it stands.
        pub variants: Entries<Entries<Tree>>,
    }
}

/// What may stand under a key of `sweep:`.
#[derive(Clone, Debug, PartialEq)]
pub enum AxisSpec {
    /// The values of the path that is the key.
    List(At<Vec<Tree>>),
    /// The same, from one to another.
    Range(Box<RangeSpec>, Place),
    /// Several paths; the key is a name.
    Zip(At<ZipSpec>),
    /// Several changes at once; the key is a name.
    Variants(At<VariantsSpec>),
}

impl Read for AxisSpec {
    fn read(node: &Node, problems: &mut Problems) -> Option<AxisSpec> {
        match &node.value {
            Value::Null => {
                let label =
                    "expected a list such as [1, 2, 4], or {from: 100/s, to: 400/s, step: 50/s}";
                problems.push(Problem::new(node.place, "there is nothing to vary", label));
                None
            }
            Value::Mapping(_) if node.get("zip").is_some() => {
                At::read(node, problems).map(AxisSpec::Zip)
            }
            Value::Mapping(_) if node.get("variants").is_some() => {
                At::read(node, problems).map(AxisSpec::Variants)
            }
            Value::Mapping(_) => {
                let range = RangeSpec::read(node, problems)?;
                Some(AxisSpec::Range(Box::new(range), node.place))
            }
            Value::Scalar(_) | Value::Sequence(_) => At::read(node, problems).map(AxisSpec::List),
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.define::<AxisSpec>("Axis", |definitions| {
            serde_json::json!({
                "description": "One axis of a sweep. A path with a list of values, such as \
                    `app.replicas: [2, 4, 8]`, or with a [range](#range); or a name with several \
                    paths that move together ([zip](#zip)), or with [variants](#variants) that \
                    change several values at once.",
                "anyOf": [
                    { "type": ["array", "string", "number", "boolean"], "minItems": 1 },
                    RangeSpec::schema(definitions),
                    ZipSpec::schema(definitions),
                    VariantsSpec::schema(definitions),
                ],
            })
        })
    }
}

/// What a sweep varies.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its key under `sweep:`: a path, or the name of what moves together.
    pub name: String,
    /// Its columns in a table: its own name, or the paths that move together.
    pub columns: Vec<String>,
    /// In what its values are counted, if they are quantities of one kind.
    pub dimension: Option<Dimension>,
    /// The values in turn; at least one.
    pub points: Vec<Point>,
    /// Where its key stands.
    pub(super) place: Place,
    /// Whether its points differ in the paths that they change.
    pub(super) uneven: bool,
}

/// A value of an axis.
#[derive(Clone, Debug)]
pub struct Point {
    /// What it is called.
    pub label: String,
    /// What stands in the axis's columns.
    pub values: Vec<String>,
    /// The value as a number, if the axis has a dimension.
    pub number: Option<f64>,
    /// Where it is written.
    pub(super) place: Place,
    /// What it changes of the scenario.
    pub(super) changes: Vec<(Path, Node)>,
}

/// A value with what it measures, in brackets the words around the quantity.
struct Valued {
    label: String,
    measured: Option<(String, f64, Dimension)>,
    node: Node,
}

/// Reads the axes, as far as they are sound.
pub(super) fn read_axes(sweep: &Entries<AxisSpec>, problems: &mut Problems) -> Vec<Axis> {
    let axes: Vec<Axis> =
        sweep.iter().filter_map(|(name, spec)| read_axis(name, spec, problems)).collect();
    for axis in &axes {
        let mut seen = BTreeMap::new();
        for point in &axis.points {
            if let Some(first) = seen.insert(&point.values, point.place) {
                let title = format!("{} occurs twice", quoted(&point.label));
                let problem = Problem::new(point.place, title, "the second time");
                problems.push(problem.also(first, "the first"));
                break;
            }
        }
    }
    axes
}

fn read_axis(name: &Name, spec: &AxisSpec, problems: &mut Problems) -> Option<Axis> {
    match spec {
        AxisSpec::List(_) | AxisSpec::Range(..) => {
            let path = path(name, problems);
            Some(along(name, path?, values(name, spec, problems)?))
        }
        AxisSpec::Zip(zip) => zipped(name, zip, problems),
        AxisSpec::Variants(variants) => varied(name, variants, problems),
    }
}

fn path(name: &Name, problems: &mut Problems) -> Option<Path> {
    Path::parse(&name.value, name.place).map_err(|problem| problems.push(problem)).ok()
}

/// The axis of one path.
fn along(name: &Name, path: Path, values: Vec<Valued>) -> Axis {
    let dimension = dimension(&values);
    let point = |value: Valued| Point {
        values: vec![value.label.clone()],
        label: value.label,
        number: dimension.and(value.measured).map(|(_, number, _)| number),
        place: value.node.place,
        changes: vec![(path.clone(), value.node)],
    };
    Axis {
        name: name.value.clone(),
        columns: vec![name.value.clone()],
        points: values.into_iter().map(point).collect(),
        dimension,
        place: name.place,
        uneven: false,
    }
}

/// The kind of the quantities, if that is what all values are, the words around them alike.
fn dimension(values: &[Valued]) -> Option<Dimension> {
    let (words, _, dimension) = values.first()?.measured.as_ref()?;
    let mut numbers = BTreeSet::new();
    for value in values {
        let (other, number, kind) = value.measured.as_ref()?;
        if (other, kind) != (words, dimension) || !numbers.insert(number.to_bits()) {
            return None;
        }
    }
    Some(*dimension)
}

/// The values of one path; none only after a problem was reported.
fn values(name: &Name, spec: &AxisSpec, problems: &mut Problems) -> Option<Vec<Valued>> {
    match spec {
        AxisSpec::List(list) if list.value.is_empty() => {
            let label = "expected a value at least";
            problems.push(Problem::new(list.place, "the list is empty", label));
            None
        }
        AxisSpec::List(list) if list.value.len() > MOST => {
            problems.push(too_many(list.place, "list"));
            None
        }
        AxisSpec::List(list) => Some(list.value.iter().map(|tree| valued(&tree.0)).collect()),
        AxisSpec::Range(range, place) => {
            ranged(range, *place).map_err(|problem| problems.push(problem)).ok()
        }
        AxisSpec::Zip(At { place, .. }) | AxisSpec::Variants(At { place, .. }) => {
            let label = "expected a list or a range";
            let title = format!("{} moves with others", quoted(&name.value));
            problems.push(Problem::new(*place, title, label));
            None
        }
    }
}

fn valued(node: &Node) -> Valued {
    let label = flow(node);
    let measured = node.text().and_then(|text| {
        if let Some((number, dimension)) = measure(text) {
            return Some((String::new(), number, dimension));
        }
        match call_syntax(text)? {
            (word, arguments) if arguments.len() == 1 => {
                let (number, dimension) = measure(arguments[0].text)?;
                Some((word.to_owned(), number, dimension))
            }
            _ => None,
        }
    });
    Valued { label, measured, node: node.clone() }
}

fn ranged(range: &RangeSpec, place: Place) -> Result<Vec<Valued>, Problem> {
    let words = range.r#as.as_ref().map(|words| around(words)).transpose()?;
    let valued = |step: crate::scenario::range::Step| {
        let text = match words {
            Some((before, after)) => format!("{before}{}{after}", step.text),
            None => step.text,
        };
        Valued {
            measured: Some((String::new(), step.value, step.dimension)),
            node: Node { place, value: Value::Scalar(text.clone()) },
            label: text,
        }
    };
    Ok(steps(range)?.into_iter().map(valued).collect())
}

/// What stands before and after the `_`.
fn around(words: &At<String>) -> Result<(&str, &str), Problem> {
    let text = &words.value;
    let part_of_a_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut places = text.match_indices('_').filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[at + 1..]);
        !part_of_a_word(before.chars().next_back()) && !part_of_a_word(after.chars().next())
    });
    match (places.next(), places.next()) {
        (Some((at, _)), None) => Ok((&text[..at], &text[at + 1..])),
        _ => {
            let title = format!("{} has no place for a value", quoted(text));
            Err(Problem::new(words.place, title, "expected one `_`, such as poisson(_)"))
        }
    }
}

fn zipped(name: &Name, zip: &At<ZipSpec>, problems: &mut Problems) -> Option<Axis> {
    let parts = zip.value.zip.iter().map(|(name, spec)| {
        let path = path(name, problems);
        Some((name, path?, values(name, spec, problems)?))
    });
    let parts: Vec<_> = parts.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
    let Some((first, _, values)) = parts.first() else {
        let label = "expected paths with their lists";
        problems.push(Problem::new(zip.place, "there is nothing to vary", label));
        return None;
    };
    let length = values.len();
    if let Some((other, _, values)) = parts.iter().find(|(.., values)| values.len() != length) {
        let title =
            format!("{} has {length} values and {} has {}", first.value, other.value, values.len());
        let label = format!("expected {length} values, to move with the others");
        problems.push(Problem::new(other.place, title, label).also(first.place, "the first"));
        return None;
    }
    // The first path says where the values stand on an axis.
    let dimension = dimension(values);
    let point = |i: usize| {
        let values: Vec<String> = parts.iter().map(|(.., v)| v[i].label.clone()).collect();
        let measured = parts[0].2[i].measured.as_ref();
        Point {
            label: values.join(" / "),
            values,
            number: dimension.and(measured).map(|(_, number, _)| *number),
            place: parts[0].2[i].node.place,
            changes: parts.iter().map(|(_, path, v)| (path.clone(), v[i].node.clone())).collect(),
        }
    };
    Some(Axis {
        name: name.value.clone(),
        columns: parts.iter().map(|(name, ..)| name.value.clone()).collect(),
        points: (0..length).map(point).collect(),
        dimension,
        place: name.place,
        uneven: false,
    })
}

fn varied(name: &Name, spec: &At<VariantsSpec>, problems: &mut Problems) -> Option<Axis> {
    let points = spec.value.variants.iter().map(|(variant, changes)| {
        let changes =
            changes.iter().map(|(name, tree)| Some((path(name, problems)?, tree.0.clone())));
        Some(Point {
            label: variant.value.clone(),
            values: vec![variant.value.clone()],
            number: None,
            place: variant.place,
            changes: changes.collect::<Option<_>>()?,
        })
    });
    let points: Vec<Point> = points.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
    if points.is_empty() {
        let label = "expected names with the values that each changes";
        problems.push(Problem::new(spec.place, "there is nothing to vary", label));
        return None;
    }
    Some(Axis {
        name: name.value.clone(),
        columns: vec![name.value.clone()],
        points,
        dimension: None,
        place: name.place,
        uneven: true,
    })
}

/// A tree on one line.
fn flow(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(text) => text.clone(),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(entries) => {
            let entry = |(key, value): &(crate::document::Key, Node)| match value.value {
                Value::Null => key.text.clone(),
                _ => format!("{}: {}", key.text, flow(value)),
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// The columns that a sweep's table has beside those of its axes.
const COLUMNS: [&str; 12] = [
    "cell",
    "kind",
    "name",
    "request",
    "metric",
    "unit",
    "statistic",
    "value",
    "half_width",
    "n",
    "low",
    "high",
];

/// Two axes may not share a column.
pub(super) fn check_columns(axes: &[Axis], problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for axis in axes {
        for column in &axis.columns {
            let title = if COLUMNS.contains(&column.as_str()) {
                format!("{} is a column of the results already", quoted(column))
            } else if !seen.insert(column) {
                format!("{} is varied twice", quoted(column))
            } else {
                continue;
            };
            problems.push(Problem::new(axis.place, title, "expected another name or path"));
        }
    }
}
