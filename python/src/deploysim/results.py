"""What a command found: tables as data frames, charts as SVG, and what was said."""

from __future__ import annotations

import csv
import functools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Mapping, overload

if TYPE_CHECKING:
    import pandas as pd

#: Columns that hold words, where nothing is an empty text and not a missing number.
WORDS = frozenset(
    "client request component kind name metric unit statistic variant against pairing expectation "
    "verdict warning block subject part found span".split()
)
#: What a row of the short table is, and which figures it has.
HEADLINE = ("arrivals", "throughput", "error_rate", "mean_latency", "p50", "p99")


def read_table(path: Path) -> pd.DataFrame:
    """A table of the program. Words stay as they are: a request called ``NA`` is one."""
    import pandas as pd

    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    words = [name for name in header if name in WORDS]
    numbers = [name for name in header if name not in WORDS]
    return pd.read_csv(
        path,
        dtype={name: "str" for name in words},
        keep_default_na=False,
        na_values={name: [""] for name in numbers},
        low_memory=False,
    )


class Table:
    """A table of a result, read when it is first asked for."""

    def __init__(self, name: str, doc: str, empty: str = "") -> None:
        self.name = name
        self.__doc__ = doc
        #: The columns of a table that is written only if it has rows.
        self.empty = empty.split()

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    @overload
    def __get__(self, result: None, owner: type) -> Table: ...
    @overload
    def __get__(self, result: Result, owner: type) -> pd.DataFrame: ...
    def __get__(self, result: Result | None, owner: type) -> Table | pd.DataFrame:
        if result is None:
            return self
        path = result.folder / self.name
        if not path.exists():
            return self._missing(result)
        table = read_table(path)
        result.__dict__[self.attribute] = table
        return table

    def _missing(self, result: Result) -> pd.DataFrame:
        """A table that has no rows; otherwise why there is none."""
        if self.empty and (result.folder / result._manifest_file).exists():
            import pandas as pd

            return pd.DataFrame(columns=self.empty)
        raise AttributeError(f"this result has no {self.name}: {self.__doc__}")


class Chart:
    """A chart as SVG, which a notebook shows."""

    def __init__(self, path: Path) -> None:
        #: Where it is.
        self.path = path

    @property
    def svg(self) -> str:
        """The chart as a text."""
        return self.path.read_text(encoding="utf-8")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<chart {self.path.stem}>"


class Charts(Mapping[str, Chart]):
    """The charts of a result by their names."""

    def __init__(self, folder: Path) -> None:
        self._found = {path.stem: Chart(path) for path in sorted(folder.glob("*.svg"))}

    def __getitem__(self, name: str) -> Chart:
        try:
            return self._found[name]
        except KeyError:
            there = ", ".join(self._found) or "none: no_charts=True leaves them out"
            raise KeyError(f"there is no chart {name!r}; there is {there}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"<charts {', '.join(self._found)}>"


class Result:
    """What a command found. Without ``out`` its files are in a temporary folder, which is removed
    with the result."""

    _text_file = "summary.txt"
    _manifest_file = "manifest.json"

    def __init__(
        self,
        folder: Path,
        status: int,
        printed: str,
        notes: str,
        keeps: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        #: Where its files are.
        self.folder = folder
        #: The exit status of the program: 0, or 1 if an expectation failed.
        self.status = status
        #: What the program said beside its results, such as how it read a recording.
        self.notes = notes
        self._printed = printed
        self._keeps = keeps

    @property
    def holds(self) -> bool:
        """Whether no expectation failed, and something was found that holds the objectives."""
        return self.status == 0

    @functools.cached_property
    def data(self) -> Any:
        """All that the program said, as ``--format json`` prints it; None if it was interrupted
        before."""
        return json.loads(self._printed) if self._printed.strip() else None

    @functools.cached_property
    def manifest(self) -> dict[str, Any]:
        """All that is needed to repeat it."""
        found: dict[str, Any] = json.loads(self._read(self._manifest_file))
        return found

    @functools.cached_property
    def charts(self) -> Charts:
        """Its charts by their names."""
        return Charts(self.folder)

    @property
    def text(self) -> str:
        """What the command prints for a person."""
        return self._read(self._text_file).rstrip()

    def _read(self, name: str) -> str:
        path = self.folder / name
        if not path.exists():
            raise AttributeError(f"this result has no {name}: it was interrupted")
        return path.read_text(encoding="utf-8")

    def _short(self) -> pd.DataFrame | None:
        """The table that a notebook shows."""
        return None

    def __repr__(self) -> str:
        try:
            return self.text
        except AttributeError as error:
            return f"<{type(self).__name__.lower()} in {self.folder}: {error}>"

    def _repr_html_(self) -> str | None:
        try:
            table = self._short()
        except AttributeError:
            return None
        if table is None:
            return None
        return table.to_html(border=0, na_rep="", float_format="{:.5g}".format)


class Run(Result):
    """What ``run`` found."""

    summary = Table("summary.csv", "Every figure of every request type, and of all together.")
    components = Table("components.csv", "Every figure of every component.")
    timeseries = Table("timeseries.csv", "Every figure of every window.")
    replications = Table("replications.csv", "Every figure of every replication.")
    latency = Table("latency.csv", "How the latencies of each request type are spread.")
    present = Table("present.csv", "For how much of the time how many were present.")
    requests = Table("requests.csv", "Single requests: trace_requests asks for them.")

    @functools.cached_property
    def expectations(self) -> pd.DataFrame:
        """What the scenario expects, what was found, and whether it holds."""
        import pandas as pd

        return pd.DataFrame(
            self.data["expectations"] if self.data else [],
            columns=["expectation", "found", "verdict", "more_replications"],
        )

    def _short(self) -> pd.DataFrame:
        summary = self.summary[self.summary["request"] != ""]
        return pivoted(summary, ["client", "request"])


class Replay(Result):
    """What ``replay`` found at each multiple of the recorded load."""

    @functools.cached_property
    def at(self) -> dict[float, Run]:
        """The run at each multiple."""
        folders = (path for path in self.folder.glob("x*") if (path / "manifest.json").exists())
        runs = {float(path.name[1:]): Run(path, self.status, "", "") for path in folders}
        for one in self.data or []:
            if one["scale"] in runs:
                runs[one["scale"]].__dict__["data"] = one["results"]
        return dict(sorted(runs.items()))

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """The summaries of all multiples, one below the other."""
        import pandas as pd

        tables = {scale: run.summary for scale, run in self.at.items()}
        return pd.concat(tables, names=["scale"]).reset_index(level="scale").reset_index(drop=True)

    @property
    def text(self) -> str:
        return "\n\n".join(f"× {scale:g}\n{run.text}" for scale, run in self.at.items())

    def _short(self) -> pd.DataFrame:
        total = self.summary[self.summary["request"] == "all"]
        return pivoted(total, ["scale"])


class Sweep(Result):
    """What ``sweep`` found in each cell."""

    _manifest_file = "sweep-manifest.json"
    table = Table("sweep.csv", "Every figure of every cell.")
    warnings = Table("warnings.csv", "What is to be known of a cell.", "cell warning")
    expectations = Table(
        "expectations.csv", "What the scenario expects of each cell.", "cell expectation verdict"
    )

    @functools.cached_property
    def axes(self) -> list[str]:
        """The columns of what was varied."""
        return [axis["name"] for axis in self.manifest["axes"]]

    def _short(self) -> pd.DataFrame:
        table = self.table
        total = table[(table["kind"] == "request") & (table["request"] == "all")]
        return pivoted(total, self.axes)


class Comparison(Result):
    """What ``compare`` found."""

    _text_file = "comparison.txt"
    _manifest_file = "compare-manifest.json"
    table = Table("comparison.csv", "Every figure of every variant beside the first.")
    requests = Table("requests.csv", "The requests that fare most differently: requests=10.")

    def _short(self) -> pd.DataFrame:
        table = self.table
        chosen = table[(table["request"] == "all") & table["metric"].isin(HEADLINE)]
        return chosen[["variant", "metric", "unit", "first", "this", "difference", "half_width"]]


class Capacity(Result):
    """What ``capacity`` found."""

    _text_file = "capacity.txt"
    _manifest_file = "capacity-manifest.json"
    table = Table("capacity.csv", "Each value that was tried.")

    @property
    def value(self) -> float | None:
        """The greatest value that holds, or the least; None if none does."""
        found: float | None = self.data["holds"] if self.data else None
        return found

    def _short(self) -> pd.DataFrame:
        return self.table


class Explanation(Result):
    """What ``explain`` found."""

    _text_file = "explain.txt"
    _manifest_file = "explain-manifest.json"
    table = Table("explain.csv", "Theory, agreement, where the time goes, and what would help.")

    @property
    def breakdown(self) -> pd.DataFrame:
        """Where the time of requests goes."""
        return self.table[self.table["block"] == "latency"]

    def _short(self) -> pd.DataFrame:
        return self.breakdown


def pivoted(table: pd.DataFrame, index: list[str]) -> pd.DataFrame:
    """The main figures of a long table, a row for each of the ``index``."""
    chosen = table[table["metric"].isin(HEADLINE)]
    wide = chosen.pivot_table(index=index, columns="metric", values="value", sort=False)
    units = dict(zip(chosen["metric"], chosen["unit"]))
    wide = wide[[name for name in HEADLINE if name in wide.columns]]
    return wide.rename(columns=lambda name: f"{name} [{units[name]}]").rename_axis(columns=None)
