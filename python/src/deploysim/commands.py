"""The commands of the program as functions."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Mapping, Sequence, TypeVar, Union, Unpack

from . import binary
from .errors import DeploysimError, ExpectationFailed, InputError, Interrupted, OptionError
from .options import (
    CapacityOptions,
    CompareOptions,
    ExplainOptions,
    ReplayOptions,
    RunOptions,
    SweepOptions,
    flags,
)
from .progress import watcher
from .results import Capacity, Comparison, Explanation, Replay, Result, Run, Sweep
from .scenario import Scenario, Source

R = TypeVar("R", bound=Result)


def run(scenario: Source, **options: Unpack[RunOptions]) -> Run:
    """Runs a scenario, as ``deploysim run``.

    >>> shop = run("mm1", duration="3min", replications=2, no_charts=True)
    >>> shop.summary.query("request == 'all' and metric == 'mean_latency'")["value"].round(3).tolist()
    [0.048]
    >>> shop.replications.query("request == 'all' and metric == 'arrivals'")["value"].tolist()
    [9704.0, 9592.0]
    """
    return _command("run", Run, [Scenario(scenario)], options)


def sweep(scenario: Source, **options: Unpack[SweepOptions]) -> Sweep:
    """Runs a scenario in all the ways that its ``sweep:`` block or ``vary`` says.

    >>> found = sweep("mm1", vary={"app.cores": [1, 2]}, duration="2min", no_charts=True)
    >>> found.axes, found.table["cell"].nunique()
    (['app.cores'], 2)
    """
    return _command("sweep", Sweep, [Scenario(scenario)], options)


def compare(*scenarios: Source, **options: Unpack[CompareOptions]) -> Comparison:
    """Compares variants under the same random numbers: scenarios with the first of them, or one
    scenario with what ``set`` made of it.

    >>> one = Scenario("mm1")
    >>> found = compare(one, one.set("app.cores", 2), duration="2min", no_charts=True)
    >>> found.table["variant"].unique().tolist()
    ['app.cores=2']
    """
    those = [Scenario(scenario) for scenario in scenarios]
    base, variants = _variants(those)
    return _command("compare", Comparison, base, options, variants)


def capacity(scenario: Source, **options: Unpack[CapacityOptions]) -> Capacity:
    """Searches the greatest load that holds the objectives, or with ``least`` the least equipment;
    ``over`` is the path of the number to search.

    >>> found = capacity(
    ...     "mm1", over="app.cores", slo="p99 < 1s", least=True, duration="2min", no_charts=True
    ... )
    >>> found.value
    1.0
    """
    return _command("capacity", Capacity, [Scenario(scenario)], options)


def explain(scenario: Source, **options: Unpack[ExplainOptions]) -> Explanation:
    """Says why a scenario behaves as it does: theory beside simulation, where the time goes, and
    what would help.

    >>> explain("mm1", duration="2min").breakdown["part"].unique().tolist()
    ['latency', 'app: wait for a worker', 'app: work']
    """
    return _command("explain", Explanation, [Scenario(scenario)], options)


def replay(
    log: Union[str, "os.PathLike[str]"], scenario: Source, **options: Unpack[ReplayOptions]
) -> Replay:
    """Asks whether a topology would have held a recorded load, and multiples of it."""
    return _command("replay", Replay, [Scenario(scenario)], options, before=[os.fspath(log)])


def _command(
    command: str,
    kind: type[R],
    scenarios: Sequence[Scenario],
    options: Mapping[str, object],
    more: Sequence[str] = (),
    before: Sequence[str] = (),
) -> R:
    """Runs a command, and gives what it found."""
    given = flags(command, options)
    sets = [f"--set={one}" for one in scenarios[0].sets]
    out = options.get("out")
    keeps = None if out else tempfile.TemporaryDirectory(prefix="deploysim-")
    folder = Path(keeps.name if keeps else str(out))
    line = [*sets, *given, *more, "--format=json"] + ([f"--out={folder}"] if keeps else [])
    paths = [scenario.path for scenario in scenarios]
    text = next((scenario.text for scenario in scenarios if scenario.text is not None), None)
    wanted = options.get("progress")
    found = binary.run(
        command,
        [*line, "--", *before, *paths],
        text,
        watcher(None if wanted is None else bool(wanted)),
    )
    result = kind(folder, found.status, found.stdout, found.stderr, keeps)
    return _judged(command, result, found, bool(options.get("check")))


def _judged(command: str, result: R, found: binary.Finished, check: bool) -> R:
    """The result, if there is one; otherwise what went wrong."""
    said = found.stderr.strip()
    if found.status == 2:
        raise InputError(said, 2)
    if found.interrupted or found.status == 130:
        kept = any(result.folder.iterdir()) if result.folder.is_dir() else False
        raise Interrupted(said, result if kept else None)
    if found.status not in (0, 1):
        raise DeploysimError(
            said or f"deploysim {command} ended with status {found.status}", found.status
        )
    if found.status == 1 and check:
        raise ExpectationFailed(result.text, result)
    return result


def _variants(scenarios: Sequence[Scenario]) -> tuple[list[Scenario], list[str]]:
    """What the program is to compare: scenarios as they stand, or variants of one."""
    if not scenarios:
        raise OptionError("compare needs a scenario: compare('mm1', variant='app.cores=2')")
    if not any(scenario.sets for scenario in scenarios):
        texts = [scenario for scenario in scenarios if scenario.text is not None]
        if len(texts) < 2:
            return list(scenarios), []
    first = scenarios[0]
    if len(scenarios) == 1:
        return [first], []
    bare = Scenario(first.path if first.text is None else first.text + "\n")
    if any((one.path, one.text) != (first.path, first.text) for one in scenarios):
        raise OptionError(
            "compare takes scenarios that differ as files or names, or variants of one by set(): "
            "write the others to files"
        )
    return [bare], [f"--variant={'; '.join(one.sets)}" for one in scenarios]
