"""The options of the commands as keywords, for editors and for the check of what is written.

A keyword is the option's name with ``_`` for ``-``, and ``from_`` where Python has a word of its
own. A list repeats the option, ``True`` gives it alone, and None or ``False`` leave it out. A test
holds these lists to what the program itself offers.
"""

from __future__ import annotations

import os
from typing import Any, Mapping, Required, Sequence, TypedDict, Union

from .errors import OptionError
from .scenario import assignment, plain, written

#: One text or several.
Texts = Union[str, Sequence[str]]
#: Values by their paths, or texts such as ``app.replicas=4``.
Sets = Union[Mapping[str, object], Texts]
#: A quantity as the scenario language writes it, or a plain number.
Quantity = Union[str, float]


class Shared(TypedDict, total=False):
    """What all commands take, and what this module adds: ``progress`` shows a bar (in notebooks
    unless it is False), and ``check`` makes an expectation that fails an exception."""

    set: Sets
    seed: int
    replications: int
    duration: Quantity
    out: Union[str, "os.PathLike[str]"]
    progress: bool
    check: bool


class Drawn(Shared, total=False):
    no_charts: bool


class RunOptions(Drawn, total=False):
    precision: str
    max_replications: int
    trace_requests: Union[str, int]
    junit: Union[str, "os.PathLike[str]"]


class SweepOptions(Drawn, total=False):
    vary: Sets
    resume: bool
    shard: str
    shards: int
    on: str
    yes: bool


class CompareOptions(Drawn, total=False):
    variant: Texts
    requests: Union[int, bool]


class CapacityOptions(Drawn, total=False):
    slo: Texts
    over: Required[str]
    least: bool
    from_: float
    to: float
    tolerance: str
    max_replications: int
    on: str


class ExplainOptions(Shared, total=False):
    pass


class ReplayOptions(Drawn, total=False):
    scale: Union[float, Sequence[float]]
    slo: Texts
    log_format: str
    columns: Sets


#: The options of each command.
OPTIONS: dict[str, Any] = {
    "run": RunOptions,
    "sweep": SweepOptions,
    "compare": CompareOptions,
    "capacity": CapacityOptions,
    "explain": ExplainOptions,
    "replay": ReplayOptions,
}
#: Keywords that are the module's own.
OWN = frozenset({"progress", "check"})


def flags(command: str, options: Mapping[str, object]) -> list[str]:
    """The options of a command line.

    >>> flags("capacity", {"slo": ["p99 < 1s", "p50 < 9ms"], "from_": 10, "least": True})
    ['--slo=p99 < 1s', '--slo=p50 < 9ms', '--from=10', '--least']
    >>> flags("sweep", {"vary": {"app.cores": [1, 2, 4]}, "resume": False})
    ['--vary=app.cores=1,2,4']
    >>> flags("run", {"replicatons": 5})
    Traceback (most recent call last):
        ...
    deploysim.errors.OptionError: run has no option 'replicatons': did you mean 'replications'?
    """
    known = OPTIONS[command].__annotations__
    for keyword in options:
        if keyword not in known:
            raise OptionError(f"{command} has no option {keyword!r}: {_meant(keyword, known)}")
    given = {keyword: value for keyword, value in options.items() if keyword not in OWN}
    return [flag for keyword, value in given.items() for flag in _flags(keyword, value)]


def _flags(keyword: str, value: object) -> list[str]:
    name = "--" + keyword.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return []
    if value is True:
        return [name]
    if isinstance(value, Mapping):
        varied = keyword == "vary"
        return [
            f"{name}={path}={_varied(one)}" if varied else f"{name}={assignment(path, one)}"
            for path, one in value.items()
        ]
    several = plain(value)
    if isinstance(several, list):
        return [f"{name}={written(one)}" for one in several]
    return [f"{name}={os.fspath(value) if isinstance(value, os.PathLike) else written(value)}"]


def _varied(values: object) -> str:
    """The values of an axis: a list has commas between."""
    several = plain(values)
    if isinstance(several, list):
        return ",".join(written(one) for one in several)
    return written(several)


def _meant(keyword: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(keyword, known, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    return "there is " + ", ".join(sorted(known))
