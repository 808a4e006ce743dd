//! What the manifests of all commands have.

use serde_json::{Value, json};

use crate::scenario::{Scenario, ScenarioText};

/// Which scenario it was: what it is called, its text, and the SHA-256 of that and of all that was
/// set or read beside it.
pub(super) fn scenario(file: &str, text: &ScenarioText, scenario: &Scenario) -> Value {
    json!({
        "file": file,
        "name": scenario.name,
        "sha256": scenario.digest,
        "text": text.text,
    })
}
