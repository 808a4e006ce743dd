//! Which scenario a command is about.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::Args;

use crate::document::nearest;
use crate::scenario::ScenarioText;

use super::shipped::{all, shipped};
use super::task::Task;

/// Which scenario a command is about.
#[derive(Args, Clone)]
pub(super) struct Which {
    /// The scenario: a file, a name that `deploysim list` shows, or - for standard input
    scenario: PathBuf,
}

impl Which {
    /// Its text.
    pub(super) fn text(&self) -> anyhow::Result<ScenarioText> {
        open(&self.scenario)
    }

    /// Its text for this task, called as it was where the task came from.
    pub(super) fn text_of(&self, task: Option<&Task>) -> anyhow::Result<ScenarioText> {
        let text = self.text()?;
        Ok(match task {
            Some(task) => ScenarioText { path: task.path.clone(), ..text },
            None => text,
        })
    }

    /// As it was asked for.
    pub(super) fn as_given(&self) -> String {
        self.scenario.display().to_string()
    }
}

/// The text of the scenario that is asked for so: of a file, of one that comes with the program
/// where there is no such file but maybe a folder, or of standard input.
pub(super) fn open(asked: &Path) -> anyhow::Result<ScenarioText> {
    if asked == Path::new("-") {
        return Ok(ScenarioText::read(Path::new("stdin"), std::io::stdin().lock())?);
    }
    let name = asked.to_string_lossy();
    let found = shipped(&name);
    // A folder may have the name of what was written into it.
    if asked.exists() && !(asked.is_dir() && found.is_some()) {
        return Ok(ScenarioText::open(asked)?);
    }
    let found = found.ok_or_else(|| {
        anyhow!("cannot read this scenario: there is no such file, and {}", unknown(&name))
    })?;
    Ok(ScenarioText { path: format!("{}.yaml", found.name).into(), text: found.text.to_owned() })
}

/// Why there is no scenario of this name, and which may be meant.
pub(super) fn unknown(name: &str) -> String {
    // Of a file that is not there, the name it has in another folder.
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".yaml").unwrap_or(file);
    let near = nearest(stem, all().map(|shipped| shipped.name)).and_then(shipped);
    let near = near.map_or(String::new(), |near| {
        format!("; did you mean {}? In a clone of the project it is {}", near.name, near.path)
    });
    format!(
        "no scenario {name:?} comes with deploysim{near}\n\
         `deploysim list` shows those that do"
    )
}
