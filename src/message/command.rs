//! What is done to an instance from outside.

use crate::units::Time;

/// What a controller tells an instance.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Command {
    /// It crashes: what it works on fails, and so does at once what comes. A cache that is `warm`
    /// still has its entries when it is back.
    Crash {
        /// Whether a cache keeps its entries.
        warm: bool,
    },
    /// It dies without a word: nothing comes back of what it works on, nor of what comes.
    Silence,
    /// It stops: it takes what comes and answers nothing, until it goes on where it was.
    Hang,
    /// It does its work at this speed from now on, 1 being all.
    Slow(f64),
    /// It is back after a crash or silence, with nothing to do.
    Restore,
    /// It is gone for good, with all that it remembers.
    Leave,
    /// It is there from now on, having stood by.
    Join,
    /// It becomes the primary of the copies that it is one of.
    Promote,
    /// It returns to how it was then, by its backups.
    ReturnTo(Time),
    /// It goes on after it has hung.
    GoOn,
}
