//! Running the program, and reading what it said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// The program, to be started in `folder`.
pub(crate) fn program(folder: &Path) -> Command {
    let program = env!("CARGO_BIN_EXE_deploysim");
    let mut command = Command::new(program);
    command.current_dir(folder).env_remove("RAYON_NUM_THREADS");
    command
}

/// Runs the program in `folder` to its end.
pub(crate) fn run<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Output {
    program(folder).args(arguments).output().expect("the program starts")
}

/// The exit status; a panic is none that may be expected.
#[track_caller]
pub(crate) fn status(output: &Output) -> i32 {
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!message.contains("panicked"), "{message}");
    output.status.code().expect("the program was not killed")
}

/// What was printed.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("what is printed is text")
}

/// What was said beside it.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are text")
}
