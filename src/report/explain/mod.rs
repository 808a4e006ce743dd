//! What explains a scenario: blocks that each read in ten seconds, and files for other programs.

mod file;
mod theory;
mod words;

pub use file::{explain_csv, explain_json};
pub use theory::theory;
pub use words::findings;
