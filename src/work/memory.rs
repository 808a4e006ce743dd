//! Memory: what a worker and a request take, and what happens when there is no more.

use crate::document::{At, choice, record};
use crate::measure::MemoryUse;
use crate::stats::Level;
use crate::units::{Bytes, Span, Time};

record! {
    /// The memory of a server. Without it, memory is never short.
    pub struct MemorySpec {
        /// How much there is; all that its machine has if not given.
        pub limit: Option<At<Bytes>>,
        /// What each worker takes, from the start; with `workers: unlimited`, while it works.
        pub per_worker: Bytes = "0B",
        /// What each request takes from when a worker first takes it up until it is answered.
        /// Requests in the queue take none.
        pub per_request: Bytes = "0B",
        /// What happens to a request for which there is none left.
        pub full: MemoryPolicy = "wait",
        /// How long the server is away when it was killed, with `full: kill` or because its machine
        /// had no memory left; it turns away what comes meanwhile.
        pub restart: Span = "5s",
    }
}

choice! {
    /// What happens to a request for which no memory is left.
    pub enum MemoryPolicy {
        /// It waits in the queue until another is answered.
        Wait = "wait",
        /// The operating system kills the server: this request and all others there, those in the
        /// queue among them, fail, and the work done for them is lost.
        Kill = "kill",
    }
}

impl MemorySpec {
    /// How many requests may be worked on at once, beside so many workers; `None` if memory sets
    /// no limit.
    pub fn requests(&self, workers: Option<u64>) -> Option<u64> {
        match self.limit().checked_sub(self.idle(workers)) {
            None => Some(0),
            Some(left) => left.checked_div(self.each(workers)),
        }
    }

    /// How much there is (bytes).
    fn limit(&self) -> u64 {
        self.limit.as_ref().map_or(u64::MAX, |limit| limit.value.0)
    }

    /// What is in use without any request (bytes).
    fn idle(&self, workers: Option<u64>) -> u64 {
        workers.unwrap_or(0).saturating_mul(self.per_worker.0)
    }

    /// What a request takes (bytes), with its worker where that comes with it.
    fn each(&self, workers: Option<u64>) -> u64 {
        let worker = if workers.is_some() { 0 } else { self.per_worker.0 };
        self.per_request.0.saturating_add(worker)
    }

    /// What it takes without any request, and what a request takes (bytes).
    pub(crate) fn needs(&self, workers: Option<u64>) -> [u64; 2] {
        [self.idle(workers), self.each(workers)]
    }

    /// The account of it at the start.
    pub(super) fn account(&self, workers: Option<u64>) -> MemoryUse {
        let (idle, each) = (self.idle(workers), self.each(workers));
        let mut used = Level::new();
        used.set(Time::ZERO, idle);
        MemoryUse { limit: self.limit(), idle, each, used, kills: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::read_text as read;

    #[test]
    fn memory_fits_so_many_requests() {
        let memory = |per_worker: u64, per_request: u64| -> MemorySpec {
            read(&format!(
                "{{limit: 100B, per_worker: {per_worker}B, per_request: {per_request}B}}"
            ))
        };
        assert_eq!(memory(5, 20).requests(Some(4)), Some(4));
        assert_eq!(memory(5, 20).requests(None), Some(4));
        assert_eq!(memory(0, 0).requests(Some(4)), None);
        assert_eq!(memory(25, 0).requests(Some(4)), None);
        assert_eq!(memory(26, 0).requests(Some(4)), Some(0));
        assert_eq!(memory(30, 0).requests(None), Some(3));
    }
}
