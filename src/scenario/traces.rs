//! Traces that clients replay: read once, however many scenarios are made of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::access_log::{self, Format, Grouping, Rule, Trace};
use crate::component::client::{ClientSpec, TraceFormat, TraceSpec};
use crate::document::{self, Problem, Problems};

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
        let (format, grouping) = (format(spec.format), grouping(spec));
        let key = (file, format!("{format:?} {grouping:?}"));
        // Held while a file is read: the others would read the same.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((trace, contents)) = known.get(&key) {
            digest.update(contents);
            return Some(Arc::clone(trace));
        }
        match access_log::read(&key.0, format, &grouping) {
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
    }
    digest.finalize().into()
}

fn format(format: TraceFormat) -> Format {
    match format {
        TraceFormat::Auto => Format::Auto,
        TraceFormat::Common => Format::Common,
        TraceFormat::Combined => Format::Combined,
        TraceFormat::Timestamps => Format::Timestamps,
        TraceFormat::Counts => Format::Counts,
    }
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
