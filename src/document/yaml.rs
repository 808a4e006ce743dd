//! Text to tree, over the events of the YAML parser. Nothing else here knows that parser.
//!
//! Anchors, aliases and `<<` work; a bomb of them is refused, and so is deep nesting.

use super::legible::{false_space, legible, not_a_space};
use super::node::{Node, Place, SourceId, Sources, Value, floor_boundary};
use super::open::{Form, Item, Open, Written};
use super::problem::{Problem, Problems, quoted};
use super::syntax::{Met, Stopped};
use serde_yaml::granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle, options,
};
use std::collections::BTreeMap;

/// Levels of nesting that are accepted; each costs the reader some of its stack.
const DEEPEST: usize = 64;
/// Nodes and bytes that anchors and aliases may copy: an anchor keeps what stands there.
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

impl<'a> Builder<'a> {
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
            Event::Scalar(text, style, anchor, _) => self.scalar(&text, style, anchor, place)?,
            Event::SequenceStart(style, anchor, _) => self.start(false, style, anchor, place)?,
            Event::MappingStart(style, anchor, _) => self.start(true, style, anchor, place)?,
            Event::SequenceEnd | Event::MappingEnd => self.end(place)?,
            Event::Alias(anchor) => self.alias(anchor, place)?,
            _ => {}
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        mut place: Place,
    ) -> Result<(), Problem> {
        let plain = style == ScalarStyle::Plain;
        let key = self.open.last().is_some_and(Open::expects_key);
        // The parser gives what was left out as an empty range, whatever its text.
        let omitted = plain && place.start == place.end;
        let text = if omitted { "" } else { text };
        let written = self.text.get(place.start - self.from..place.end - self.from);
        if let Some((at, c)) = written.filter(|_| plain && !omitted).and_then(false_space) {
            let start = place.start + at;
            return Err(not_a_space(Place { start, end: start + c.len_utf8(), ..place }, c));
        }
        let null = plain && !key && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        if omitted {
            place = self.introduced(place);
        }
        let value = if null { Value::Null } else { Value::Scalar(text.to_owned()) };
        let form = if plain { Form::Bare } else { Form::Quoted };
        let node = Node { place, value };
        legible(&node, self.problems);
        self.put(Item { node, form }, anchor)
    }

    /// Where a block or an omitted value that begins at `place` is best pointed at: its key.
    fn introduced(&self, place: Place) -> Place {
        self.open.last().and_then(Open::key_place).unwrap_or(place)
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
        self.open.push(Open::new(place, mapping, flow, anchor));
        Ok(())
    }

    fn end(&mut self, end: Place) -> Result<(), Problem> {
        let open = self.open.pop().expect("every end follows its start");
        let anchor = open.anchor;
        let node = open.close(end, self.written(), self.problems);
        self.put(Item { node, form: Form::Collection }, anchor)
    }

    fn written(&self) -> Written<'a> {
        Written { text: self.text, from: self.from }
    }

    fn put(&mut self, item: Item, anchor: usize) -> Result<(), Problem> {
        if anchor != 0 {
            self.count(item.node.weight(), item.node.place)?;
            self.anchors.insert(anchor, item.node.clone());
        }
        let written = self.written();
        match self.open.last_mut() {
            Some(open) => open.put(item, written),
            None => self.root = Some(item.node),
        }
        Ok(())
    }

    /// Counts what an anchor or an alias at `place` is about to copy.
    fn count(&mut self, weight: usize, place: Place) -> Result<(), Problem> {
        self.copied = self.copied.saturating_add(weight);
        if self.copied > MOST_COPIED {
            let title = "anchors and aliases copy too much";
            return Err(Problem::new(place, title, "a million characters are copied by here"));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Problem> {
        let Some(node) = self.anchors.get(&anchor) else {
            let title = "this alias is part of what it stands for";
            return Err(Problem::new(place, title, "expected an anchor that is complete"));
        };
        let (weight, depth) = (node.weight(), node.depth());
        self.count(weight, place)?;
        if self.open.len() + depth > DEEPEST {
            return Err(too_deep(place));
        }
        let node = self.anchors[&anchor].clone();
        self.put(Item { node, form: Form::Alias }, 0)
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
