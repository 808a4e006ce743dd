//! How large the responses in a log were, by type: the values that a replay draws from.
//!
//! Sizes are kept in classes that are a thirty-second of their size wide, each with its exact mean,
//! so that what is kept is small and the mean of all is exact.

use std::collections::BTreeMap;

/// Sizes of the responses to requests of one type: how many were so large, and their mean.
pub type SizeClasses = Vec<(f64, f64)>;

/// The sizes that were met, by the number of a name and a class.
#[derive(Default)]
pub(super) struct Sizes(BTreeMap<(u32, u32), (u64, u128)>);

impl Sizes {
    pub(super) fn add(&mut self, name: u32, bytes: u64) {
        let (count, sum) = self.0.entry((name, class(bytes))).or_default();
        *count += 1;
        *sum += u128::from(bytes);
    }

    /// The sizes of each of so many types; `of` is the type of each name.
    pub(super) fn by_type(&self, types: usize, of: &[u32]) -> Vec<SizeClasses> {
        let mut classes: Vec<BTreeMap<u32, (u64, u128)>> = vec![BTreeMap::new(); types];
        for (&(name, class), &(count, sum)) in &self.0 {
            let of_type = classes[of[name as usize] as usize].entry(class).or_default();
            *of_type = (of_type.0 + count, of_type.1 + sum);
        }
        let mean = |(count, sum): (u64, u128)| (count as f64, sum as f64 / count as f64);
        classes.into_iter().map(|of_type| of_type.into_values().map(mean).collect()).collect()
    }

    /// The mean of all (bytes).
    pub(super) fn mean(&self) -> Option<f64> {
        let add = |a: (u64, u128), b: &(u64, u128)| (a.0 + b.0, a.1 + b.1);
        let (count, sum) = self.0.values().fold((0, 0), add);
        (count > 0).then(|| sum as f64 / count as f64)
    }
}

/// The power of two below a size, and the five bits after it.
fn class(bytes: u64) -> u32 {
    let power = bytes.max(1).ilog2();
    match power.checked_sub(5) {
        None => u32::try_from(bytes).unwrap_or(0),
        Some(shift) => (power << 5) | (u32::try_from(bytes >> shift).unwrap_or(0) & 31),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_narrow_and_their_means_exact() {
        let mut last = 0;
        for bytes in (0..5_000).chain([1 << 40, u64::MAX]) {
            assert!(class(bytes) >= last, "{bytes}");
            last = class(bytes);
        }
        let mut sizes = Sizes::default();
        let met = [(0, 100_000), (0, 100_001), (1, 7), (0, 0)];
        met.iter().for_each(|&(name, bytes)| sizes.add(name, bytes));
        assert_eq!(sizes.by_type(1, &[0, 0])[0], [(1.0, 0.0), (1.0, 7.0), (2.0, 100_000.5)]);
        assert_eq!(sizes.by_type(2, &[1, 0])[0], [(1.0, 7.0)]);
        assert_eq!(sizes.mean(), Some(50_002.0));
    }
}
