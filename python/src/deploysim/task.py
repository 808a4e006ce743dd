"""A command of the program as a task of a cluster: what runs on a worker.

If the worker has the folder of the results too, which a file in it tells, the task works there, and
what it has finished stays if the worker is killed; otherwise it works in a folder of its own, and
its file comes back with the task.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Mapping, NamedTuple

from . import binary
from .errors import DeploysimError

#: The file by which a worker sees that it has the folder of the results.
SHARED = ".deploysim-shared"
#: What the program says of a folder in which another one is at work.
BUSY = "another deploysim is writing there"
#: How long a task waits until what a killed worker began in its folder has ended [s], and how
#: often it looks.
ENDING = 60.0
OFTEN = 0.1


class Job(NamedTuple):
    """What all tasks have in common."""

    version: str
    scenario: str
    #: The folder of the results, and what stands there in ``SHARED``.
    folder: str
    token: str


class Outcome(NamedTuple):
    """What became of a task."""

    #: The worker that did it, and how long it took [s].
    worker: str
    seconds: float
    #: What the command printed.
    stdout: str
    #: Why there is no result; empty if there is one.
    error: str
    #: What the program left, if it did not leave it in the folder of the results.
    kept: bytes | None


def perform(job: Job, task: Mapping[str, Any]) -> Outcome:
    """Does a task."""
    worker, scratch = _here()
    started = time.monotonic()
    try:
        if job.version != binary.VERSION:
            raise DeploysimError(
                f"it has deploysim {binary.VERSION}, and this is for {job.version}: install the "
                "same version on all machines"
            )
        kept = None
        if _has_folder(job):
            stdout = _run(job, task, job.folder)
        else:
            with tempfile.TemporaryDirectory(prefix="deploysim-", dir=scratch) as folder:
                stdout = _run(job, task, folder)
                kept = Path(folder, task["keeps"]).read_bytes() if task["keeps"] else None
        return Outcome(worker, time.monotonic() - started, stdout, "", kept)
    except (DeploysimError, OSError) as error:
        return Outcome(worker, time.monotonic() - started, "", str(error), None)


def _here() -> tuple[str, str | None]:
    """The worker that this runs on, and its folder for files that need not stay."""
    from distributed import get_worker

    try:
        worker = get_worker()
        return str(worker.address), str(worker.local_directory)
    except ValueError:
        return "", None


def _has_folder(job: Job) -> bool:
    try:
        return Path(job.folder, SHARED).read_text() == job.token
    except OSError:
        return False


def _run(job: Job, task: Mapping[str, Any], folder: str) -> str:
    """What the command prints. It has one core, as a slot of a worker has, and ends if the worker
    is killed."""
    line = [str(binary.checked()), *task["words"], f"--out={folder}", "-"]
    environment = dict(
        os.environ,
        DEPLOYSIM_TASK=json.dumps(task["about"]),
        DEPLOYSIM_PARENT=str(os.getpid()),
        RAYON_NUM_THREADS="1",
    )
    until = time.monotonic() + ENDING
    while True:
        said = subprocess.run(
            line, input=job.scenario, capture_output=True, encoding="utf-8", env=environment
        )
        if BUSY in said.stderr and time.monotonic() < until:
            time.sleep(OFTEN)
            continue
        # 1 is that an expectation fails, which is a finding.
        if said.returncode not in (0, 1):
            why = said.stderr.strip() or f"the program ended with status {said.returncode}"
            raise DeploysimError(why.removeprefix("error: "), said.returncode)
        return said.stdout
