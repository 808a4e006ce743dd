//! How fast a component is at most: what bounds how often it can be asked.

use crate::queue::QueueSpec;

/// What a request meets on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ThroughputBound {
    /// How long it takes on average with nobody else there (s).
    pub(crate) alone: f64,
    /// How many a second can be answered.
    pub(crate) capacity: f64,
    /// How many can be in a station that turns the next away.
    pub(crate) room: f64,
}

impl ThroughputBound {
    /// What takes no time and has no limit.
    pub(crate) const NOTHING: ThroughputBound =
        ThroughputBound { alone: 0.0, capacity: f64::INFINITY, room: f64::INFINITY };

    /// What takes so long (s), whatever else is there.
    pub(crate) fn delay(alone: f64) -> ThroughputBound {
        ThroughputBound { alone, ..ThroughputBound::NOTHING }
    }

    /// The same where cores are so many times faster; all else may be no slower for it.
    pub(crate) fn faster(self, times: f64) -> ThroughputBound {
        let ThroughputBound { alone, capacity, room } = self;
        ThroughputBound { alone: alone / times, capacity: capacity * times, room }
    }

    /// How many can be in a station of so many workers and the queue in front of them, before it
    /// turns the next away.
    pub(crate) fn room(slots: Option<u64>, queue: &QueueSpec) -> f64 {
        // Who is turned away after a while may come again at once.
        if queue.timeout.is_some() {
            return 0.0;
        }
        let sum = |(slots, queue): (u64, u64)| slots as f64 + queue as f64;
        slots.zip(queue.limit.get()).map_or(f64::INFINITY, sum)
    }
}
