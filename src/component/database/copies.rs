//! What theory is told of visits in which other copies take part.

use crate::component::kind::Plan;
use crate::distribution::Delay;

use super::DatabaseSpec;

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
