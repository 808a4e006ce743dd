//! A disk, as a scenario says it.

use crate::distribution::Delay;
use crate::document::{At, Count, Limit, Name, Problem, Problems, choice, quoted, record};
use crate::engine::Dist;
use crate::measure::{DISK, DISK_AT_ONCE, DISK_IOPS, DISK_THROUGHPUT, Feature};
use crate::units::Bandwidth;

/// The most operations that are told apart while they are at work.
const MOST_AT_ONCE: u64 = 100_000;

record! {
    /// A disk, which each instance, or each machine, has for itself. Operations begin in the order
    /// in which they come, `at_once` and `iops` permitting; then their bytes flow, one operation's
    /// after the other's; then `latency` passes.
    #[short = like]
    pub struct DiskSpec {
        /// A disk that it is like in all that is not said here.
        pub like: DiskPreset = "plain",
        /// How long an operation takes beside the flow of its bytes; 0 of a `plain` disk.
        pub latency: Option<Delay>,
        /// How fast bytes flow, those of all operations together; 100MB/s of a `plain` disk.
        pub throughput: Option<Bandwidth>,
        /// How many operations are at work at once; 1 of a `plain` disk.
        pub at_once: Option<Limit>,
        /// How many operations begin in a second at most; a `plain` disk has no such limit.
        pub iops: Option<Count>,
        /// Credits for more operations than that, as long as they last.
        pub burst: Option<BurstSpec>,
    }
}

record! {
    /// Credits of a disk: each operation takes one, and `iops` of them come in each second.
    pub struct BurstSpec {
        /// How many operations begin in a second at most while there are credits.
        pub iops: At<Count>,
        /// The most credits there can be, and how many there are at the start.
        pub credits: Count,
    }
}

choice! {
    /// Disks as they are sold. What is said of them is as of 2025.
    pub enum DiskPreset {
        /// One operation at a time, at no cost but its bytes: 100MB/s.
        Plain = "plain",
        /// A hard disk of 7,200 turns a minute: latency uniform(4ms, 20ms) (a seek, and half a turn
        /// of 8.3 ms on average), 150MB/s, one operation at a time.
        HardDisk = "hard_disk",
        /// Flash memory in the machine (NVMe): latency 50us, 2GB/s, 64 operations at once. The
        /// latency is that which PlanetScale measured in March 2025 ("IO devices and latency").
        Local = "local",
        /// A volume over the network with what its provider gives unasked: 3,000 operations a
        /// second and 125MiB/s as of Amazon EBS gp3, without limit at once. Its latency is said to
        /// be single-digit milliseconds; here it is 1ms. More `iops` can be said beside.
        Network = "network",
        /// A small volume over the network that lives on credits: 100 operations a second, or 3,000
        /// while its 5.4 million credits last, and 128MiB/s as of Amazon EBS gp2 up to 33 GiB;
        /// latency 1ms, without limit at once.
        NetworkBurst = "network_burst",
        /// The disk of the machine on which the instance is, on which all are at work that are on
        /// the machine and say so. What crashes leaves its operations to it.
        Machine = "machine",
    }
}

/// A disk in numbers.
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    pub(super) latency: Delay,
    pub(super) throughput: Bandwidth,
    pub(super) at_once: Option<u64>,
    /// Operations a second.
    pub(super) iops: Option<u64>,
    /// Operations a second while there are credits, and how many of those there can be.
    pub(super) burst: Option<(u64, u64)>,
}

impl DiskSpec {
    /// Whether it is that of the machine on which the instance is.
    pub(crate) fn is_of_machine(&self) -> bool {
        self.like == DiskPreset::Machine
    }

    /// What metrics may be about it; how full the disk of a machine is, is told of the machine.
    pub(crate) fn features(&self) -> Vec<&'static Feature> {
        if self.is_of_machine() {
            return vec![&DISK];
        }
        let Numbers { at_once, iops, .. } = self.numbers();
        let limits = [
            (true, &DISK),
            (at_once.is_some(), &DISK_AT_ONCE),
            (iops.is_some(), &DISK_IOPS),
            (at_once != Some(1), &DISK_THROUGHPUT),
        ];
        limits.into_iter().filter_map(|(has, feature)| has.then_some(feature)).collect()
    }

    /// Reports what could not be meant of it.
    pub(crate) fn check(&self, name: &Name, problems: &mut Problems) {
        if self.is_of_machine() {
            return self.check_nothing_else(name, problems);
        }
        let Numbers { at_once, iops, burst, .. } = self.numbers();
        if at_once.is_some_and(|most| most > MOST_AT_ONCE) {
            let title = format!("the disk of {} works on too much at once", quoted(&name.value));
            let label = format!("expected at most {MOST_AT_ONCE} `at_once`, or `unlimited`");
            problems.push(Problem::new(name.place, title, label));
        }
        let of_burst = self.burst.as_ref().map(|burst| burst.iops.place);
        match (of_burst, iops, burst) {
            (Some(place), None, _) => {
                let title = "these credits are never needed";
                let label = "expected `iops` beside, of which there may be more for a while";
                problems.push(Problem::new(place, title, label));
            }
            (Some(place), Some(iops), Some((most, _))) if most <= iops => {
                let label = format!("expected more than the {iops} that there are without credits");
                problems.push(Problem::new(place, "this burst is none", label));
            }
            _ => {}
        }
    }

    /// Reports what is said of a disk that is said to be that of the machine.
    fn check_nothing_else(&self, name: &Name, problems: &mut Problems) {
        let DiskSpec { like: _, latency, throughput, at_once, iops, burst } = self;
        let said = [
            latency.is_some(),
            throughput.is_some(),
            at_once.is_some(),
            iops.is_some(),
            burst.is_some(),
        ];
        if said.contains(&true) {
            let title = format!("the disk of {} is that of its machine", quoted(&name.value));
            let label = "expected `disk: machine` and no more; the machine says the rest";
            problems.push(Problem::new(name.place, title, label));
        }
    }

    /// It in numbers.
    pub(super) fn numbers(&self) -> Numbers {
        let preset = self.like.numbers();
        let burst = |burst: &BurstSpec| (burst.iops.value.get(), burst.credits.get());
        // Who says how many operations there are a second has bought them.
        let bought = self.iops.is_some();
        Numbers {
            latency: self.latency.clone().unwrap_or(preset.latency),
            throughput: self.throughput.unwrap_or(preset.throughput),
            at_once: self.at_once.map_or(preset.at_once, Limit::get),
            iops: self.iops.map(Count::get).or(preset.iops),
            burst: self.burst.as_ref().map(burst).or(preset.burst.filter(|_| !bought)),
        }
    }
}

impl DiskPreset {
    fn numbers(self) -> Numbers {
        let constant = |micros: u64| Delay::of(Dist::Constant(micros as f64 * 1e3));
        let of = |latency, bits, at_once, iops, burst| {
            let throughput = Bandwidth(bits);
            Numbers { latency, throughput, at_once, iops, burst }
        };
        let (mb, mib) = (8_000_000, 8 << 20);
        match self {
            DiskPreset::Plain | DiskPreset::Machine => {
                of(Delay::NONE, 100 * mb, Some(1), None, None)
            }
            DiskPreset::HardDisk => {
                let latency = Delay::of(Dist::Uniform { low: 4e6, high: 20e6 });
                of(latency, 150 * mb, Some(1), None, None)
            }
            DiskPreset::Local => of(constant(50), 2_000 * mb, Some(64), None, None),
            DiskPreset::Network => of(constant(1_000), 125 * mib, None, Some(3_000), None),
            DiskPreset::NetworkBurst => {
                let burst = Some((3_000, 5_400_000));
                of(constant(1_000), 128 * mib, None, Some(100), burst)
            }
        }
    }
}
