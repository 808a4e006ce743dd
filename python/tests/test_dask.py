"""Sweeps on a cluster: the files of one machine, whatever happens to workers and schedulers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest

from deploysim import binary, task
from deploysim.dask import _why

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")

#: Eighty cells.
SCENARIO = """\
seed: 3
duration: 90s
warmup: 2s
replications: 1
clients: {users: {arrivals: poisson(60/s), target: app, timeout: 1s, requests: {get: {}}}}
topology:
  app:
    server:
      {cores: 1, workers: 1, queue: {limit: 100}, endpoints: {get: [cpu: exp(10ms)]}}
sweep:
  users.arrivals: {from: 60/s, to: 100/s, points: 8, as: poisson(_)}
  app.queue.limit: {from: 1, to: 10, step: 1}
"""
SHARDS = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue.yaml").write_text(SCENARIO)
    return tmp_path


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    options = {"memory_limit": 0, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:
        yield cluster


def start(
    folder: Path, *words: str, command: str = "sweep", **variables: str
) -> subprocess.Popen[str]:
    """Starts a command in a folder."""
    line = [binary.find(), command, "queue.yaml", "--no-charts", "--quiet", *words]
    own = {"DEPLOYSIM_PYTHON": sys.executable, **os.environ, **variables}
    pipe = subprocess.PIPE
    return subprocess.Popen(line, cwd=folder, env=own, stdout=pipe, stderr=pipe, text=True)


def ended(process: subprocess.Popen[str], status: int = 0) -> str:
    """What a sweep says that ends with this status."""
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == status, stdout + stderr
    return stderr


def refused(folder: Path, *words: str, **variables: str) -> str:
    return ended(start(folder, *words, **variables), 2)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def same(folder: Path) -> None:
    """What is there is what a sweep on one machine leaves, and where it ran."""
    ended(start(folder, "--out=one"))
    found = files(folder / "many")
    where = json.loads(found.pop("where.json"))
    assert where["on"] == "dask" and where["shards"] == SHARDS
    assert found == files(folder / "one")


def shards(folder: Path, least: int) -> list[Path]:
    """The journals of shards, once there are so many that are not empty."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = [path for path in folder.glob("many/shard-*/cells.journal") if path.stat().st_size]
        if len(found) >= least:
            return found
        time.sleep(0.005)
    raise AssertionError(f"not {least} shards in {folder}")


def test_a_killed_worker_shows_in_no_byte(
    folder: Path, cluster: distributed.LocalCluster
) -> None:
    on = f"--on={cluster.scheduler_address}"
    sweep = start(folder, "--out=many", on, f"--shards={SHARDS}")
    shards(folder, 5)
    os.kill(cluster.workers[0].pid, signal.SIGKILL)
    ended(sweep)
    same(folder)
    # There is nothing to be gone on with, and nothing is run again.
    before = files(folder / "many")
    ended(start(folder, "--out=many", on, "--resume"))
    assert files(folder / "many") == before


def dask(command: str, *words: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "dask", command, *words]
    null = subprocess.DEVNULL
    return subprocess.Popen(line, stdout=null, stderr=null)


def test_a_scheduler_that_goes_away_loses_nothing(folder: Path) -> None:
    where = folder / "scheduler.json"
    scheduler = dask("scheduler", f"--scheduler-file={where}", "--port=0", "--no-dashboard")
    worker = dask(
        "worker", f"--scheduler-file={where}", "--nthreads=2", "--no-nanny", "--no-dashboard",
        "--death-timeout=20",
    )
    try:
        until = time.monotonic() + 60
        while not where.exists() and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(where.read_text())["address"]
        sweep = start(folder, "--out=many", f"--on={address}", f"--shards={SHARDS}")
        shards(folder, 5)
        scheduler.kill()
        said = ended(sweep, 2)
    finally:
        scheduler.kill()
        worker.kill()
        scheduler.wait()
        worker.wait()
    kept = re.search(r"(\d+) of 40 shards are finished and kept in many", said)
    assert kept and int(kept[1]) >= 1 and "the scheduler is gone" in said, said
    assert "--resume goes on with them" in refused(folder, "--out=many", "--on=dask")
    times = {path: path.stat().st_mtime_ns for path in shards(folder, 1)}
    assert "go on with --shards 40" in refused(
        folder, "--out=many", "--on=dask", "--shards=20", "--resume"
    )
    assert times == {path: path.stat().st_mtime_ns for path in times}
    ended(start(folder, "--out=many", "--on=dask:2", "--resume"))
    assert json.loads((folder / "many/where.json").read_text())["finished_before"] >= int(kept[1])
    same(folder)


def test_one_shard_is_a_shard_too(folder: Path, cluster: distributed.LocalCluster) -> None:
    one = ["--vary=app.queue.limit=5", "--vary=users.arrivals=poisson(60/s)"]
    ended(start(folder, *one, "--out=one"))
    ended(start(folder, *one, "--out=many", f"--on={cluster.scheduler_address}"))
    assert set(files(folder / "many")) == {*files(folder / "one"), "where.json"}
    assert (folder / "many/sweep.csv").read_bytes() == (folder / "one/sweep.csv").read_bytes()


def test_a_capacity_is_the_same_to_the_byte(
    folder: Path, cluster: distributed.LocalCluster
) -> None:
    words = ["--over=users.arrivals", "--slo=p99 < 150ms", "--slo=error_rate < 1%", "--to=120"]
    words += ["--set=warmup=auto", "--set=replications=4", "--max-replications=8"]
    words += ["--tolerance=30%", "--duration=20s"]
    ended(start(folder, *words, "--out=one", command="capacity"))
    on = f"--on={cluster.scheduler_address}"
    ended(start(folder, *words, "--out=many", on, command="capacity"))
    found = files(folder / "many")
    where = json.loads(found.pop("capacity-where.json"))
    assert found == files(folder / "one")
    assert sum(worker["tasks"] for worker in where["workers"]) >= 4


def test_shards_of_another_version_or_scenario_are_refused(folder: Path) -> None:
    ended(start(folder, "--out=many", "--shard=1/40"))
    again = ["--out=many", "--on=dask", "--resume"]
    assert "another scenario, of other options" in refused(folder, *again, "--seed=4")
    path = folder / "many/shard-1-of-40/cells.journal"
    header, _, cells = path.read_text().partition("\n")
    header = header.partition(" ")[2].replace(binary.VERSION, "0.0.9", 1)
    sum = hashlib.sha256(header.encode()).hexdigest()[:16]
    path.write_text(f"{sum} {header}\n{cells}")
    assert "of version 0.0.9, and this is version" in refused(folder, *again)


def test_a_worker_without_the_folder_sends_its_file(folder: Path) -> None:
    """A task for a folder that is not there, of the sweep and of another one."""
    ended(start(folder, "--out=one", "--shard=3/40"))
    known = (folder / "one/shard-3-of-40/cells.journal").read_text()
    header = json.loads(known.partition("\n")[0].partition("header ")[2])
    about = {"file": "queue.yaml", "path": "queue.yaml", "digest": header["digest"]}
    words = ["sweep", "--shard=3/40", "--resume", "--quiet", "--no-charts"]
    job = task.Job(binary.VERSION, SCENARIO, str(folder / "nowhere"), "")
    order = {"name": "3/40", "words": words, "keeps": "shard-3-of-40/cells.journal"}
    wrong = task.perform(job, {**order, "about": {**about, "mark": "of other files"}})
    assert "shard 3/40 is of another scenario here" in wrong.error
    other = task.perform(job._replace(version="0.0.9"), {**order, "about": about})
    assert "and this is for 0.0.9" in other.error
    sent = task.perform(job, {**order, "about": about})
    # Without the digest of its cells it checks all of them itself.
    assert sent.kept is not None and sent.kept.decode() == known and not sent.error


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_what_is_missing_is_told_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    on = ["--out=many", "--on=dask"]
    assert "tcp://host:8786" in refused(folder, "--on=slurm")
    assert "expected 80 at most" in refused(folder, *on, "--shards=81")
    said = refused(folder, *on, DEPLOYSIM_PYTHON=str(tmp_path / "none"))
    assert "cannot be started: there is none" in said and "DEPLOYSIM_PYTHON" in said
    bare = script(tmp_path / "bare", f'exec {sys.executable} -S -E "$@"')
    said = refused(folder, *on, DEPLOYSIM_PYTHON=bare)
    assert "has no package deploysim" in said and "pip install" in said
    (tmp_path / "without").mkdir()
    (tmp_path / "without/distributed.py").write_text("raise ImportError('it is not installed')\n")
    path = f"{tmp_path / 'without'}:{os.environ.get('PYTHONPATH', '')}"
    said = refused(folder, *on, PYTHONPATH=path)
    assert "Dask is missing" in said and "./python[dask]" in said
    brief = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
    said = refused(folder, "--out=many", "--on=tcp://127.0.0.1:9", **brief)
    assert "tcp://127.0.0.1:9 does not answer within 1s" in said
    assert not (folder / "many").exists()


def test_an_old_program_beside_a_new_package_is_told() -> None:
    line = [sys.executable, "-m", "deploysim.dask"]
    said = subprocess.run(line, input='{"version": "0.0.9"}\n', capture_output=True, text=True)
    assert "the program is deploysim 0.0.9" in json.loads(said.stdout)["error"]
    missing = ModuleNotFoundError("No module named 'deploysim'", name="deploysim")
    assert "a worker has no package deploysim" in _why("3/40", missing)
