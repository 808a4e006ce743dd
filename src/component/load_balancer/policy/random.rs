//! Any backend, all equally likely.

use super::roster::Roster;
use super::{Balancing, Incoming, Setup};
use crate::component::kind::Choice;

/// Any backend, all equally likely.
#[derive(Clone, Debug)]
pub(crate) struct Random(Roster);

impl Balancing for Random {
    type Spec = ();
    const CHOICE: Option<Choice> = None;

    fn new((): &(), setup: &Setup) -> Random {
        Random(Roster::new(setup.count()))
    }

    #[inline]
    fn choose(&mut self, incoming: &Incoming) -> usize {
        self.0.at(incoming.draws().below(self.0.len()))
    }

    fn list(&mut self, backend: usize, listed: bool) {
        self.0.list(backend, listed);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check_spread, counts};
    use super::*;

    #[test]
    fn random_choices_are_uniform() {
        let mut random = Random(Roster::new(3));
        check_spread(&counts(3, |incoming| random.choose(incoming)), &[1.0 / 3.0; 3]);
    }
}
