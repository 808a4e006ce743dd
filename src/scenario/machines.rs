//! What a scenario says of machines that could not be meant: more than they have is wanted of them,
//! or nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::Kind;
use crate::deployment::{Deployment, OnMachine};
use crate::document::{Name, Problem, Problems, quoted};
use crate::storage::DiskSpec;
use crate::units::Bytes;
use crate::work::MachineSpec;

/// Reports what those on machines and the machines say of one another and cannot be. `takers` are
/// the components that are given as many cores as their machines have.
pub(super) fn check_machines(deployment: &Deployment, takers: &[usize], problems: &mut Problems) {
    for (name, spec) in deployment.machines.iter() {
        check_machine(name, spec, problems);
    }
    for component in 0..deployment.topology.len() {
        let on = deployment.on_machines_of(component);
        check_cores(deployment, component, &on, problems);
        check_disk(deployment, component, &on, problems);
        if takers.contains(&component) {
            check_all_on_machines(deployment, component, &on, problems);
        }
    }
    check_memory(deployment, problems);
    check_connections(deployment, problems);
}

fn check_machine(name: &Name, spec: &MachineSpec, problems: &mut Problems) {
    if let Some(disk) = &spec.disk {
        disk.0.check(name, problems);
        if disk.0.is_of_machine() {
            let title = format!("the disk of {} is itself", quoted(&name.value));
            let label = "expected what it is like, such as `disk: local`";
            problems.push(Problem::new(name.place, title, label));
        }
    }
    if spec.cores.is_none() && spec.speed.get() != 1.0 {
        let title = format!("{} has no cores that could be so fast", quoted(&name.value));
        problems.push(Problem::new(name.place, title, "expected `cores` beside its `speed`"));
    }
}

/// Reports a component whose jobs may have more cores than its machines, or cannot share any.
fn check_cores(
    deployment: &Deployment,
    component: usize,
    on: &[OnMachine],
    problems: &mut Problems,
) {
    let (name, spec) = &deployment.topology.0[component];
    let kind = spec.kind();
    let machines = on.iter().map(|on| &deployment.machines.0[on.machine.0]);
    let cores = machines.filter_map(|(name, machine)| Some((name, machine.cores?.get())));
    let Some((machine, most)) = cores.max_by_key(|(_, cores)| *cores) else { return };
    if let Some(why) = kind.shares_no_cores() {
        let title = format!("{} cannot share the cores of a machine", quoted(&name.value));
        let problem = Problem::new(name.place, title, why);
        return problems.push(problem.also(machine.place, "the machine"));
    }
    let wanted = on.iter().filter_map(|on| kind.most_cores(on.instance)).max().unwrap_or(0);
    if wanted > most {
        let title = format!("{} is to have {wanted} cores", quoted(&name.value));
        let label = format!("expected at most {most}: {} has no more", quoted(&machine.value));
        let problem = Problem::new(name.place, title, label);
        problems.push(problem.also(machine.place, "its machine"));
    }
}

/// Reports a component that has the cores of its machines, of which some instances are on none.
fn check_all_on_machines(
    deployment: &Deployment,
    component: usize,
    on: &[OnMachine],
    problems: &mut Problems,
) {
    let (name, spec) = &deployment.topology.0[component];
    let with_cores = |on: &&OnMachine| deployment.machines.0[on.machine.0].1.cores.is_some();
    let with_cores = on.iter().filter(with_cores).count() as u64;
    if spec.kind().most_cores(0).is_some() && with_cores < spec.instances() {
        let title = format!("not all of {} is on machines with cores", quoted(&name.value));
        let label = "expected `cores`, for those that are not";
        problems.push(Problem::new(name.place, title, label));
    }
}

/// Reports a component that keeps things on the disk of a machine without one.
fn check_disk(
    deployment: &Deployment,
    component: usize,
    on: &[OnMachine],
    problems: &mut Problems,
) {
    let (name, spec) = &deployment.topology.0[component];
    if !spec.kind().disk().is_some_and(|disk| disk.is_of_machine()) {
        return;
    }
    let with_disk = |on: &&OnMachine| deployment.machines.0[on.machine.0].1.disk.is_some();
    if (on.iter().filter(with_disk).count() as u64) < spec.instances() {
        let title = format!("the disk of {} is that of its machine", quoted(&name.value));
        let label = "expected a machine with a `disk` as its `place`";
        problems.push(Problem::new(name.place, title, label));
    }
}

/// Reports machines whose memory is too small for those on it.
fn check_memory(deployment: &Deployment, problems: &mut Problems) {
    let mut needs: BTreeMap<(usize, u64), [u64; 2]> = BTreeMap::new();
    for on in deployment.on_machines() {
        let [idle, each] = deployment.memory_of(on.component, on.instance);
        let [sum, most] = needs.entry(on.machine).or_default();
        (*sum, *most) = (sum.saturating_add(idle), each.max(*most));
    }
    for (index, (name, spec)) in deployment.machines.iter().enumerate() {
        let Some(memory) = &spec.memory else { continue };
        let here = || needs.iter().filter(|((machine, _), _)| *machine == index);
        let full = here().find(|(_, [idle, each])| idle.saturating_add(*each) > memory.value.0);
        if let Some(((_, number), [idle, each])) = full {
            let which = match spec.count.get() {
                1 => name.value.clone(),
                _ => format!("{}[{number}]", name.value),
            };
            let title = format!("those on {} need more memory than it has", quoted(&which));
            let [idle, each] = [idle, each].map(|bytes| Bytes(*bytes));
            let label = format!("they take {idle} without any request, and one takes {each}");
            problems.push(Problem::new(memory.place, title, label));
        }
    }
}

/// Reports databases whose connections take more memory than there is for them.
fn check_connections(deployment: &Deployment, problems: &mut Problems) {
    for (component, (name, spec)) in deployment.topology.iter().enumerate() {
        let taken = deployment.memory_of_connections(component);
        let mut on = deployment.on_machines_of(component);
        on.retain(|on| deployment.machines.0[on.machine.0].1.memory.is_some());
        let [buffer, _] = spec.kind().memory_of(0);
        if taken < buffer || taken == 0 || on.len() as u64 == spec.instances() {
            continue;
        }
        let title = format!("the connections to {} leave no memory", quoted(&name.value));
        let pooled = deployment.pooled_connections(&name.value);
        let each = Bytes(spec.kind().memory_of_a_connection());
        let label = match buffer {
            0 => "expected a `buffer` of so many bytes, or a machine with `memory`".to_owned(),
            buffer => format!(
                "{pooled} of all pools, {each} each, take {} of an instance's buffer of {}",
                Bytes(taken),
                Bytes(buffer)
            ),
        };
        problems.push(Problem::new(name.place, title, label));
    }
}

/// What of machines is of no use to anybody, for a warning.
pub fn unused_of_machines(deployment: &Deployment) -> Vec<String> {
    let all = (0..deployment.topology.len()).flat_map(|component| deployment.positions(component));
    let clients = (0..deployment.clients.len()).map(|index| deployment.position_of_client(index));
    let used = all.chain(clients).filter_map(|position| position.on_machine());
    let used: BTreeSet<(usize, u64)> = used.collect();
    let on = deployment.on_machines();
    let mut unused = Vec::new();
    for (index, (name, spec)) in deployment.machines.iter().enumerate() {
        let (name, count) = (&name.value, spec.count.get());
        let taken = used.iter().filter(|(of, _)| *of == index).count() as u64;
        if taken == 0 {
            unused.push(format!("nothing is on {name}"));
            continue;
        }
        if taken < count {
            unused.push(format!("nothing is on {} of the {count} machines {name}", count - taken));
        }
        let kinds = || {
            let here = on.iter().filter(move |on| on.machine.0 == index);
            here.map(|on| (deployment.topology.0[on.component].1.kind(), on))
        };
        let on_disk =
            |(kind, _): (&dyn Kind, &OnMachine)| kind.disk().is_some_and(DiskSpec::is_of_machine);
        let in_memory = |(_, on): (&dyn Kind, &OnMachine)| {
            deployment.memory_of(on.component, on.instance) != [0; 2]
        };
        let idle = [
            (spec.disk.is_some() && !kinds().any(on_disk), "disk"),
            (spec.memory.is_some() && !kinds().any(in_memory), "memory"),
        ];
        let idle = idle.into_iter().filter(|(idle, _)| *idle);
        unused.extend(idle.map(|(_, what)| format!("nothing on {name} uses its {what}")));
    }
    unused
}
