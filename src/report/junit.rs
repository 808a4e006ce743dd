//! Expectations as a CI server reads test results: JUnit's XML.

use std::fmt::Write;

use crate::experiment::results::{Decision, Results, Verdict};
use crate::text::is_shown;

use super::label;

/// The verdicts as one test suite: what fails is a failure, what is undecided is skipped, and a run
/// that was interrupted is an error.
pub fn junit(results: &Results) -> String {
    let count = |holds| results.verdicts.iter().filter(|v| v.holds == holds).count();
    let (fails, undecided) = (count(Decision::Fails), count(Decision::Undecided));
    let name = escaped(&results.name);
    let Results { replications, planned, .. } = results;
    let partial = usize::from(replications < planned);
    let tests = results.verdicts.len() + partial;
    let numbers = format!("tests=\"{tests}\" failures=\"{fails}\" errors=\"{partial}\"");
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(xml, "<testsuites {numbers}>");
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" {numbers} skipped=\"{undecided}\">");
    results.verdicts.iter().for_each(|verdict| xml += &case(&name, verdict));
    if partial > 0 {
        let error = format!("interrupted: {replications} of {planned} replications were finished");
        xml += &written(&name, "all replications", &format!("<error message=\"{error}\"/>"));
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

/// One expectation; `suite` is escaped already.
fn case(suite: &str, verdict: &Verdict) -> String {
    let name = escaped(&verdict.expectation);
    let message = escaped(&format!("found {}{}", verdict.found, label::missing(verdict)));
    let inner = match verdict.holds {
        Decision::Holds => {
            return format!("    <testcase classname=\"{suite}\" name=\"{name}\" time=\"0\"/>\n");
        }
        Decision::Fails => format!("<failure message=\"{message}\"/>"),
        Decision::Undecided => format!("<skipped message=\"{message}\"/>"),
    };
    written(suite, &name, &inner)
}

/// A case with what went wrong; all of it is escaped already.
fn written(suite: &str, name: &str, inner: &str) -> String {
    format!("    <testcase classname=\"{suite}\" name=\"{name}\" time=\"0\">{inner}</testcase>\n")
}

/// `text` within the quotation marks of an attribute. What XML 1.0 cannot say at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            // As they are they would be read as spaces.
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if is_shown(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn verdicts_read_as_the_cases_of_a_suite() {
        insta::assert_snapshot!(junit(&fixture::shop()));
    }

    #[test]
    fn what_means_something_in_xml_is_written_out() {
        assert_eq!(escaped("a < b & \"c\" > 'd'"), "a &lt; b &amp; &quot;c&quot; &gt; 'd'");
        assert_eq!(escaped("line\none\ttwo\r"), "line&#10;one&#9;two&#13;");
        assert_eq!(escaped("\u{0}\u{1b}\u{ffff}ü→"), "\u{fffd}\u{fffd}\u{fffd}ü→");
    }

    #[test]
    fn an_interrupted_run_is_an_error_whatever_holds_so_far() {
        let mut results = fixture::shop();
        results.planned = results.replications + 1;
        let xml = junit(&results);
        assert!(xml.contains("errors=\"1\"") && xml.contains("<error message=\"interrupted: "));
        assert_eq!(xml.matches("<testcase ").count(), results.verdicts.len() + 1);
    }

    #[test]
    fn without_expectations_the_suite_is_empty_and_still_a_suite() {
        let mut results = fixture::shop();
        results.verdicts.clear();
        assert!(junit(&results).contains("tests=\"0\" failures=\"0\""));
    }
}
