//! What theory says of one component: workers or connections with a queue, and cores behind them.

use crate::component::{Capacity as Equipment, Kind};

use super::assumptions::{Broken, Truth};
use super::queue::{Queue, queue};
use super::tier::{Crowd, Network, Tier};

/// A loss, or a wait as a share of a visit, beyond this is worth a word.
const NOTICEABLE: f64 = 1e-4;

/// The visits to a component, all together; means per visit (s).
#[derive(Clone, Debug, Default)]
pub(super) struct Mix {
    /// Visits asked for per second, all instances together.
    pub(super) rate: f64,
    pub(super) cpu: f64,
    /// The mean square of all processor time of a visit (s²), and that of its turns, summed.
    pub(super) square: f64,
    pub(super) turn_squares: f64,
    /// All processor time is exponential with one mean; where there is none, all io is.
    pub(super) exponential: bool,
    pub(super) io: f64,
    /// How often a visit waits for io or a call.
    pub(super) pauses: f64,
    /// Calls, on the link and over there.
    pub(super) away: f64,
}

/// One component with what theory found.
#[derive(Clone, Debug)]
pub(super) struct Station {
    pub(super) instances: u64,
    /// It passes each request on to one of those that it calls.
    pub(super) forwards: bool,
    equipment: Option<Equipment>,
    pub(super) mix: Mix,
    /// Share of the visits asked for that are not turned away.
    pub(super) accepted: f64,
    /// Waiting for a worker, a connection or a core, per visit (s).
    pub(super) wait: f64,
    /// How many times longer than alone a job takes on cores that are shared.
    pub(super) stretch: f64,
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
            equipment: kind.capacity(),
            mix: Mix::default(),
            accepted: 1.0,
            wait: 0.0,
            stretch: 1.0,
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
        self.wait + self.stretch * self.mix.cpu + self.mix.io
    }

    /// How long a visit holds its worker or connection (s).
    pub(super) fn holding(&self) -> f64 {
        let own = self.stretch * self.mix.cpu;
        let blocking = self.equipment.is_some_and(|equipment| equipment.blocking);
        if blocking { own + self.mix.io + self.mix.away } else { own }
    }

    /// The squared coefficient of variation of a service, or of a turn of it.
    fn scv(&self) -> f64 {
        let mix = &self.mix;
        let turns = self.turns();
        let scv = match turns {
            1.0 => mix.square / (mix.cpu * mix.cpu) - 1.0,
            _ => mix.turn_squares * turns / (mix.cpu * mix.cpu) - 1.0,
        };
        if mix.cpu > 0.0 { scv.max(0.0) } else { 0.0 }
    }

    /// How often a visit queues for a core.
    fn turns(&self) -> f64 {
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
    ) -> Option<Crowd> {
        self.mix = mix;
        self.broken.clear();
        (self.accepted, self.wait, self.stretch) = (1.0, 0.0, 1.0);
        let Some(equipment) = self.equipment else {
            self.model = "passes on".to_owned();
            return None;
        };
        let rate = self.mix.rate / self.instances as f64;
        if rate <= 0.0 {
            self.model = "unused".to_owned();
            return None;
        }
        if let Some(Tier::Network(network)) = tier {
            return Some(self.holding_workers(equipment, network));
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
    fn holding_workers(&mut self, equipment: Equipment, network: &Network) -> Crowd {
        let rate = self.mix.rate;
        let line = equipment.line.map(|line| line.saturating_mul(self.instances));
        let crowd = network.crowd(rate, line);
        self.accepted = 1.0 - crowd.loss;
        let served = rate * self.accepted;
        let wait = crowd.waiting / served;
        let servers = self.servers().unwrap_or(equipment.cores);
        let slots = equipment.slots.unwrap_or(servers);
        if network.own {
            if equipment.shares {
                self.share(crowd.present[0], served);
            } else {
                self.wait = (crowd.present[0] / served - self.mix.cpu).max(0.0);
                self.not_exponential(servers);
            }
        }
        self.wait += wait;
        self.model = format!("{slots} workers for a network");
        if crowd.loss > NOTICEABLE || wait > NOTICEABLE * crowd.held / served {
            let text = "workers are held while calls go on, which no product form allows";
            self.broken.push(Broken::new(text, Truth::Longer));
        }
        if wait == f64::INFINITY {
            self.overloaded();
        }
        crowd
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
            self.not_exponential(servers);
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
            self.not_exponential(servers);
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
                self.not_exponential(servers);
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
        if queues && !self.mix.exponential {
            let text = "how long a worker is held is not exponential, as it is taken to be";
            self.broken.push(Broken::new(text, Truth::Either));
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

    fn not_exponential(&mut self, servers: u64) {
        if self.mix.exponential || self.wait == 0.0 {
            return;
        }
        if self.mix.square == f64::INFINITY {
            let text = "service has no variance: the mean wait is infinite in the long run";
            self.broken.push(Broken::new(text, Truth::Shorter));
        } else if servers > 1 || self.turns() > 1.0 {
            let text = format!(
                "service is not exponential (cv² {}), and of several servers or turns that is an \
                 approximation",
                crate::units::three_digits(self.scv())
            );
            self.broken.push(Broken::new(text, Truth::Either));
        }
    }

    /// Sharing by no more than so many at once is known for exponential service only.
    fn limited_sharing(&mut self, found: Queue) {
        let matters = found.beyond > NOTICEABLE * found.present && found.beyond.is_finite();
        if matters && !self.mix.exponential {
            let truth = if self.scv() > 1.0 { Truth::Longer } else { Truth::Shorter };
            let text = "some wait for a connection before they share the cores";
            self.broken.push(Broken::new(text, truth));
        }
    }

    fn overloaded(&mut self) {
        let text = "more comes than can be served: the queue grows for as long as the run lasts";
        self.broken.push(Broken::new(text, Truth::Shorter));
    }

    /// What keeps the calls of this component, `name`, from being a Poisson process.
    pub(super) fn departures(&self, name: &str) -> Option<Broken> {
        let equipment = self.equipment?;
        let slots = equipment.slots.filter(|_| equipment.blocking);
        if let Some(slots) = slots.filter(|_| self.wait > NOTICEABLE * self.holding()) {
            let all = slots * self.instances;
            let text = format!("{name} asks for no more than {all} at once");
            return Some(Broken::new(text, Truth::Shorter));
        }
        let works = self.mix.cpu > 0.0;
        let queues = works && !equipment.shares && self.wait > NOTICEABLE * self.own();
        (queues && !self.mix.exponential).then(|| {
            let truth = if self.scv() > 1.0 { Truth::Longer } else { Truth::Shorter };
            Broken::new(
                format!("{name} does not ask at random: its service is not exponential"),
                truth,
            )
        })
    }
}
