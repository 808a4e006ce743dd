//! Closed forms that several exercises use. Those of one queue are `experiment::explain`'s.

use crate::experiment::explain::queue;

/// The mean time in M/M/c (s): so many requests a second, each of `service` seconds on average, in
/// one queue in front of so many servers. Erlang (1917).
pub(super) fn time_in_mmc(rate: f64, service: f64, servers: f64) -> f64 {
    queue(rate * service, servers as u64, None, None).present / rate
}

/// The share of the requests that wait in M/M/c: Erlang's C (1917), from the mean number waiting.
pub(super) fn erlang_c(load: f64, servers: f64) -> f64 {
    queue(load, servers as u64, None, None).waiting * (1.0 - load / servers) / (load / servers)
}

/// The share that is lost if nobody may wait: Erlang's B (1917).
pub(super) fn erlang_b(load: f64, servers: f64) -> f64 {
    queue(load, servers as u64, Some(servers as u64), None).loss
}

/// The mean time in M/G/1 (s), by Pollaczek (1930) and Khinchine (1932), for a service of this
/// squared coefficient of variation: 0 if it is constant, 1 if it is exponential.
pub(super) fn time_in_mg1(rate: f64, service: f64, scv: f64) -> f64 {
    let waiting = queue(rate * service, 1, None, None).waiting / rate;
    service + waiting * f64::midpoint(1.0, scv)
}

/// The mean time in service times where each request goes to the better of two servers chosen at
/// random among very many: the sum over i of load^(2^i - 2). Vvedenskaya, Dobrushin and
/// Karpelevich (1996); Mitzenmacher (1996).
pub(super) fn better_of_two(load: f64) -> f64 {
    (1..20).map(|i| libm::pow(load, f64::from((1_u32 << i) - 2))).sum()
}
