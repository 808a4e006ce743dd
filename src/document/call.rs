//! Values written as a call: `exp(3ms)`, `lognormal(mean=20KiB, cv=1)`.

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
    fn what_is_not_a_call_is_refused() {
        for text in [
            "", "exp", "exp(", "exp)", "(1)", "exp(1))", "exp((1)", "exp(1,)", "exp(,1)",
            "exp(1) x", "a b(1)", "exp(=", "exp(a=)",
        ] {
            assert_eq!(call_syntax(text), None, "{text:?}");
        }
    }
}
