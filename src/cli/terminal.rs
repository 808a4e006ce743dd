//! What is said: results on standard output, all else on standard error. No escape sequence that
//! comes from outside, as in the name of a file, reaches the terminal.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;

use crate::scenario::Faults;
use crate::text::{painted, shown};

/// Columns of what is printed where nothing says how many there are.
const WIDTH: usize = 80;
/// The most that are used: a longer line is hard to follow with the eyes.
const WIDEST: usize = 160;

/// Columns of what is printed: as many as standard output has if it is a terminal.
pub(super) fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(WIDTH / 2, WIDEST))
}

/// Says a line on standard error. That nobody can read it is no reason to stop.
pub(super) fn note(line: impl Display) {
    let line = format!("{line}\n");
    let _ = io::stderr().write_all(shown(&line).as_bytes());
}

/// Says all that is wrong with a scenario, as [`note`] does.
pub(super) fn faults(faults: &Faults) {
    let _ = io::stderr().write_all(faults.render(io::stderr().is_terminal()).as_bytes());
}

/// Writes a text to standard output. A reader who has seen enough, and closes the pipe, is no
/// reason to stop; any other failure is an error.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let text = if colour() { painted(text) } else { shown(text) };
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
