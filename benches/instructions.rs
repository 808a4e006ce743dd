//! How many instructions a request takes, held against a record: a figure that no neighbour on the
//! machine disturbs. See the README beside this file.
//!
//! Each workload runs at two lengths under callgrind, and the difference is divided by the
//! difference in requests, so that starting up is not counted. Neither is the C library, which
//! picks its code by the processor.

#[allow(dead_code, reason = "the floor is named by the workloads, and not run here")]
mod floor;
#[allow(dead_code, reason = "what compares with the floor is for the benches of time")]
mod workload;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use rayon::prelude::*;

use workload::{WORKLOADS, Workload, run};

/// The two lengths [requests].
const LENGTHS: [u64; 2] = [50_000, 150_000];

/// How many times the recorded figure is too much.
const TOO_MUCH: f64 = 1.03;

/// How to measure, for a record that no longer fits.
const AGAIN: &str = "DEPLOYSIM_BLESS=1 cargo bench --bench instructions";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => guard(),
        ["run", name, requests] => {
            let workload = WORKLOADS.iter().find(|workload| workload.name == name);
            let requests = requests.parse().expect("a number of requests");
            run(&workload.expect("W1, W2 or W3").scenario(requests, 1));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: instructions [run <W1|W2|W3> <requests>]");
            ExitCode::from(2)
        }
    }
}

/// Measures all workloads and compares them with the record, or makes it.
fn guard() -> ExitCode {
    let figures: Vec<f64> = WORKLOADS.par_iter().map(per_request).collect();
    let (compiler, path) = (compiler(), record());
    let lines = WORKLOADS.iter().zip(&figures);
    let lines: String = lines.map(|(w, figure)| format!("{} {figure:.1}\n", w.name)).collect();
    if env::var_os("DEPLOYSIM_BLESS").is_some() {
        fs::write(path, compiler + &lines).expect("the record can be written");
        return ExitCode::SUCCESS;
    }
    let text = fs::read_to_string(path).expect("there is a record");
    let Some(known) = text.strip_prefix(&compiler) else {
        println!("the record is of another compiler or processor, and nothing is compared;");
        println!("of this one it would be ({AGAIN}):\n\n{compiler}{lines}");
        return ExitCode::SUCCESS;
    };
    compare(known, &figures)
}

/// Prints each figure beside the recorded one.
fn compare(known: &str, figures: &[f64]) -> ExitCode {
    let known = known.lines().map(|line| {
        let figure = line.split(' ').nth(1).and_then(|figure| figure.parse::<f64>().ok());
        figure.expect("a line of the record is a workload and a number")
    });
    let known: Vec<f64> = known.collect();
    assert_eq!(known.len(), figures.len(), "the record has a line for each workload");
    let ratios: Vec<f64> = figures.iter().zip(&known).map(|(found, known)| found / known).collect();
    for (i, workload) in WORKLOADS.iter().enumerate() {
        println!(
            "{}: {:.1} instructions a request, recorded {:.1} ({:+.2}%)",
            workload.name,
            figures[i],
            known[i],
            (ratios[i] - 1.0) * 100.0,
        );
    }
    if ratios.iter().any(|&ratio| ratio > TOO_MUCH) {
        println!("more than 3% above the record; if that is what a feature costs: {AGAIN}");
        return ExitCode::FAILURE;
    }
    if ratios.iter().any(|&ratio| ratio < 1.0 / TOO_MUCH) {
        println!("more than 3% below the record, which can be lowered: {AGAIN}");
    }
    ExitCode::SUCCESS
}

fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt")
}

/// What decides how many instructions come of the same source.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("the compiler starts");
    let version = String::from_utf8(output.stdout).expect("its version is text");
    let processor = if cfg!(target_feature = "avx512f") {
        "x86-64-v4"
    } else if cfg!(target_feature = "avx2") {
        "x86-64-v3"
    } else if cfg!(target_feature = "sse4.2") {
        "x86-64-v2"
    } else {
        "baseline"
    };
    format!("{version}target-cpu: {processor}\n")
}

/// Instructions of the program for one more request.
fn per_request(workload: &Workload) -> f64 {
    let [short, long] = LENGTHS.map(|requests| instructions(workload, requests));
    (long - short) as f64 / (LENGTHS[1] - LENGTHS[0]) as f64
}

/// Instructions of a run, from start to end.
fn instructions(workload: &Workload, requests: u64) -> u64 {
    let program = env::current_exe().expect("the program knows where it is");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let profile = folder.path().join("profile");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--compress-strings=no"]);
    valgrind.arg(format!("--callgrind-out-file={}", profile.display()));
    valgrind.arg(&program).args(["run", workload.name, &requests.to_string()]);
    let output = valgrind.env("RAYON_NUM_THREADS", "1").output().expect("valgrind is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let profile = fs::read_to_string(profile).expect("callgrind has written what it counted");
    own(&profile, &program.display().to_string())
}

/// The instructions of one object file in a profile.
fn own(profile: &str, object: &str) -> u64 {
    let (mut of_object, mut all, mut own, mut of_callee) = ("", 0, 0, false);
    for line in profile.lines() {
        if let Some(name) = line.strip_prefix("ob=") {
            of_object = name;
        } else if line.starts_with("calls=") {
            // The next line has what the callee took, which is counted where it stands itself.
            of_callee = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok());
            let cost = if of_callee { 0 } else { cost.expect("a place and a number") };
            all += cost;
            own += if of_object == object { cost } else { 0 };
            of_callee = false;
        }
    }
    let total = profile.lines().find_map(|line| line.strip_prefix("summary: "));
    assert_eq!(total, Some(all.to_string().as_str()), "the profile is not understood");
    own
}
