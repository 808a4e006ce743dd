//! Where a plot of a series becomes level: Welch's moving average (Welch 1983, The Statistical
//! Analysis of Simulation Results, 6.1; as in Law 2015, Simulation Modeling and Analysis, 9.5.1).

/// The widest window that the method allows: a quarter of the values.
pub fn widest_window(values: usize) -> usize {
    values / 4
}

/// The moving average of a series with so many neighbours on each side: with `window` w, the mean
/// of the 2w + 1 values around the i-th, counted from 1; of the first w, the mean of the 2i - 1
/// values around it. The last w values have none.
pub fn moving_average(series: &[f64], window: usize) -> Vec<f64> {
    let sums: Vec<f64> = std::iter::once(0.0)
        .chain(series.iter().scan(0.0, |sum, value| {
            *sum += value;
            Some(*sum)
        }))
        .collect();
    let mean = |i: usize| {
        let reach = window.min(i);
        let (from, to) = (i - reach, i + reach + 1);
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..series.len().saturating_sub(window)).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: of 1, 5, 3, 7, 9 with one neighbour on each side.
    #[test]
    fn each_value_becomes_the_mean_of_those_around_it() {
        assert_eq!(moving_average(&[1.0, 5.0, 3.0, 7.0, 9.0], 1), [1.0, 3.0, 5.0, 19.0 / 3.0]);
    }

    /// By hand: the second of seven has one neighbour on each side although two are asked for.
    #[test]
    fn the_first_values_have_fewer_neighbours() {
        let series = [8.0, 2.0, 5.0, 3.0, 7.0, 4.0, 6.0];
        assert_eq!(moving_average(&series, 2), [8.0, 5.0, 5.0, 4.2, 5.0]);
    }

    #[test]
    fn without_neighbours_it_is_the_series_and_of_too_few_values_nothing() {
        assert_eq!(moving_average(&[4.0, 2.0], 0), [4.0, 2.0]);
        assert!(moving_average(&[4.0, 2.0], 2).is_empty());
        assert!(moving_average(&[], 0).is_empty());
        assert_eq!((widest_window(3), widest_window(100)), (0, 25));
    }
}
