"""What can be said of a series of numbers: batch means, Welch's plot and MSER-5."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, NamedTuple, Sequence, Union

from . import binary
from .errors import DeploysimError, InputError
from .results import Chart, read_table

if TYPE_CHECKING:
    import pandas as pd

#: Numbers in their order: a list, an array, or a column of a data frame.
Series = Iterable[float]


class BatchMeans(NamedTuple):
    """The mean of a series whose values resemble each other, with its 95% interval."""

    #: The mean of all values.
    mean: float
    #: The ends of the interval are so far from it; None of fewer than 20 values.
    half_width: float | None
    #: How many batches there are, from 20 to 39.
    batches: int
    #: How many values are in one.
    batch_length: int
    #: How much a batch resembles the next: far above zero, the interval is too narrow.
    correlation: float | None


class Truncation(NamedTuple):
    """Where the start of a series stops to matter."""

    #: How many values to leave out; ``series[found.observations:]`` are kept.
    observations: int
    #: The mean of what is kept, up to the last whole batch of five.
    mean: float | None
    #: The squared error that is least there.
    statistic: float | None
    #: Whether that is inside the first half; if not, the series is too short to tell.
    converged: bool


class Welch:
    """Welch's plot, which a notebook shows: the moving average of the mean over replications."""

    def __init__(self, data: Any, table: pd.DataFrame, svg: str) -> None:
        #: Values on each side that the moving average takes.
        self.window: int = data["welch"]["window"]
        #: A row for each value: ``mean`` over the replications, and its ``moving_average``.
        self.table = table
        #: The plot.
        self.svg = svg
        #: Where MSER-5 cuts the mean over the replications.
        self.truncation = _truncation(data)

    @property
    def averages(self) -> pd.Series[float]:
        """The moving averages."""
        return self.table["moving_average"].dropna()

    def _repr_svg_(self) -> str:
        return self.svg


def batch_means(series: Series) -> BatchMeans:
    """The mean of a series by batch means.

    >>> found = batch_means([4, 6] * 80)
    >>> found.mean, found.half_width, found.batches, found.batch_length
    (5.0, 0.0, 20, 8)
    """
    whole = _asked([series])[0]["replications"][0]["whole"]
    return BatchMeans(
        whole["mean"], whole["half_width"], whole["n"], whole["batch_length"], whole["correlation"]
    )


def mser5(series: Series) -> Truncation:
    """Where the warm-up of a series ends, by MSER-5.

    >>> mser5([9] * 40 + [4, 6] * 80).observations
    40
    """
    return _truncation(_asked([series])[0])


def welch(series: Union[Series, Sequence[Series]], window: int | None = None) -> Welch:
    """Welch's plot of a series, or of several replications of one: a list of lists, or a data frame
    with a column for each.

    >>> welch([1, 5, 3, 7, 9], window=1).averages.round(3).tolist()
    [1.0, 3.0, 5.0, 6.333]
    """
    options = [] if window is None else [f"--window={window}"]
    data, table, svg = _asked(_replications(series), options, draw=True)
    return Welch(data, table, svg)


def _truncation(data: Any) -> Truncation:
    found = data["mser5"]
    return Truncation(
        found["observations"], found["mean"], found["statistic"], found["converged"]
    )


def _replications(series: Any) -> list[Series]:
    """The replications of a series."""
    if hasattr(series, "columns"):
        return [series[name].dropna() for name in series.columns]
    several = list(series)
    nested = bool(several) and all(hasattr(one, "__iter__") for one in several)
    return several if nested else [several]


def _asked(
    replications: Sequence[Series], options: Sequence[str] = (), draw: bool = False
) -> tuple[Any, Any, str]:
    """What the program says of these; the table and the plot where it is to ``draw``."""
    columns = [[repr(float(value)) for value in series] for series in replications]
    text = _written(columns)
    numbers = [f"--column={i + 1}" for i in range(len(columns))]
    with tempfile.TemporaryDirectory(prefix="deploysim-") as folder:
        line = [*numbers, *options, "--format=json", f"--out={folder}"]
        found = binary.run("series", [*line, *([] if draw else ["--no-charts"]), "-"], text)
        if found.status == 2:
            raise InputError(found.stderr.strip(), 2)
        if found.status != 0:
            raise DeploysimError(found.stderr.strip(), found.status)
        data = json.loads(found.stdout)
        if not draw:
            return data, None, ""
        path = Path(folder)
        return data, read_table(path / "series.csv"), Chart(path / "welch.svg").svg


def _written(columns: list[list[str]]) -> str:
    """Columns as a table; one that ends before others leaves its cells empty."""
    if len(columns) == 1:
        return "\n".join(columns[0]) + "\n"
    rows = max((len(column) for column in columns), default=0)
    cells = [column + [""] * (rows - len(column)) for column in columns]
    return "".join(",".join(row) + "\n" for row in zip(*cells))
