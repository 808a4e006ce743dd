//! How long the intervals of a table of counts or rates last, told from when they begin.

use super::clock::Moment;
use crate::units::Span;

/// How long each of these intervals lasts, which begin at distinct times in order; `grain` where
/// there is but one.
///
/// The last step does not count for what is usual: its row may have been written before its time.
/// Where the steps are multiples of the shortest, and that is common, the intervals last that long
/// and those without a request are not there. Else each lasts to the next, and the last as long as
/// the one before; but where at least half of the steps are within a tenth of their median, no
/// interval is half as long or half as long again: one that seems so lasts as long as the median.
pub(super) fn lasting(starts: &[Moment], grain: Span) -> Vec<Span> {
    let steps: Vec<u64> = starts.windows(2).map(|pair| pair[1].apart(pair[0]).nanos()).collect();
    let Some(&last) = steps.last() else { return vec![grain; starts.len()] };
    let usual = &steps[..(steps.len() - 1).max(1)];
    if let Some(step) = grid(usual) {
        return vec![Span::from_nanos(step); starts.len()];
    }
    let mut sorted = usual.to_vec();
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2];
    let near = usual.iter().filter(|step| step.abs_diff(median) <= median / 10).count();
    let is_regular = 2 * near >= usual.len();
    let is_odd = |step: u64| step.saturating_mul(2).abs_diff(median.saturating_mul(2)) > median;
    let length = |step: u64| if is_regular && is_odd(step) { median } else { step };
    steps.iter().copied().chain([last]).map(|step| Span::from_nanos(length(step))).collect()
}

/// The step of which all others are multiples, if a tenth of them are it.
fn grid(steps: &[u64]) -> Option<u64> {
    let step = *steps.iter().min()?;
    let common = steps.iter().filter(|&&other| other == step).count();
    let is_grid = common > 1 && 10 * common >= steps.len();
    (is_grid && steps.iter().all(|other| other % step == 0)).then_some(step)
}

#[cfg(test)]
mod tests {
    use super::super::writing::Writing;
    use super::*;

    #[track_caller]
    fn check(starts: &[u64], expect: &[u64]) {
        let moment =
            |start: &u64| Writing::Any.read(start.to_string().as_bytes()).expect("a time").at;
        let starts: Vec<Moment> = starts.iter().map(moment).collect();
        let expect: Vec<Span> = expect.iter().map(|&secs| Span::from_secs(secs)).collect();
        assert_eq!(lasting(&starts, Span::from_secs(1)), expect);
    }

    #[test]
    fn intervals_last_to_the_next_unless_the_next_is_no_neighbour() {
        check(&[5], &[1]);
        check(&[0, 60], &[60, 60]);
        check(&[0, 300, 600, 900, 907], &[300; 5]);
        check(&[0, 299, 601, 900, 1200, 1207], &[299, 302, 299, 300, 300, 300]);
        check(&[0, 300, 600, 1500, 1800], &[300; 5]);
        check(&[0, 1, 2, 7, 8, 30, 31, 33], &[1; 8]);
        check(&[0, 186, 353, 452], &[186, 167, 99, 99]);
        check(&[0, 1, 3], &[1, 1, 1]);
        check(&[0, 186, 353], &[186, 167, 167]);
        check(&[0, 31, 59, 90, 120], &[31, 28, 31, 30, 30]);
    }
}
