//! Values written as a call: `exp(3ms)`, `lognormal(mean=20KiB, cv=1)`.

use super::node::{Key, Node, Value};

/// An argument of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument<'a> {
    /// `mean` in `mean=20KiB`.
    pub name: Option<&'a str>,
    /// `20KiB` in `mean=20KiB`, without the spaces around it.
    pub text: &'a str,
    /// The byte of the whole call at which `text` begins.
    pub offset: usize,
}

impl Argument<'_> {
    /// The bytes of the whole call which `text` takes; for [`Node::part`](super::Node::part).
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.text.len()
    }
}

/// The name and arguments of a call; `None` if `text` is not one. Commas inside inner parentheses,
/// brackets or braces do not separate.
pub fn call_syntax(text: &str) -> Option<(&str, Vec<Argument<'_>>)> {
    let (name, rest) = text.split_once('(')?;
    let inner = rest.trim_end().strip_suffix(')')?;
    let name = name.trim();
    if !is_word(name) {
        return None;
    }
    let start = text.len() - rest.len();
    if inner.trim().is_empty() {
        return Some((name, Vec::new()));
    }
    let mut arguments = Vec::new();
    let mut depth = 0_usize;
    let mut from = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                arguments.push(argument(&inner[from..at], start + from)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    arguments.push(argument(&inner[from..], start + from)?);
    (depth == 0).then_some((name, arguments))
}

/// The mapping that a call stands for: `poisson(300/s)` is `{poisson: 300/s}`, and
/// `ramp(to=90/s, over=5min)` is `{ramp: {to: 90/s, over: 5min}}`. `None` if `node` is no call, or
/// one with several arguments of which some have no name.
pub fn uncalled(node: &Node) -> Option<Node> {
    let (name, arguments) = call_syntax(node.text()?)?;
    let value = |argument: &Argument| Node {
        place: node.part(argument.range()),
        value: Value::Scalar(argument.text.to_owned()),
    };
    let inner = match &arguments[..] {
        [] => Node::null(node.place),
        [one] if one.name.is_none() => value(one),
        _ => {
            let entry = |argument: &Argument| {
                let name = argument.name?;
                let start = name.as_ptr() as usize - node.text()?.as_ptr() as usize;
                let place = node.part(start..start + name.len());
                Some((Key { text: name.to_owned(), place }, value(argument)))
            };
            let entries: Option<Vec<_>> = arguments.iter().map(entry).collect();
            Node { place: node.place, value: Value::Mapping(entries?) }
        }
    };
    let key = Key { text: name.to_owned(), place: node.part(0..name.len()) };
    Some(Node { place: node.place, value: Value::Mapping(vec![(key, inner)]) })
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn argument(written: &str, offset: usize) -> Option<Argument<'_>> {
    let named = written.split_once('=').filter(|(name, _)| is_word(name.trim()));
    let (name, value) = match named {
        Some((name, value)) => (Some(name.trim()), value),
        None => (None, written),
    };
    let text = value.trim();
    let before = written.len() - value.trim_start().len();
    (!text.is_empty()).then_some(Argument { name, text, offset: offset + before })
}

#[cfg(test)]
mod tests {
    use super::super::node::{Place, Sources};
    use super::*;

    #[test]
    fn arguments_are_found_with_their_places() {
        let text = "lognormal( mean = 20KiB, cv=1 )";
        let (name, arguments) = call_syntax(text).expect("a call");
        assert_eq!(name, "lognormal");
        assert_eq!(arguments.len(), 2);
        assert_eq!(arguments[0].name, Some("mean"));
        for argument in &arguments {
            assert_eq!(&text[argument.range()], argument.text);
        }
        assert_eq!(arguments[1], Argument { name: Some("cv"), text: "1", offset: 28 });
    }

    #[test]
    fn calls_nest_and_may_be_empty() {
        assert_eq!(call_syntax("none()"), Some(("none", vec![])));
        let (_, arguments) = call_syntax("mix(exp(1ms, 2), [3, 4])").expect("a call");
        assert_eq!(arguments.iter().map(|a| a.text).collect::<Vec<_>>(), ["exp(1ms, 2)", "[3, 4]"]);
    }

    #[test]
    fn a_call_stands_for_a_mapping() {
        let mut sources = Sources::new();
        let source = sources.add("", "");
        let place = Place { source, start: 10, end: 10 + "ramp(to=9/s, over=5min)".len() };
        let node = |text: &str| Node { place, value: Value::Scalar(text.to_owned()) };
        let ramp = uncalled(&node("ramp(to=9/s, over=5min)")).expect("a call");
        let over = ramp.get("ramp").and_then(|inner| inner.get("over")).expect("an argument");
        assert_eq!((over.text(), over.place.start), (Some("5min"), 28));
        let poisson = uncalled(&node("poisson(3/s)")).expect("a call");
        assert_eq!(poisson.get("poisson").and_then(Node::text), Some("3/s"));
        assert_eq!(uncalled(&node("poisson(3/s, 4/s)")), None);
        assert_eq!(uncalled(&node("poisson(3/s, to=4/s)")), None);
        assert_eq!(uncalled(&node("poisson")), None);
    }

    #[test]
    fn what_is_not_a_call_is_refused() {
        for text in [
            "", "exp", "exp(", "exp)", "(1)", "exp(1))", "exp((1)", "exp(1,)", "exp(,1)",
            "exp(1) x", "a b(1)", "exp(=", "exp(a=)",
        ] {
            assert_eq!(call_syntax(text), None, "{text:?}");
        }
    }
}
