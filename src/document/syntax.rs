//! What is probably wrong with a text that is not YAML, in the words of its author. A parser
//! knows where it stopped; the slip is often a line above.

use super::legible::{illegible, is_false_space, not_a_space};
use super::node::{Place, SourceId, floor_boundary};
use super::problem::{Problem, quoted};
use crate::text::is_shown;

/// What the parser met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// A line that belongs to no block above it.
    Stray,
    /// A colon where no value may follow.
    Colon,
    /// A character with which no value begins.
    Character(char),
    /// The end of something in quotation marks, or what should have been.
    Quote,
    /// A closing bracket.
    Bracket,
    /// More after what stands in quotation marks.
    Trailing,
}

/// A text and where its parser stopped.
pub(super) struct Stopped<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    /// Where `text` begins in its source, and where in `text` the parser stopped.
    pub(super) from: usize,
    pub(super) at: usize,
    /// A bracket that is open, if one is.
    pub(super) bracket: Option<usize>,
}

/// The longest key, in characters.
const LONGEST_KEY: usize = 1_024;

/// One line, with what stands before its first word.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    indent: usize,
    /// Without indentation, comment and line end.
    words: &'a str,
}

impl<'a> Line<'a> {
    fn is_item(&self) -> bool {
        self.words == "-" || self.words.starts_with("- ")
    }

    /// What follows the dash of an item, if it is one.
    fn content(&self) -> Line<'a> {
        let rest = self.words.strip_prefix('-').filter(|_| self.is_item());
        let Some(rest) = rest else { return *self };
        let words = rest.trim_start();
        Line { indent: self.indent + self.words.len() - words.len(), words, ..*self }
    }

    fn has_key(&self) -> bool {
        self.words.contains(": ") || self.words.ends_with(':')
    }

    /// The bytes of its first word, or key.
    fn word(&self) -> std::ops::Range<usize> {
        let length = self.words.find([':', ' ']).unwrap_or(self.words.len()).max(1);
        let start = self.start + self.indent;
        start..start + length.min(self.words.len())
    }

    fn all(&self) -> std::ops::Range<usize> {
        let start = self.start + self.indent;
        start..start + self.words.len()
    }
}

impl Stopped<'_> {
    /// What is probably wrong; `None` if that cannot be told.
    pub(super) fn explain(&self, met: Option<Met>) -> Option<Problem> {
        let first = self.illegible(met).or_else(|| self.tab()).or_else(|| self.long_key());
        first.or_else(|| self.unclosed_bracket()).or_else(|| match met? {
            Met::Stray => self.stray(),
            Met::Colon => self.colon(),
            Met::Character(character) => {
                let title = format!("a value cannot begin with {}", quoted(&character.to_string()));
                let rest = self.line(self.at).all().end.max(self.at);
                let value = &self.text[self.at..rest];
                let label = format!("expected quotation marks: {}", quoted(value));
                Some(Problem::new(self.place(self.at..rest), title, label))
            }
            Met::Quote => self.unclosed_quote(),
            Met::Trailing => {
                let title = "something follows a text in quotation marks";
                let label = "expected the end of the line, or a comma, before this";
                Some(Problem::new(self.place(self.at..self.at), title, label))
            }
            Met::Bracket => {
                let title = "a bracket that closes nothing";
                Some(Problem::new(self.place(self.at..self.at + 1), title, "nothing is open here"))
            }
        })
    }

    fn place(&self, range: std::ops::Range<usize>) -> Place {
        let source = self.source;
        Place { source, start: self.from + range.start, end: self.from + range.end }
    }

    /// The lines up to the one with `at`, without those that are blank.
    fn lines(&self, at: usize) -> Vec<Line<'_>> {
        let mut start = 0;
        let mut lines = Vec::new();
        for text in self.text.split_inclusive('\n') {
            if start > at {
                break;
            }
            let words = text.trim_start_matches(' ');
            let indent = text.len() - words.len();
            let comment = if words.starts_with('#') { Some(0) } else { words.find(" #") };
            let words = words[..comment.unwrap_or(words.len())].trim_end();
            if !words.is_empty() {
                lines.push(Line { start, indent, words });
            }
            start += text.len();
        }
        lines
    }

    fn line(&self, at: usize) -> Line<'_> {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let last = self.lines(at).pop().filter(|line| line.start == start);
        last.unwrap_or(Line { start, indent: 0, words: "" })
    }

    /// The character that the parser met, if it cannot be shown.
    fn illegible(&self, met: Option<Met>) -> Option<Problem> {
        let Some(Met::Character(c)) = met else { return None };
        let at = self.at + self.text[self.at..].find(c).filter(|_| !is_shown(c))?;
        Some(illegible(self.place(at..at + c.len_utf8()), c))
    }

    /// The tab that indents the line where the parser stopped, or a neighbour.
    fn tab(&self) -> Option<Problem> {
        let before = &self.text[..floor_boundary(self.text, self.at)];
        let mut start = before.rmatch_indices('\n').nth(1).map_or(0, |(newline, _)| newline + 1);
        for line in self.text[start..].split_inclusive('\n').take(3) {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let blank = line[indent..].trim_end().is_empty();
            if let Some(tab) = line[..indent].find('\t').filter(|_| !blank) {
                let place = self.place(start + tab..start + tab + 1);
                let problem = Problem::new(place, "a tab in the indentation", "expected spaces");
                return Some(problem.help("YAML indents with spaces only"));
            }
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if let Some(c) = line[spaces..].chars().next().filter(|&c| is_false_space(c)) {
                let start = start + spaces;
                return Some(not_a_space(self.place(start..start + c.len_utf8()), c));
            }
            start += line.len();
        }
        None
    }

    /// The key on the line where the parser stopped, or on the one before, that is longer than a
    /// key may be (YAML 1.2.2, section 7.4.2).
    fn long_key(&self) -> Option<Problem> {
        let lines = self.lines(self.at);
        lines.iter().rev().take(2).find_map(|line| {
            let end = line.words.find(": ").or(line.words.strip_suffix(':').map(str::len))?;
            let from = line.words[..end].rfind(['{', '[', ',', ' ']).map_or(0, |at| at + 1);
            let length = line.words[from..end].chars().count();
            (length > LONGEST_KEY).then(|| {
                let start = line.start + line.indent + from;
                let title = format!("a key of {length} characters");
                let label = format!("YAML has keys of up to {LONGEST_KEY} characters");
                Problem::new(self.place(start..start + (end - from)), title, label)
            })
        })
    }

    /// A bracket that has no other end, or where the parser stopped within one.
    fn unclosed_bracket(&self) -> Option<Problem> {
        let open = self.bracket?;
        let at = self.place(self.at..self.at);
        let inner = unclosed(&self.text[open..]);
        let open = open + inner.unwrap_or(0);
        let place = self.place(open..open + 1);
        let (opening, closing) =
            if self.text[open..].starts_with('[') { ("[", "]") } else { ("{", "}") };
        Some(match inner {
            Some(_) => {
                let title = format!("{} is not closed", quoted(opening));
                let label = format!("expected {} after this", quoted(closing));
                Problem::new(place, title, label).also(at, "still inside it here")
            }
            None => {
                let title = "something between brackets is wrong";
                let label = format!("expected a comma or {} before this", quoted(closing));
                let problem = Problem::new(at, title, label).also(place, "the bracket");
                match self.text[self.at..].starts_with(['[', '{']) {
                    true => problem.help("text with a bracket in it is quoted here: \"app[0]\""),
                    false => problem,
                }
            }
        })
    }

    /// A line that is in line with none above.
    fn stray(&self) -> Option<Problem> {
        let mut lines = self.lines(self.at);
        let line = lines.pop().filter(|line| line.start + line.indent <= self.at)?;
        let levels = levels(&lines);
        let like = levels.iter().filter(|level| level.item == line.is_item()).collect::<Vec<_>>();
        let same = levels.iter().find(|level| level.indent == line.indent);
        let (title, label) = match same {
            Some(level) if level.item && !line.is_item() => {
                ("a key among the items of a list", "expected \"- \" as in the list above")
            }
            Some(level) if !level.item && like.is_empty() => {
                ("an item of a list among keys", "expected a key as above")
            }
            _ => return Some(self.misplaced(&line, &like)),
        };
        let problem = Problem::new(self.place(line.word()), title, label);
        let other = same.map_or(problem.place, |level| self.place(level.word.clone()));
        Some(problem.also(other, "in line with this"))
    }

    fn misplaced(&self, line: &Line, levels: &[&Level]) -> Problem {
        let most = 3;
        let mut near: Vec<&Level> = levels.to_vec();
        near.sort_by_key(|level| (level.indent.abs_diff(line.indent), level.indent));
        near.truncate(most);
        near.sort_by_key(|level| level.indent);
        let expected: Vec<String> = near.iter().map(|level| level.indent.to_string()).collect();
        let expected = match expected.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => expected.concat(),
        };
        let label = format!("expected {expected} spaces before this, not {}", line.indent);
        let problem = Problem::new(self.place(line.word()), "wrong indentation", label);
        let problem = near.iter().fold(problem, |problem, level| {
            problem.also(self.place(level.word.clone()), format!("{} spaces", level.indent))
        });
        problem.help("what belongs together begins in the same column")
    }

    /// A colon that comes too early: something is missing before it.
    fn colon(&self) -> Option<Problem> {
        let lines = self.lines(self.at);
        let (line, before) = lines.split_last()?;
        let column = self.at.checked_sub(line.start + line.indent)?;
        let content = line.content();
        if let Some(first) = line.words.get(..column).and_then(|words| words.find(": ")) {
            let value = line.start + line.indent + first + 2..line.all().end;
            let label = format!("expected quotation marks: {}", quoted(&self.text[value.clone()]));
            return Some(Problem::new(self.place(value), "a value with a colon", label));
        }
        let above = before.last()?.content();
        if !above.has_key() {
            let colon = above.words.split_once(':');
            let (title, label) = match (colon, above.words.split_once(' ')) {
                (Some((key, value)), _) => {
                    let label = format!("expected a space: \"{key}: {value}\"");
                    ("there is no space after the colon", label)
                }
                (_, Some((key, value))) => {
                    ("there is no colon", format!("expected a colon: \"{key}: {value}\""))
                }
                _ => ("there is no colon", format!("expected a colon: \"{}:\"", above.words)),
            };
            return Some(Problem::new(self.place(above.all()), title, label));
        }
        let levels = levels(before);
        let levels: Vec<&Level> = levels.iter().filter(|level| !level.item).collect();
        (content.indent > above.indent).then(|| self.misplaced(line, &levels))
    }

    /// Where the quotation mark stands that has no other end on its line.
    fn unclosed_quote(&self) -> Option<Problem> {
        let lines = self.lines(self.at);
        let found = lines.iter().rev().find_map(|line| Some((line, open_quote(line.words)?)))?;
        let start = found.0.start + found.0.indent + found.1;
        let label = "expected another at the end of the text";
        Some(Problem::new(self.place(start..start + 1), "a quotation mark is not closed", label))
    }
}

/// A column in which things begin, and what begins there last.
struct Level {
    indent: usize,
    item: bool,
    word: std::ops::Range<usize>,
}

/// The columns of the blocks that are open after these lines, outermost first.
fn levels(lines: &[Line]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut enter = |line: &Line, item: bool| {
        levels.retain(|level| level.indent < line.indent);
        levels.push(Level { indent: line.indent, item, word: line.word() });
    };
    for line in lines {
        let content = line.content();
        if line.is_item() {
            enter(line, true);
        }
        if content.has_key() {
            enter(&content, false);
        }
    }
    levels
}

/// Where in `text`, which begins with a bracket, the one stands that is not closed, if one is not.
fn unclosed(text: &str) -> Option<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (index, c) in text.char_indices() {
        match c {
            '[' => open.push((index, ']')),
            '{' => open.push((index, '}')),
            ']' | '}' => {
                if open.pop_if(|(_, end)| *end == c).is_none() {
                    break;
                }
                if open.is_empty() {
                    return None;
                }
            }
            _ => {}
        }
    }
    open.pop().map(|(index, _)| index)
}

/// Where in a line a quotation mark begins a text that does not end there.
fn open_quote(words: &str) -> Option<usize> {
    let mut open = None;
    let mut before = ' ';
    for (at, c) in words.char_indices() {
        match open {
            None if matches!(c, '"' | '\'') && " [{,".contains(before) => open = Some((at, c)),
            Some((_, quote)) if c == quote && before != '\\' => open = None,
            _ => {}
        }
        before = c;
    }
    open.map(|(at, _)| at)
}
