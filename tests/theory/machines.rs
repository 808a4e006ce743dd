//! Roles on one machine, whose cores they share: one station that all of them visit.

use crate::case::{Case, at, transient, utilisation};

const INSENSITIVE: &str = "Kleinrock II ch. 4: E[T | S = x] = x/(1-rho), rho the sum over all that \
                           share the core";
const BCMP: &str = "Baskett, Chandy, Muntz and Palacios 1975; Cohen 1979: E[T | S = x] = x E[T]/E[S] \
                    of M/M/4 at each visit, for the sum of the load";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    vec![side_by_side(), one_after_the_other()]
}

/// Two servers with clients of their own on one core.
fn side_by_side() -> Case {
    let yaml = "
machines: {box: {cores: 1}}
clients:
  some: {arrivals: poisson(30/s), target: one, timeout: none, requests: {get: {}}}
  others: {arrivals: poisson(20/s), target: other, timeout: none, requests: {put: {}}}
topology:
  one:
    server: {place: box, workers: unlimited, endpoints: {get: [{cpu: exp(10ms)}]}}
  other:
    server: {place: box, workers: unlimited, endpoints: {put: [{cpu: \"erlang(k=2, mean=15ms)\"}]}}
";
    Case::new("BOX-1", "two servers on one core, M/G/1-PS", INSENSITIVE)
        .run(yaml.to_owned(), 4.0 * transient(50.0, 0.012, 1.0), 4_000.0)
        .mean("mean sojourn of the one [s]", 0.025, |r| at(r, "one").sojourn.mean)
        .mean("mean sojourn of the other [s]", 0.0375, |r| at(r, "other").sojourn.mean)
        .mean("utilisation of the core", 0.6, |r| utilisation(r, "box", "cpu"))
        .mean("of it, for the one", 0.3, |r| utilisation(r, "one", "cpu"))
}

/// An application and its database on four cores.
fn one_after_the_other() -> Case {
    let yaml = "
machines: {box: {cores: 4}}
clients:
  users: {arrivals: poisson(400/s), target: app, timeout: none, requests: {get: {}}}
topology:
  app:
    server: {place: box, workers: unlimited, endpoints: {get: [{cpu: exp(5ms)}, {read: main}]}}
  main:
    database: {place: box, connections: unlimited, read: exp(3ms)}
";
    let slowdown = 1.745_540_589_734_255_7;
    Case::new("BOX-4", "application and database on four cores, PS", BCMP)
        .run(yaml.to_owned(), 4.0 * transient(400.0, 0.008, 4.0), 1_000.0)
        .mean("mean latency [s]", 0.008 * slowdown, |r| r.total.mean_latency.mean)
        .mean("own time of the application [s]", 0.005 * slowdown, |r| at(r, "app").own.mean)
        .mean("mean sojourn at the database [s]", 0.003 * slowdown, |r| at(r, "main").sojourn.mean)
        .mean("utilisation of the cores", 0.8, |r| utilisation(r, "box", "cpu"))
}
