//! Scenarios: from a YAML file to a checked deployment, or to all that is wrong with it, in the
//! user's words.

mod axis;
mod calls;
mod catalogs;
mod check;
mod clients;
mod cycle_rate;
mod draw;
mod expectation;
mod faults;
mod figure;
mod http;
mod limits;
mod links;
mod load;
mod machines;
mod membership;
mod objectives;
mod overrides;
mod parameter;
mod places;
mod range;
mod reference;
mod retired;
mod selected;
mod selection;
mod spec;
mod stress;
mod subject;
mod sweep;
mod text;
mod traces;

pub use axis::{Axis, Point};
pub(crate) use calls::{edges, is_waited_for, waits_for};
pub use cycle_rate::{between, round_trip};
pub use draw::{dot, mermaid};
pub use expectation::{Expectation, Side};
pub use figure::{During, Figure};
pub use links::pipes;
pub use load::{Faults, Replay, Scenario, load, load_text, replay};
pub use machines::unused_of_machines;
pub use objectives::{Precision, objectives, precision, traced};
pub use overrides::Change;
pub use parameter::Parameter;
pub use range::Dimension;
pub use spec::{ScenarioSpec, Warmup};
pub use stress::{Experiment, stress};
pub use subject::kinds;
pub use sweep::{MOST_CELLS, Sweep, Work, sweep, sweep_of};
pub use text::ScenarioText;

/// The JSON Schema (draft 7) of scenario files.
pub fn schema() -> serde_json::Value {
    crate::document::json_schema::<ScenarioSpec>("deploysim scenario")
}

/// The reference of every key and of every metric, as Markdown.
pub fn reference() -> String {
    let keys = crate::document::markdown::<ScenarioSpec>();
    format!("{keys}\n{}", reference::metrics())
}
