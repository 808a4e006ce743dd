//! The text of a scenario, and what it is called.

use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::document::{Place, Problem, Problems, Sources};
use crate::files::open;

use super::load::{Faults, Scenario, load_text};
use super::overrides::Change;

/// The longest scenario that is read, in bytes. Reading takes up to a hundred times as much memory.
const LONGEST: u64 = 4 << 20;

/// The text of a scenario.
#[derive(Clone, Debug)]
pub struct ScenarioText {
    /// What messages call it. Files that it names are found from there, and a scenario without a
    /// name of its own has that of the file.
    pub path: PathBuf,
    /// The text, in YAML.
    pub text: String,
}

impl ScenarioText {
    /// Reads the file at `path`: at most 4 MiB in UTF-8.
    pub fn open(path: &Path) -> Result<ScenarioText, Faults> {
        match open(path) {
            Ok(file) => ScenarioText::read(path, file),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// Reads what is not in a file, and is called `path`: at most 4 MiB in UTF-8.
    pub fn read(path: &Path, from: impl std::io::Read) -> Result<ScenarioText, Faults> {
        let mut bytes = Vec::new();
        let read = from.take(LONGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > LONGEST {
            let title = format!("this is longer than {}MiB", LONGEST >> 20);
            let label = "expected a scenario; traces and measured values are files of their own";
            return Err(fault(path, title, label));
        }
        let text = String::from_utf8(bytes).map_err(|_| {
            fault(path, "this is not a text in UTF-8".to_owned(), "expected a scenario")
        })?;
        Ok(ScenarioText { path: path.to_owned(), text })
    }

    /// Loads it with these changes.
    pub fn load(&self, changes: &[Change]) -> Result<Scenario, Faults> {
        load_text(&self.path, &self.text, changes)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Faults {
    let why = match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::IsADirectory => "this is a folder, not a file".to_owned(),
        ErrorKind::PermissionDenied => "you may not read this file".to_owned(),
        _ => error.to_string(),
    };
    let label = "`deploysim list` shows the scenarios that come with it";
    fault(path, format!("cannot read this scenario: {why}"), label)
}

/// What is wrong with a text as a whole.
fn fault(path: &Path, title: String, label: &str) -> Faults {
    let mut sources = Sources::new();
    let source = sources.add(path.display().to_string(), "");
    let mut problems = Problems::new();
    problems.push(Problem::new(Place { source, start: 0, end: 0 }, title, label));
    Faults { problems, sources }
}
