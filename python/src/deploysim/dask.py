"""Commands of the program as tasks of Dask: what ``deploysim sweep --on`` starts.

``python -m deploysim.dask`` is told on standard input, in lines of JSON, about a job and then about
its tasks, and says on standard output what becomes of them. When its input ends, so does it: the
program that started it has all that it wants, or is gone.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Mapping

from . import binary
from .task import Job, Outcome, perform

#: A result that is there must come within this time [s].
RESULT = 60.0
#: A cluster that has no worker yet is told of after this time [s].
WORKER = 2.0
OFTEN = 0.1
INSTALL = 'install it with `pip install "./python[dask]"` in a clone of deploysim'


class Stop(Exception):
    """The job cannot go on; the text says why."""


def main() -> None:
    """Does the job that standard input tells of."""
    logging.disable(logging.CRITICAL)
    said: queue.Queue[Any] = queue.Queue()
    try:
        job, where = _job(json.loads(sys.stdin.readline() or "{}"))
        with _Cluster(where) as cluster:
            threading.Thread(target=_listen, args=(job, cluster.client, said), daemon=True).start()
            while (outcome := said.get()) is not None:
                _tell(done=_done(job, *outcome))
    except Stop as why:
        _tell(error=str(why))
    # The tasks that still run, and threads of Dask that wait for them, are no reason to stay.
    sys.stdout.flush()
    os._exit(0)


def _job(first: Mapping[str, Any]) -> tuple[Job, Mapping[str, Any]]:
    version = first.get("version")
    if version != binary.VERSION:
        raise Stop(
            f"the program is deploysim {version}, and the package deploysim of {sys.executable} is "
            f"of {binary.VERSION}: install both together with `pip install ./python`, or name "
            "another Python in the variable DEPLOYSIM_PYTHON"
        )
    return Job(version, first["scenario"], first["folder"], first["token"]), first


class _Cluster:
    """A cluster for a job: that of a scheduler, or one that is made on this machine."""

    def __init__(self, where: Mapping[str, Any]) -> None:
        try:
            distributed: Any = import_module("distributed")
            config: Any = import_module("dask.config")
            system: Any = import_module("dask.system")
        except ImportError as error:
            raise Stop(f"Dask is missing for {sys.executable} ({error}): {INSTALL}") from None
        self._made: Any = None
        address = where["scheduler"]
        if address is None:
            # The program's memory is not that of the worker that starts it.
            self._made = distributed.LocalCluster(
                n_workers=where["workers"] or system.CPU_COUNT,
                threads_per_worker=1,
                memory_limit=0,
                dashboard_address="127.0.0.1:0",
            )
        try:
            # Within the time that Dask is configured for, 30 s if nobody says otherwise.
            self.client: Any = distributed.Client(self._made or address)
        except Exception as error:
            limit = config.get("distributed.comm.timeouts.connect")
            raise Stop(
                f"the scheduler at {address} does not answer within {limit} ({error}): is it "
                "running (`dask scheduler`), can it be reached from here, and is it of the same "
                "version of Dask?"
            ) from None
        slots = _slots(self.client)
        scheduler = self.client.scheduler_info()["address"]
        _tell(ready={"dask": distributed.__version__, "scheduler": scheduler, "slots": slots})
        if not slots:
            _tell(note=f"no worker is there yet: start some with `dask worker {scheduler}`")

    def __enter__(self) -> _Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.client.close(timeout=2)
            if self._made is not None:
                self._made.close(timeout=5)
        except Exception:
            # A cluster that is gone cannot be closed.
            pass


def _slots(client: Any) -> int:
    """Tasks that the cluster runs at once."""
    until = time.monotonic() + WORKER
    while not (threads := client.nthreads()) and time.monotonic() < until:
        time.sleep(OFTEN)
    return sum(threads.values())


def _listen(job: Job, client: Any, said: queue.Queue[Any]) -> None:
    """Hands on the tasks that standard input tells of, and what becomes of them, to the end."""
    for line in sys.stdin:
        task = json.loads(line)
        try:
            # A shard that was run again is not the same as one that Dask remembers.
            future = client.submit(perform, job, task, pure=False)
        except Exception as error:
            said.put((task, None, error))
            continue
        future.add_done_callback(lambda future, task=task: said.put((task, future, None)))
    said.put(None)


def _done(
    job: Job, task: Mapping[str, Any], future: Any, error: Exception | None
) -> dict[str, Any]:
    """What is told of a task that is done; raises Stop if it was not."""
    name = task["name"]
    if future is None or future.status in ("cancelled", "lost"):
        raise Stop(f"the scheduler is gone, or the task {name} was cancelled there")
    try:
        outcome: Outcome = future.result(timeout=RESULT)
    except Exception as why:
        raise Stop(_why(name, why)) from None
    if outcome.error:
        raise Stop(f"{name} on {outcome.worker}: {outcome.error}")
    if outcome.kept is not None:
        path = Path(job.folder, task["keeps"])
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(outcome.kept)
        part.replace(path)
    future.release()
    found = {"worker": outcome.worker, "seconds": outcome.seconds, "stdout": outcome.stdout}
    return {"name": name, **found}


def _why(name: str, error: Exception) -> str:
    """Why a task came to nothing, and what to do."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").startswith("deploysim"):
        return f"a worker has no package deploysim ({error}): {INSTALL}, on all workers"
    if type(error).__name__ == "KilledWorker":
        return f"{name} was begun by several workers that ended: is their memory enough? {error}"
    return f"{name} was not done: {type(error).__name__}: {error}"


def _tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
