//! Which resource limits the load, and how much more load there is room for: the one place from
//! which tables, charts, sweeps, replays and explanations have it.
//!
//! A resource that is full while its holders wait for another is not what limits: the calls are
//! followed from it to the first full one that waits for nothing else. Where none is full, the one
//! that is used most is full first as the load grows, if use is proportional to the load and
//! capacity constant; then 1 / use is how many times the present load it takes (the utilisation
//! law; Denning and Buzen 1978). Where that is not so, the reason is told in place of a number.

use std::iter::once;

use crate::component::client::ClientSpec;
use crate::deployment::Deployment;
use crate::measure::{Meter, Recorder, Resource};
use crate::scenario::{Scenario, edges};
use crate::stats::Estimate;
use crate::storage::COMMIT_LOG;

use super::findings::{Bottleneck, Over, Standing, Used};
use super::results::{ComponentResult, Lines, ResourceResult, Results, Series};

/// What cores are called.
const CPU: &str = Resource::Cpu.word("");
/// What writes to a log share.
const SHARED: [&str; 3] =
    [Resource::Disk.word(""), Resource::DiskIops.word(""), Resource::DiskThroughput.word("")];
/// From here on a resource counts as full.
const FULL: f64 = 0.995;
/// From here on one counts as full that others which are full wait for.
const NEARLY: f64 = 0.98;
/// Errors below this share of the requests change nothing.
const NEGLIGIBLE: f64 = 0.001;
/// A peak has so many requests, or is a tenth of the time; but no fewer than the second number.
const MANY: f64 = 1000.0;
const FEW: f64 = 100.0;
/// A tenth of the windows of a time series.
const TENTH: f64 = 10.0;
/// A busiest instance this much above the mean is one that is full before the others.
const UNEVEN: f64 = 0.02;

/// The finding, if anything is in use.
pub(super) fn bottleneck(
    scenario: &Scenario,
    runs: &[Recorder],
    results: &Results,
) -> Option<Bottleneck> {
    let whole = Uses::new(scenario, results, View::Run);
    if let Some(found) = whole.full() {
        return Some(found);
    }
    let view = view(scenario, results);
    let uses = view.map(|view| Uses::new(scenario, results, view));
    if let Some(found) =
        uses.as_ref().filter(|uses| matches!(uses.view, View::Peak(_))).and_then(Uses::full)
    {
        return Some(found);
    }
    let reason = match &uses {
        None => Some("a fault comes before it can be seen"),
        Some(uses) => unknown(scenario, runs, results, uses),
    };
    let shown = if reason.is_some() { &whole } else { uses.as_ref()? };
    let first = shown.first()?;
    let standing = match reason {
        Some(reason) => Standing::MostUsed(reason),
        None => shown.standing(first),
    };
    Some(first.told(standing))
}

/// Which part of the measured time is looked at.
#[derive(Clone, Copy, PartialEq)]
enum View {
    Run,
    /// For each resource, the so many windows in which most of it is in use: the load changes with
    /// time.
    Peak(usize),
    /// So many windows, which are over when the first fault comes, at this time (s).
    Before(usize, f64),
}

/// Which part of the time shows how use goes with the load; `None` if there is none.
fn view(scenario: &Scenario, results: &Results) -> Option<View> {
    let deployment = &scenario.deployment;
    let begins = deployment.faults.iter().map(|fault| fault.at.as_ref().map(|at| at.value.secs()));
    let first = begins.map(|at| at.unwrap_or(0.0)).reduce(f64::min);
    let series = &results.series;
    match first {
        Some(first) => {
            let over = |start: &&f64| **start + series.window.secs() <= first;
            let windows = series.starts.iter().take_while(over).count();
            (windows > 0).then_some(View::Before(windows, first))
        }
        None if deployment.clients.iter().any(|(_, client)| client.varies()) => {
            Some(View::Peak(at_once(results)))
        }
        None => Some(View::Run),
    }
}

/// How many windows a peak has, so that as many requests come in it as make a peak: in a window of
/// a moment one request fills a core.
fn at_once(results: &Results) -> usize {
    let windows = results.series.starts.len();
    let each = results.total.arrival_rate.mean * results.series.window.secs();
    let needed = |requests: f64| libm::ceil(requests / each);
    let enough = needed(MANY).min(TENTH).max(needed(FEW));
    if enough.is_finite() { (enough as usize).clamp(1, windows.max(1)) } else { windows.max(1) }
}

/// Why use need not be proportional to the load here, if it need not.
fn unknown(
    scenario: &Scenario,
    runs: &[Recorder],
    results: &Results,
    uses: &Uses<'_>,
) -> Option<&'static str> {
    let deployment = &scenario.deployment;
    let any = |has: fn(&ClientSpec) -> bool| deployment.clients.iter().any(|(_, of)| has(of));
    let browsers = any(|client| client.browser_cache.is_some());
    let asked = |of: &ComponentResult| of.cache.as_ref().is_some_and(|cache| cache.lookups > 0);
    let caches = results.components.iter().any(asked);
    let meters = || runs.iter().flat_map(Recorder::meters);
    let on_credits = |meter: &Meter| meter.disk.as_ref().is_some_and(|disk| disk.on_credits);
    let killed = results.components.iter().any(|component| component.killed > Some(0));
    if results.replications == 1 {
        Some("one replication does not say how sure that is")
    } else if any(|client| client.users.is_some()) {
        Some("users who wait for their answers ask less as these take longer")
    } else if caches || browsers {
        Some("what caches answer changes with the load")
    } else if meters().any(on_credits) {
        Some("a disk has more to give while its credits last")
    } else if killed || meters().any(|meter| meter.slowed) {
        Some("its capacity is not always the same")
    } else if uses.first().is_some_and(|first| first.is_shared_by_writes(deployment)) {
        Some("writes that come together share an operation of the disk")
    } else if deployment.any_can(|can| can.keeps_order) {
        Some("messages of one partition wait for one another")
    } else if results.components.iter().any(is_redelivered) {
        Some("messages are delivered again the more, the longer they take")
    } else if uses.failing(results) {
        Some("requests fail")
    } else if uses.uneven() {
        Some("its instances are not used alike")
    } else {
        None
    }
}

/// Whether messages here are delivered more than once.
fn is_redelivered(component: &ComponentResult) -> bool {
    let again = component.measures.get("redelivered_share");
    again.is_some_and(|again| again.estimate.mean > NEGLIGIBLE)
}

/// A resource in use.
struct Use<'r> {
    component: &'r ComponentResult,
    resource: &'r ResourceResult,
    /// Which component, in the order of the results.
    index: usize,
    /// How much of it, of what load can fill.
    used: Estimate,
    over: Over,
    /// How much of it was in use on average and in the busiest instance.
    spread: [f64; 2],
    /// Whether its holders wait for something else: cores, or answers of others.
    waits: bool,
}

impl Use<'_> {
    fn name(&self) -> Used {
        Used { component: self.component.name.clone(), resource: self.resource.name }
    }

    /// Whether it is of a disk that does less for each write where there are more of them.
    fn is_shared_by_writes(&self, deployment: &Deployment) -> bool {
        let spec = deployment.topology.get(&self.component.name);
        SHARED.contains(&self.resource.name) && spec.is_some_and(|spec| spec.has(Some(&COMMIT_LOG)))
    }

    fn told(&self, standing: Standing) -> Bottleneck {
        let Used { component, resource } = self.name();
        Bottleneck { component, resource, utilisation: self.used, over: self.over, standing }
    }

    /// Whether the intervals leave open which of the two is used more.
    fn may_equal(&self, other: &Use<'_>) -> bool {
        let half = |of: &Use<'_>| of.used.half_width.unwrap_or(0.0);
        (self.used.mean - other.used.mean).abs() <= half(self) + half(other)
    }
}

/// All resources in use.
struct Uses<'r> {
    view: View,
    all: Vec<Use<'r>>,
    /// Who asks whom, in the order of the results; the pipes between them among them.
    callees: Vec<Vec<usize>>,
}

impl<'r> Uses<'r> {
    fn new(scenario: &Scenario, results: &'r Results, view: View) -> Uses<'r> {
        let callees = callees(scenario, results);
        let deployment = &scenario.deployment;
        let topology = &deployment.topology;
        let components = results.components.iter().enumerate();
        let all = components.flat_map(|(index, component)| {
            let asks = !callees[index].is_empty();
            // What it has of cores that it shares with others is no limit of its own.
            let borrowed = index < topology.len() && deployment.shares_all_cores(index);
            let own = move |of: &&ResourceResult| !(borrowed && of.name == CPU);
            component.resources.iter().filter(own).filter_map(move |resource| {
                let (used, over) = used(results, index, resource, view)?;
                let waits = waits(component, resource, asks);
                let spread = spread(results, index, resource, view);
                Some(Use { component, resource, index, used, over, spread, waits })
            })
        });
        Uses { view, all: all.collect(), callees }
    }

    /// What limits the load now, if anything is full.
    fn full(&self) -> Option<Bottleneck> {
        let full = self.most(|of| of.used.mean >= FULL)?;
        let limiting = self.limiting(full.index, &mut Vec::new()).unwrap_or(full);
        let is_limiting = |of: &&Use<'_>| std::ptr::eq::<Use<'_>>(*of, limiting);
        let waiting = self.all.iter().filter(|of| of.waits && of.used.mean >= FULL);
        // That of the component itself goes without saying.
        let waiting = waiting.filter(|of| !is_limiting(of) && of.index != limiting.index);
        let waiting = waiting.filter(|of| self.leads(of.index, limiting.index));
        Some(limiting.told(Standing::Full { waiting: waiting.map(Use::name).collect() }))
    }

    /// Whether those who ask one component may wait for the other.
    fn leads(&self, from: usize, to: usize) -> bool {
        let mut reached = vec![from];
        let mut next = 0;
        while let Some(&index) = reached.get(next) {
            next += 1;
            let new = self.callees[index].iter().filter(|callee| !reached.contains(callee));
            reached.extend(new.copied().collect::<Vec<usize>>());
        }
        reached.contains(&to)
    }

    /// The first full resource on the way down from a component that waits for nothing else.
    fn limiting(&self, component: usize, seen: &mut Vec<usize>) -> Option<&Use<'r>> {
        if seen.contains(&component) {
            return None;
        }
        seen.push(component);
        let here = |waits: bool| {
            self.most(|of| of.index == component && of.waits == waits && of.used.mean >= NEARLY)
        };
        here(false)
            .or_else(|| {
                let below = self.callees[component].iter();
                let found: Vec<&Use<'r>> =
                    below.filter_map(|&callee| self.limiting(callee, seen)).collect();
                found.into_iter().reduce(fuller)
            })
            .or_else(|| here(true))
    }

    /// The resource that is used most.
    fn first(&self) -> Option<&Use<'r>> {
        self.most(|of| of.used.mean > 0.0)
    }

    fn standing(&self, first: &Use<'r>) -> Standing {
        // Where workers are as busy as what they wait for, that keeps them so.
        let other = |of: &&Use<'r>| !std::ptr::eq::<Use<'_>>(*of, first) && of.waits == first.waits;
        let alike = self.all.iter().filter(other).filter(|of| of.may_equal(first));
        // Beside each core stands a worker.
        let alike = alike.filter(|of| of.index != first.index);
        Standing::First { alike: alike.map(Use::name).collect(), headroom: headroom(first) }
    }

    /// Of those that are meant the one that is used most; of equals the first, but for one that
    /// waits for the other.
    fn most(&self, meant: impl Fn(&Use<'r>) -> bool) -> Option<&Use<'r>> {
        self.all.iter().filter(|of| meant(of)).reduce(fuller)
    }

    /// Whether so many requests fail in the time looked at that use does not show what is asked.
    fn failing(&self, results: &Results) -> bool {
        let View::Before(windows, _) = self.view else {
            return results.total.error_rate.mean > NEGLIGIBLE;
        };
        let sum = |name: &str| -> f64 {
            let values = results.series.total.of(name).iter().take(windows);
            values.map(|estimate| estimate.mean).filter(|mean| mean.is_finite()).sum()
        };
        sum("failure_rate") > NEGLIGIBLE * sum("arrival_rate")
    }

    /// Whether an instance may be full before all instances together show it.
    fn uneven(&self) -> bool {
        let Some(first) = self.first() else { return false };
        self.all.iter().any(|of| {
            let [mean, busiest] = of.spread;
            let noise = of.resource.busiest.half_width.unwrap_or(0.0).max(UNEVEN);
            let uneven = busiest - mean > noise;
            uneven && of.used.mean * busiest / mean >= first.used.mean
        })
    }
}

/// The one that is used more; of equals the first, but for one that waits for the other.
fn fuller<'u, 'r>(best: &'u Use<'r>, next: &'u Use<'r>) -> &'u Use<'r> {
    let more = if best.waits && !next.waits {
        next.used.mean >= best.used.mean
    } else {
        next.used.mean > best.used.mean
    };
    if more { next } else { best }
}

/// At how many times the present load it is full: where what is held does not depend on how long
/// holders wait for others.
fn headroom(of: &Use<'_>) -> Option<Estimate> {
    let Estimate { mean, half_width, n, .. } = of.used;
    let known = !of.waits && half_width.is_some_and(|half| half < mean);
    known.then(|| Estimate {
        mean: 1.0 / mean,
        half_width: half_width.map(|half| half / (mean * mean)),
        ends: None,
        n,
    })
}

/// How much of a resource was in use, of what load can fill, and when.
fn used(
    results: &Results,
    component: usize,
    resource: &ResourceResult,
    view: View,
) -> Option<(Estimate, Over)> {
    let name = format!("utilisation:{}", resource.name);
    let windows = || results.series.resources.get(component).map_or(&[][..], |of| of.of(&name));
    let (estimate, over) = match view {
        View::Run => (resource.utilisation, Over::Run),
        View::Before(count, at) => {
            (mean(&windows()[..count.min(windows().len())])?, Over::Before(at))
        }
        View::Peak(count) => {
            let Series { starts, window, .. } = &results.series;
            let means = windows().windows(count).map(mean).enumerate();
            let known = means.filter_map(|(at, mean)| Some((at, mean?)));
            let (at, peak) = known.reduce(|a, b| if b.1.mean > a.1.mean { b } else { a })?;
            (peak, Over::Peak(starts[at], count as f64 * window.secs()))
        }
    };
    let filled = resource.of_load(&estimate);
    filled.mean.is_finite().then_some((filled, over))
}

/// How much of a resource was in use on average and in the busiest instance: before the first
/// fault, where each instance was looked at alone, and else in the whole time.
fn spread(results: &Results, component: usize, resource: &ResourceResult, view: View) -> [f64; 2] {
    let whole = [resource.utilisation.mean, resource.busiest.mean];
    let View::Before(count, _) = view else { return whole };
    let Some(Lines(lines)) = results.series.resources.get(component) else { return whole };
    let name = format!("utilisation:{}[", resource.name);
    let alone = lines.iter().filter(|line| line.name.starts_with(&name));
    let means = alone.filter_map(|line| mean(&line.values[..count.min(line.values.len())]));
    let means: Vec<f64> = means.map(|estimate| estimate.mean).collect();
    let sum: f64 = means.iter().sum();
    let busiest = means.iter().copied().reduce(f64::max);
    busiest.map_or(whole, |busiest| [sum / means.len() as f64, busiest])
}

/// The mean over windows. Its interval is no wider than they are on average, however much windows
/// go together.
fn mean(windows: &[Estimate]) -> Option<Estimate> {
    let known: Vec<&Estimate> = windows.iter().filter(|e| e.mean.is_finite()).collect();
    let count = known.len() as f64;
    let sum = |of: fn(&Estimate) -> f64| known.iter().map(|e| of(e)).sum::<f64>();
    let halves = known.iter().all(|e| e.half_width.is_some());
    let n = known.iter().map(|e| e.n).min()?;
    let half_width = halves.then(|| sum(|e| e.half_width.unwrap_or(0.0)) / count);
    Some(Estimate { half_width, n, ..Estimate::point(sum(|e| e.mean) / count) })
}

/// Whether those who hold it wait for something else meanwhile: what is no processor, disk or pipe
/// is held while others are asked, or while there are fewer cores than holders.
fn waits(component: &ComponentResult, resource: &ResourceResult, asks: bool) -> bool {
    let cores = component.resources.iter().find(|of| of.name == CPU);
    resource.held && (asks || cores.is_some_and(|cores| resource.capacity > cores.capacity))
}

/// Whom each component asks, by their places in the results. A pipe stands on the way of those
/// whose link it is, and a machine on that of those who are on it. Who puts a message waits for
/// none of those who take it.
fn callees(scenario: &Scenario, results: &Results) -> Vec<Vec<usize>> {
    let place = |name: &str| results.components.iter().position(|of| of.name == name);
    let mut callees = vec![Vec::new(); results.components.len()];
    for (from, to) in edges(&scenario.deployment) {
        let pipes = [format!("{from} -> {to}"), format!("{from} <- {to}")];
        let waits = !scenario.deployment.is_queue(&to);
        let asked = once(to.as_str()).filter(|_| waits).chain(pipes.iter().map(String::as_str));
        if let Some(from) = place(&from) {
            callees[from].extend(asked.filter_map(place));
        }
    }
    for on in scenario.deployment.on_machines() {
        let (name, spec) = &scenario.deployment.machines.0[on.machine.0];
        let waited_for = spec.cores.is_some() || spec.disk.is_some();
        let machine = place(&name.value).filter(|_| waited_for);
        let known = |machine: &usize| callees[on.component].contains(machine);
        let machine = machine.filter(|machine| !known(machine));
        callees[on.component].extend(machine);
    }
    callees
}
