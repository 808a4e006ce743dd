//! Text to tree, over the events of the YAML parser. Nothing else here knows that parser.
//!
//! Anchors, aliases and `<<` work; a bomb of them is refused, and so is deep nesting. One thing
//! goes beyond YAML: in `{size: lognormal(mean=20KiB, cv=1)}` the comma inside the parentheses
//! belongs to the call, where YAML alone would begin another entry.

use super::node::{Key, Node, Place, SourceId, Sources, Value, floor_boundary};
use super::problem::{Problem, Problems, quoted};
use super::syntax::{Met, Stopped};
use serde_yaml::granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle, options,
};
use std::collections::BTreeMap;

/// Levels of nesting that are accepted; each costs the reader some of its stack.
const DEEPEST: usize = 64;
/// Nodes and bytes that aliases may copy.
const MOST_COPIED: usize = 1_000_000;

/// Reads the text of `source`, which holds one document and is not empty. A text that is not YAML
/// is `None`; lesser faults, such as a key that occurs twice, are reported and the tree is given
/// all the same, so that its reader can report the rest.
pub fn parse(source: SourceId, sources: &Sources, problems: &mut Problems) -> Option<Node> {
    let root = parse_from(source, sources, 0, problems)?;
    if root.is_null() {
        let label = "expected keys and values";
        problems.push(Problem::new(root.place, "the document is empty", label));
        return None;
    }
    Some(root)
}

/// Reads the text of `source` from the byte `from` on. An empty text is null.
pub(super) fn parse_from(
    source: SourceId,
    sources: &Sources,
    from: usize,
    problems: &mut Problems,
) -> Option<Node> {
    let text = &sources.get(source).1[from..];
    let mut builder = Builder {
        source,
        text,
        from,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        copied: 0,
        root: None,
        problems,
    };
    for event in Parser::new_from_str_with_options(text, limits()) {
        let built = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if let Err(problem) = built {
            builder.problems.push(problem);
            return None;
        }
    }
    let start = Place { source, start: from, end: from };
    Some(builder.root.unwrap_or(Node::null(start)))
}

fn limits() -> Options {
    let mut limits = options! { flow_nesting_limit: DEEPEST, block_nesting_limit: DEEPEST };
    limits.set_emit_comments(false);
    limits
}

/// A node that was read, and whether it is a bare word in the text.
struct Item {
    node: Node,
    plain: bool,
}

/// A list or mapping whose end is still to come. A mapping's items are its keys and values in turn.
struct Open {
    place: Place,
    mapping: bool,
    flow: bool,
    anchor: usize,
    items: Vec<Item>,
}

impl Open {
    fn expects_key(&self) -> bool {
        self.mapping && self.items.len().is_multiple_of(2)
    }
}

struct Builder<'a> {
    source: SourceId,
    text: &'a str,
    from: usize,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    copied: usize,
    root: Option<Node>,
    problems: &'a mut Problems,
}

impl Builder<'_> {
    fn place(&self, span: Span) -> Place {
        let range = span.byte_range().unwrap_or(0..0);
        Place { source: self.source, start: self.from + range.start, end: self.from + range.end }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let place = self.place(span);
        if let Some(tag) = span.tag_span() {
            let label = "expected a plain value";
            let problem = Problem::new(self.place(tag), "a YAML tag has no meaning here", label);
            self.problems.push(problem.help("leave it out"));
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                let title = "there is more than one document";
                return Err(Problem::new(place, title, "a second one begins here"));
            }
            Event::Scalar(text, style, anchor, _) => self.scalar(&text, style, anchor, place),
            Event::SequenceStart(style, anchor, _) => self.start(false, style, anchor, place)?,
            Event::MappingStart(style, anchor, _) => self.start(true, style, anchor, place)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::Alias(anchor) => self.alias(anchor, place)?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, mut place: Place) {
        let plain = style == ScalarStyle::Plain;
        let key = self.open.last().is_some_and(Open::expects_key);
        // The parser gives what was left out as an empty range, whatever its text.
        let omitted = plain && place.start == place.end;
        let text = if omitted { "" } else { text };
        let null = plain && !key && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        if omitted {
            place = self.introduced(place);
        }
        let value = if null { Value::Null } else { Value::Scalar(text.to_owned()) };
        self.put(Item { node: Node { place, value }, plain }, anchor);
    }

    /// Where a block or an omitted value that begins at `place` is best pointed at: its key.
    fn introduced(&self, place: Place) -> Place {
        match self.open.last() {
            Some(open) if open.mapping && !open.expects_key() => {
                open.items.last().map_or(place, |key| key.node.place)
            }
            _ => place,
        }
    }

    fn start(
        &mut self,
        mapping: bool,
        style: StructureStyle,
        anchor: usize,
        place: Place,
    ) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(too_deep(place));
        }
        let flow = style == StructureStyle::Flow;
        let place = if flow { place } else { self.introduced(place) };
        self.open.push(Open { place, mapping, flow, anchor, items: Vec::new() });
        Ok(())
    }

    fn end(&mut self, end: Place) {
        let mut open = self.open.pop().expect("every end follows its start");
        if open.flow {
            open.place.end = end.end;
            join_calls(&mut open, self.text, self.from);
        } else if open.place.start == open.place.end {
            // A block that no key introduces is pointed at by its first item.
            open.place = open.items.first().map_or(open.place, |first| first.node.place);
        }
        let value = if open.mapping {
            self.mapping(open.items)
        } else {
            Value::Sequence(open.items.into_iter().map(|item| item.node).collect())
        };
        self.put(Item { node: Node { place: open.place, value }, plain: false }, open.anchor);
    }

    fn put(&mut self, item: Item, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, item.node.clone());
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(item),
            None => self.root = Some(item.node),
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Problem> {
        let Some(node) = self.anchors.get(&anchor) else {
            let title = "this alias is part of what it stands for";
            return Err(Problem::new(place, title, "expected an anchor that is complete"));
        };
        self.copied = self.copied.saturating_add(node.weight());
        if self.copied > MOST_COPIED {
            let title = "the aliases copy too much";
            return Err(Problem::new(place, title, "a million characters are copied by here"));
        }
        if self.open.len() + node.depth() > DEEPEST {
            return Err(too_deep(place));
        }
        let node = node.clone();
        self.put(Item { node, plain: false }, 0);
        Ok(())
    }

    fn mapping(&mut self, items: Vec<Item>) -> Value {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut known: BTreeMap<String, Place> = BTreeMap::new();
        let mut merged = Vec::new();
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let place = key.node.place;
            let Value::Scalar(text) = key.node.value else {
                self.problems.push(Problem::mismatch(&key.node, "a key such as name or \"a b\""));
                continue;
            };
            if text == "<<" && key.plain {
                self.merge(value.node, &mut merged);
            } else if let Some(&first) = known.get(&text) {
                let title = format!("the key {} occurs twice", quoted(&text));
                let problem = Problem::new(place, title, "leave one of the two");
                self.problems.push(problem.also(first, "first here"));
            } else {
                known.insert(text.clone(), place);
                entries.push((Key { text, place }, value.node));
            }
        }
        // What is written beats what is merged, and an earlier merge beats a later one.
        merged.retain(|(key, _)| known.insert(key.text.clone(), key.place).is_none());
        entries.extend(merged);
        Value::Mapping(entries)
    }

    fn merge(&mut self, from: Node, into: &mut Vec<(Key, Node)>) {
        match from.value {
            Value::Mapping(entries) => into.extend(entries),
            Value::Sequence(items)
                if items.iter().all(|i| matches!(i.value, Value::Mapping(_))) =>
            {
                items.into_iter().for_each(|item| self.merge(item, into));
            }
            _ => self.problems.push(Problem::mismatch(&from, "a mapping to merge such as *base")),
        }
    }

    fn syntax_error(&self, error: &ScanError) -> Problem {
        let at = floor_boundary(self.text, error.marker().byte_offset().unwrap_or(0));
        let place = Place { source: self.source, start: self.from + at, end: self.from + at };
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => too_deep(place),
            ErrorKind::UnknownAnchor => {
                let word = self.text[at..].split(|c: char| c.is_whitespace() || ",]}".contains(c));
                let word = word.into_iter().next().unwrap_or("");
                let place = Place { end: place.start + word.len(), ..place };
                let title = format!("unknown alias {}", quoted(word));
                let name = word.trim_start_matches('*');
                Problem::new(place, title, format!("expected \"&{name}\" somewhere above"))
            }
            _ => {
                let plain = || Problem::new(place, "this is not YAML", error.info());
                self.stopped(at).explain(met(error.kind())).unwrap_or_else(plain)
            }
        }
    }

    fn stopped(&self, at: usize) -> Stopped<'_> {
        let open = self.open.iter().rev().find(|open| open.flow);
        let bracket = open.map(|open| open.place.start - self.from);
        Stopped { source: self.source, text: self.text, from: self.from, at, bracket }
    }
}

fn met(kind: &ErrorKind) -> Option<Met> {
    Some(match *kind {
        ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::InvalidIndentation
        | ErrorKind::BlockSequenceEntryNotAllowed => Met::Stray,
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::SimpleKeyExpected
        | ErrorKind::InvalidSimpleKey => Met::Colon,
        ErrorKind::UnexpectedCharacter { character } => Met::Character(character),
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => Met::Quote,
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => Met::Trailing,
        ErrorKind::MisplacedFlowCollectionEnd => Met::Bracket,
        _ => return None,
    })
}

fn too_deep(place: Place) -> Problem {
    Problem::new(place, "nested too deep", format!("at most {DEEPEST} levels are read"))
}

/// Joins the pieces into which YAML cuts `lognormal(mean=20KiB, cv=1)` at its commas: in a mapping
/// the later ones are keys without a value.
fn join_calls(open: &mut Open, text: &str, from: usize) {
    let mut joined: Vec<Item> = Vec::new();
    let mut items = std::mem::take(&mut open.items).into_iter();
    while let Some(first) = items.next() {
        let value = if open.mapping { items.next() } else { None };
        let bare = first.plain && value.as_ref().is_none_or(|value| value.node.is_null());
        match joined.last_mut() {
            Some(before) if bare && is_cut(before, text, from) => {
                join(&mut before.node, &first.node, text, from);
            }
            _ => {
                joined.push(first);
                joined.extend(value);
            }
        }
    }
    open.items = joined;
}

/// True for `lognormal(mean=20KiB`: a call that does not end. In a sequence it may be the value of
/// the one entry of `[cpu: lognormal(mean=3ms, cv=1)]`.
fn is_cut(item: &Item, text: &str, from: usize) -> bool {
    let (node, plain) = match &item.node.value {
        Value::Mapping(entries) => match &entries[..] {
            [(_, node)] => (node, !text[node.place.start - from..].starts_with(['"', '\''])),
            _ => return false,
        },
        _ => (&item.node, item.plain),
    };
    let text = node.text().filter(|_| plain).unwrap_or("");
    let name = text.split('(').next().unwrap_or("");
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    named && text.matches('(').count() > text.matches(')').count()
}

fn join(before: &mut Node, next: &Node, text: &str, from: usize) {
    before.place.end = next.place.end;
    let written = &text[before.place.start - from..next.place.end - from];
    match (&mut before.value, next.text()) {
        (Value::Scalar(call), Some(piece)) => {
            *call = if written.contains('\n') {
                format!("{call}, {piece}")
            } else {
                written.to_owned()
            };
        }
        (Value::Mapping(entries), _) => {
            entries.iter_mut().for_each(|(_, value)| join(value, next, text, from));
        }
        _ => {}
    }
}
