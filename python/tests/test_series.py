"""Series that the user brings, against values by hand and against the definitions."""

from __future__ import annotations

import math
import random
import statistics

import pandas as pd
import pytest

import deploysim


def autoregressive(seed: int, count: int = 2_000) -> list[float]:
    generator, value, values = random.Random(seed), 30.0, []
    for _ in range(count):
        value = 0.9 * value + generator.gauss(1, 1)
        values.append(value)
    return values


def test_batch_means_are_those_of_twenty_to_thirty_nine_batches() -> None:
    series = autoregressive(1)
    found = deploysim.batch_means(series)
    assert (found.batches, found.batch_length) == (31, 64)
    means = [statistics.fmean(series[i * 64 : (i + 1) * 64]) for i in range(31)]
    # The quantile of Student's t with 30 degrees of freedom, from a table.
    half_width = 2.042272 * statistics.stdev(means) / math.sqrt(31)
    assert found.mean == pytest.approx(statistics.fmean(series), rel=1e-12)
    assert found.half_width == pytest.approx(half_width, rel=1e-6)
    around = [mean - statistics.fmean(means) for mean in means]
    correlation = sum(a * b for a, b in zip(around, around[1:])) / sum(a * a for a in around)
    assert found.correlation == pytest.approx(correlation, rel=1e-9)


def test_mser5_takes_the_least_squared_error() -> None:
    series = autoregressive(2)
    means = [statistics.fmean(series[i : i + 5]) for i in range(0, len(series), 5)]

    def error(cut: int) -> float:
        return statistics.pvariance(means[cut:]) / (len(means) - cut)

    best = min(range(len(means) // 2 + 1), key=error)
    found = deploysim.mser5(series)
    assert found.observations == 5 * best and found.converged
    assert found.statistic == pytest.approx(error(best), rel=1e-9)
    assert found.mean == pytest.approx(statistics.fmean(means[best:]), rel=1e-12)
    assert not deploysim.mser5([1, 2, 3]).converged


def test_welch_averages_over_replications_and_neighbours() -> None:
    found = deploysim.welch([[1, 5, 3, 7, 9], [3, 5, 5, 7, 11, 99]], window=1)
    assert found.table["mean"].tolist() == [2, 5, 4, 7, 10]
    assert found.averages.round(6).tolist() == [2, 3.666667, 5.333333, 7]
    frame = pd.DataFrame({"a": [1, 5, 3, 7, 9, None], "b": [3, 5, 5, 7, 11, 99]})
    assert deploysim.welch(frame, window=1).table.equals(found.table)
    assert found._repr_svg_().startswith("<svg")
    assert deploysim.welch(pd.Series([4.0, 2.0])).averages.tolist() == [4, 2]


def test_what_is_no_series_is_told() -> None:
    with pytest.raises(deploysim.InputError, match=r'"nan" is not a finite number\n.*stdin:2:1'):
        deploysim.mser5([1.0, math.nan])
    with pytest.raises(deploysim.InputError, match="no number"):
        deploysim.batch_means([])
    with pytest.raises(deploysim.InputError, match="quarter"):
        deploysim.welch([1, 2, 3, 4], window=2)
