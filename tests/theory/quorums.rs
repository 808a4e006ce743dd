//! Databases of which every copy takes writes: how long enough copies take to answer, what reads of
//! some of them miss, and how often writes of several copies conflict.

use deploysim::experiment::Results;

use crate::case::{Case, at};

const WARS: &str = "Bailis et al. 2012 (WARS), by Monte Carlo";
const WARS_EXP: &str = "exact: WARS with exponential times, by quadrature";
const ORDER: &str = "order statistics: F^-1(Beta^-1(p; k, n - k + 1))";
const BINOMIAL: &str = "binomial tails";
const CONCURRENT: &str = "exact: 1 - exp(-lambda_B (d_AB + d_BA)); pairs lambda_A lambda_B (d_AB + d_BA)";
const BIRTHDAY: &str = "n (n - 1) / 2 M";

/// Every case of this group.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(EXPONENTIAL.map(exponential));
    cases.extend(SEEN.map(seen));
    cases.extend(TAILS.map(tail));
    cases.extend(LOGNORMAL.map(|(n, k, mean, quantiles)| {
        let law = "lognormal(mean=6.885638881676785ms, cv=0.946815754877405)";
        fastest("QUORUM-LN", law, (n, k), mean, quantiles)
    }));
    cases.extend(PARETO.map(|(n, k, mean, quantiles)| {
        fastest("QUORUM-PARETO", "pareto(shape=2.2, minimum=2ms)", (n, k), mean, quantiles)
    }));
    cases.extend(AVAILABLE.map(available));
    cases.push(one_row());
    cases.push(many_rows());
    cases.push(identifiers());
    cases
}

fn measure(name: &'static str) -> impl Fn(&Results) -> f64 {
    measure_at("main", name)
}

fn measure_at(of: &'static str, name: &'static str) -> impl Fn(&Results) -> f64 {
    move |r| {
        let figure = at(r, of).measures.get(name);
        figure.unwrap_or_else(|| panic!("it has {name}")).estimate.mean
    }
}
