//! What theory says of one component: workers or connections with a queue, and cores behind them.

use crate::component::{Capacity as Equipment, Kind, Priority};

use super::assumptions::{Broken, Truth};
use super::mix::Mix;
use super::queue::{Queue, queue};
use super::tier::{Crowd, Tier};
use super::work::Work;

/// A loss, or a wait as a share of a visit, beyond this is worth a word.
pub(super) const NOTICEABLE: f64 = 1e-4;

/// Cores of a machine that several components share.
#[derive(Clone, Debug)]
pub(super) struct SharedCores {
    pub(super) cores: u64,
    /// How many of them all work takes that is done on a machine, this component's among it.
    pub(super) work: f64,
    /// What no formula knows of.
    pub(super) broken: Vec<Broken>,
}

/// One component with what theory found.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) instances: u64,
    /// It passes each request on to one of those that it calls.
    pub(super) forwards: bool,
    /// Who asks it has been answered before it calls others.
    pub(super) takes_messages: bool,
    pub(super) equipment: Option<Equipment>,
    pub(super) mix: Mix,
    /// Share of the visits asked for that are not turned away.
    pub(super) accepted: f64,
    /// Waiting for a worker, a connection or a core, per visit (s).
    pub(super) wait: f64,
    /// How many times longer than alone a job takes on cores that are shared.
    pub(super) stretch: f64,
    /// Whether all visits are of one kind: their services have one mean and one spread.
    pub(super) serves_one_kind: bool,
    /// Where a network says so: how many workers are held on average, over all instances, and how
    /// many visits end per second while all of them are.
    held: Option<[f64; 2]>,
    /// The cores that it shares with others, if it does.
    pub(super) shared: Option<SharedCores>,
    /// The name of the model, such as `M/M/4`.
    pub(super) model: String,
    /// What it assumes that does not hold.
    pub(super) broken: Vec<Broken>,
}

impl Station {
    pub(super) fn new(kind: &dyn Kind) -> Station {
        Station {
            instances: kind.instances(),
            forwards: kind.forwards().is_some(),
            takes_messages: kind.capabilities().takes_messages,
            equipment: kind.capacity(),
            mix: Mix::default(),
            accepted: 1.0,
            wait: 0.0,
            stretch: 1.0,
            serves_one_kind: true,
            held: None,
            shared: None,
            model: String::new(),
            broken: Vec::new(),
        }
    }

    /// Cores of each instance; `None` where processors play no part.
    pub(super) fn cores(&self) -> Option<u64> {
        self.equipment.filter(|equipment| equipment.works).map(|equipment| equipment.cores)
    }

    /// Workers or connections of each instance; `None` without a limit.
    pub(super) fn slots(&self) -> Option<u64> {
        self.equipment?.slots
    }

    /// Workers or connections of each instance that are held while a request waits; `None` where
    /// there is no limit to how many are in progress.
    pub(super) fn held(&self) -> Option<u64> {
        self.equipment.filter(|equipment| equipment.blocking)?.slots
    }

    /// How many can be in one instance; `None` without a limit.
    pub(super) fn room(&self) -> Option<u64> {
        self.equipment?.room()
    }

    /// What the urgent do to others here, where some may be more urgent than others.
    pub(super) fn priority(&self) -> Option<Priority> {
        self.equipment?.priority
    }

    /// Whether nobody waits, or so little that three digits do not show it.
    pub(super) fn is_idle(&self) -> bool {
        let waiting = self.wait + (self.stretch - 1.0) * self.mix.extra;
        waiting.is_finite() && waiting <= 1e-3 * (self.own() + self.mix.away)
    }

    /// How long a visit takes in the component itself, calls left out (s).
    pub(super) fn time(&self, work: &Work) -> f64 {
        let turns = if work.cpu > 0.0 { work.cpu_extra / work.cpu } else { 1.0 };
        let wait = if self.wait > 0.0 { turns * self.wait } else { 0.0 };
        let stretched =
            if self.stretch > 1.0 { (self.stretch - 1.0) * work.cpu_extra } else { 0.0 };
        wait + work.cpu_line + stretched + work.io
    }

    /// How many jobs are served at once by each instance.
    pub(super) fn servers(&self) -> Option<u64> {
        let equipment = self.equipment?;
        Some(equipment.slots.map_or(equipment.cores, |slots| slots.min(equipment.cores)))
    }

    /// Whether nobody shares a worker's core, and nothing is waited for meanwhile.
    fn is_leaf(&self) -> bool {
        self.mix.pauses == 0.0
    }

    /// Time in the component itself per visit, calls left out (s).
    pub(super) fn own(&self) -> f64 {
        self.wait + self.stretched() + self.mix.io
    }

    /// Time at the cores per visit (s).
    fn stretched(&self) -> f64 {
        self.mix.line + (self.stretch - 1.0) * self.mix.extra
    }

    /// How long a visit holds its worker or connection (s).
    pub(super) fn holding(&self) -> f64 {
        let own = self.stretched();
        let blocking = self.equipment.is_some_and(|equipment| equipment.blocking);
        if blocking { own + self.mix.io + self.mix.away } else { own }
    }

    /// How many workers or connections are held on average, over all instances.
    pub(super) fn in_use(&self) -> f64 {
        let served = self.mix.rate * self.accepted;
        // A worker who waits for work that never ends is held for ever.
        let holding = || if served > 0.0 { served * self.holding() } else { 0.0 };
        self.held.map_or_else(holding, |[held, _]| held)
    }

    /// How many visits end per second while all workers are held, where they are held for longer
    /// than with nobody else there, which is so long (1/s); none if that is not known.
    pub(super) fn full_with_waits(&self, alone: f64) -> Option<f64> {
        let waits = self.holding() > (1.0 + NOTICEABLE) * alone;
        match self.held {
            Some([_, fastest]) => Some(fastest),
            None => (!waits).then_some(f64::INFINITY),
        }
    }

    /// The squared coefficient of variation of a service, or of a turn of it.
    pub(super) fn scv(&self) -> f64 {
        let mix = &self.mix;
        let turns = self.turns();
        let scv = match turns {
            1.0 => mix.square / (mix.cpu * mix.cpu) - 1.0,
            _ => mix.turn_squares * turns / (mix.cpu * mix.cpu) - 1.0,
        };
        if mix.cpu > 0.0 { scv.max(0.0) } else { 0.0 }
    }

    /// How often a visit queues for a core.
    pub(super) fn turns(&self) -> f64 {
        let again = self.equipment.is_some_and(|e| !e.blocking || !e.shares);
        if again { 1.0 + self.mix.pauses } else { 1.0 }
    }

    /// Finds the steady state for a mix of visits. `callers` bounds how many can be here at once,
    /// in all; `present` is how many a closed network has at the cores, in all.
    pub(super) fn solve(
        &mut self,
        mix: Mix,
        callers: Option<u64>,
        present: Option<f64>,
        tier: Option<&Tier>,
        closed: Option<&Crowd>,
    ) -> Option<Crowd> {
        self.mix = mix;
        self.broken.clear();
        (self.accepted, self.wait, self.stretch, self.held) = (1.0, 0.0, 1.0, None);
        let Some(equipment) = self.equipment else {
            self.model = "passes on".to_owned();
            return None;
        };
        let rate = self.mix.rate / self.instances as f64;
        if rate <= 0.0 {
            self.model = "unused".to_owned();
            return None;
        }
        if let Some(shared) = self.shared.take() {
            let waits = present.is_some() || closed.is_some();
            self.on_shared_cores(equipment, &shared, rate, waits);
            self.shared = Some(shared);
        } else if let Some(crowd) = closed {
            self.holding_workers(equipment, crowd);
        } else if let Some(Tier::Network(network)) = tier {
            let line = equipment.line.map(|line| line.saturating_mul(self.instances));
            let crowd = network.crowd(self.mix.rate, line);
            self.holding_workers(equipment, &crowd);
            return Some(crowd);
        } else if let Some(Tier::Delays) = tier {
            self.in_delays(equipment, rate);
        } else if let Some(present) = present {
            self.in_closed_network(equipment, present);
        } else if self.is_leaf() {
            let callers = callers.map(|callers| callers.div_ceil(self.instances));
            self.alone(equipment, rate, callers);
        } else {
            self.between_calls(equipment, rate);
        }
        None
    }

    /// Workers that are held while calls go on, with all that they may wait for.
    fn holding_workers(&mut self, equipment: Equipment, crowd: &Crowd) {
        self.accepted = 1.0 - crowd.loss;
        let served = self.mix.rate * self.accepted;
        let wait = crowd.waiting / served;
        let servers = self.servers().unwrap_or(equipment.cores);
        let slots = equipment.slots.unwrap_or(servers);
        self.held = Some([crowd.held, crowd.fastest]);
        if crowd.own {
            if equipment.shares {
                self.share(crowd.present[0], served);
            } else {
                self.wait = (crowd.present[0] / served - self.mix.cpu).max(0.0);
                self.not_exponential(servers, true);
            }
        }
        self.wait += wait;
        let what = if crowd.cores { " for a network" } else { "" };
        self.model = format!("{slots} workers{what}");
        if crowd.loss > NOTICEABLE || wait > NOTICEABLE * crowd.held / served {
            if crowd.cores {
                let text = "workers are held while cores are waited for, which no product form \
                            allows";
                self.broken.push(Broken::new(text, Truth::Longer));
            } else {
                self.held_not_exponential();
            }
        }
        if wait == f64::INFINITY {
            self.overloaded();
        }
    }

    /// Jobs on shared cores, from how many are there.
    fn share(&mut self, at_cores: f64, served: f64) {
        if self.mix.cpu > 0.0 && served > 0.0 {
            self.stretch = (at_cores / served / self.mix.cpu).max(1.0);
        }
    }

    fn in_closed_network(&mut self, equipment: Equipment, present: f64) {
        let servers = self.servers().unwrap_or(equipment.cores);
        self.model = format!("closed, {servers} server{}", if servers == 1 { "" } else { "s" });
        if equipment.shares {
            self.share(present, self.mix.rate);
            let each = present / self.instances as f64;
            if equipment.slots.is_some_and(|slots| each > 0.5 * slots as f64) {
                let text = "some wait for a worker or connection before they share the cores; their time \
                            in all is the same";
                self.broken.push(Broken::new(text, Truth::Either));
            }
        } else {
            self.wait = (present / self.mix.rate - self.mix.cpu).max(0.0);
            self.not_exponential(servers, true);
        }
    }

    /// No calls and no io: one queue.
    fn alone(&mut self, equipment: Equipment, rate: f64, callers: Option<u64>) {
        let servers = self.servers().unwrap_or(equipment.cores);
        let own = equipment.room();
        let few = callers.is_some_and(|callers| own.is_none_or(|own| callers <= own));
        let room = if few { callers.filter(|&callers| callers > servers) } else { own };
        if few && room.is_none() {
            // A server for everybody who can come.
            self.model = "no queue".to_owned();
            return;
        }
        let found = queue(rate * self.mix.cpu, servers, room, equipment.slots);
        let served = rate * (1.0 - found.loss);
        if !few {
            self.accepted = 1.0 - found.loss;
        }
        if equipment.shares {
            self.share(found.present - found.beyond, served);
            self.wait = if found.beyond > 0.0 { found.beyond / served } else { 0.0 };
            self.model = format!("M/G/{servers}-PS");
            self.limited_sharing(found);
        } else {
            self.wait = found.waiting / served * self.spread();
            let letter = if self.mix.exponential { 'M' } else { 'G' };
            self.model = format!("M/{letter}/{servers}");
            self.not_exponential(servers, false);
        }
        if let (true, Some(callers)) = (found.loss > NOTICEABLE, callers.filter(|_| few)) {
            let text =
                format!("no more than {callers} can come at once: those who call wait instead");
            self.broken.push(Broken::new(text, Truth::Either));
        } else if let (true, Some(room)) = (found.loss > NOTICEABLE, room) {
            self.model += &format!("/{room}");
            if !self.mix.exponential {
                let text = "the loss of a full queue is that of exponential service";
                self.broken.push(Broken::new(text, Truth::Either));
            }
        }
        if found.present == f64::INFINITY {
            self.overloaded();
        }
    }

    /// Calls or io between turns at the cores.
    fn between_calls(&mut self, equipment: Equipment, rate: f64) {
        let servers = self.servers().unwrap_or(equipment.cores);
        let held = equipment.slots.filter(|_| equipment.blocking);
        let contended = held.is_none_or(|slots| slots > equipment.cores);
        if contended {
            let found = queue(rate * self.mix.cpu, servers, held, None);
            let served = rate * (1.0 - found.loss);
            if equipment.shares {
                self.share(found.present, served);
            } else {
                self.wait = found.waiting / served * self.spread();
                self.not_exponential(servers, false);
            }
            if found.present == f64::INFINITY {
                self.accepted = 1.0 - found.loss;
                self.overloaded();
            }
        }
        self.model = match (equipment.shares, self.mix.exponential) {
            (true, _) => format!("M/G/{servers}-PS"),
            (false, true) => format!("M/M/{servers}"),
            (false, false) => format!("M/G/{servers}"),
        };
        let Some(slots) = held else { return };
        self.model += &format!(" in {slots} workers");
        let found = self.queue_for_workers(equipment, rate, slots);
        if found.loss > NOTICEABLE || self.wait > NOTICEABLE * self.holding() {
            let text = "workers are held while calls go on, and are too many to look at one by one";
            self.broken.push(Broken::new(text, Truth::Longer));
        }
        if found.present == f64::INFINITY {
            self.overloaded();
        }
    }

    /// Jobs on cores that others share: the machine is one station that all of them visit, and as
    /// its cores are shared, how long each takes there goes by the load alone (BCMP). `waits`:
    /// those who come wait for their answers, which is left out.
    fn on_shared_cores(
        &mut self,
        equipment: Equipment,
        shared: &SharedCores,
        rate: f64,
        waits: bool,
    ) {
        let cores = shared.cores;
        let found = queue(shared.work, cores, None, None);
        let served = rate * (1.0 - found.loss);
        let mine = rate * self.mix.cpu / shared.work;
        if self.mix.cpu > 0.0 {
            self.share(found.present * mine, served);
        }
        self.model = format!("M/G/{cores}-PS with others");
        self.broken.extend(shared.broken.iter().cloned());
        let held = served * self.holding();
        let few = equipment.slots.is_some_and(|slots| held > 0.5 * slots as f64);
        let reasons = [
            (!equipment.shares, "its jobs keep their part of the cores until they are done"),
            (few, "its workers or connections may all be held"),
            (waits, "how long users wait before they ask again is left out"),
        ];
        let broken = reasons.into_iter().filter(|(is_broken, _)| *is_broken);
        self.broken.extend(broken.map(|(_, what)| Broken::new(what, Truth::Either)));
        if found.present == f64::INFINITY {
            self.accepted = 1.0 - found.loss;
            self.overloaded();
        }
    }

    /// Workers that are held while no core is waited for: as servers, each instance for itself.
    fn in_delays(&mut self, equipment: Equipment, rate: f64) {
        let slots = equipment.slots.unwrap_or(u64::MAX);
        let found = self.queue_for_workers(equipment, rate, slots);
        let letter = if self.mix.exponential { 'M' } else { 'G' };
        self.model = format!("M/{letter}/{slots}");
        let room = equipment.room().filter(|_| found.loss > NOTICEABLE);
        self.model += &room.map_or(String::new(), |room| format!("/{room}"));
        // Where nobody may wait, the distribution does not matter (Erlang).
        let queues = equipment.line != Some(0)
            && (found.loss > NOTICEABLE || self.wait > NOTICEABLE * self.holding());
        if queues {
            self.held_not_exponential();
        }
        if found.present == f64::INFINITY {
            self.overloaded();
        }
    }

    /// Adds the wait for one of so many workers, which are held for as long as a visit takes.
    fn queue_for_workers(&mut self, equipment: Equipment, rate: f64, slots: u64) -> Queue {
        let found = queue(rate * self.holding(), slots, equipment.room(), None);
        self.accepted = self.accepted.min(1.0 - found.loss);
        self.wait += found.waiting / (rate * (1.0 - found.loss));
        found
    }

    /// The mean wait if all instances had one queue, where they serve one request after the other
    /// (s).
    pub(super) fn in_one_queue(&self) -> Option<f64> {
        let equipment = self.equipment.filter(|equipment| !equipment.shares)?;
        let servers = self.servers()?.checked_mul(self.instances)?;
        let found = queue(self.mix.rate * self.mix.cpu, servers, None, None);
        let leaf = self.is_leaf() && equipment.line.is_none() && found.waiting.is_finite();
        leaf.then(|| found.waiting / self.mix.rate * self.spread())
    }

    /// What makes the wait of M/M/c that of M/G/c.
    fn spread(&self) -> f64 {
        if self.mix.exponential { 1.0 } else { (1.0 + self.scv()) / 2.0 }
    }
}
