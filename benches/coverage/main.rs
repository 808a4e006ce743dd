//! How often intervals hold the truth: `docs/coverage.md`.
//!
//! `cargo bench --bench coverage` runs the study and prints its table; it takes about ten minutes of
//! one core. With `DEPLOYSIM_WRITE_COVERAGE=$(date +%F)` the page is written. `DEPLOYSIM_SEEDS=100`
//! makes it shorter and writes nothing.

mod study;
mod system;

use std::env::var;
use std::process::ExitCode;

fn main() -> ExitCode {
    let seeds = var("DEPLOYSIM_SEEDS").ok().and_then(|text| text.parse().ok());
    let table = study::run(seeds.unwrap_or(1_000));
    println!("{}", table.text);
    if let (Ok(today), None) = (var("DEPLOYSIM_WRITE_COVERAGE"), seeds) {
        study::write(&table.text, &today);
    }
    if !table.outside.is_empty() {
        eprintln!("not between 92% and 98%: {:?}", table.outside);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
