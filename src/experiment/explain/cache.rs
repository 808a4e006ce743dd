//! The share of lookups that each cache answers, before anything is simulated.

use crate::caching::Lookups;

use super::load::Window;
use super::solver::Solver;

/// The share of the lookups that the cache of each component answers, if requests come as this
/// solver says; 0 where there is none.
pub(super) fn hit_ratios(solver: &Solver) -> Vec<f64> {
    let ratio = |asked: Option<Lookups>| asked.map_or(0.0, |asked| asked.hit_ratio());
    asked(solver).into_iter().map(ratio).collect()
}

/// Where many miss at once what has expired: while one fetches it, others ask for it as well. How
/// many of those who ask for what is asked for most.
pub(super) fn stampedes(solver: &Solver) -> Vec<Option<f64>> {
    let mut fetch = vec![0.0_f64; solver.stations.len()];
    for work in &solver.flow.works {
        for call in &work.calls {
            if let Some(cache) = call.missed {
                fetch[cache] = fetch[cache].max(call.link + solver.flow.alone[call.state]);
            }
        }
    }
    let stampede = |(asked, fetch): (Option<Lookups>, f64)| asked?.stampede(fetch);
    asked(solver).into_iter().zip(fetch).map(stampede).collect()
}

/// Which caches are empty at the start of a run and still fill in this part of it.
pub(super) fn filling(solver: &Solver, window: Window) -> Vec<bool> {
    let asked = asked(solver).into_iter();
    asked.map(|asked| asked.is_some_and(|asked| asked.is_filling(window.from, window.to))).collect()
}

fn asked<'a>(solver: &Solver<'a>) -> Vec<Option<Lookups<'a>>> {
    let deployment = solver.deployment;
    let caches = deployment.any_can(|can| can.cache().is_some());
    let by_catalog = if caches { lookups_by_catalog(solver) } else { Vec::new() };
    let components = deployment.topology.iter().enumerate();
    let asked = components.map(|(component, (_, spec))| {
        let can = spec.kind().capabilities();
        let cache = can.cache()?;
        // Each replica of a server has a cache of its own; the nodes of a cache share the objects.
        let instances = spec.kind().instances() as f64;
        let (apart, nodes) =
            if can.own_cache.is_some() { (instances, 1.0) } else { (1.0, instances) };
        let mut asked = cache.lookups(nodes);
        for (catalog, lookups) in by_catalog.iter().enumerate() {
            let (_, spec) = &deployment.catalog.0[catalog];
            let [rate, removed] = lookups[component].map(|rate| rate / apart);
            if rate > 0.0 {
                asked.add(spec, [rate, removed]);
            }
        }
        Some(asked)
    });
    asked.collect()
}

/// For each catalog and component, lookups and invalidations per second.
fn lookups_by_catalog(solver: &Solver) -> Vec<Vec<[f64; 2]>> {
    let (flow, deployment) = (&solver.flow, solver.deployment);
    let ones = vec![1.0; solver.stations.len()];
    let of = |catalog: usize| {
        let types = flow.types.iter().zip(&solver.sent);
        let about =
            types.map(|(request, &sent)| if request.catalog == Some(catalog) { sent } else { 0.0 });
        let rates = flow.rates(&about.collect::<Vec<f64>>(), &ones);
        let mut found = vec![[0.0; 2]; ones.len()];
        for (state, rate) in rates.iter().enumerate() {
            let (component, operation) = &flow.asked[state];
            let can = deployment.topology.0[*component].1.kind().capabilities();
            found[*component][0] += rate * flow.works[state].local;
            match operation.as_str() {
                _ if can.entries.is_none() => {}
                "lookup" => found[*component][0] += rate,
                "invalidate" => found[*component][1] += rate,
                _ => {}
            }
        }
        found
    };
    (0..deployment.catalog.0.len()).map(of).collect()
}
