//! Traces that clients replay: read once, however many scenarios are made of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::access_log::{self, Grouping, Rule, Trace, Wanted};
use crate::component::client::{ClientSpec, ColumnsSpec, TraceSpec};
use crate::document::{self, Problem, Problems};
use crate::units::Span;

/// A trace with the digest of what it holds.
type Known = (Arc<Trace>, [u8; 32]);

/// The traces read so far, by what was read and how.
#[derive(Debug, Default)]
pub(super) struct Traces(Mutex<BTreeMap<(PathBuf, String), Known>>);

impl Traces {
    /// The trace that a client replays, if it does; what it holds becomes part of the digest.
    pub(super) fn of(
        &self,
        base: &Path,
        client: &ClientSpec,
        digest: &mut Sha256,
        problems: &mut Problems,
    ) -> Option<Arc<Trace>> {
        let spec = client.trace.as_ref()?;
        let file = base.join(&spec.file.value);
        let (wanted, grouping) = (wanted(spec, problems)?, grouping(spec));
        let key = (file, format!("{wanted:?} {grouping:?}"));
        // Held while a file is read: the others would read the same.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((trace, contents)) = known.get(&key) {
            digest.update(contents);
            return Some(Arc::clone(trace));
        }
        match access_log::read(&key.0, &wanted, &grouping) {
            Ok(trace) => {
                let (contents, trace) = (contents(&trace), Arc::new(trace));
                digest.update(contents);
                known.insert(key, (Arc::clone(&trace), contents));
                Some(trace)
            }
            Err(error) => {
                let text = error.to_string();
                let (title, rest) = text.split_once('\n').unwrap_or((&text, ""));
                let problem = Problem::new(spec.file.place, title, "this trace");
                problems.push(if rest.is_empty() { problem } else { problem.help(rest) });
                None
            }
        }
    }
}

fn contents(trace: &Trace) -> [u8; 32] {
    let mut digest = Sha256::new();
    for arrival in &trace.arrivals {
        digest.update(arrival.at.nanos().to_le_bytes());
        digest.update(arrival.count.to_le_bytes());
        digest.update(arrival.request_type.to_le_bytes());
        digest.update(arrival.lasts.nanos().to_le_bytes());
        digest.update(arrival.user.to_le_bytes());
    }
    for (count, mean) in trace.sizes.iter().flatten() {
        digest.update(count.to_bits().to_le_bytes());
        digest.update(mean.to_bits().to_le_bytes());
    }
    digest.finalize().into()
}

/// How a trace is to be read; none if that makes no sense.
fn wanted(spec: &TraceSpec, problems: &mut Problems) -> Option<Wanted> {
    let before = problems.reported();
    if let Some(columns) = &spec.columns {
        if let (Some(_), Some(rate)) = (&columns.count, &columns.rate) {
            let label = "expected one of them";
            problems.push(Problem::new(rate.place, "a row has a count or a rate", label));
        }
        match (&columns.per, &columns.rate) {
            (Some(per), None) => {
                let title = "`per` says of how long a rate is, and there is none";
                problems.push(Problem::new(per.place, title, "expected `rate` beside it"));
            }
            (Some(per), _) if per.value == Span::ZERO => {
                let title = "a rate is of some time";
                problems.push(Problem::new(per.place, title, "expected a duration above zero"));
            }
            _ => {}
        }
    }
    let columns = spec.columns.as_ref().map(ColumnsSpec::named).unwrap_or_default();
    (problems.reported() == before).then(|| Wanted { format: spec.format.0.clone(), columns })
}

fn grouping(spec: &TraceSpec) -> Grouping {
    if let Some(rules) = &spec.group {
        let rule = |(pattern, name): (&document::Name, &String)| Rule {
            pattern: pattern.value.clone(),
            name: name.clone(),
        };
        return Grouping::Rules(rules.iter().map(rule).collect());
    }
    match usize::try_from(spec.depth).unwrap_or(usize::MAX) {
        0 => Grouping::Method,
        depth => Grouping::MethodAndPrefix(depth),
    }
}
