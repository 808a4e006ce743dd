//! About how often each key has been used lately: a count-min sketch (Cormode and Muthukrishnan
//! 2005) of four rows with counts up to 15, which are all halved now and then.

use crate::engine::Stream;

/// Counts in words of sixteen, of which four belong to one row each: a key takes one of the four
/// groups, and in each row the count of that group in a word of its own. 8 to 16 bytes an entry.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    /// A power of two.
    words: Vec<u64>,
    /// Uses counted since the last halving, and half of those before.
    uses: usize,
    hashes: Stream,
}

const ROWS: u64 = 4;
const FEWEST_WORDS: usize = 8;
/// Uses for each word, until counts are halved: the paper's samples of ten times the capacity.
const SAMPLE: usize = 10;

impl Sketch {
    pub(super) fn new(hashes: Stream) -> Sketch {
        Sketch { words: vec![0; FEWEST_WORDS], uses: 0, hashes }
    }

    /// Has a word for each of so many entries. What was counted stays as it was: a key finds its
    /// counts in the first half of the words or in the second, and both are as before.
    pub(super) fn grow(&mut self, entries: usize) {
        while self.words.len() < entries {
            self.words.extend_from_within(..);
        }
    }

    pub(super) fn count(&mut self, key: u64) {
        for (word, shift) in self.places(key) {
            if self.words[word] >> shift & 15 < 15 {
                self.words[word] += 1 << shift;
            }
        }
        self.uses += 1;
        if self.uses >= SAMPLE * self.words.len() {
            self.uses /= 2;
            self.words.iter_mut().for_each(|word| *word = *word >> 1 & 0x7777_7777_7777_7777);
        }
    }

    /// Not below the count, but for the halvings and the greatest that is counted.
    pub(super) fn estimate(&self, key: u64) -> u64 {
        let counts =
            self.places(key).into_iter().map(|(word, shift)| self.words[word] >> shift & 15);
        counts.min().expect("there are rows")
    }

    pub(super) fn clear(&mut self) {
        self.words.truncate(FEWEST_WORDS);
        self.words.fill(0);
        self.uses = 0;
    }

    /// For each row the word, and by how many bits the count is shifted.
    fn places(&self, key: u64) -> [(usize, u64); ROWS as usize] {
        let hash = self.hashes.at(key).salt();
        let (group, first, step) = (hash % 4, hash >> 2, hash >> 32 | 1);
        std::array::from_fn(|row| {
            let row = row as u64;
            let word = first.wrapping_add(row.wrapping_mul(step)) as usize & (self.words.len() - 1);
            (word, 4 * (ROWS * group + row))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(words: usize) -> Sketch {
        let mut sketch = Sketch::new(Stream::root(1, 0));
        sketch.grow(words);
        sketch
    }

    #[test]
    fn counts_are_exact_while_keys_are_few_and_end_at_fifteen() {
        let mut sketch = sketch(1024);
        for key in 0..20 {
            (0..key).for_each(|_| sketch.count(key));
        }
        assert!((0..20).all(|key| sketch.estimate(key) == key.min(15)));
    }

    #[test]
    fn growing_keeps_every_estimate() {
        let mut sketch = sketch(64);
        (0..500).for_each(|n| sketch.count(n * n % 97));
        let before: Vec<u64> = (0..200).map(|key| sketch.estimate(key)).collect();
        sketch.grow(1000);
        assert_eq!(before, (0..200).map(|key| sketch.estimate(key)).collect::<Vec<_>>());
    }

    #[test]
    fn counts_are_halved_after_ten_uses_for_each_word() {
        let mut sketch = sketch(8);
        (0..10).for_each(|_| sketch.count(1));
        (0..69).for_each(|_| sketch.count(2));
        assert_eq!((sketch.estimate(1), sketch.estimate(2)), (10, 15));
        sketch.count(2);
        assert_eq!((sketch.estimate(1), sketch.estimate(2)), (5, 7));
        // Half of those are remembered: 40 more to the next.
        (0..40).for_each(|_| sketch.count(2));
        assert_eq!((sketch.estimate(1), sketch.estimate(2)), (2, 7));
    }
}
