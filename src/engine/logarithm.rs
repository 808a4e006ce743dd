//! The natural logarithm of a uniform number, the one transcendental function on the way of every
//! event: a table and a short polynomial, with the same bits on every platform.

use std::sync::LazyLock;

const CELLS: usize = 128;

/// For each cell of the mantissa: its middle, the inverse of that, and its logarithm.
static TABLE: LazyLock<[[f64; 3]; CELLS]> = LazyLock::new(|| {
    std::array::from_fn(|cell| {
        let middle = 1.0 + (cell as f64 + 0.5) / CELLS as f64;
        [middle, 1.0 / middle, libm::log(middle)]
    })
});

/// `ln(u)` for a normal number u > 0, to within 4e-16 of its size or of one, whichever is more.
///
/// u = 2^e m and m = c (1 + r) with c the middle of m's cell, so that ln(u) = e ln(2) + ln(c) +
/// ln(1 + r) with |r| <= 1/256, where seven terms of the series leave less than 2^-66.
#[inline]
pub(super) fn ln(u: f64) -> f64 {
    debug_assert!(u >= f64::MIN_POSITIVE, "only normal numbers have this form");
    let bits = u.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let [middle, inverse, logarithm] = TABLE[(bits >> 45) as usize % CELLS];
    let r = (mantissa - middle) * inverse;
    let square = r * r;
    // In pairs, so that the processor need not wait for one term to begin the next.
    let series = (r - square * 0.5)
        + square
            * ((r * (1.0 / 3.0) - square * 0.25)
                + square * ((r * 0.2 - square * (1.0 / 6.0)) + square * (r * (1.0 / 7.0))));
    exponent as f64 * std::f64::consts::LN_2 + (logarithm + series)
}

#[cfg(test)]
mod tests {
    use super::ln;
    use crate::engine::Stream;

    #[test]
    fn it_is_the_logarithm_to_the_last_digits() {
        let stream = Stream::root(1, 0);
        let some = (0..200_000).map(|i| stream.at(i).draws().unit());
        let edges = [1.0, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0, 0.5, 1e-16, 2.0 / 3.0];
        for u in some.chain(edges) {
            let exact = libm::log(u);
            assert!((ln(u) - exact).abs() <= 4e-16 * exact.abs().max(1.0), "{u:e}");
        }
    }
}
