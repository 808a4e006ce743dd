//! Where to look next for the edge between what holds and what does not: widen until there is one
//! of each, then halve what lies between.

use super::results::Decision;

/// What is sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The greatest value that holds, such as of a load: all below it hold.
    Most,
    /// The least value that holds, such as of a number of servers: all above it hold.
    Least,
}

/// How an edge is sought.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Which edge.
    pub goal: Goal,
    /// Where to begin.
    pub start: f64,
    /// The least value to try.
    pub low: f64,
    /// The greatest value to try.
    pub high: f64,
    /// Whether only whole numbers can be tried.
    pub whole: bool,
    /// How near to each other, as a share, what holds and what fails are to be.
    pub tolerance: f64,
}

impl Search {
    /// The value to try after these; `None` when the edge is found or cannot be.
    pub fn next(&self, tried: &[(f64, Decision)]) -> Option<f64> {
        if tried.is_empty() {
            return Some(self.start.clamp(self.low, self.high));
        }
        let (holds, fails) = self.edges(tried);
        match (holds, fails) {
            (None, _) => self.widen(tried, self.goal == Goal::Least),
            (Some(_), None) => self.widen(tried, self.goal == Goal::Most),
            (Some(holds), Some(fails)) => self.halve(tried, holds, fails),
        }
    }

    /// The boldest value that holds, and the least bold that fails.
    pub fn edges(&self, tried: &[(f64, Decision)]) -> (Option<f64>, Option<f64>) {
        let of = |decision| {
            tried.iter().filter(move |(_, found)| *found == decision).map(|(value, _)| *value)
        };
        let (holds, fails) = (of(Decision::Holds), of(Decision::Fails));
        match self.goal {
            Goal::Most => (holds.reduce(f64::max), fails.reduce(f64::min)),
            Goal::Least => (holds.reduce(f64::min), fails.reduce(f64::max)),
        }
    }

    /// Twice the greatest value tried, or half the least, until that end is reached.
    fn widen(&self, tried: &[(f64, Decision)], up: bool) -> Option<f64> {
        let values = tried.iter().map(|(value, _)| *value);
        let (from, to) = if up {
            let most = values.fold(f64::MIN, f64::max);
            (most, (2.0 * most).min(self.high))
        } else {
            let least = values.fold(f64::MAX, f64::min);
            (least, (least / 2.0).max(self.low))
        };
        let to = if self.whole { libm::floor(to) } else { to };
        (to != from).then_some(to)
    }

    /// The middle of the widest gap beside what holds or fails: what is undecided may stand
    /// between.
    fn halve(&self, tried: &[(f64, Decision)], holds: f64, fails: f64) -> Option<f64> {
        let (low, high) = (holds.min(fails), holds.max(fails));
        let between = tried.iter().map(|(value, _)| *value).filter(|v| low < *v && *v < high);
        let first = between.clone().fold(high, f64::min);
        let last = between.fold(low, f64::max);
        let (a, b) = if first - low >= high - last { (low, first) } else { (last, high) };
        if self.whole {
            return (b - a > 1.0).then(|| libm::floor((a + b) / 2.0));
        }
        (b - a > self.tolerance * b).then(|| rounded((a + b) / 2.0, a, b))
    }
}

/// `middle` to the fewest digits that keep it well between `a` and `b`.
fn rounded(middle: f64, a: f64, b: f64) -> f64 {
    let quarter = (b - a) / 4.0;
    let digits = (0..15).map(|digits| {
        let text = format!("{middle:.digits$e}");
        text.parse::<f64>().expect("a number that was just written can be read")
    });
    digits.into_iter().find(|near| (near - middle).abs() <= quarter).unwrap_or(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Search {
        let (low, high) = (0.3, 300_000.0);
        Search { goal: Goal::Most, start: 300.0, low, high, whole: false, tolerance: 0.01 }
    }

    /// Searches with this answer and returns what was tried.
    fn all(search: Search, decide: impl Fn(f64) -> Decision) -> Vec<(f64, Decision)> {
        let mut tried = Vec::new();
        while let Some(value) = search.next(&tried) {
            tried.push((value, decide(value)));
            assert!(tried.len() < 40, "{tried:?}");
        }
        tried
    }

    fn up_to(edge: f64) -> impl Fn(f64) -> Decision {
        move |x| if x <= edge { Decision::Holds } else { Decision::Fails }
    }

    #[test]
    fn the_edge_is_found_from_either_side() {
        for edge in [0.5, 17.0, 299.0, 300.0, 417.3, 250_000.0] {
            let tried = all(load(), up_to(edge));
            let (Some(holds), Some(fails)) = load().edges(&tried) else { panic!("{tried:?}") };
            assert!(holds <= edge && edge < fails, "{edge}: {tried:?}");
            assert!(fails - holds <= 0.01 * fails, "{edge}: {tried:?}");
        }
    }

    #[test]
    fn the_fewest_servers_are_found_exactly() {
        let search =
            Search { goal: Goal::Least, start: 3.0, low: 1.0, high: 3000.0, whole: true, ..load() };
        for fewest in [1.0, 2.0, 3.0, 7.0, 1000.0] {
            let decide = |x| if x >= fewest { Decision::Holds } else { Decision::Fails };
            let (holds, fails) = search.edges(&all(search, decide));
            assert_eq!(holds, Some(fewest));
            assert_eq!(fails, (fewest > 1.0).then_some(fewest - 1.0));
        }
    }

    #[test]
    fn what_always_or_never_holds_is_tried_to_the_end() {
        let tried = all(load(), up_to(f64::INFINITY));
        assert_eq!(tried.last(), Some(&(300_000.0, Decision::Holds)));
        let tried = all(load(), up_to(0.0));
        assert_eq!(tried.last(), Some(&(0.3, Decision::Fails)));
        all(load(), |_| Decision::Undecided);
    }

    #[test]
    fn what_is_undecided_is_closed_in_from_both_sides() {
        let decide = |x| match x {
            x if x < 400.0 => Decision::Holds,
            x if x > 440.0 => Decision::Fails,
            _ => Decision::Undecided,
        };
        let (holds, fails) = load().edges(&all(load(), decide));
        assert!(holds > Some(394.0) && fails < Some(446.0), "{holds:?} {fails:?}");
    }
}
