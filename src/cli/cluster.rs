//! A cluster of Dask, by the Python package: commands of this program run as its tasks.
//!
//! `python -m deploysim.dask` is told on standard input, a line of JSON each, about the job and its
//! tasks, and says on standard output what becomes of them. When its input ends, so does it.

use std::collections::VecDeque;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::stop;
use super::task::Task;
use super::terminal::note;

/// The variable that names the Python to be started.
const PYTHON: &str = "DEPLOYSIM_PYTHON";
/// The variable by which the Python package finds this program.
const PROGRAM: &str = "DEPLOYSIM";
/// How the package comes to be where it is needed.
const INSTALL: &str = "`pip install \"./python[dask]\"` in a clone of deploysim installs it";
/// Tasks that are handed to the cluster at once, at least, and for each of its slots.
const AHEAD: usize = 200;
const AHEAD_EACH: usize = 4;
/// A file in the folder of results by which workers see that they have the same folder.
const SHARED: &str = ".deploysim-shared";
/// How often it is looked whether to stop.
const OFTEN: Duration = Duration::from_millis(100);

/// Where tasks run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum On {
    /// On a cluster that is made on this machine, of so many workers or one for each core.
    Local(Option<u32>),
    /// On the cluster of the scheduler at this address.
    Scheduler(String),
}

impl FromStr for On {
    type Err = String;

    fn from_str(text: &str) -> Result<On, String> {
        let wrong = || {
            "expected dask for a cluster on this machine, dask:4 for one of 4 workers, or the \
             address of a scheduler, such as tcp://host:8786"
                .to_owned()
        };
        if let Some(("tcp" | "tls" | "ws" | "wss", host)) = text.split_once("://") {
            let port = host.rsplit_once(':').filter(|(host, _)| !host.is_empty());
            let port = port.and_then(|(_, port)| port.parse::<u16>().ok());
            return port.map(|_| On::Scheduler(text.to_owned())).ok_or_else(wrong);
        }
        match text.strip_prefix("dask") {
            Some("") => Ok(On::Local(None)),
            Some(rest) => {
                let workers = rest.strip_prefix(':').and_then(|count| count.parse().ok());
                let workers = workers.filter(|count| (1..=1000).contains(count));
                workers.map(|count| On::Local(Some(count))).ok_or_else(wrong)
            }
            None => Err(wrong()),
        }
    }
}

/// A command to be run as a task.
#[derive(Serialize)]
pub(super) struct Order {
    /// What it is called.
    pub(super) name: String,
    /// Its words, without the folder of its results and its scenario.
    pub(super) words: Vec<String>,
    /// The file that it leaves in the folder of results, if that is wanted.
    pub(super) keeps: Option<PathBuf>,
    /// What it must know besides.
    pub(super) about: Task,
}

/// What became of a task.
#[derive(Deserialize)]
pub(super) struct Done {
    pub(super) name: String,
    /// The worker that did it, and how long that took [s].
    pub(super) worker: String,
    pub(super) seconds: f64,
    /// What the command printed.
    pub(super) stdout: String,
}

/// A cluster that is ready.
#[derive(Clone, Deserialize)]
pub(super) struct Ready {
    /// The version of Dask.
    pub(super) dask: String,
    /// The address of the scheduler.
    pub(super) scheduler: String,
    /// Tasks that run at once; 0 if no worker is there yet.
    pub(super) slots: usize,
}

/// What the package says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Ready(Ready),
    Done(Done),
    Note(String),
    /// It cannot go on.
    Error(String),
}

/// A cluster at work for this process.
pub(super) struct Cluster {
    pub(super) ready: Ready,
    process: Child,
    stdin: Option<ChildStdin>,
    said: Receiver<Said>,
    stderr: Option<JoinHandle<String>>,
    waiting: VecDeque<Order>,
    under_way: usize,
    shared: PathBuf,
}

impl Cluster {
    /// Connects to a cluster, or makes one, for tasks about a scenario whose results come into
    /// `folder`. `None` if it was stopped.
    pub(super) fn start(on: &On, scenario: &str, folder: &Path) -> anyhow::Result<Option<Cluster>> {
        let folder = fs::canonicalize(folder)
            .with_context(|| format!("cannot find {}", folder.display()))?;
        let shared = folder.join(SHARED);
        // No other process has the same, on whatever machine.
        let token = format!("{:016x}", RandomState::new().hash_one(std::process::id()));
        fs::write(&shared, &token).with_context(|| format!("cannot write {}", shared.display()))?;
        let python = python();
        let mut process = command(&python).spawn().map_err(|error| {
            let _ = fs::remove_file(&shared);
            cannot_start(&python, &error)
        })?;
        let (send, said) = channel();
        let stdout = process.stdout.take();
        std::thread::spawn(move || {
            let lines = stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines());
            // What is not of the protocol was printed by somebody else.
            let said = lines.map_while(Result::ok).filter_map(|l| serde_json::from_str(&l).ok());
            for said in said {
                if send.send(said).is_err() {
                    return;
                }
            }
        });
        let stderr = process.stderr.take().map(|stderr| std::thread::spawn(move || all(stderr)));
        let stdin = process.stdin.take();
        let ready = Ready { dask: String::new(), scheduler: String::new(), slots: 0 };
        let (waiting, under_way) = (VecDeque::new(), 0);
        let mut cluster =
            Cluster { ready, process, stdin, said, stderr, waiting, under_way, shared };
        let (scheduler, workers) = match on {
            On::Local(workers) => (None, *workers),
            On::Scheduler(address) => (Some(address), None),
        };
        cluster.tell(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scheduler": scheduler,
            "workers": workers,
            "scenario": scenario,
            "folder": folder,
            "token": token,
        }));
        match cluster.hear()? {
            Some(Said::Ready(ready)) => cluster.ready = ready,
            Some(_) => bail!("{INSTALL}: the one that answers is of another version"),
            None => return Ok(None),
        }
        Ok(Some(cluster))
    }

    /// Has a command run as a task, as soon as there is room.
    pub(super) fn submit(&mut self, order: Order) {
        self.waiting.push_back(order);
        self.hand_on();
    }

    /// The next task that is done; `None` if it was stopped, or if there is none.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Done>> {
        if self.under_way == 0 {
            return Ok(None);
        }
        match self.hear()? {
            Some(Said::Done(done)) => {
                self.under_way -= 1;
                self.hand_on();
                Ok(Some(done))
            }
            Some(_) => bail!("the package deploysim said what was not asked"),
            None => Ok(None),
        }
    }

    /// Hands on what waits, up to some ahead of what runs: a scheduler keeps all that it is given
    /// in memory.
    fn hand_on(&mut self) {
        let most = AHEAD.max(AHEAD_EACH * self.ready.slots);
        while self.under_way < most
            && let Some(order) = self.waiting.pop_front()
        {
            self.tell(&json!(order));
            self.under_way += 1;
        }
    }

    /// Tells the package a line. If it is gone, what it said last tells why.
    fn tell(&mut self, line: &serde_json::Value) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
    }

    /// What the package says next, its notes passed on; `None` if it was stopped.
    fn hear(&mut self) -> anyhow::Result<Option<Said>> {
        let stop = stop::on_interrupt();
        while !stop.load(Ordering::Relaxed) {
            match self.said.recv_timeout(OFTEN) {
                Ok(Said::Note(text)) => note(text),
                Ok(Said::Error(text)) => return Err(anyhow!(text)),
                Ok(said) => return Ok(Some(said)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.gone()),
            }
        }
        Ok(None)
    }

    /// Why the package ended without a word.
    fn gone(&mut self) -> anyhow::Error {
        let text = self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
        let python = python();
        let python = python.display();
        if last.contains("No module named") {
            return anyhow!(
                "{python} has no package deploysim ({last}): {INSTALL}; another Python is named in \
                 the variable {PYTHON}"
            );
        }
        if last.contains("Unknown option: -P") || last.contains("unknown option -P") {
            return anyhow!("{python} is older than 3.11: name a newer one in {PYTHON}");
        }
        anyhow!("{python} -m deploysim.dask ended before its work was done: {last}")
    }
}

impl Drop for Cluster {
    /// Ends the cluster if it was made here, and what is under way on it.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.shared);
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// The Python that is named, or beside this program, or the first on the `PATH`.
fn python() -> PathBuf {
    let name = if cfg!(windows) { "python.exe" } else { "python3" };
    let beside = std::env::current_exe().ok().map(|program| program.with_file_name(name));
    let named = std::env::var_os(PYTHON).filter(|named| !named.is_empty()).map(PathBuf::from);
    named.or_else(|| beside.filter(|path| path.is_file())).unwrap_or_else(|| name.into())
}

/// What starts the package, in a group of its own: Ctrl-C reaches it by the end of its input.
fn command(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-P", "-m", "deploysim.dask"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let (None, Ok(program)) = (std::env::var_os(PROGRAM), std::env::current_exe()) {
        command.env(PROGRAM, program);
    }
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

fn cannot_start(python: &Path, error: &std::io::Error) -> anyhow::Error {
    let why = match error.kind() {
        ErrorKind::NotFound => "there is none".to_owned(),
        _ => error.to_string(),
    };
    anyhow!(
        "--on needs Python, and {} cannot be started: {why}. Install Python 3.11 or later, or name \
         one in the variable {PYTHON}; {INSTALL}",
        python.display()
    )
}

fn all(mut stderr: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stderr.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_run_is_a_local_cluster_or_an_address() {
        assert_eq!("dask".parse(), Ok(On::Local(None)));
        assert_eq!("dask:4".parse(), Ok(On::Local(Some(4))));
        let address = "tcp://10.0.0.1:8786";
        assert_eq!(address.parse(), Ok(On::Scheduler(address.to_owned())));
        for bad in ["", "slurm", "dask:0", "dask:x", "dask4", "tcp://host", "tcp://:8786", "host:1"]
        {
            assert!(bad.parse::<On>().is_err_and(|why| why.contains("tcp://host:8786")), "{bad}");
        }
    }
}
