//! How far long work has come: a bar on a terminal; elsewhere a line now and then.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;
use crate::units::Span;

use super::terminal::note;

/// The first line comes after this time: shorter work needs none.
const FIRST: Duration = Duration::from_secs(10);
/// And another after this time each.
const NEXT: Duration = Duration::from_secs(30);
/// Another program is told this often.
const OFTEN: Duration = Duration::from_millis(200);
/// The variable by which another program asks for lines `progress DONE ALL`, as the Python module
/// does for its bar.
const ASKED_BY: &str = "DEPLOYSIM_PROGRESS";

/// Says on standard error how far the runs have come.
pub(super) enum Bar {
    /// Nobody wants to know.
    Hidden,
    /// On a terminal.
    Shown(ProgressBar),
    /// Into a file or a pipe.
    Told { count: Count, _until_dropped: Sender<()> },
}

/// How far all runs have come together, and how many there are [millionths of a run].
type Count = Arc<[AtomicU64; 2]>;
const WHOLE: f64 = 1e6;

impl Bar {
    /// Of work that begins now.
    pub(super) fn new(quiet: bool) -> Bar {
        match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Bar::Hidden,
            (false, true) => Bar::Shown(shown()),
            (false, false) => {
                let count = Count::default();
                let (until_dropped, waits) = channel();
                let told = Arc::clone(&count);
                let asked = std::env::var_os(ASKED_BY).is_some();
                let tell = if asked { tell_program } else { tell };
                std::thread::spawn(move || tell(&told, &waits));
                Bar::Told { count, _until_dropped: until_dropped }
            }
        }
    }

    /// The work has ended: takes the bar off the screen, or tells nothing more.
    pub(super) fn finish(self) {
        if let Bar::Shown(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn shown() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {percent}% of {msg}, {eta} left")
        .expect("the template is valid")
        .progress_chars("━╸─");
    let bar = ProgressBar::new(1).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Tells how far the work has come until it has ended, which drops the other end of the channel.
fn tell(count: &[AtomicU64; 2], ended: &Receiver<()>) {
    let mut so_far = Duration::ZERO;
    let mut wait = FIRST;
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(wait) {
        let [done, all] = count.each_ref().map(|count| count.load(Ordering::Relaxed) as f64);
        so_far += wait;
        let seconds = Span::from_secs(so_far.as_secs());
        let left = match done > 0.0 {
            false => String::new(),
            true => {
                let left = so_far.as_secs_f64() * (all - done).max(0.0) / done;
                let whole = if left > 120.0 { 60.0 } else { 1.0 };
                format!(
                    ", about {} left",
                    Span::from_secs((libm::ceil(left / whole) * whole) as u64)
                )
            }
        };
        let percent = libm::floor(100.0 * (done / all.max(1.0)).min(1.0));
        note(format!("{percent}% of {} after {seconds}{left}", runs(all / WHOLE)));
        wait = NEXT;
    }
}

/// So many runs, in words.
fn runs(number: f64) -> String {
    if number == 1.0 { "1 run".to_owned() } else { format!("{number} runs") }
}

/// Tells another program how far the work has come, as [`tell`] does a person.
fn tell_program(count: &[AtomicU64; 2], ended: &Receiver<()>) {
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(OFTEN) {
        let [done, all] = count.each_ref().map(|count| count.load(Ordering::Relaxed));
        note(format!("progress {done} {all}"));
    }
}

impl Progress for Bar {
    fn expect(&self, all: usize) {
        let length = (all as f64 * WHOLE) as u64;
        match self {
            Bar::Hidden => {}
            Bar::Shown(bar) => {
                bar.set_length(length);
                bar.set_message(runs(all as f64));
            }
            Bar::Told { count, .. } => count[1].store(length, Ordering::Relaxed),
        }
    }

    fn advance(&self, share: f64) {
        let passed = libm::round(share * WHOLE) as u64;
        match self {
            Bar::Hidden => {}
            Bar::Shown(bar) => bar.inc(passed),
            Bar::Told { count, .. } => drop(count[0].fetch_add(passed, Ordering::Relaxed)),
        }
    }
}
