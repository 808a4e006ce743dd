//! A progress bar, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::experiment::Progress;

/// A bar that counts runs.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar on standard error; none if that is no terminal or nobody wants it.
    pub(super) fn new(quiet: bool) -> Bar {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} runs, {eta} left {msg}")
            .expect("the template is valid")
            .progress_chars("━╸─");
        bar.set_style(style);
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Bar(bar)
    }

    /// Takes the bar off the screen.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn expect(&self, runs: usize) {
        self.0.set_length(runs as u64);
    }

    fn done(&self) {
        self.0.inc(1);
    }
}
