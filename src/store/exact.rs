//! Hit ratios that are known exactly, of stores that are small beside what is asked for, where each
//! request asks for a key whatever was asked for before.

/// King (1971): the hit ratio of a store of three that evicts the least recently used, for keys
/// that are asked for with these probabilities, which add up to 1: the chance of each order of the
/// last keys used.
pub fn lru_of_three(p: &[f64]) -> f64 {
    let keys = 0..p.len();
    let triples = keys.clone().flat_map(|a| keys.clone().map(move |b| (a, b)));
    let triples = triples.flat_map(|(a, b)| keys.clone().map(move |c| (a, b, c)));
    let distinct = triples.filter(|&(a, b, c)| a != b && b != c && a != c);
    distinct
        .map(|(a, b, c)| {
            p[a] * p[b] / (1.0 - p[a]) * p[c] / (1.0 - p[a] - p[b]) * (p[a] + p[b] + p[c])
        })
        .sum()
}

/// Gelenbe (1973): the hit ratio of a store of so many entries (at least one) that evicts the
/// oldest, or any at random, which is the same. Every set of keys has a chance in proportion to the
/// product of their probabilities. Weights `p` that add up to another sum than 1 give the ratio
/// times that sum, so that products of a hundred of them stay numbers.
pub fn fifo(p: &[f64], entries: usize) -> f64 {
    let all = symmetric(p, entries)[entries];
    let hits = |key: usize| {
        let others: Vec<f64> = [&p[..key], &p[key + 1..]].concat();
        p[key] * p[key] * symmetric(&others, entries - 1)[entries - 1] / all
    };
    (0..p.len()).map(hits).sum()
}

/// The k-th elementary symmetric polynomials of these, from k = 0 to `most`.
fn symmetric(values: &[f64], most: usize) -> Vec<f64> {
    let mut sums = vec![0.0; most + 1];
    sums[0] = 1.0;
    for value in values {
        for k in (1..=most).rev() {
            sums[k] += value * sums[k - 1];
        }
    }
    sums
}
