//! What is wrong with a text: collected while reading, all of it, each with its place and a remedy.

use super::files::Files;
use super::node::{Node, Place, Value};
use strsim::damerau_levenshtein;

/// Longer lists of valid names are not spelled out in a message.
const SHORT_LIST: usize = 10;
/// Nor are these, even where no name is near the one that was written.
const LONG_LIST: usize = 48;
/// Names longer than this are not compared: the distance costs their product.
const LONG_NAME: usize = 100;
/// Of a longer list the rest is counted.
const LONGEST_LIST: usize = 100;
/// The most problems that are kept and described. To find the nearest of many names, or to keep all
/// that is wrong with a text of megabytes, takes longer than anybody reads.
const MOST_KEPT: usize = 100;
/// Longer texts are cut when a message quotes them.
const QUOTED: usize = 40;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What to underline.
    pub place: Place,
    /// What is wrong, in one line.
    pub title: String,
    /// Under the underline: what was expected.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that play a part, and which.
    pub related: Vec<(Place, String)>,
}

impl Problem {
    /// A problem at `place`: what is wrong, and what was expected there.
    pub fn new(place: Place, title: impl Into<String>, label: impl Into<String>) -> Problem {
        let (title, label) = (title.into(), label.into());
        Problem { place, title, label, help: None, related: Vec::new() }
    }

    /// With a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// With another place that plays a part.
    pub fn also(mut self, place: Place, label: impl Into<String>) -> Problem {
        self.related.push((place, label.into()));
        self
    }

    /// `node` is not `expected`, such as `a duration such as 250ms or 2min`.
    pub fn mismatch(node: &Node, expected: &str) -> Problem {
        let short = expected.split(" such as ").next().unwrap_or(expected);
        let title = match &node.value {
            Value::Null => format!("{short} is missing"),
            Value::Scalar(text) if text.is_empty() => format!("{short} is missing"),
            Value::Scalar(text) => format!("{} is not {short}", quoted(text)),
            Value::Sequence(_) => format!("a list is not {short}"),
            Value::Mapping(_) => format!("a mapping is not {short}"),
        };
        Problem::new(node.place, title, format!("expected {expected}"))
    }

    /// `name` is none of the `known`, which are each a `what`, such as `key` or `component`.
    /// The remedy is the nearest of them, and all of them if they are few or none is near.
    pub fn unknown(place: Place, what: &str, name: &str, known: &[&str]) -> Problem {
        let title = unknown(what, name);
        let nearest = nearest(name, known.iter().copied());
        let most = if nearest.is_some() { SHORT_LIST } else { LONG_LIST };
        let few = (1..=most).contains(&known.len());
        let all = few.then(|| format!("valid here: {}", listed(known, "and")));
        let problem = Problem::new(place, title, format!("there is no such {what}"));
        match (nearest.map(|name| format!("did you mean {}?", quoted(name))), all) {
            (Some(nearest), Some(all)) => problem.help(format!("{nearest} ({all})")),
            (Some(help), None) | (None, Some(help)) => problem.help(help),
            (None, None) => problem,
        }
    }
}

/// Everything that is wrong so far. It goes with the reading through the whole document, and so do
/// the files that the document names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    kept: Vec<Problem>,
    reported: usize,
    files: Files,
}

impl Problems {
    /// Nothing is wrong yet.
    pub fn new() -> Problems {
        Problems::default()
    }

    /// Nothing is wrong yet, and files are found from `files`.
    pub fn with_files(files: Files) -> Problems {
        Problems { files, ..Problems::default() }
    }

    /// The files that the document names.
    pub fn files(&mut self) -> &mut Files {
        &mut self.files
    }

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        if self.admits(problem.place, &problem.title) {
            self.kept.push(problem);
        }
    }

    /// Adds the problem of this title that `describe` completes, if it is one to be kept: for what
    /// takes long to describe.
    pub fn describe(
        &mut self,
        place: Place,
        title: String,
        describe: impl FnOnce(Problem) -> Problem,
    ) {
        if self.admits(place, &title) {
            self.kept.push(describe(Problem::new(place, title, "")));
        }
    }

    /// Adds that `name` is none of the `known`, as [`Problem::unknown`] says it.
    pub fn unknown(&mut self, place: Place, what: &str, name: &str, known: &[&str]) {
        if self.admits(place, &unknown(what, name)) {
            self.kept.push(Problem::unknown(place, what, name, known));
        }
    }

    /// Whether a problem is to be kept: the first of its title at its place, and not one too many.
    fn admits(&mut self, place: Place, title: &str) -> bool {
        self.reported += 1;
        let known = |kept: &Problem| kept.place == place && kept.title == title;
        !self.is_full() && !self.kept.iter().any(known)
    }

    /// True if nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether anything that is kept is wrong within `place`.
    pub fn within(&self, place: Place) -> bool {
        let inside = |one: Place| {
            one.source == place.source && place.start <= one.start && one.end <= place.end
        };
        self.kept.iter().any(|problem| inside(problem.place))
    }

    /// How many problems are kept. One that was found twice, through an alias, counts once.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether no more problems are kept, so that there are at least so many.
    pub fn is_full(&self) -> bool {
        self.kept.len() >= MOST_KEPT
    }

    /// How often a problem was added, whether or not it is kept: greater than before if anything
    /// was wrong meanwhile.
    pub fn reported(&self) -> usize {
        self.reported
    }

    /// The problems that are kept, in the order of the text.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut sorted: Vec<_> = self.kept.iter().collect();
        sorted.sort_by(|a, b| (a.place, &a.title).cmp(&(b.place, &b.title)));
        sorted
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Problems {
        let mut problems = Problems::new();
        problems.push(problem);
        problems
    }
}

fn unknown(what: &str, name: &str) -> String {
    format!("unknown {what} {}", quoted(name))
}

/// `text` in quotation marks, cut if it is long.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((cut, _)) => format!("\"{}…\"", &text[..cut]),
        None => format!("\"{text}\""),
    }
}

/// The names in quotation marks: `"a", "b" or "c"` with the conjunction `or`.
pub fn listed(names: &[&str], conjunction: &str) -> String {
    let rest = names.len().saturating_sub(LONGEST_LIST);
    let shown = names[..names.len() - rest].iter().map(|name| quoted(name));
    let more = (rest > 0).then(|| format!("{rest} more"));
    let names: Vec<_> = shown.chain(more).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            format!("{} {conjunction} {last}", rest.join(", "))
        }
        _ => names.concat(),
    }
}

/// The name which `name` was probably meant to be: the same but for case, `-` and `_`, or else
/// within an edit for every three letters, or else one of which it is a word. Of equally near
/// names, the first in the alphabet.
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace('-', "_");
    let wanted = plain(name);
    let letters = wanted.chars().count();
    let allowed = (letters / 3).max(1);
    let comparable = |other: &&str| letters.max(other.len()) <= LONG_NAME;
    let among: Vec<&str> = among.into_iter().filter(comparable).collect();
    let close = |other: &&&str| letters.abs_diff(other.chars().count()) <= allowed;
    let near = among
        .iter()
        .filter(close)
        .map(|&other| (damerau_levenshtein(&wanted, &plain(other)), other))
        // A word of one or two letters is an edit away from half the others.
        .filter(|&(distance, _)| distance <= allowed && (distance == 0 || letters > 1))
        .min();
    let has_word = |other: &&str| plain(other).split('_').any(|word| word == wanted);
    near.map(|(_, other)| other).or_else(|| among.into_iter().filter(has_word).min())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, among: &[&str], expect: Option<&str>) {
        assert_eq!(nearest(name, among.iter().copied()), expect);
    }

    #[test]
    fn the_nearest_name_forgives_case_hyphens_swaps_and_slips() {
        check("wbe2", &["web1", "web2", "db"], Some("web2"));
        check("Least-Connections", &["least_connections", "random"], Some("least_connections"));
        check("databse", &["database", "cache"], Some("database"));
        check("web", &["web2", "web1"], Some("web1"));
        check("queue", &["replicas", "cores"], None);
        check("x", &["y"], None);
        check("", &["a"], None);
        check(&"a".repeat(100_000), &["a"], None);
    }

    #[test]
    fn what_is_not_kept_is_not_described() {
        let mut problems = Problems::new();
        let source = crate::document::Sources::new().add("a.yaml", "");
        let mut described = 0;
        for start in (0..1000).chain(0..1000) {
            let place = Place { source, start, end: start };
            problems.describe(place, "wrong".to_owned(), |problem| {
                described += 1;
                problem.help("right")
            });
        }
        assert_eq!((described, problems.len(), problems.reported()), (100, 100, 2000));
        assert!(problems.is_full());
    }

    #[test]
    fn names_are_listed_as_one_would_say_them() {
        assert_eq!(listed(&[], "or"), "");
        assert_eq!(listed(&["a"], "or"), "\"a\"");
        assert_eq!(listed(&["a", "b", "c"], "or"), "\"a\", \"b\" or \"c\"");
        assert!(listed(&["a"; 1000], "and").ends_with(", \"a\" and 900 more"));
    }
}
