//! Hit ratios under independent references by Zipf's law, which are known exactly.

use super::*;
use crate::engine::Popularity;
use crate::stats::acceptance::{Decision, Kind, Reference, Stage, judge};
use crate::store::exact::{fifo, lru_of_three};

const REPLICATIONS: u64 = 30;
/// Requests of a replication, of which the first tenth fills the store.
const REQUESTS: u64 = 60_000;

/// So many keys by Zipf's law, and a store for some of them.
#[derive(Clone, Copy)]
struct Case {
    keys: u64,
    exponent: f64,
    entries: u64,
}

const SMALL: Case = Case { keys: 10, exponent: 1.0, entries: 3 };
const EVEN: Case = Case { keys: 1000, exponent: 0.8, entries: 100 };
const STEEP: Case = Case { keys: 1000, exponent: 1.0, entries: 50 };

/// Hit ratios of one replication: of all requests, of those for the first key, and of those for
/// the key whose rank is the capacity.
fn hit_ratios(case: Case, eviction: Eviction, requests: u64, stream: Stream) -> [f64; 3] {
    let popularity = Popularity::zipf(case.keys, case.exponent);
    let mut store = Store::new(Capacity::Entries(case.entries), eviction, stream.named("store"));
    let mut draws = stream.named("keys").draws();
    let (mut asked, mut hits) = ([0_u32; 3], [0_u32; 3]);
    for n in 0..requests {
        let key = popularity.draw(&mut draws);
        let hit = store.get(key).is_some();
        if !hit {
            store.insert(key, 1, ());
        }
        let counts = [true, key == 0, key == case.entries - 1];
        for which in 0..3 {
            if n >= requests / 10 && counts[which] {
                asked[which] += 1;
                hits[which] += u32::from(hit);
            }
        }
    }
    std::array::from_fn(|which| f64::from(hits[which]) / f64::from(asked[which]))
}

fn replications(case: Case, eviction: Eviction, requests: u64, seed: u64) -> Vec<[f64; 3]> {
    let stream = |replication| Stream::root(seed, replication).named("hit ratios");
    (0..REPLICATIONS).map(|r| hit_ratios(case, eviction, requests, stream(r))).collect()
}

/// Holds one of the ratios to its exact value by the rule of acceptance.
#[track_caller]
fn check(case: Case, eviction: Eviction, which: usize, expected: f64) {
    let reference =
        Reference { expected, kind: Kind::Prob, heavy: false, allowance: 0.0, standard_error: 0.0 };
    let decide = |requests, seed, stage| {
        let ratios = replications(case, eviction, requests, seed);
        let ratios: Vec<f64> = ratios.iter().map(|ratios| ratios[which]).collect();
        judge(&ratios, &reference, stage)
    };
    // A rarer key takes longer to be known as well.
    let requests = REQUESTS * [1, 1, 3][which];
    let mut verdict = decide(requests, 1, Stage::First);
    if verdict.decision == Decision::Reject {
        verdict = decide(4 * requests, 2, Stage::Second);
    }
    assert_eq!(verdict.decision, Decision::Accept, "{eviction} of {}: {verdict:?}", case.keys);
}

fn zipf(case: Case) -> Vec<f64> {
    let popularity = Popularity::zipf(case.keys, case.exponent);
    (0..case.keys).map(|key| popularity.probability(key)).collect()
}

/// The same with all probabilities times the number of keys, so that products of a hundred of them
/// stay numbers.
fn fifo_of_many(case: Case) -> f64 {
    let scaled: Vec<f64> = zipf(case).iter().map(|p| p * case.keys as f64).collect();
    fifo(&scaled, case.entries as usize) / case.keys as f64
}

#[test]
fn the_expected_values_are_those_of_the_formulas() {
    let p = zipf(SMALL);
    assert!((lru_of_three(&p) - 0.470_664_19).abs() < 1e-8);
    assert!((fifo(&p, 3) - 0.445_104_46).abs() < 1e-8);
    assert!((fifo_of_many(EVEN) - 0.334_110_82).abs() < 1e-8);
    assert!((fifo_of_many(STEEP) - 0.405_522_49).abs() < 1e-8);
}

#[test]
fn the_least_recently_used_are_evicted_with_the_hit_ratio_of_king() {
    check(SMALL, Eviction::Lru, 0, 0.470_664_19);
    check(SMALL, Eviction::Lru, 1, 0.764_062_59);
    check(SMALL, Eviction::Lru, 2, 0.378_677_17);
}

/// By the integral of Flajolet, Gardy and Thimonier (1992).
#[test]
fn the_hit_ratio_of_lru_is_exact_for_a_thousand_keys() {
    check(EVEN, Eviction::Lru, 0, 0.377_796_38);
    check(EVEN, Eviction::Lru, 1, 0.999_767_18);
    check(STEEP, Eviction::Lru, 0, 0.461_010_41);
    check(STEEP, Eviction::Lru, 1, 0.999_906_08);
}

#[test]
fn first_in_first_out_and_random_have_the_same_hit_ratio_that_of_gelenbe() {
    for eviction in [Eviction::Fifo, Eviction::Random] {
        check(SMALL, eviction, 0, 0.445_104_46);
        check(EVEN, eviction, 0, 0.334_110_82);
        check(STEEP, eviction, 0, 0.405_522_49);
    }
}

/// Nothing that knows only the past beats keeping the most wanted, under independent references.
#[test]
fn the_newer_policies_come_between_first_in_first_out_and_the_best_possible() {
    for case in [EVEN, STEEP] {
        let best: f64 = zipf(case)[..case.entries as usize].iter().sum();
        let oldest = fifo_of_many(case);
        for eviction in [Eviction::Lfu, Eviction::Sieve, Eviction::S3Fifo, Eviction::WTinyLfu] {
            let ratios = replications(case, eviction, REQUESTS / 2, 3);
            let mean = ratios.iter().map(|ratios| ratios[0]).sum::<f64>() / REPLICATIONS as f64;
            println!("{eviction}: {mean:.4} between {oldest:.4} and {best:.4}");
            assert!((oldest + 0.05..best).contains(&mean), "{eviction}: {mean}");
        }
    }
    let best: f64 = zipf(EVEN)[..100].iter().sum();
    assert!((best - 0.525_826_51).abs() < 1e-8);
}
