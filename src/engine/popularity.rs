//! Which of many things is wanted, some more often than others.

use std::sync::Arc;

use super::dist::Chances;
use super::random::Draws;
use super::zipf::Zipf;

/// How often each of so many things is wanted, numbered from 0. A copy costs little.
#[derive(Clone, Debug, PartialEq)]
pub struct Popularity(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Uniform(u64),
    /// The most wanted is 0.
    Zipf(Zipf),
    Weights(Arc<Chances>),
}

impl Popularity {
    /// All `things` equally. There is at least one.
    pub fn uniform(things: u64) -> Popularity {
        Popularity(Form::Uniform(things))
    }

    /// Zipf's law: the k-th of `things`, counted from 1, in proportion to k^-`exponent`. There is
    /// at least one and at most 2^50, and the exponent is 0 or more and finite. A draw takes
    /// constant time, and takes a second number only seldom; nothing is kept of the single thing.
    pub fn zipf(things: u64, exponent: f64) -> Popularity {
        match exponent == 0.0 {
            true => Popularity::uniform(things),
            false => Popularity(Form::Zipf(Zipf::new(things, exponent))),
        }
    }

    /// Each in proportion to its weight: finite and above zero, and there is at least one. A draw
    /// takes two steps on average; 12 bytes are kept of each weight.
    pub fn weights(weights: &[f64]) -> Popularity {
        Popularity(Form::Weights(Arc::new(Chances::new(weights))))
    }

    /// Draws a thing. In a sequence of draws nothing else should be drawn from the same numbers,
    /// for how many are taken varies.
    #[inline]
    pub fn draw(&self, draws: &mut Draws) -> u64 {
        match &self.0 {
            Form::Uniform(things) => {
                draws.below(usize::try_from(*things).expect("as many things as fit")) as u64
            }
            Form::Zipf(zipf) => zipf.draw(draws) - 1,
            Form::Weights(chances) => chances.choose(draws.unit()) as u64,
        }
    }

    /// How many things there are.
    pub fn things(&self) -> u64 {
        match &self.0 {
            Form::Uniform(things) => *things,
            Form::Zipf(zipf) => zipf.ranks(),
            Form::Weights(chances) => chances.len() as u64,
        }
    }

    /// The exact probability that a draw is this thing; below [`Popularity::things`].
    pub fn probability(&self, thing: u64) -> f64 {
        match &self.0 {
            Form::Uniform(things) => 1.0 / *things as f64,
            Form::Zipf(zipf) => zipf.probability(thing + 1),
            Form::Weights(chances) => chances.probability(thing as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    use super::*;
    use crate::engine::Stream;
    use crate::stats::acceptance::Stage;

    /// Things from so many up to the next, each cell wanted in a fiftieth of all draws or more.
    fn cells(popularity: &Popularity) -> Vec<(u64, f64)> {
        let mut cells: Vec<(u64, f64)> = vec![];
        for thing in 0..popularity.things() {
            let p = popularity.probability(thing);
            match cells.last_mut() {
                Some((_, share)) if *share < 0.02 => *share += p,
                _ => cells.push((thing, p)),
            }
        }
        cells
    }

    /// The probability that Pearson's statistic is as large as it is.
    fn p_value(popularity: &Popularity, cells: &[(u64, f64)], draws: u64, stream: Stream) -> f64 {
        let mut counts = vec![0_u64; cells.len()];
        for n in 0..draws {
            let thing = popularity.draw(&mut stream.at(n).draws());
            assert!(thing < popularity.things());
            counts[cells.partition_point(|&(start, _)| start <= thing) - 1] += 1;
        }
        let off = counts.iter().zip(cells).map(|(&count, (_, share))| {
            let expected = share * draws as f64;
            (count as f64 - expected) * (count as f64 - expected) / expected
        });
        let freedom = (cells.len() - 1) as f64;
        1.0 - ChiSquared::new(freedom).expect("two cells or more").cdf(off.sum())
    }

    /// By the rule of acceptance: what is unlikely is drawn again, and four times as often.
    #[track_caller]
    fn check(popularity: &Popularity, name: &str) {
        const DRAWS: u64 = 100_000;
        let cells = cells(popularity);
        let sum: f64 = cells.iter().map(|(_, share)| share).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{name}: the probabilities add up to {sum}");
        let stream = Stream::root(1, 0).named(name);
        let first = p_value(popularity, &cells, DRAWS, stream.at(1));
        if first < Stage::First.alpha() {
            let second = p_value(popularity, &cells, 4 * DRAWS, stream.at(2));
            assert!(second >= Stage::Second.alpha(), "{name}: {first:e}, {second:e}");
        }
    }

    #[test]
    fn ranks_are_drawn_as_often_as_the_law_says() {
        for things in [2, 3, 10, 1_000, 10_000_000] {
            for exponent in [0.0, 0.5, 0.8, 1.0, 1.2, 2.0] {
                let popularity = Popularity::zipf(things, exponent);
                check(&popularity, &format!("zipf({exponent}) of {things}"));
            }
        }
        for exponent in [0.0, 1.0, 3.0] {
            let only = Popularity::zipf(1, exponent);
            assert_eq!((only.draw(&mut Stream::root(1, 0).draws()), only.probability(0)), (0, 1.0));
        }
    }

    #[test]
    fn things_are_drawn_as_often_as_their_weights_say() {
        let weights: Vec<f64> = (0..500).map(|n| f64::from(n * 7 % 13 + 1)).collect();
        let popularity = Popularity::weights(&weights);
        let total: f64 = weights.iter().sum();
        for (thing, weight) in (0..).zip(&weights) {
            assert!((popularity.probability(thing) - weight / total).abs() < 1e-15);
        }
        check(&popularity, "weights");
        check(&Popularity::weights(&[1e-9, 1.0, 2.0]), "a weight that is next to nothing");
    }

    #[test]
    fn the_extreme_numbers_draw_the_first_and_the_last() {
        for exponent in [0.0, 0.5, 1.0, 2.0, 20.0, 700.0] {
            for things in [1, 2, 1_000, 1 << 50] {
                let popularity = Popularity::zipf(things, exponent);
                let (least, most) = (Draws::giving(0), Draws::giving(u64::MAX));
                assert_eq!(popularity.draw(&mut least.clone()), 0, "{exponent} {things}");
                assert!(popularity.draw(&mut most.clone()) < things, "{exponent} {things}");
            }
        }
    }
}
