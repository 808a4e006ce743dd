"""Simulate how an application is deployed: what breaks first, at what load, and how sure that is.

The module starts the program ``deploysim`` and gives what it finds as pandas data frames.

>>> import deploysim
>>> found = deploysim.run("mm1", duration="3min", replications=2, no_charts=True)
>>> found.components.query("metric == 'utilisation:cpu'")["value"].round(2).tolist()
[0.8]
"""

from __future__ import annotations

from .binary import VERSION as __version__
from .commands import capacity, compare, explain, replay, run, sweep
from .errors import (
    DeploysimError,
    ExpectationFailed,
    InputError,
    Interrupted,
    OptionError,
    ProgramNotFound,
    VersionMismatch,
)
from .results import Capacity, Chart, Comparison, Explanation, Replay, Result, Run, Sweep
from .scenario import Scenario
from .series import BatchMeans, Truncation, Welch, batch_means, mser5, welch

__all__ = [
    "__version__",
    "BatchMeans",
    "Capacity",
    "Chart",
    "Comparison",
    "DeploysimError",
    "ExpectationFailed",
    "Explanation",
    "InputError",
    "Interrupted",
    "OptionError",
    "ProgramNotFound",
    "Replay",
    "Result",
    "Run",
    "Scenario",
    "Sweep",
    "Truncation",
    "VersionMismatch",
    "Welch",
    "batch_means",
    "capacity",
    "compare",
    "explain",
    "mser5",
    "replay",
    "run",
    "sweep",
    "welch",
]
