//! The natural logarithm of a uniform number, the one transcendental function on the way of every
//! event: a table and a short polynomial, with the same bits on every platform.

const CELLS: usize = 128;

/// For each cell of the mantissa: its middle, the inverse of that, and its logarithm.
static TABLE: [[f64; 3]; CELLS] = {
    let mut table = [[0.0; 3]; CELLS];
    let mut cell = 0;
    while cell < CELLS {
        let middle = 1.0 + (cell as f64 + 0.5) / CELLS as f64;
        table[cell] = [middle, 1.0 / middle, ln_by_series((middle - 1.0) / (middle + 1.0))];
        cell += 1;
    }
    table
};

/// ln((1 + z) / (1 - z)) = 2 (z + z^3/3 + z^5/5 + ...), for 0 <= z <= 1/3, where 21 terms leave
/// less than 2^-66.
const fn ln_by_series(z: f64) -> f64 {
    let mut sum = 0.0;
    let mut term = 21;
    while term > 0 {
        term -= 1;
        sum = sum * (z * z) + 1.0 / (2 * term + 1) as f64;
    }
    2.0 * z * sum
}

/// `ln(u)` for a normal number u > 0, to within 4e-16 of its size or of one, whichever is more.
///
/// u = 2^e m and m = c (1 + r) with c the middle of m's cell, so that ln(u) = e ln(2) + ln(c) +
/// ln(1 + r) with |r| <= 1/256, where six terms of the series leave less than 2^-58.
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
        + square * ((r * (1.0 / 3.0) - square * 0.25) + square * (r * 0.2 - square * (1.0 / 6.0)));
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
