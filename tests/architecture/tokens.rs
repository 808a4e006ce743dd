//! Rust text as tokens, without its comments.

/// The tokens of a text, each as it is written: a name, a `::`, or a single sign. A string is its
/// content after a quotation mark, whatever its prefix; a character or a lifetime is none.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (length, token) = one(rest, first);
        found.extend(token);
        rest = &rest[length..];
    }
    found
}

/// How much of a text its first token takes, and the token.
fn one(rest: &str, first: char) -> (usize, Option<String>) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), None);
    }
    if let Some((length, content)) = string(rest) {
        return (length, Some(format!("\"{content}")));
    }
    if first == '\'' {
        return (character(rest), None);
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let length = match first {
        ':' if rest.starts_with("::") => 2,
        _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
        _ => first.len_utf8(),
    };
    (length, (!first.is_whitespace()).then(|| rest[..length].to_owned()))
}

/// How long the comment at the start of a text is. Comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < rest.len() {
        match rest.as_bytes().get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// How long the string at the start of a text is, with its content, if there is one.
fn string(rest: &str) -> Option<(usize, &str)> {
    let body = rest.trim_start_matches(['b', 'c']);
    let (inside, end) = if let Some(raw) = body.strip_prefix('r') {
        let marks = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(marks));
        let inside = raw[marks..].strip_prefix('"')?;
        (inside, inside.find(&end).map(|at| (at, end.len())))
    } else {
        let inside = body.strip_prefix('"')?;
        let mut escaped = false;
        let end = inside.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        (inside, end.map(|at| (at, 1)))
    };
    let (length, mark) = end.unwrap_or((inside.len(), 0));
    Some((rest.len() - inside.len() + length + mark, &inside[..length]))
}

/// How long a character such as `'x'` or `'\''` is, or the quotation mark of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            rest[after..].find('\'').map_or(rest.len(), |end| after + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn comments_are_left_out_and_strings_are_whole() {
    let text = r##"a::b /* x /* y */ z */ 'q' '\'' '\u{1F}' &'l c r#"s " t"# b"\"" "u\\" // v
        w"##;
    let expected = ["a", "::", "b", "&", "l", "c", "\"s \" t", "\"\\\"", "\"u\\\\", "w"];
    assert_eq!(tokens(text), expected);
}
