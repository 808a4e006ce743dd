//! Copies of a database: what cannot be meant of them, and what theory is told of visits in which
//! other copies take part.

use crate::component::kind::Plan;
use crate::distribution::Delay;
use crate::document::{Name, Problem, Problems, quoted};

use super::DatabaseSpec;

impl DatabaseSpec {
    /// Reports what is wrong with its parts and their copies.
    pub(super) fn check_copies(&self, name: &Name, problems: &mut Problems) {
        if let Some(shards) = &self.shards {
            shards.value.check(name, problems);
        }
        match &self.replication {
            Some(replication) => {
                replication.0.check(name, problems);
                let failover = self.failover.as_ref().map(|of| of.0.place);
                replication.0.check_leaderless(self.reads.as_ref(), failover, problems);
            }
            None => {
                let reads = self.reads.as_ref().map(|reads| (reads.place, "`reads`"));
                let failover = self.failover.as_ref().map(|of| (of.0.place, "a `failover`"));
                for (place, key) in [reads, failover].into_iter().flatten() {
                    let title = format!("{key} without replicas");
                    let label = format!("{} is alone", quoted(&name.value));
                    let problem = Problem::new(place, title, label);
                    problems.push(problem.help("give it some: replication: {factor: 3}"));
                }
            }
        }
        if let Some(failover) = &self.failover {
            failover.0.value.check(problems);
        }
        self.check_rows(name, problems);
    }

    /// Reports what cannot be asked of several copies together, nor in a transaction.
    fn check_rows(&self, name: &Name, problems: &mut Problems) {
        let name = quoted(&name.value);
        let together = self.replication.as_ref().is_some_and(|of| of.0.quorum().is_some());
        let split = self.split.as_ref().map(|split| (split.0.place, "split rows"));
        let queries = self.queries.iter().map(|(query, _)| (query.place, "a query"));
        let asked = queries.chain(split).filter(|_| together);
        for (place, what) in asked {
            let title = format!("{what} of copies that answer together");
            let label = format!("{name} has a quorum, by which single rows are read and written");
            problems.push(Problem::new(place, title, label));
        }
        if let Some((place, what)) = split.filter(|_| self.transactions.is_some()) {
            let title = format!("{what} in transactions");
            let label = format!("transactions lock whole rows of {name}");
            problems.push(Problem::new(place, title, label));
        }
    }
}

impl DatabaseSpec {
    /// What a visit does that takes these turns at a copy by itself.
    pub(super) fn with_copies<'a>(&'a self, writes: bool, turns: Vec<&'a Delay>) -> Plan<'a> {
        let takes = |turns: &[&Delay]| -> Plan<'a> {
            Plan::Serial(turns.iter().map(|&turn| Plan::Time(turn.clone())).collect())
        };
        let elsewhere = |work: Plan<'a>| Plan::ToAnother(Box::new(work));
        let looked_up = takes(&turns);
        let alone = Plan::Serial(turns.into_iter().map(Plan::Core).collect());
        let Some(copies) = self.replication.as_ref().map(|replication| &*replication.0) else {
            return alone;
        };
        if !self.tells_of_copies() {
            return alone;
        }
        let quorum = copies.quorum();
        let mut plans =
            if quorum.is_some_and(|quorum| quorum.is_apart()) { Vec::new() } else { vec![alone] };
        let (told, needed) = (copies.told(), copies.needed());
        match quorum {
            _ if writes && needed > 0 => {
                let replay = copies.replay.as_ref().map(|replay| vec![replay]);
                let replay = replay.or_else(|| self.costs("write"));
                let replay = replay.filter(|_| copies.waits_for_work()).unwrap_or_default();
                let others = vec![elsewhere(takes(&replay))];
                let wait = u64::from(needed);
                plans.push(Plan::AtOnce { plans: others, copies: told, wait });
                Plan::Serial(plans)
            }
            Some(quorum) if !writes => {
                let [others, wait] = quorum.others_to_read(copies.copies());
                plans.extend((0..others).map(|_| elsewhere(looked_up.clone())));
                Plan::AtOnce { plans, copies: 1, wait }
            }
            _ => Plan::Serial(plans),
        }
    }

    /// Whether theory is told how long other copies take: not where cores are no ordinary ones.
    pub(super) fn tells_of_copies(&self) -> bool {
        self.speed.get() == 1.0 && self.disk.is_none()
    }
}
