//! What is said: results on standard output, all else on standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;

/// Columns of what is printed.
pub(super) const WIDTH: usize = 100;

/// Says a line on standard error. That nobody can read it is no reason to stop.
pub(super) fn note(line: impl Display) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Writes a text to standard output. A reader who has seen enough, and closes the pipe, is no
/// reason to stop; any other failure is an error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    seen(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What became of a text that was written to standard output, as [`print`] judges it.
pub(super) fn seen(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Writes a value as JSON to standard output.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Whether standard output shows colours.
pub(super) fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}
