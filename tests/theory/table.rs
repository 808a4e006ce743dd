//! The findings as a table, for people and for `docs/validation.md`.

use std::fmt::Write;
use std::path::Path;

use crate::case::Case;
use crate::suite::{Conclusion, Finding};

const BEGIN: &str = "<!-- theory: begin -->\n";
const END: &str = "<!-- theory: end -->\n";

/// All findings in Markdown: case by case, metric by metric.
pub(crate) fn markdown(cases: &[Case], findings: &[Finding]) -> String {
    let mut text = String::from(
        "| case | metric | theory | simulated, 95% | t | verdict |\n|---|---|--:|--:|--:|---|\n",
    );
    let mut reasons: Vec<&str> = Vec::new();
    for finding in findings {
        let case = &cases[finding.case];
        let metric = &case.metrics[finding.metric];
        let name = if finding.metric == 0 {
            format!("**{}** {}", case.id, case.title)
        } else {
            String::new()
        };
        let note = metric.coarse.map_or(String::new(), |reason| {
            let known = reasons.iter().position(|known| *known == reason);
            let index = known.unwrap_or_else(|| {
                reasons.push(reason);
                reasons.len() - 1
            });
            format!(" ({})", index + 1)
        });
        let _ = writeln!(
            text,
            "| {name} | {}{note} | {} | {} | {:.2} | {} |",
            metric.name,
            digits(metric.reference.expected),
            interval(finding),
            finding.verdict().t,
            verdict(finding)
        );
    }
    for (index, reason) in reasons.iter().enumerate() {
        let _ = write!(text, "\n({}) resolved to 2%: {reason}.\n", index + 1);
    }
    text + "\n" + &sources(cases)
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

/// Puts the table in its place in `docs/validation.md`.
pub(crate) fn write(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let page = std::fs::read_to_string(&path).expect("the page exists");
    let (before, rest) = page.split_once(BEGIN).expect("the page has the mark of the beginning");
    let (_, after) = rest.split_once(END).expect("the page has the mark of the end");
    let page = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    std::fs::write(&path, page).expect("the page can be written");
}
