//! The findings as a table, for people and for `docs/validation.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::case::Case;
use crate::choice::is_long;
use crate::suite::{Conclusion, Finding};

const BEGIN: &str = "<!-- theory: begin -->\n";
const END: &str = "<!-- theory: end -->\n";

/// What stands before the day on which a long case ran.
const RAN: &str = "; ran on ";

/// What a run found of a metric.
pub(crate) struct Found {
    /// The expected value, as it stands in the table.
    theory: String,
    /// The simulated one, its t and the verdict.
    rest: [String; 3],
    /// When it ran, for a case that seldom does.
    ran: Option<String>,
}

/// What is known of metrics, by the place of the case and of the metric in it.
pub(crate) type Known = BTreeMap<(usize, usize), Found>;

/// What was found today.
pub(crate) fn ran(cases: &[Case], findings: &[Finding], today: &str) -> Known {
    let known = findings.iter().map(|finding| {
        let case = &cases[finding.case];
        let t = format!("{:.2}", finding.verdict().t);
        let found = Found {
            theory: digits(case.metrics[finding.metric].reference.expected),
            rest: [interval(finding), t, verdict(finding).to_owned()],
            ran: is_long(case).then(|| today.to_owned()),
        };
        ((finding.case, finding.metric), found)
    });
    known.collect()
}

/// What is known, in Markdown: case by case, metric by metric.
pub(crate) fn markdown(cases: &[Case], known: &Known) -> String {
    let mut text = String::from(
        "| case | metric | theory | simulated, 95% | t | verdict |\n|---|---|--:|--:|--:|---|\n",
    );
    let reasons = reasons(cases);
    for (&(case, metric), found) in known {
        let case = &cases[case];
        let ran = found.ran.as_ref().map_or(String::new(), |day| format!("{RAN}{day}"));
        let name = match metric {
            0 => format!("**{}** {}{ran}", case.id, case.title),
            _ => String::new(),
        };
        let metric = &case.metrics[metric];
        let index = |reason| reasons.iter().position(|known| *known == reason);
        let note = metric.coarse.and_then(index).map_or(String::new(), |i| format!(" ({})", i + 1));
        let (theory, rest) = (&found.theory, found.rest.join(" | "));
        let _ = writeln!(text, "| {name} | {}{note} | {theory} | {rest} |", metric.name);
    }
    for (index, reason) in reasons.iter().enumerate() {
        let _ = write!(text, "\n({}) resolved to 2%: {reason}.\n", index + 1);
    }
    text + "\n" + &sources(cases)
}

/// Why metrics are resolved to 2% only, in the order of the cases.
fn reasons(cases: &[Case]) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    for reason in cases.iter().flat_map(|case| &case.metrics).filter_map(|metric| metric.coarse) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// Where the expected values come from.
fn sources(cases: &[Case]) -> String {
    let mut text = String::from("Sources of the expected values:\n\n");
    let mut last = "";
    for case in cases.iter().filter(|case| {
        let new = case.source != last;
        last = case.source;
        new
    }) {
        let _ = writeln!(text, "- {}: {}.", case.title, case.source);
    }
    text
}

fn verdict(finding: &Finding) -> &'static str {
    match (finding.conclusion(), &finding.second) {
        (Conclusion::Agrees, None) => "agrees",
        (Conclusion::Agrees, Some(_)) => "agrees (second stage)",
        (Conclusion::NotResolved, _) => "not resolved",
        (Conclusion::Disagrees, _) => "**disagrees**",
    }
}

fn digits(value: f64) -> String {
    let decimals = (5.0 - libm::floor(libm::log10(value.abs()))).clamp(0.0, 9.0) as usize;
    format!("{value:.decimals$}")
}

fn interval(finding: &Finding) -> String {
    let half = finding.estimate.half_width.unwrap_or(f64::NAN);
    let decimals = (1.0 - libm::floor(libm::log10(half))).clamp(0.0, 9.0) as usize;
    format!("{:.decimals$} ± {half:.decimals$}", finding.estimate.mean)
}

/// Puts the table in its place in `docs/validation.md`. What did not run today keeps its figures,
/// unless something else is expected of it by now.
pub(crate) fn write(cases: &[Case], findings: &[Finding], today: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let page = std::fs::read_to_string(&path).expect("the page exists");
    let (before, rest) = page.split_once(BEGIN).expect("the page has the mark of the beginning");
    let (table, after) = rest.split_once(END).expect("the page has the mark of the end");
    let mut known = written(cases, table);
    known.extend(ran(cases, findings, today));
    let table = markdown(cases, &known);
    let page = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    std::fs::write(&path, page).expect("the page can be written");
}

/// What a table says of these cases.
fn written(cases: &[Case], table: &str) -> Known {
    let mut known = Known::new();
    let mut here = None;
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [name, metric, theory, simulated, t, verdict] = cells[..] else { continue };
        if let Some((id, rest)) = name.strip_prefix("| **").and_then(|name| name.split_once("**")) {
            let ran = rest.split_once(RAN).map(|(_, day)| day.to_owned());
            here = cases.iter().position(|case| case.id == id).map(|case| (case, ran));
        }
        let Some((case, ran)) = &here else { continue };
        let is_named = |name: &str| metric == name || metric.starts_with(&format!("{name} ("));
        let mut metrics = cases[*case].metrics.iter();
        let Some(place) = metrics.position(|metric| is_named(&metric.name)) else { continue };
        let rest = [simulated, t, verdict.trim_end_matches(" |")].map(str::to_owned);
        let (theory, ran) = (theory.to_owned(), ran.clone());
        if theory == digits(cases[*case].metrics[place].reference.expected) {
            known.insert((*case, place), Found { theory, rest, ran });
        }
    }
    known
}

/// A table that is read and written again is the same, so that what did not run stays.
#[test]
fn the_table_of_the_page_is_read_as_it_was_written() {
    let page = include_str!("../../docs/validation.md");
    let (_, rest) = page.split_once(BEGIN).expect("the page has the mark of the beginning");
    let (table, _) = rest.split_once(END).expect("the page has the mark of the end");
    let known = written(&crate::CASES, table);
    let missing: Vec<&str> = (crate::CASES.iter().enumerate())
        .filter(|(place, case)| (0..case.metrics.len()).any(|m| !known.contains_key(&(*place, m))))
        .map(|(_, case)| case.id.as_str())
        .collect();
    assert!(missing.is_empty(), "run them with DEPLOYSIM_WRITE_VALIDATION: {missing:?}");
    for (&(case, _), found) in &known {
        assert_eq!(found.ran.is_some(), is_long(&crate::CASES[case]), "{}", crate::CASES[case].id);
    }
    assert_eq!(markdown(&crate::CASES, &known).trim(), table.trim());
}
