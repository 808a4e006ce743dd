//! The command line of deploysim.

use std::process::ExitCode;

fn main() -> ExitCode {
    deploysim::cli::run(std::env::args_os())
}
