"""What the module adds to a run, and how long a great table takes. `pytest -s` shows the figures."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Callable

import deploysim
from deploysim import binary
from deploysim.results import Sweep

#: What the module may add to a run [s]; to the first with its own import (of the standard library
#: too, and on a machine that does other work); and what a great table may take.
MOST_ADDED = 0.050
MOST_ADDED_FIRST = 0.150
MOST_READING = 1.0


def least(work: Callable[[], object], times: int = 12) -> float:
    """How long it takes [s] when nothing else is in the way: the least of some tries."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def test_the_module_adds_little_to_a_run(tmp_path: Path) -> None:
    """A script with a run takes little longer than the command and Python itself."""
    options = ["--duration=61s", "--replications=1", "--no-charts"]
    line = [str(binary.find()), "run", "mm1", *options, "--format=json", f"--out={tmp_path}"]
    call = "deploysim.run('mm1', duration='61s', replications=1, no_charts=True)"
    script = f"import deploysim; {call}"

    def python(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    alone = least(lambda: subprocess.run(line, capture_output=True))
    nothing = least(python("pass"))
    added = least(python(script)) - alone - nothing
    print(f"\na first run: {1e3 * added:.0f} ms beside the command's {1e3 * alone:.0f} ms")
    one = lambda: deploysim.run("mm1", duration="61s", replications=1, no_charts=True)
    one()
    more = least(one) - alone
    print(f"further runs: {1e3 * more:.0f} ms")
    assert added < MOST_ADDED_FIRST and more < MOST_ADDED


def test_pandas_is_not_imported_before_it_is_needed() -> None:
    script = (
        "import sys, deploysim; deploysim.run('mm1', duration='61s', replications=1, "
        "no_charts=True); assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_sweep_of_a_hundred_thousand_rows_is_read_in_less_than_a_second(tmp_path: Path) -> None:
    header = "app.cores,cell,kind,name,request,metric,unit,statistic,value,half_width,n,low,high\n"
    row = "{0},{1},request,users,get,p99,s,pooled,0.{1:06d},0.01234567891,10,0.1234567891,\n"
    rows = (row.format(i % 7, i) for i in range(100_000))
    (tmp_path / "sweep.csv").write_text(header + "".join(rows))
    deploysim.results.read_table(tmp_path / "sweep.csv")
    taken = least(lambda: Sweep(tmp_path, 0, "", "").table, times=3)
    print(f"\n100,000 rows: {1e3 * taken:.0f} ms")
    assert taken < MOST_READING
