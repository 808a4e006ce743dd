//! Random streams, keyed by what is drawn and not by when.
//!
//! A [`Stream`] is a name for a sequence of numbers: the root is the seed, and each step down names
//! what the numbers are for (`clients`, `shoppers`, the 17th request, its second step). Asking for
//! the same name gives the same numbers, whatever happened before: two strategies under one seed
//! see the same users with the same demands.
//!
//! The numbers are those of `SplitMix64` (Steele, Lea and Flood 2014), whose output function is a
//! bijection with full avalanche; a stream's key has passed through it at least once more.

use std::convert::Infallible;

use rand::TryRng;

/// The steps from one stream to the next below the same one, and from one number of a stream to
/// the next; odd, and different, so that a stream is not named by another's numbers.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
const STEP: u64 = 0xD1B5_4A32_D192_ED03;

/// The variant 13 finaliser of Stafford, as `SplitMix64` uses it.
#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The name of a sequence of random numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stream(u64);

impl Stream {
    /// All randomness of one replication of a scenario with this seed.
    pub fn root(seed: u64, replication: u64) -> Stream {
        Stream(mix(seed ^ 0x6465_706C_6F79_7369)).at(replication)
    }

    /// The stream of this name below this one.
    #[must_use]
    pub fn named(self, name: &str) -> Stream {
        // FNV-1a over the name, then mixed with the key; names are few and made at build time.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        self.at(hash)
    }

    /// The `n`-th stream below this one.
    #[inline]
    #[must_use]
    pub fn at(self, n: u64) -> Stream {
        Stream(mix(self.0.wrapping_add(n.wrapping_mul(GOLDEN)).wrapping_add(GOLDEN)))
    }

    /// The stream that a salt tells from others beside this one. The salt must be as good as
    /// random, such as another stream's [`Stream::salt`]; it takes no further mixing then.
    #[inline]
    #[must_use]
    pub fn beside(self, salt: u64) -> Stream {
        Stream(self.0.wrapping_add(salt))
    }

    /// This stream's name as a number, to tell one kind of draw from another by [`Stream::at`].
    pub fn salt(self) -> u64 {
        self.0
    }

    /// The numbers of this stream.
    #[inline]
    pub fn draws(self) -> Draws {
        Draws(self.0)
    }
}

/// The numbers of one stream, one after the other.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// The next number, uniform over the open interval from 0 to 1.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// One less [`Draws::unit`], exactly.
    #[inline]
    pub fn complement(&mut self) -> f64 {
        unit(!self.bits())
    }

    /// A number from 0 up to `n`, not included, by Lemire's multiplication. The bias is below
    /// n / 2^64.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }
}

/// The middle of one of 2^52 equal cells. The bits become a number from 1 to 2, from which the
/// subtraction takes one less half a cell, without rounding.
#[inline]
fn unit(bits: u64) -> f64 {
    f64::from_bits(1.0_f64.to_bits() | bits >> 12) - (1.0 - f64::EPSILON / 2.0)
}

/// Lets any sampler of the `rand` family draw from a stream.
impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// For tests of the extremes: `mix` is a bijection, and this is its inverse.
#[cfg(test)]
impl Draws {
    /// Draws of which the first gives these bits.
    pub(super) fn giving(bits: u64) -> Draws {
        // Each step of Newton's method doubles the digits of an inverse modulo 2^64.
        let inverse = |odd: u64| {
            (0..6).fold(odd, |x, _| x.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(x))))
        };
        let mut z = bits ^ (bits >> 31) ^ (bits >> 62);
        z = z.wrapping_mul(inverse(0x94D0_49BB_1331_11EB));
        z = (z ^ (z >> 27) ^ (z >> 54)).wrapping_mul(inverse(0xBF58_476D_1CE4_E5B9));
        Draws((z ^ (z >> 30) ^ (z >> 60)).wrapping_sub(STEP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_number_is_the_middle_of_its_cell() {
        let cell = 1.0 / (1_u64 << 52) as f64;
        for bits in [0, 1 << 12, u64::MAX, u64::MAX - (1 << 12), 0x0123_4567_89AB_CDEF] {
            let exact = ((bits >> 12) as f64 + 0.5) * cell;
            assert!(unit(bits) == exact && unit(!bits) == 1.0 - exact, "{bits}");
        }
    }

    #[test]
    fn the_numbers_never_change() {
        let stream = Stream::root(7, 0).named("clients").named("shoppers").at(17);
        let mut draws = stream.draws();
        assert_eq!(
            [draws.bits(), draws.bits(), draws.bits()],
            [7_945_919_291_338_604_362, 13_316_763_133_753_976_532, 13_238_827_640_036_185_081],
            "pinned: a change here changes every result"
        );
    }

    #[test]
    fn streams_differ_by_name_by_number_and_by_replication() {
        let root = Stream::root(1, 0);
        let mut keys = vec![root, Stream::root(1, 1), Stream::root(2, 0), root.named("a")];
        keys.extend([root.named("b"), root.named("ab"), root.at(0), root.at(1), root.at(0).at(1)]);
        for (i, a) in keys.iter().enumerate() {
            assert!(keys[i + 1..].iter().all(|b| a != b));
        }
    }

    /// Pearson's statistic over 256 cells of the first draw of 2^20 neighbouring streams: mean 255,
    /// standard deviation 22.6. The band is six of those either side: false alarms about one in
    /// 10^8.
    #[test]
    fn the_first_draws_of_neighbouring_streams_are_uniform_and_uncorrelated() {
        let root = Stream::root(3, 0).named("service");
        let n = 1 << 20;
        let (mut cells, mut pairs, mut before) = ([0_u32; 256], [0_u32; 256], 0);
        for i in 0..n {
            let bits = root.at(i).draws().bits();
            cells[(bits >> 56) as usize] += 1;
            pairs[((bits >> 60 << 4) | (before >> 60)) as usize] += 1;
            before = bits;
        }
        let expect = n as f64 / 256.0;
        for counts in [cells, pairs] {
            let chi: f64 = counts.iter().map(|&c| (f64::from(c) - expect).powi(2) / expect).sum();
            assert!((255.0 - 6.0 * 22.6..255.0 + 6.0 * 22.6).contains(&chi), "{chi}");
        }
    }

    #[test]
    fn units_lie_strictly_between_zero_and_one() {
        assert!((0.5 * (1.0 / (1_u64 << 52) as f64)) > 0.0);
        let greatest = ((u64::MAX >> 12) as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64);
        assert!(greatest < 1.0);
    }
}
