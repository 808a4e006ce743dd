//! Which requests are to be traced, as the command line asks for them: `100`, `slowest:20`,
//! `50(GET /product)`, `slowest:20(shoppers)`.

use crate::deployment::Deployment;
use crate::document::{At, Definitions, Node, Problem, Problems, Read, quoted, scalar};
use crate::tracing::{Choice, Wanted};

use super::figure::part;
use super::subject::{kinds, report_unsent};

/// The most requests that may be traced: they are kept in memory, each with all that was done.
const MOST: usize = 100_000;

const EXPECTED: &str =
    "how many, such as 100, or slowest:20, with a request type in brackets if need be";

/// Which requests are to be traced.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Selection {
    by: Choice,
    count: usize,
    /// The requests in brackets.
    subject: Option<At<String>>,
}

impl Read for Selection {
    fn read(node: &Node, problems: &mut Problems) -> Option<Selection> {
        let text = scalar(node, EXPECTED, problems)?;
        let (start, subject) = match text.trim().split_once('(') {
            None => (text.trim(), None),
            Some((start, rest)) => {
                let Some(subject) = rest.strip_suffix(')') else {
                    problems.push(Problem::mismatch(node, EXPECTED));
                    return None;
                };
                let subject = subject.trim();
                (start.trim(), Some(At { value: subject.to_owned(), place: part(node, subject) }))
            }
        };
        let (by, number) = match start.split_once(':') {
            None => (Choice::Chance, start),
            Some((word, number)) if word.trim() == "slowest" => (Choice::Latency, number.trim()),
            Some((word, _)) => {
                let word = word.trim();
                problems.unknown(part(node, word), "choice", word, &["slowest"]);
                return None;
            }
        };
        let count = number.parse().ok().filter(|count| (1..=MOST).contains(count));
        let Some(count) = count else {
            let title = format!("{} is no number of requests from 1 to {MOST}", quoted(number));
            let label = format!("expected {EXPECTED}");
            problems.push(Problem::new(part(node, number), title, label));
            return None;
        };
        Some(Selection { by, count, subject })
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "title": "selection", "type": "string" })
    }
}

impl Selection {
    /// Reports a request type that the scenario has not.
    pub(super) fn check(&self, deployment: &Deployment, problems: &mut Problems) {
        let Some(subject) = &self.subject else { return };
        if kinds(deployment, &subject.value).is_empty() {
            report_unsent(subject, deployment, problems);
        }
    }

    /// What is wanted of a run of this deployment.
    pub(super) fn wanted(&self, deployment: &Deployment) -> Wanted {
        let subject = self.subject.as_ref();
        let types = subject.map_or(Vec::new(), |subject| kinds(deployment, &subject.value));
        let types = types.into_iter().filter_map(|it| u16::try_from(it).ok()).collect();
        Wanted { request_types: types, count: self.count, by: self.by.clone() }
    }
}
