//! A list or a mapping while its text is read. One thing goes beyond YAML: in
//! `{size: lognormal(mean=20KiB, cv=1)}` the comma inside the parentheses belongs to the call,
//! where YAML alone would begin another entry. The pieces are joined as they come, so that a call
//! of many pieces takes time in proportion to its text.

use super::node::{Key, Node, Place, Value};
use super::problem::{Problem, Problems, quoted};

/// A text, and the byte of its source at which it begins.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) text: &'a str,
    pub(super) from: usize,
}

impl Written<'_> {
    /// What stands in the source between these bytes.
    fn between(&self, start: usize, end: usize) -> &str {
        &self.text[start - self.from..end - self.from]
    }
}

/// How a node is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A word without quotation marks.
    Bare,
    /// Any other scalar.
    Quoted,
    /// A list or a mapping.
    Collection,
    /// An alias: the node stands elsewhere.
    Alias,
}

/// A node that was read.
pub(super) struct Item {
    pub(super) node: Node,
    pub(super) form: Form,
}

/// A list or mapping whose end is still to come.
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) flow: bool,
    pub(super) anchor: usize,
    items: Items,
    cut: Option<Cut>,
}

enum Items {
    List(Vec<Node>),
    /// The entries, and the key whose value is still to come.
    Mapping(Vec<(Node, Node)>, Option<Item>),
}

/// A call whose end is still to come: the last item of a list in brackets, or the last value of a
/// mapping in braces.
struct Cut {
    /// Parentheses that are open.
    depth: usize,
    /// Whether it spans lines. Its pieces are then set side by side, as YAML does with words.
    folded: bool,
}

impl Open {
    pub(super) fn new(place: Place, mapping: bool, flow: bool, anchor: usize) -> Open {
        let items = if mapping {
            Items::Mapping(Vec::with_capacity(1), None)
        } else {
            Items::List(Vec::with_capacity(1))
        };
        Open { place, flow, anchor, items, cut: None }
    }

    pub(super) fn expects_key(&self) -> bool {
        matches!(self.items, Items::Mapping(_, None))
    }

    /// Where the key stands whose value comes next.
    pub(super) fn key_place(&self) -> Option<Place> {
        match &self.items {
            Items::Mapping(_, Some(key)) => Some(key.node.place),
            _ => None,
        }
    }

    pub(super) fn put(&mut self, item: Item, written: Written) {
        match &mut self.items {
            Items::List(list) => {
                let piece = (item.form == Form::Bare).then_some(&item.node);
                if !join(&mut self.cut, list.last_mut(), piece, written) {
                    self.cut = cut(&item, written).filter(|_| self.flow);
                    list.push(item.node);
                }
            }
            Items::Mapping(_, key @ None) => *key = Some(item),
            Items::Mapping(entries, key) => {
                let key = key.take().expect("the arm before takes what has no key");
                let bare = key.form == Form::Bare && item.node.is_null();
                let piece = bare.then_some(&key.node);
                let last = entries.last_mut().map(|(_, value)| value);
                if !join(&mut self.cut, last, piece, written) {
                    self.cut = cut(&item, written).filter(|_| self.flow);
                    entries.push((key.node, item.node));
                }
            }
        }
    }

    /// The node, which ends where `end` does.
    pub(super) fn close(mut self, end: Place, written: Written, problems: &mut Problems) -> Node {
        if self.flow {
            self.place.end = end.end;
        } else if self.place.start == self.place.end {
            // A block that no key introduces is pointed at by its first item.
            let first = match &self.items {
                Items::List(list) => list.first(),
                Items::Mapping(entries, _) => entries.first().map(|(key, _)| key),
            };
            self.place = first.map_or(self.place, |first| first.place);
        }
        let value = match self.items {
            Items::List(mut list) => {
                list.shrink_to_fit();
                Value::Sequence(list)
            }
            Items::Mapping(entries, _) => mapping(entries, written, problems),
        };
        Node { place: self.place, value }
    }
}

/// The call at which `item` begins and does not end: `lognormal(mean=20KiB`. In a list it may be
/// the value of the one entry of `[cpu: lognormal(mean=3ms, cv=1)]`.
fn cut(item: &Item, written: Written) -> Option<Cut> {
    let node = match (item.form, &item.node.value) {
        (Form::Bare, _) => &item.node,
        (Form::Collection, Value::Mapping(entries)) => match &entries[..] {
            [(_, node)] if !is_quoted(node, written) => node,
            _ => return None,
        },
        _ => return None,
    };
    let text = node.text()?;
    let name = text.split('(').next().unwrap_or("");
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let depth = deeper(0, text).filter(|_| named)?;
    Some(Cut { depth, folded: written.between(node.place.start, node.place.end).contains('\n') })
}

/// How many parentheses are open after `text`, of which `depth` are open before; none at its end.
fn deeper(depth: usize, text: &str) -> Option<usize> {
    let count = |c| text.matches(c).count();
    (depth + count('(')).checked_sub(count(')')).filter(|depth| *depth > 0)
}

fn is_quoted(node: &Node, written: Written) -> bool {
    written.text[node.place.start - written.from..].starts_with(['"', '\''])
}

/// Adds a bare piece to the call that is cut, which ends `last`; false if there is no such call, or
/// nothing to add.
fn join(
    cut: &mut Option<Cut>,
    last: Option<&mut Node>,
    piece: Option<&Node>,
    written: Written,
) -> bool {
    let (Some(Cut { depth, folded }), Some(last), Some(piece)) = (&mut *cut, last, piece) else {
        return false;
    };
    let end = piece.place.end;
    let call = match &mut last.value {
        Value::Mapping(entries) => {
            last.place.end = end;
            &mut entries[0].1
        }
        _ => last,
    };
    let added = written.between(call.place.end, end);
    call.place.end = end;
    *folded |= added.contains('\n');
    let added =
        if *folded { format!(", {}", piece.text().unwrap_or("")) } else { added.to_owned() };
    match deeper(*depth, &added) {
        Some(deeper) => *depth = deeper,
        None => *cut = None,
    }
    if let Value::Scalar(text) = &mut call.value {
        text.push_str(&added);
    }
    true
}

/// A mapping of these entries. What is written beats what is merged with `<<`, and an earlier merge
/// beats a later one.
fn mapping(pairs: Vec<(Node, Node)>, written: Written, problems: &mut Problems) -> Value {
    let mut merged = Vec::new();
    let entry = |(key, value): (Node, Node)| {
        let quoted = is_quoted(&key, written);
        let place = key.place;
        match key.value {
            Value::Scalar(text) if text == "<<" && !quoted => merge(value, &mut merged, problems),
            Value::Scalar(text) => return Some((Key { text, place }, value)),
            _ => problems.push(Problem::mismatch(&key, "a key such as name or \"a b\"")),
        }
        None
    };
    let mut entries: Vec<(Key, Node)> = pairs.into_iter().filter_map(entry).collect();
    let own = entries.len();
    entries.extend(merged);
    keep_first(&mut entries, own, problems);
    entries.shrink_to_fit();
    Value::Mapping(entries)
}

/// Keeps the first entry of each key. That a key occurs twice among the first `own` is reported.
fn keep_first(entries: &mut Vec<(Key, Node)>, own: usize, problems: &mut Problems) {
    let key = |index: usize| &entries[index].0;
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|&a, &b| key(a).text.cmp(&key(b).text));
    let mut again = vec![false; entries.len()];
    for same in order.chunk_by(|&a, &b| key(a).text == key(b).text) {
        for &index in &same[1..] {
            again[index] = true;
            if index < own {
                let title = format!("the key {} occurs twice", quoted(&key(index).text));
                let problem = Problem::new(key(index).place, title, "leave one of the two");
                problems.push(problem.also(key(same[0]).place, "first here"));
            }
        }
    }
    let mut again = again.into_iter();
    entries.retain(|_| again.next() == Some(false));
}

fn merge(from: Node, into: &mut Vec<(Key, Node)>, problems: &mut Problems) {
    match from.value {
        Value::Mapping(entries) => into.extend(entries),
        Value::Sequence(items) if items.iter().all(|i| matches!(i.value, Value::Mapping(_))) => {
            items.into_iter().for_each(|item| merge(item, into, problems));
        }
        _ => problems.push(Problem::mismatch(&from, "a mapping to merge such as *base")),
    }
}
