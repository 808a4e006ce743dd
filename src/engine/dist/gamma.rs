//! The gamma distribution, by rejection: its inverse has no closed form, and Newton's method takes
//! several incomplete gamma functions for each sample.

use crate::engine::logarithm::ln;
use crate::engine::normal;
use crate::engine::random::Draws;

/// Draws from the gamma distribution of this shape and scale 1.
///
/// Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, ACM TOMS 26 (2000), with
/// the normal by inversion. A candidate increases with its number and at most one in twenty is
/// refused, so that common random numbers couple nearly as they do under inversion; the scale plays
/// no part, so that two means of one cv couple entirely.
pub(super) fn draw(shape: f64, draws: &mut Draws) -> f64 {
    // A shape below 1 is a power of a uniform times a shape above (section 6 there).
    let (boost, shape) = match shape < 1.0 {
        true => (libm::exp(ln(draws.unit()) / shape), shape + 1.0),
        false => (1.0, shape),
    };
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let z = normal::quantile(draws.unit());
        let root = 1.0 + c * z;
        let uniform = draws.unit();
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        if ln(uniform) < z * z / 2.0 + d * (1.0 - v + ln(v)) {
            return boost * d * v;
        }
    }
}
