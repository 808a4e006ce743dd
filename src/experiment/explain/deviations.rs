//! What the model of one component assumes that does not hold of it.

use crate::units::three_digits;

use super::assumptions::{Broken, Truth};
use super::queue::Queue;
use super::station::{NOTICEABLE, Station};

/// A squared coefficient of variation this near to 1 is that of an exponential time.
const NEAR: f64 = 5e-3;

impl Station {
    /// Workers that are taken for servers, though how long each is held is not exponential.
    pub(super) fn held_not_exponential(&mut self) {
        let single = self.mix.cpu == 0.0 || self.mix.io + self.mix.away == 0.0;
        if !self.mix.exponential || !single {
            let text = "how long a worker is held is not exponential, as it is taken to be";
            self.broken.push(Broken::new(text, Truth::Either));
        }
    }

    /// Service that is not exponential, which in a closed network is assumed of one server too.
    pub(super) fn not_exponential(&mut self, servers: u64, closed: bool) {
        if self.mix.exponential || self.wait <= NOTICEABLE * self.mix.cpu {
            return;
        }
        if self.mix.square == f64::INFINITY {
            let text = "service has no variance: the mean wait is infinite in the long run";
            self.broken.push(Broken::new(text, Truth::Shorter));
        } else if closed {
            let text = format!(
                "service is not exponential (cv² {}), as it is taken to be among users or workers",
                three_digits(self.scv())
            );
            self.broken.push(Broken::new(text, self.by_spread()));
        } else if (servers > 1 || self.turns() > 1.0) && (self.scv() - 1.0).abs() > NEAR {
            let text = format!(
                "service is not exponential (cv² {}), and of several servers or turns that is an \
                 approximation",
                three_digits(self.scv())
            );
            self.broken.push(Broken::new(text, Truth::Either));
        }
    }

    /// More wait behind long services, and fewer where all are alike.
    fn by_spread(&self) -> Truth {
        match self.scv() {
            scv if scv > 1.0 + NEAR => Truth::Longer,
            scv if scv < 1.0 - NEAR => Truth::Shorter,
            _ => Truth::Either,
        }
    }

    /// Sharing by no more than so many at once is known for exponential service only.
    pub(super) fn limited_sharing(&mut self, found: Queue) {
        let matters = found.beyond > NOTICEABLE * found.present && found.beyond.is_finite();
        if matters && !self.mix.exponential {
            let truth = if self.scv() > 1.0 { Truth::Longer } else { Truth::Shorter };
            let text = "some wait for a connection before they share the cores";
            self.broken.push(Broken::new(text, truth));
        }
    }

    pub(super) fn overloaded(&mut self) {
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
