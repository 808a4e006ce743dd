//! How the methods and paths of a file become the few request types of a scenario.

use std::borrow::Cow;

use super::lines::shortened;

/// The type of what fits no other: unmatched by every rule, too rare, or not readable as a request.
pub const OTHER: &str = "other";

/// The most types that come out of a file, `other` among them, unless rules name them.
pub const MOST_TYPES: usize = 50;

const LONGEST_NAME: usize = 100;

/// How requests are sorted into types. A query string never counts. Where the result would be more
/// than [`MOST_TYPES`], the rarest become `other` (equally rare ones in reverse order of name);
/// rules are exempt, since somebody chose their names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// By method: `GET`.
    Method,
    /// By method and as many leading parts of the path: with 1, `/blog/2015/a.html` is `GET /blog`,
    /// and the root is `GET /`.
    MethodAndPrefix(usize),
    /// By the first rule that matches; `other` where none does.
    Rules(Vec<Rule>),
    /// All under one name.
    One(String),
}

/// Requests like `pattern` are of type `name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// `GET /blog/*`, or `/blog/*` for any method; `*` stands for anything, slashes included.
    pub pattern: String,
    /// The type's name.
    pub name: String,
}

/// What a line of a file says was asked for.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum RequestName<'a> {
    /// A request line: `GET /index.html HTTP/1.1`.
    Line(Cow<'a, str>),
    /// A type, already named.
    Name(Cow<'a, str>),
}

impl RequestName<'_> {
    pub(super) fn into_owned(self) -> RequestName<'static> {
        match self {
            RequestName::Line(line) => RequestName::Line(Cow::Owned(line.into_owned())),
            RequestName::Name(name) => RequestName::Name(Cow::Owned(name.into_owned())),
        }
    }

    /// Whether this should be a request line and is not: `-`, or what a port scanner sends.
    pub(super) fn is_garbled(&self) -> bool {
        matches!(self, RequestName::Line(line) if method_and_path(line).is_none())
    }
}

impl Grouping {
    /// The most types that this grouping may give.
    pub(super) fn most_types(&self) -> usize {
        match self {
            Grouping::Rules(_) => usize::MAX,
            _ => MOST_TYPES,
        }
    }

    /// The type of a request, and which rule says so, if one does.
    pub(super) fn sort<'a>(&'a self, asked: &'a RequestName<'_>) -> (Option<usize>, Cow<'a, str>) {
        if let Grouping::One(name) = self {
            return (None, Cow::Borrowed(name));
        }
        let (method, path) = match asked {
            RequestName::Name(name) => (None, name.as_ref()),
            RequestName::Line(line) => match method_and_path(line) {
                Some((method, path)) => (Some(method), path),
                None => (None, OTHER),
            },
        };
        let name = match (self, method) {
            (Grouping::Rules(rules), _) => {
                let rule = rules.iter().position(|rule| rule.matches(method, path));
                let name = rule.map_or(OTHER, |rule| &rules[rule].name);
                return (rule, Cow::Borrowed(name));
            }
            (Grouping::MethodAndPrefix(depth), Some(method)) => {
                shortened(Cow::Owned(with_prefix(method, path, *depth)), LONGEST_NAME)
            }
            (_, Some(method)) => Cow::Borrowed(method),
            (_, None) => shortened(Cow::Borrowed(path), LONGEST_NAME),
        };
        (None, name)
    }
}

impl Rule {
    fn matches(&self, method: Option<&str>, path: &str) -> bool {
        match (method, self.pattern.split_once(' ')) {
            (Some(method), Some((methods, paths))) => {
                glob(methods.as_bytes(), method.as_bytes())
                    && glob(paths.trim_start().as_bytes(), path.as_bytes())
            }
            _ => glob(self.pattern.as_bytes(), path.as_bytes()),
        }
    }
}

/// Whether this is a request line that no other text is: with a protocol, or with a path or an
/// address after a method in capitals.
pub(super) fn is_request_line(text: &str) -> bool {
    let Some((method, path)) = method_and_path(text) else { return false };
    let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase() || b"-_".contains(&byte));
    text.contains(" HTTP/") || (is_method && path.starts_with('/'))
}

/// Splits `GET /a/b?c=d HTTP/1.1` into `GET` and `/a/b`. The protocol may be missing (HTTP/0.9),
/// the path may hold spaces, and a proxy's `http://host/a/b` is `/a/b`. An address within a path
/// is part of the path; `;jsessionid=1` and whatever else follows a `;` at the end is not.
fn method_and_path(line: &str) -> Option<(&str, &str)> {
    let (method, rest) = line.trim().split_once(' ')?;
    let is_method = method.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte));
    if !is_method || method.is_empty() || method.len() > 32 {
        return None;
    }
    let target = match rest.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => target.trim(),
        _ => rest.trim(),
    };
    let target = target.split(['?', '#']).next().unwrap_or(target);
    let path = match target.split_once("://") {
        Some((scheme, host)) if is_scheme(scheme) => {
            host.find('/').map_or("/", |slash| &host[slash..])
        }
        _ => target,
    };
    let last = path.rfind('/').map_or(path.len(), |slash| slash + 1);
    let end = path[last..].find(';').map_or(path.len(), |parameters| last + parameters);
    let path = &path[..end];
    (!path.is_empty() && !path.starts_with("HTTP/")).then_some((method, path))
}

/// Whether `text` is what stands before `://` in an address: `https`.
fn is_scheme(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_part)
}

fn with_prefix(method: &str, path: &str, depth: usize) -> String {
    let mut name = format!("{method} ");
    if !path.starts_with('/') {
        return name + path;
    }
    let parts = path.split('/').map(|part| part.split(';').next().unwrap_or(part));
    for part in parts.filter(|part| !part.is_empty()).take(depth) {
        name.push('/');
        name.push_str(part);
    }
    if name.ends_with(' ') {
        name.push('/');
    }
    name
}

/// Whether `text` is like `pattern`, in which `*` stands for anything. On a mismatch the last star
/// takes one byte more; earlier stars need no second thought.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(grouping: &Grouping, line: &str, expect: &str) {
        let asked = RequestName::Line(line.into());
        assert_eq!(grouping.sort(&asked).1, expect, "{line:?}");
    }

    #[test]
    fn a_request_line_gives_its_method() {
        let method = Grouping::Method;
        check(&method, "GET / HTTP/1.1", "GET");
        check(&method, "POST /login", "POST");
        check(&method, "VERSION-CONTROL /x HTTP/1.1", "VERSION-CONTROL");
        for garbled in ["-", "", "\u{FFFD}\u{FFFD}\u{1}", "GET", "G\u{FFFD}T / x", "GET HTTP/1.1"] {
            check(&method, garbled, "other");
            assert!(RequestName::Line(garbled.into()).is_garbled(), "{garbled:?}");
        }
        assert!(!RequestName::Name("-".into()).is_garbled());
    }

    #[test]
    fn a_prefix_keeps_as_many_parts_as_asked_for() {
        let one = Grouping::MethodAndPrefix(1);
        check(&one, "GET /blog/2015/a.html?x=/y HTTP/1.1", "GET /blog");
        check(&one, "GET /blog HTTP/1.1", "GET /blog");
        check(&one, "GET //blog/ HTTP/1.1", "GET /blog");
        check(&one, "GET / HTTP/1.1", "GET /");
        check(&one, "GET /?q=1 HTTP/1.1", "GET /");
        check(&one, "GET /a b/c HTTP/1.1", "GET /a b");
        check(&one, "GET http://host:80/a/b HTTP/1.1", "GET /a");
        check(&one, "GET http://host HTTP/1.1", "GET /");
        check(&one, "OPTIONS * HTTP/1.0", "OPTIONS *");
        check(&one, "GET /unsafe/300x200/https://img.example.com/a.jpg HTTP/1.1", "GET /unsafe");
        check(&one, "GET /web/2015/http://example.com/news/1 HTTP/1.1", "GET /web");
        check(&one, "GET http://host/web/https://example.org/ HTTP/1.1", "GET /web");
        check(&one, "GET /cart;jsessionid=0A1B HTTP/1.1", "GET /cart");
        check(&one, "GET /cart;v=2/items;jsessionid=0A1B?x=1 HTTP/1.1", "GET /cart");
        check(&one, "GET /;jsessionid=0A1B HTTP/1.1", "GET /");
        check(&Grouping::MethodAndPrefix(2), "GET /a/b/c HTTP/1.1", "GET /a/b");
        check(&Grouping::MethodAndPrefix(0), "GET /a/b/c HTTP/1.1", "GET /");
        let long = format!("GET /{} HTTP/1.1", "x".repeat(9_000));
        let asked = RequestName::Line(long.into());
        assert_eq!(one.sort(&asked).1.chars().count(), LONGEST_NAME);
    }

    #[test]
    fn the_first_rule_that_matches_names_the_type() {
        let rule = |pattern: &str, name: &str| Rule { pattern: pattern.into(), name: name.into() };
        let rules = Grouping::Rules(vec![
            rule("GET /blog/*", "read"),
            rule("P* /blog/*/comments", "comment"),
            rule("*.png", "image"),
            rule("* /", "home"),
        ]);
        check(&rules, "GET /blog/a/b.png HTTP/1.1", "read");
        check(&rules, "POST /blog/a/b/comments?x HTTP/1.1", "comment");
        check(&rules, "PUT /blog/a/comments HTTP/1.1", "comment");
        check(&rules, "POST /blog/a/b.png HTTP/1.1", "image");
        check(&rules, "HEAD / HTTP/1.1", "home");
        check(&rules, "GET /logo.png;jsessionid=0A1B HTTP/1.1", "image");
        check(&rules, "GET /blog HTTP/1.1", "other");
        check(&rules, "-", "other");
        check(&Grouping::Rules(vec![rule("*", "any")]), "-", "any");
        check(&Grouping::One("request".into()), "-", "request");
    }

    #[test]
    fn a_name_is_a_type_and_rules_may_rename_it() {
        let asked = RequestName::Name("checkout".into());
        let rule = Rule { pattern: "check*".into(), name: "buy".into() };
        assert_eq!(Grouping::Method.sort(&asked).1, "checkout");
        assert_eq!(Grouping::MethodAndPrefix(1).sort(&asked).1, "checkout");
        assert_eq!(Grouping::Rules(vec![rule]).sort(&asked).1, "buy");
        assert_eq!(Grouping::One("r".into()).sort(&asked).1, "r");
    }

    #[test]
    fn stars_match_anything_anywhere() {
        let check = |pattern: &str, text: &str, expect: bool| {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), expect, "{pattern} {text}");
        };
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c", false);
        check("*", "", true);
        check("**a**", "a", true);
        check("a", "ab", false);
        check("ab", "a", false);
        check("", "", true);
    }
}
