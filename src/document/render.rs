//! Problems as people read them: the line, the underlined text, what was expected, what to do.

use super::node::{Place, SourceId, Sources, floor_boundary};
use super::problem::{Problem, Problems};
use crate::text::{one_line, painted, shown};
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};
use std::ops::Range;

/// A reader who has corrected this many runs it again.
const MOST_SHOWN: usize = 50;
/// Bytes of a line that are looked at after what is underlined: more than are shown.
const BEYOND: usize = 1000;

/// The problems in the order of the text and how many there are, each line ending in a newline;
/// nothing if there are none. `colour` is for a terminal.
pub fn render(problems: &Problems, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let sorted = problems.sorted();
    let mut out = String::new();
    for problem in sorted.iter().take(MOST_SHOWN) {
        let text = renderer.render(&[report(problem, sources)]);
        out.push_str(&if colour { painted(&text) } else { shown(&text) });
        out.push_str("\n\n");
    }
    let least = if problems.is_full() { "at least " } else { "" };
    if sorted.len() > MOST_SHOWN {
        out.push_str(&format!("and {least}{} more\n", sorted.len() - MOST_SHOWN));
    }
    if !sorted.is_empty() {
        out.push_str(least);
        out.push_str(&summary(&sorted, sources));
    }
    out
}

fn summary(sorted: &[&Problem], sources: &Sources) -> String {
    let mut ids: Vec<SourceId> = sorted.iter().map(|problem| problem.place.source).collect();
    ids.dedup();
    let names: Vec<_> = ids.iter().map(|&id| one_line(sources.get(id).0)).collect();
    let errors = if sorted.len() == 1 { "error" } else { "errors" };
    format!("{} {errors} in {}\n", sorted.len(), names.join(" and "))
}

fn report<'a>(problem: &'a Problem, sources: &'a Sources) -> Group<'a> {
    let title = Level::ERROR.primary_title(normalize_untrusted_str(&problem.title));
    let here = (problem.place, problem.label.as_str());
    let related = || problem.related.iter().map(|(place, label)| (*place, label.as_str()));
    let beside = related().filter(|(place, _)| place.source == problem.place.source);
    let elsewhere = related().filter(|(place, _)| place.source != problem.place.source);

    let mut group = title.element(snippet(here, beside.collect(), sources));
    for other in elsewhere {
        group = group.element(snippet(other, Vec::new(), sources));
    }
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(normalize_untrusted_str(help))),
        None => group,
    }
}

/// The lines of one source from the first place to the last.
fn snippet<'a>(
    primary: (Place, &str),
    related: Vec<(Place, &str)>,
    sources: &'a Sources,
) -> Snippet<'a, Annotation<'a>> {
    let (name, text) = sources.get(primary.0.source);
    let main = visible(text, primary.0);
    let others: Vec<_> = related.iter().map(|(place, _)| visible(text, *place)).collect();

    let all = || others.iter().chain([&main]);
    let first = all().map(|range| range.start).min().unwrap_or(0);
    let last = all().map(|range| range.end).max().unwrap_or(0);
    let start = text[..first].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[last..].find('\n').map_or(text.len(), |newline| last + newline);
    // What is cut off at the margin need not be looked at, fifty times in a line of megabytes.
    let end = floor_boundary(text, end.min(last + BEYOND));

    let annotate = |kind: AnnotationKind, range: &Range<usize>, label: &str| {
        kind.span(range.start - start..range.end - start).label(normalize_untrusted_str(label))
    };
    Snippet::source(&text[start..end])
        .path(one_line(name))
        .line_start(text[..start].matches('\n').count() + 1)
        .annotation(annotate(AnnotationKind::Primary, &main, primary.1))
        .annotations(
            others
                .iter()
                .zip(&related)
                .map(|(range, (_, label))| annotate(AnnotationKind::Context, range, label)),
        )
}

/// What to underline of `place`: within the text, at least a character, at most to the line's end.
fn visible(text: &str, place: Place) -> Range<usize> {
    // The end of the text, where something is missing, is shown after its last word.
    let start = floor_boundary(text, place.start.min(text.trim_end().len()));
    let line = text[start..].split(['\n', '\r']).next().unwrap_or("");
    let wanted = place.end.saturating_sub(start);
    let length = floor_boundary(line, wanted).max(line.chars().next().map_or(0, char::len_utf8));
    let line = line[..length].trim_end();
    start..start + line.len()
}
