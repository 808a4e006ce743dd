//! How work slows where more are at work.

use crate::document::{At, Name, Problem, Problems, record};
use crate::units::Share;

use super::Scheduling;

record! {
    /// How much slower cores are where several requests are at work on them, be it for locks,
    /// for what they tell one another or for changing from one to the other: with n at work, all
    /// work takes 1 + serial (n - 1) + crosstalk n (n - 1) times as long (the universal
    /// scalability law: Gunther, *Guerrilla Capacity Planning*, 2007).
    pub struct ContentionSpec {
        /// What each one more adds.
        pub serial: At<Share> = "0",
        /// What each pair adds, twice.
        pub crosstalk: At<Share> = "0",
    }
}

impl ContentionSpec {
    /// How fast cores are with so many at work, 1 being all.
    pub(crate) fn speed(&self, at_work: usize) -> f64 {
        let n = at_work as f64;
        let (serial, crosstalk) = (self.serial.value.0, self.crosstalk.value.0);
        1.0 / (1.0 + serial * (n - 1.0) + crosstalk * n * (n - 1.0))
    }

    /// Reports what could not be meant of the machine of `name`, whose cores are given so.
    pub(crate) fn check(&self, name: &Name, scheduling: Scheduling, problems: &mut Problems) {
        if scheduling == Scheduling::PreemptivePriority {
            let title = "a core that others slow cannot be preempted";
            let label = "expected no `contention`, or another `scheduling`";
            problems.push(Problem::new(name.place, title, label));
        }
        let ContentionSpec { serial, crosstalk } = self;
        if serial.value.0 == 0.0 && crosstalk.value.0 == 0.0 {
            let label = "expected `serial` or `crosstalk` above 0";
            problems.push(Problem::new(serial.place, "this slows nothing", label));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Problems, Read, Sources, parse};

    #[test]
    fn one_alone_has_all_and_each_more_slows_all() {
        let (mut sources, mut problems) = (Sources::new(), Problems::new());
        let source = sources.add("spec", "{serial: 10%, crosstalk: 1%}");
        let node = parse(source, &sources, &mut problems).expect("YAML");
        let spec = ContentionSpec::read(&node, &mut problems).expect("a sound spec");
        assert!((spec.speed(1) - 1.0).abs() < 1e-12);
        assert!((spec.speed(11) - 1.0 / (1.0 + 1.0 + 1.1)).abs() < 1e-12);
    }
}
