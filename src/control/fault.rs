//! What a scenario says of what goes wrong.

use crate::distribution::Delay;
use crate::document::{At, choice, record};
use crate::placement::Selector;
use crate::units::{Share, Span};

record! {
    /// Something that goes wrong: exactly one of `crash`, `silence`, `hang`, `slow`, `delay`,
    /// `leave`, `join`, `partition` and `restore` says what, and of whom. That is a component with
    /// all its instances, one of them, counted from 0: `app[0]`, in quotes where it stands within
    /// braces, or a share of them: `25% of app`; those at a place: `app@us-east`, `25% of
    /// app@us-east.a`; or all that is at a place: a region, a zone (`us-east.a`), machines
    /// (`office`), one of them (`office[0]`), or a rack. Exactly one of `at` and `every` says when.
    pub struct FaultSpec {
        /// It crashes. What it was working on fails, and so does at once what comes while it is
        /// down. What it had in memory is lost. A cache that is asked is found to be down when it
        /// would have looked; the caller takes that for a miss. A service of somebody else
        /// answers what it has begun. A message queue still has its messages, if they are
        /// `durable`, and delivers none meanwhile.
        pub crash: Option<At<Selector>>,
        /// It dies without a word. Nothing comes back of what it was working on, nor of what comes
        /// while it is gone. What it had in memory is lost.
        pub silence: Option<At<Selector>>,
        /// It stops. It takes what comes and answers nothing, not even a health check, and goes on
        /// afterwards where it was.
        pub hang: Option<At<Selector>>,
        /// It works more slowly: its cores, or a service of somebody else.
        pub slow: Option<At<Selector>>,
        /// No message passes between it and `from`: what is sent meanwhile is lost, and sent again
        /// only over a link that has `loss` or `bandwidth`. Clients can be named too.
        pub partition: Option<At<Selector>>,
        /// Messages over this link, such as `app -> main`, take longer: those that are sent while
        /// it lasts, questions and answers.
        pub delay: Option<At<Selector>>,
        /// A node of a cache is gone for good, with all that it remembers. What is on its way to it
        /// fails.
        pub leave: Option<At<Selector>>,
        /// A node of a cache that stood by (`spares`) comes, with nothing in memory.
        pub join: Option<At<Selector>>,
        /// A database with a `backup` goes down, and is restored to how it was: what was written
        /// since is undone. It is up again when that is done, also where it had crashed.
        pub restore: Option<At<Selector>>,
        /// With `restore`: to which time, from the start of the run; to the last backup before, if
        /// the log is not kept.
        pub back_to: Option<At<Span>>,
        /// With `leave` and `join`: how long until those who ask know of it; until then a node that
        /// has left is asked in vain, and one that has joined is not asked.
        pub known_after: Option<At<Span>>,
        /// With `delay`: by how much, each message for itself.
        pub by: Option<At<Delay>>,
        /// With `slow`: what is left of its speed.
        pub to: Option<At<Share>>,
        /// With `partition`: from whom; from all others if not given.
        pub from: Option<At<Selector>>,
        /// With `partition`: which messages are lost; `both` ways if not given.
        pub way: Option<At<Way>>,
        /// With `crash`, of a cache: whether it still has its entries when it is back.
        pub warm: Option<At<bool>>,
        /// When, from the start of the run, warm-up included.
        pub at: Option<At<Span>>,
        /// By chance, each instance on its own: how long all is well, from the start of the run or
        /// the end of its last fault, such as `exp(30d)`. All that is at a place has it at once;
        /// each of several machines on its own.
        pub every: Option<At<Delay>>,
        /// How long it lasts; to the end of the run if not given.
        pub r#for: Option<At<Delay>>,
    }
}

choice! {
    /// Which messages are lost.
    pub enum Way {
        /// All of them.
        Both = "both",
        /// Those that come to it.
        In = "in",
        /// Those that it sends.
        Out = "out",
    }
}
