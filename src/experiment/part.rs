//! What the parts of a request's time are called.

use crate::tracing::Part;

/// What time goes to, in words.
pub(super) fn word(part: Part, kind: &str) -> &'static str {
    match part {
        Part::Network => "network",
        Part::Slot if kind == "database" => "wait for a connection",
        Part::Slot => "wait for a worker",
        Part::Core => "wait for a core",
        Part::Sharing => "shared cores",
        Part::Service => "work",
        Part::Io => "io",
        Part::Steps => "parallel steps",
        Part::GivenUp => "calls given up",
    }
}
