"""What the notebooks of the course share: predictions that are kept, exercises, and checks."""

from __future__ import annotations

import importlib
import json
import math
import sys
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Sequence, TypeGuard

from . import binary
from .errors import DeploysimError, InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

#: Where predictions are kept, from the folder of the notebooks.
PREDICTIONS = Path("predictions")
#: Colours that colour-blind readers tell apart, by Okabe and Ito; yellow is left out on white.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"]
#: The half-width of a 99% interval of ten replications, in half-widths of the 95% interval:
#: quantiles of Student's t with 9 degrees of freedom.
WIDER = 3.250 / 2.262


class Figure(NamedTuple):
    """A figure that was simulated, with the half-width of its 95% interval."""

    value: float
    half_width: float

    def __str__(self) -> str:
        if not 0 < self.half_width < math.inf:
            return f"{self.value:.4g}"
        digits = max(0, 1 - math.floor(math.log10(self.half_width)))
        return f"{self.value:.{digits}f} ± {self.half_width:.{digits}f}"

    def times(self, factor: float) -> Figure:
        """The same in another unit, such as 1000 for milliseconds from seconds.

        >>> print(Figure(0.05, 0.0007).times(1000))
        50.00 ± 0.70
        """
        return Figure(self.value * factor, self.half_width * factor)

    def agrees(self, theory: float) -> bool:
        """Whether theory is within the 99% interval of ten replications.

        >>> Figure(50.0, 0.7).agrees(51.0), Figure(50.0, 0.7).agrees(51.1)
        (True, False)
        """
        return abs(self.value - theory) <= self.half_width * WIDER


def figure(table: pd.DataFrame, metric: str, **where: object) -> Figure:
    """The figure of a table in the row that has this metric and these values in its columns."""
    rows = table[table["metric"] == metric]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    if len(rows) != 1:
        raise DeploysimError(f"{len(rows)} rows have {metric!r} and {where}: name one")
    row = rows.iloc[0]
    half = float(row["half_width"])
    return Figure(float(row["value"]), 0.0 if math.isnan(half) else half)


def predict(lesson: str, **values: float | None) -> dict[str, float | None]:
    """Keeps what a student expects in ``predictions/LESSON.json``, and gives it. What is None is
    not predicted yet, and leaves what was kept before."""
    path = PREDICTIONS / f"{lesson}.json"
    kept = _kept(path)
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if not _is_number(value):
            raise InputError(f"{name}: expected a number such as 12.5, and found {value!r}", 2)
    if given:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({**kept, **given}, indent=2) + "\n", encoding="utf-8")
    return {name: given.get(name, kept.get(name)) for name in values}


def _kept(path: Path) -> dict[str, Any]:
    """The predictions of a file, if it is there."""
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError:
        raise InputError(
            f"{path} does not hold predictions as JSON: mend it, or delete it and predict anew", 2
        ) from None


def _is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that can be reckoned with; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def beside(*rows: tuple[str, Figure, float | None, float | None]) -> pd.DataFrame:
    """A table of what was simulated, what theory says, and what was predicted."""
    import pandas as pd

    def text(value: float | None) -> str:
        return "–" if value is None else f"{value:.4g}"

    return pd.DataFrame(
        [[str(found), text(theory), text(guess)] for _, found, theory, guess in rows],
        index=[name for name, *_ in rows],
        columns=["simulated (95% interval)", "theory", "your prediction"],
    )


def draw(axes: Axes, x: Sequence[float], figures: list[Figure], **style: Any) -> ErrorbarContainer:
    """Draws figures with their 95% intervals over what they depend on."""
    values, half_widths = zip(*figures)
    return axes.errorbar(x, values, half_widths, capsize=4, **style)


def ask(name: str, student: str, hints: int = 0, worked: bool = False) -> None:
    """Prints an exercise with this student's numbers, as many hints as asked for, and with
    ``worked`` how its answer is found."""
    question, _, _ = _exercise(name, student).rpartition("\n\n")
    print(question)  # without the last paragraph, which is about the command line
    for hint in range(1, hints + 1):
        print("\n" + _exercise(name, student, f"--hint={hint}"))
    if worked:
        print("\n" + _exercise(name, student, "--worked"))


def mark(name: str, student: str, answer: object) -> float:
    """Prints what is to be said of an answer, and gives its points, from 0 to 1. In a notebook they
    are the last value of a cell, where nbgrader takes them from."""
    if answer is None:
        print("Nothing is handed in yet.")
        return 0.0
    # The program reads numbers as they are written by hand, without an exponent.
    text = f"{Decimal(repr(float(answer))):f}" if _is_number(answer) else str(answer)
    said: dict[str, Any] = json.loads(_exercise(name, student, f"--answer={text}", "--format=json"))
    print(said["feedback"])
    return float(said["points"])


def style() -> None:
    """How the charts of the course look: drawings in a notebook, which are sharp on a projector and
    in print, and the same in each run."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    plt.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=COLOURS),
            "figure.figsize": (7.5, 4.4),
            "figure.dpi": 90,
            "legend.fontsize": 11.5,
            "figure.constrained_layout.use": True,
            "font.size": 13,
            "axes.titlesize": 14,
            "axes.titlelocation": "left",
            "axes.grid": True,
            "grid.alpha": 0.3,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "legend.frameon": False,
            "svg.hashsalt": "deploysim",
        }
    )
    if "IPython" in sys.modules:
        inline = importlib.import_module("matplotlib_inline.backend_inline")
        inline.set_matplotlib_formats("svg", metadata={"Date": None})


def _exercise(name: str, student: str | None, *options: str) -> str:
    """What ``deploysim exercise`` prints."""
    if student is None or not str(student).strip():
        raise InputError('whose numbers? Write your name in quotes: STUDENT = "ann"', 2)
    found = binary.run("exercise", [name, f"--student={student}", *options])
    if found.status == 2:
        raise InputError(found.stderr.strip(), 2)
    if found.status != 0:
        raise DeploysimError(found.stderr.strip(), found.status)
    return found.stdout.rstrip()
