//! Ctrl-C and other signals to end: the first ends the runs and keeps what is finished, the second
//! ends the program.

use std::fmt::Display;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::INTERRUPTED;
use super::terminal::note;

static STOP: AtomicBool = AtomicBool::new(false);

/// A flag that Ctrl-C sets, and a signal to terminate or to hang up.
pub(super) fn on_interrupt() -> &'static AtomicBool {
    // A second handler is refused; the first, which sets the same flag, stays.
    #[cfg(unix)]
    end_with_parent();
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        note("\nstopping; what is finished is kept (Ctrl-C again to end at once)");
    });
    &STOP
}

/// The variable by which the process that starts this one, whose number it holds, asks it to end
/// when that one is gone: the worker of a cluster, which may be killed.
#[cfg(unix)]
const PARENT: &str = "DEPLOYSIM_PARENT";

/// Stops when the process that asked for it is gone.
#[cfg(unix)]
fn end_with_parent() {
    const OFTEN: std::time::Duration = std::time::Duration::from_millis(100);
    let named = std::env::var(PARENT).ok().and_then(|parent| parent.parse::<u32>().ok());
    let Some(parent) = named else { return };
    std::thread::spawn(move || {
        while std::os::unix::process::parent_id() == parent {
            std::thread::sleep(OFTEN);
        }
        STOP.store(true, Ordering::Relaxed);
    });
}

/// What is kept where not one replication was finished.
pub(super) const NOTHING: &str = "no replication was finished; nothing is written";

/// What is added to it where requests were to be followed and were not.
pub(super) const UNFOLLOWED: &str = "; requests.csv is not written";

/// What is kept of replications, of which so many are finished.
pub(super) fn kept(finished: usize, planned: usize, folder: &Path) -> String {
    let folder = folder.display();
    format!("{finished} of {planned} replications are finished and kept in {folder}")
}

/// Says that a command was interrupted and what is kept, and gives the exit status for it: whatever
/// there is says, it is not all that was asked for.
pub(super) fn interrupted(kept: impl Display) -> u8 {
    note(format!("interrupted: {kept}"));
    INTERRUPTED
}
