//! A YAML text as a tree with positions, and its typed reading: what a key means, what may stand
//! there and what holds if it is left out is declared once, beside the thing it describes. From
//! that declaration come the reader, which reports every problem at once, the JSON Schema for
//! editors and the Markdown reference for people.
//!
//! ```text
//! text --parse--> Node --Read--> the declared types
//!                    \--------> Problems --render--> file:3:5, underlined, did you mean …?
//! ```
//!
//! - `record!` declares a mapping with known keys, `choice!` a word from a closed list,
//!   `variant!` a mapping whose only key says which of several things it is.
//! - [`Entries`] is a mapping whose keys are the user's own names.
//! - Anything else implements [`Read`] by hand, often over [`call_syntax`]. A file that a value
//!   names is read on the spot, through [`Problems::files`].
//!
//! It knows nothing of what the document describes.

mod call;
mod choice;
mod edit;
mod files;
mod legible;
mod markdown;
mod name;
mod node;
mod number;
#[cfg(feature = "cli")]
mod numbers;
mod open;
mod problem;
mod read;
mod record;
mod render;
mod schema;
mod shape;
mod syntax;
mod variant;
mod yaml;

pub use call::{Argument, call_syntax, uncalled};
pub use choice::{Choice, Tag};
pub use edit::{Path, Step, assignment, lookup, set};
pub use files::Files;
pub use legible::legible;
pub use markdown::markdown;
pub use name::{At, Boxed, Entries, Name};
pub use node::{Key, Node, Place, Sources, Value};
pub use number::{Count, Limit, MOST_COUNTED, Positive, counted};
#[cfg(feature = "cli")]
pub use numbers::NumberTable;
pub use problem::{Problem, Problems, listed, nearest, quoted};
pub use read::{Read, parsed, scalar};
pub use record::{Field, Fields, Record};
pub use render::render;
#[cfg(test)]
pub use schema::check_defaults;
pub use schema::{Definitions, described, json_schema};
pub use variant::Variant;
pub use yaml::parse;

pub(crate) use {choice::choice, record::record, variant::variant};

/// What the macros expand to; not for use by hand.
pub mod expansion {
    pub use super::choice::{pick as pick_choice, schema as choice_schema};
    pub use super::record::schema as record_schema;
    pub use super::schema::property;
    pub use super::variant::{pick as pick_variant, schema as variant_schema};
    pub use serde_json::Value as Json;
}

/// Reads a sound value from a text.
#[cfg(test)]
pub(crate) fn read_text<R: Read>(text: &str) -> R {
    let (mut sources, mut problems) = (Sources::new(), Problems::new());
    let source = sources.add("spec", text);
    let node = parse(source, &sources, &mut problems).expect("YAML");
    R::read(&node, &mut problems).expect("a sound value")
}

#[cfg(test)]
mod tests;
