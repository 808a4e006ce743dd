//! Sweeps as a person meets them: the same bytes with any number of threads, killed and resumed, in
//! one go and in shards; and what is said where something does not fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use crate::support::{files, program, run, shipped_file, status, stderr, stdout};

/// Twelve cells: two designs, three loads, two lengths of a queue. The warm-up is found for each.
const SCENARIO: &str = "seed: 3\nduration: 20s\nwarmup: auto\nreplications: 3\n\
clients:\n  users:\n    arrivals: poisson(60/s)\n    target: app\n    timeout: 1s\n    requests: {get: {}}\n\
topology:\n  app:\n    server:\n      cores: 1\n      workers: 1\n      queue: {limit: 100}\n      \
endpoints: {get: [cpu: exp(10ms)]}\n\
sweep:\n  design:\n    variants:\n      now: {}\n      steady: {\"app.endpoints.get[0].cpu\": 10ms}\n  \
users.arrivals: {from: 60/s, to: 100/s, step: 20/s, as: poisson(_)}\n  app.queue.limit: [5, 100]\n\
expect:\n  - p99 < 200ms\n";

/// A temporary folder with the scenario in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("queue.yaml"), SCENARIO).expect("the scenario can be written");
    folder
}

/// Runs the program in `folder` and expects it to succeed.
#[track_caller]
fn done(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_eq!(status(&output), 0, "{words:?}: {}", stderr(&output));
    stdout(&output)
}

/// Runs the program in `folder` and returns why it fails.
#[track_caller]
fn refused(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_eq!(status(&output), 2, "{words:?}: {}", stderr(&output));
    stderr(&output)
}

/// Sweeps on so many threads.
#[track_caller]
fn sweep(folder: &Path, threads: usize, out: &str, more: &[&str]) {
    let mut command = program(folder);
    command.env("RAYON_NUM_THREADS", threads.to_string());
    command.args(["sweep", "queue.yaml", "--quiet", "--out", out]).args(more);
    let output = command.output().expect("the program starts");
    assert_eq!(status(&output), 0, "{more:?}: {}", stderr(&output));
}

#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    let (one, other): (BTreeMap<PathBuf, _>, BTreeMap<PathBuf, _>) = (files(one), files(other));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in one {
        assert!(bytes == other[&name], "{} differs", name.display());
    }
}

/// The rows of a table, each a map from its columns.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut table = csv::Reader::from_path(path).expect("there is a table");
    table.deserialize().map(|row| row.expect("a row as long as the header")).collect()
}

#[test]
fn the_number_of_threads_shows_in_no_byte_of_a_sweep() {
    let folder = folder();
    sweep(folder.path(), 1, "one", &[]);
    for threads in [2, 5] {
        sweep(folder.path(), threads, "many", &[]);
        assert_same(&folder.path().join("one"), &folder.path().join("many"));
    }
}

#[test]
fn a_sweep_leaves_a_row_for_every_figure_of_every_cell() {
    let folder = folder();
    let text = done(folder.path(), &["sweep", "queue.yaml"]);
    assert!(text.starts_with("queue\n12 cells · 3 replications of 20s · seed 3\n"), "{text}");
    let out = folder.path().join("output/queue-sweep");
    let all = rows(&out.join("sweep.csv"));
    let latency = |design: &str, load: &str, limit: &str| {
        let matches = |row: &&BTreeMap<String, String>| {
            row["design"] == design
                && row["users.arrivals"] == load
                && row["app.queue.limit"] == limit
                && (row["request"].as_str(), row["metric"].as_str()) == ("all", "mean_latency")
        };
        let found: Vec<_> = all.iter().filter(matches).collect();
        assert_eq!(found.len(), 1, "{design} {load} {limit}");
        assert!(!found[0]["half_width"].is_empty() && found[0]["n"] == "3");
        found[0]["value"].parse::<f64>().expect("a number")
    };
    assert!(
        latency("now", "poisson(100/s)", "100") > 3.0 * latency("steady", "poisson(60/s)", "100")
    );
    assert_eq!(rows(&out.join("expectations.csv")).len(), 12);
    for kind in ["request", "component", "run"] {
        assert!(all.iter().any(|row| row["kind"] == kind), "{kind}");
    }
    // One quantity, two strategies for each length of the queue: two charts of each figure.
    for name in ["p99-1.svg", "p99-2.svg", "summary.txt", "sweep-manifest.json"] {
        assert!(out.join(name).exists(), "{name}");
    }
}

#[test]
fn a_cell_is_the_scenario_with_its_values() {
    let folder = folder();
    sweep(folder.path(), 2, "out", &["--no-charts"]);
    let sets = ["--set", "users.arrivals=poisson(80/s)", "--set", "app.queue.limit=5"];
    let words = ["run", "queue.yaml", "-q", "--no-charts", "--out", "run"];
    done(folder.path(), &[&words, &sets[..]].concat());
    let tables: [(&str, &[&str]); 2] =
        [("summary.csv", &["request", "run"]), ("components.csv", &["component"])];
    for (table, kinds) in tables {
        let alone = rows(&folder.path().join("run").join(table));
        let cell = rows(&folder.path().join("out/sweep.csv")).into_iter().filter(|row| {
            (row["design"] == "now" && kinds.contains(&row["kind"].as_str()))
                && row["users.arrivals"] == "poisson(80/s)"
                && row["app.queue.limit"] == "5"
        });
        let figures = |rows: &mut dyn Iterator<Item = BTreeMap<String, String>>| -> Vec<_> {
            rows.map(|row| ["metric", "value", "half_width", "n"].map(|key| row[key].clone()))
                .collect()
        };
        let alone = figures(&mut alone.into_iter());
        assert!(alone.len() > 10);
        assert_eq!(figures(&mut cell.into_iter()), alone, "{table}");
    }
}

/// What a queue holds is no concern of those who come: they come at the same moments.
#[test]
fn cells_see_the_same_users() {
    let folder = folder();
    sweep(folder.path(), 2, "out", &["--no-charts", "--set", "warmup=2s"]);
    let all = rows(&folder.path().join("out/sweep.csv"));
    for load in ["poisson(60/s)", "poisson(100/s)"] {
        let arrivals = all.iter().filter(|row| {
            row["users.arrivals"] == load && row["metric"] == "arrivals" && row["request"] == "all"
        });
        let arrivals: Vec<&String> = arrivals.map(|row| &row["value"]).collect();
        assert_eq!(arrivals.len(), 4);
        assert!(arrivals.iter().all(|count| *count == arrivals[0]), "{arrivals:?}");
    }
}

/// Killed as by `kill -9`, at moments that fall anywhere, and resumed until it is done.
#[test]
fn a_sweep_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let folder = folder();
    let path = folder.path();
    let more = ["--duration", "1min"];
    sweep(path, 2, "undisturbed", &more);
    let mut kills = 0;
    for attempt in 0_u64.. {
        let mut command = program(path);
        command.args(["sweep", "queue.yaml", "-q", "--out", "killed", "--resume"]).args(more);
        let mut child = command.stderr(Stdio::null()).spawn().expect("the program starts");
        // Multiples of the golden ratio fall everywhere; later ones let more be done.
        let moment = (attempt * 618 % 1000) * (40 + 30 * attempt) / 1000;
        std::thread::sleep(Duration::from_millis(moment));
        let ended = child.try_wait().expect("it can be asked");
        if ended.is_some_and(|status| status.success()) {
            break;
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        kills += 1;
    }
    assert!(kills >= 3, "it was killed {kills} times only");
    assert_same(&path.join("undisturbed"), &path.join("killed"));
    // What is finished is not run again.
    sweep(path, 2, "killed", &["--duration", "1min", "--resume"]);
    assert_same(&path.join("undisturbed"), &path.join("killed"));
}

/// Wherever a journal breaks off, and whatever stands there, the rest is run again.
#[test]
fn a_torn_journal_is_continued_from_its_last_whole_line() {
    let folder = folder();
    let path = folder.path();
    sweep(path, 2, "whole", &["--no-charts"]);
    let journal = fs::read(path.join("whole/cells.journal")).expect("there is a journal");
    let torn = path.join("torn");
    fs::create_dir(&torn).expect("a folder can be made");
    for part in 0..12 {
        let mut bytes = journal[..journal.len() * part / 12].to_vec();
        match part % 3 {
            0 => {}
            1 => bytes.extend(b"00000000 7 {}\n"),
            _ => bytes.extend([0; 1000]),
        }
        fs::write(torn.join("cells.journal"), bytes).expect("a journal can be written");
        sweep(path, 2, "torn", &["--no-charts", "--resume"]);
        assert_same(&path.join("whole"), &torn);
    }
}

#[test]
fn an_unfinished_sweep_is_neither_lost_nor_mixed_up() {
    let folder = folder();
    let path = folder.path();
    sweep(path, 2, "out", &["--no-charts"]);
    let journal = path.join("out/cells.journal");
    let text = fs::read_to_string(&journal).expect("a journal is text");
    let half: Vec<&str> = text.split_inclusive('\n').take(7).collect();
    fs::write(&journal, half.concat()).expect("a journal can be written");
    let words = ["sweep", "queue.yaml", "-q", "--out", "out"];
    let with = |more: &[&str]| refused(path, &[&words, more].concat());
    assert!(with(&[]).contains("an unfinished sweep, 6 of 12 cells"), "{}", with(&[]));
    for more in [&["--seed", "4"][..], &["--set", "app.cores=2"], &["--vary", "app.cores=1,2"]] {
        let message = with(&[more, &["--resume"]].concat());
        assert!(message.contains("another scenario, of other options"), "{message}");
    }
    let other = path.join("out/shard-1-of-2");
    fs::create_dir(&other).expect("a folder can be made");
    fs::copy(&journal, other.join("cells.journal")).expect("a journal can be copied");
    assert!(with(&["--resume", "--shard", "1/2"]).contains("is of shard 1/1, not 1/2"));
    let header = text.lines().next().expect("a header").replacen("0.1.0", "0.0.9", 1);
    let (_, rest) = header.split_once(' ').expect("a checksum");
    fs::write(&journal, format!("{} {rest}\n", checksum(rest))).expect("it can be written");
    let message = with(&["--resume"]);
    assert!(message.contains("of version 0.0.9, and this is version"), "{message}");
}

/// Lines with right checksums that no sweep wrote: refused, with the line, before anything is made
/// of what they say.
#[test]
fn a_journal_that_no_sweep_wrote_is_refused_with_its_line() {
    let folder = folder();
    let path = folder.path();
    sweep(path, 2, "out", &["--no-charts"]);
    let journal = path.join("out/cells.journal");
    let text = fs::read_to_string(&journal).expect("a journal is text");
    let rests: Vec<&str> = text.lines().map(|line| &line[line.find(' ').unwrap() + 1..]).collect();
    let refused_with = |line: usize, rest: &str, expected: &str| {
        let mut crafted = rests.clone();
        crafted[line - 1] = rest;
        let lines = crafted.iter().map(|rest| format!("{} {rest}\n", checksum(rest)));
        fs::write(&journal, lines.collect::<String>()).expect("it can be written");
        let resume = ["sweep", "queue.yaml", "--no-charts", "--out", "out", "--resume"];
        for words in [&["merge", "out", "--out", "merged"][..], &resume] {
            let message = refused(path, words);
            assert!(message.contains(&format!("cells.journal, line {line}: ")), "{message}");
            assert!(message.contains(expected), "{message}");
        }
    };
    let header = |from: &str, to: &str, expected: &str| {
        assert!(rests[0].contains(from), "{}", rests[0]);
        refused_with(1, &rests[0].replacen(from, to, 1), expected);
    };
    let cells = "\"cells\":12";
    header(cells, "\"cells\":1000000000000000000", "a sweep at most 100000");
    header(cells, "\"cells\":13", "it has 13 cells, and its axes make 12");
    header("\"count\":1", "\"count\":0", "there is no shard 1/0");
    header("\"index\":1", "\"index\":0", "there is no shard 0/1");
    header("\"number\":\"60\"", "\"number\":\"inf\"", "is no number");
    let other = rests[2].replacen("1 ", "0 ", 1);
    refused_with(2, &other, "it is said to be of cell 0, and is not");
    refused_with(3, &rests[2].replacen("1 ", "12 ", 1), "there is no cell 12");
    let (start, end) = rests[2].split_once("\"figures\":[").expect("it has figures");
    let nothing = format!("{start}\"figures\":[[1],{end}");
    refused_with(3, &nothing, "");
}

/// As the journal has it.
fn checksum(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn shards_join_into_the_bytes_of_the_whole() {
    let folder = folder();
    let path = folder.path();
    sweep(path, 2, "whole", &[]);
    for shard in ["1/3", "2/3", "3/3"] {
        done(path, &["sweep", "queue.yaml", "-q", "--shard", shard]);
    }
    // As a task of Slurm, once more: the same bytes.
    let before = files(&path.join("output/queue-sweep/shard-2-of-3"));
    let mut task = program(path);
    task.args(["sweep", "queue.yaml", "-q", "--shard", "auto", "--shards", "3"]);
    let task = task.env("SLURM_ARRAY_TASK_ID", "2").output().expect("the program starts");
    assert_eq!(status(&task), 0, "{}", stderr(&task));
    assert!(before == files(&path.join("output/queue-sweep/shard-2-of-3")));
    let shards = [2, 3, 1].map(|i| format!("output/queue-sweep/shard-{i}-of-3"));
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    done(path, &[&["merge"], &shards[..], &["--out", "merged", "-q"]].concat());
    assert_same(&path.join("whole"), &path.join("merged"));
    // All that a folder has in it, and beside them.
    done(path, &["merge", "output/queue-sweep", "--out", "again", "-q"]);
    assert_same(&path.join("whole"), &path.join("again"));
    done(path, &["merge", "output/queue-sweep", "-q"]);
    assert!(path.join("output/queue-sweep/sweep.csv").exists());

    let merge = |folders: &[&str]| {
        let message = refused(path, &[&["merge"], folders, &["--out", "none"]].concat());
        assert!(!path.join("none").exists(), "{message}");
        message
    };
    assert!(merge(&shards[..1]).contains("shards 1/3, 3/3 are missing"), "{}", merge(&shards[..1]));
    assert!(merge(&shards[..2]).contains("shard 1/3 is missing"));
    let twice = [&shards[..], &shards[..1]].concat();
    assert!(merge(&twice).contains("shard 2/3 is there twice"));
    done(path, &["sweep", "queue.yaml", "-q", "--shard", "2/4"]);
    assert!(merge(&[shards[2], "output/queue-sweep/shard-2-of-4"]).contains("is shard 2/4, but"));
    done(path, &["sweep", "queue.yaml", "-q", "--shard", "1/3", "--seed", "9", "--out", "other"]);
    assert!(
        merge(&["other/shard-1-of-3", shards[0], shards[1]])
            .contains("is not of the same sweep as")
    );
    assert!(merge(&["absent"]).contains("absent has no shard of a sweep"));
    let journal = path.join(shards[0]).join("cells.journal");
    let text = fs::read_to_string(&journal).expect("a journal is text");
    fs::write(&journal, &text[..text.len() - 5]).expect("it can be written");
    assert!(merge(&shards).contains("is not finished: 1 of its 4 cells are missing"));
}

#[test]
fn values_on_the_command_line_add_and_replace_axes() {
    let folder = folder();
    let path = folder.path();
    let cells = |vary: &[&str]| {
        let mut words = vec!["sweep", "queue.yaml", "--duration", "5s", "--set", "warmup=1s"];
        words.extend(["--replications", "2", "--no-charts", "--format", "json"]);
        vary.iter().for_each(|axis| words.extend(["--vary", axis]));
        let found: serde_json::Value =
            serde_json::from_str(&done(path, &words)).expect("this is JSON");
        found.as_array().expect("a list of cells").clone()
    };
    assert_eq!(cells(&["app.cores=1, 2,4"]).len(), 36);
    assert_eq!(cells(&["clients.users.arrivals=poisson(10/s)"]).len(), 4);
    let one = ["users.arrivals=[poisson(10/s)]", "topology.app.server.queue.limit=9", "design=x"];
    assert!(refused(path, &["sweep", "queue.yaml", "--vary", one[2]]).contains("design"));
    let twice = ["sweep", "queue.yaml", "--vary", "app.cores=1", "--vary", "app.cores=2"];
    assert!(refused(path, &twice).contains("this path is varied twice"));
    let found = cells(&one[..2]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["axes"]["topology.app.server.queue.limit"], "9");
    assert_eq!(cells(&["app.cores={from: 1, to: 16, points: 5, scale: log}"]).len(), 60);
}

#[test]
#[cfg(unix)]
fn an_interrupted_sweep_says_how_to_go_on() {
    let folder = folder();
    let path = folder.path();
    let words = ["sweep", "queue.yaml", "--out", "out", "--replications", "2000"];
    let mut command = program(path);
    command.args(words).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    std::thread::sleep(Duration::from_secs(1));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(kill.expect("there is a kill").success());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(status(&output), 130, "{}", stderr(&output));
    assert!(stderr(&output).contains("--resume goes on"), "{}", stderr(&output));
    assert!(!path.join("out/sweep.csv").exists());
}

/// `deploysim check` looks at every cell, `deploysim run` at the scenario as it stands.
#[test]
fn check_looks_at_every_cell() {
    let folder = folder();
    let output = run(folder.path(), &["check", "queue.yaml", "--draw", "none"]);
    assert_eq!(status(&output), 0);
    assert!(stderr(&output).contains("no problems found in the 12 cells"), "{}", stderr(&output));
    let text = SCENARIO.replace("limit: [5, 100]", "limit: [5, many]");
    fs::write(folder.path().join("queue.yaml"), text).expect("it can be written");
    let message = refused(folder.path(), &["check", "queue.yaml"]);
    assert!(message.contains("\"many\" is not a whole number"), "{message}");
    done(folder.path(), &["run", "queue.yaml", "-q", "--no-charts", "--duration", "5s"]);
}

#[test]
fn every_shipped_sweep_runs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["balancing-across-loads", "queueing-knee"] {
        let scenario = shipped_file(name);
        let scenario = scenario.to_str().expect("a plain name");
        let short = ["-q", "--duration", "5s", "--set", "warmup=1s", "--replications", "2"];
        done(folder.path(), &[&["sweep", scenario], &short[..]].concat());
        assert!(folder.path().join(format!("output/{name}-sweep/p99.svg")).exists());
    }
}
