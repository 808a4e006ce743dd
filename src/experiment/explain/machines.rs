//! Cores that several components share on one machine, as one station that all of them visit.

use std::collections::BTreeMap;

use super::assumptions::{Broken, Truth};
use crate::deployment::{Deployment, OnMachine};

/// With whom a component shares the cores of its machines.
#[derive(Clone, Debug)]
pub(super) struct Neighbourhood {
    /// Cores of a machine.
    pub(super) cores: u64,
    /// For each component on a machine, itself among them, the share of its work that is done on
    /// each machine of this one.
    pub(super) shares: Vec<(usize, f64)>,
    /// What no formula knows of.
    pub(super) broken: Vec<Broken>,
}

/// For each component on machines with cores, with whom it shares them.
pub(super) fn neighbourhoods(deployment: &Deployment) -> Vec<Option<Neighbourhood>> {
    let on = deployment.on_machines();
    let count = deployment.topology.len();
    (0..count).map(|component| neighbourhood(deployment, &on, component)).collect()
}

fn neighbourhood(
    deployment: &Deployment,
    on: &[OnMachine],
    component: usize,
) -> Option<Neighbourhood> {
    let works = |on: &&OnMachine| {
        let machine = &deployment.machines.0[on.machine.0].1;
        machine.cores.is_some() && instance_cores(deployment, on).is_some()
    };
    let on: Vec<&OnMachine> = on.iter().filter(works).collect();
    let mut mine: Vec<(usize, u64)> =
        on.iter().filter(|on| on.component == component).map(|on| on.machine).collect();
    mine.dedup();
    let first = *mine.first()?;
    let on_each = mine.iter().map(|machine| who_is_on(deployment, &on, *machine));
    let on_each: Vec<BTreeMap<usize, f64>> = on_each.collect();
    let cores = |machine: usize| deployment.machines.0[machine].1.cores.map(|cores| cores.get());
    let all_cores = cores(first.0)?;
    let alike = on_each.iter().all(|one| *one == on_each[0])
        && mine.iter().all(|machine| cores(machine.0) == Some(all_cores))
        && deployment.speeds(component).windows(2).all(|two| two[0] == two[1]);
    let limited = |on: &&&OnMachine| {
        mine.contains(&on.machine) && instance_cores(deployment, on) < cores(on.machine.0)
    };
    let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
    for one in &on_each {
        for (&other, share) in one {
            *shares.entry(other).or_default() += share / on_each.len() as f64;
        }
    }
    let reasons = [
        (!alike, "its machines, or those that it shares them with, are not alike"),
        (on.iter().any(|on| limited(&on)), "not all on its machine may have all of its cores"),
    ];
    let broken = reasons.into_iter().filter(|(is_broken, _)| *is_broken);
    let broken = broken.map(|(_, what)| Broken::new(what, Truth::Either)).collect();
    Some(Neighbourhood { cores: all_cores, shares: shares.into_iter().collect(), broken })
}

/// How many cores an instance has at most, if it has work for any.
fn instance_cores(deployment: &Deployment, on: &OnMachine) -> Option<u64> {
    deployment.topology.0[on.component].1.kind().most_cores(on.instance)
}

/// The share of the work of each component that is done on this machine, if each of its instances
/// does as much.
pub(super) fn who_is_on(
    deployment: &Deployment,
    on: &[&OnMachine],
    machine: (usize, u64),
) -> BTreeMap<usize, f64> {
    let mut shares = BTreeMap::new();
    for on in on.iter().filter(|on| on.machine == machine) {
        let instances = deployment.topology.0[on.component].1.instances() as f64;
        *shares.entry(on.component).or_default() += 1.0 / instances;
    }
    shares
}

/// The machines with cores whose work is alike: what they are called, how many cores they have
/// together, and which share of the work of each component is done on them.
pub(super) fn centres(deployment: &Deployment) -> Vec<(String, u64, BTreeMap<usize, f64>)> {
    let all = deployment.on_machines();
    let on: Vec<&OnMachine> = all.iter().collect();
    let mut centres = Vec::new();
    for machine in deployment.equipped() {
        let Some(cores) = machine.spec.cores.map(|cores| cores.get()) else { continue };
        let count = machine.spec.count.get();
        let of_each: Vec<BTreeMap<usize, f64>> =
            (0..count).map(|number| who_is_on(deployment, &on, (machine.index, number))).collect();
        let name = &machine.name.value;
        if of_each.iter().all(|one| *one == of_each[0]) {
            let whole = of_each[0].iter().map(|(&of, share)| (of, share * count as f64));
            centres.push((name.clone(), cores * count, whole.collect()));
        } else {
            let each = (0..).zip(of_each);
            centres.extend(each.map(|(number, one)| (format!("{name}[{number}]"), cores, one)));
        }
    }
    centres
}
