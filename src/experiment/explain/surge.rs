//! What happens at a component while more come than on average.

use super::arrivals::overflow;
use super::queue::queue;
use super::station::{NOTICEABLE, Station};

impl Station {
    /// The work of one instance (cores kept busy), and how many cores; of workers where no core is
    /// waited for.
    fn work(&self) -> Vec<(f64, u64)> {
        let Some(equipment) = self.equipment else { return Vec::new() };
        let rate = self.mix.rate / self.instances as f64;
        let cores = (rate * self.mix.cpu, self.servers().unwrap_or(equipment.cores));
        let workers = equipment.slots.filter(|_| equipment.blocking);
        let workers = workers.map(|slots| (rate * self.holding(), slots));
        std::iter::once(cores).chain(workers).filter(|(work, _)| *work > 0.0).collect()
    }

    /// Whether anybody waits while so many times as many come.
    pub(super) fn queues_at(&self, surge: f64) -> bool {
        self.work().into_iter().any(|(work, servers)| {
            let found = queue(work * surge, servers, None, None);
            found.waiting > NOTICEABLE * work
        })
    }

    /// Whether so many at one moment are more than are idle.
    pub(super) fn is_short_of(&self, together: f64) -> bool {
        self.work().into_iter().any(|(work, servers)| {
            let all = (servers * self.instances) as f64;
            work * self.instances as f64 + together > all
        })
    }

    /// What is said where more comes than can be served while so many times as many come as on
    /// average.
    pub(super) fn full_at_surge(&self, surge: f64) -> Option<String> {
        let full = |(work, servers): (f64, u64)| {
            let served = self.mix.rate * servers as f64 / work;
            (served < self.mix.rate * surge).then_some(served)
        };
        let served = self.work().into_iter().filter_map(full).reduce(f64::min)?;
        Some(overflow(self.mix.rate * surge, served))
    }
}
