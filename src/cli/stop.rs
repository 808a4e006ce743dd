//! Ctrl-C: the first ends the runs and keeps what is finished, the second ends the program.

use std::sync::atomic::{AtomicBool, Ordering};

use super::terminal::note;

static STOP: AtomicBool = AtomicBool::new(false);

/// A flag that Ctrl-C sets.
pub(super) fn on_interrupt() -> &'static AtomicBool {
    // A second handler is refused; the first, which sets the same flag, stays.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
        note("\nstopping; what is finished is kept (Ctrl-C again to end at once)");
    });
    &STOP
}
