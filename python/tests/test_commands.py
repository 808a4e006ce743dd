"""What each command gives, as a notebook sees it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pandas as pd
import pytest

import deploysim
from deploysim import Scenario

SHORT = {"duration": "2min", "replications": 2}

QUEUE = {
    "duration": "20s",
    "replications": 3,
    "clients": {"users": {"arrivals": "poisson(50/s)", "target": "app", "requests": {"NA": {}}}},
    "topology": {"app": {"server": {"cores": 1, "endpoints": {"NA": [{"cpu": "exp(10ms)"}]}}}},
    "expect": ["mean_latency < 1ms"],
}


def figure(table: pd.DataFrame, metric: str, **keys: str) -> float:
    for key, value in keys.items():
        table = table[table[key] == value]
    return float(table.loc[table["metric"] == metric, "value"].iloc[0])


def test_a_run_has_every_table_and_chart() -> None:
    found = deploysim.run("mm1", **SHORT)
    assert figure(found.summary, "mean_latency", request="all") == pytest.approx(0.05, abs=0.02)
    for name in ("components", "timeseries", "replications", "latency", "present"):
        assert len(getattr(found, name)) > 0, name
    assert found.charts["latency"]._repr_svg_().startswith("<svg")
    html = found._repr_html_() or ""
    assert "<table" in html and "mean_latency [s]" in html
    assert repr(found) == (found.folder / "summary.txt").read_text().rstrip()
    assert found.manifest["replications"] == {"planned": 2, "finished": 2}
    assert found.data["name"] == "mm1"
    with pytest.raises(KeyError, match="latency"):
        found.charts["latencies"]
    with pytest.raises(AttributeError, match="trace_requests"):
        found.requests


def test_values_of_each_replication_make_the_mean() -> None:
    found = deploysim.run("mm1", **SHORT, no_charts=True)
    each = found.replications.query("request == 'all' and metric == 'throughput'")["value"]
    assert len(each) == 2
    assert each.mean() == pytest.approx(figure(found.summary, "throughput", request="all"))


def test_a_mapping_and_its_text_are_the_same_scenario() -> None:
    found = deploysim.run(QUEUE, no_charts=True)
    text = Scenario(QUEUE).text
    assert text is not None
    again = deploysim.run(text + "\n", no_charts=True)
    assert found.summary.equals(again.summary)
    # A request that is called as pandas calls what is missing.
    assert set(found.summary["request"]) == {"NA", "all", ""}
    assert figure(found.summary, "arrivals", client="users") > 0


def test_a_failed_expectation_is_part_of_the_result_unless_asked() -> None:
    found = deploysim.run(QUEUE, no_charts=True)
    assert not found.holds
    assert found.expectations["verdict"].tolist() == ["fails"]
    with pytest.raises(deploysim.ExpectationFailed, match="mean_latency < 1ms") as failed:
        deploysim.run(QUEUE, no_charts=True, check=True)
    assert failed.value.result.expectations.equals(found.expectations)


def test_a_scenario_is_not_changed_by_set() -> None:
    one = Scenario("mm1")
    two = one.set("app.cores", 2).set("app.workers", 2)
    assert one.sets == () and two.sets == ("app.cores=2", "app.workers=2")
    found = deploysim.run(two, **SHORT, no_charts=True)
    assert figure(found.components, "capacity:cpu") == 2
    same = deploysim.run(one, set={"app.cores": 2, "app.workers": 2}, **SHORT, no_charts=True)
    assert same.summary.equals(found.summary)


def test_out_keeps_the_files(tmp_path: Path) -> None:
    deploysim.run("mm1", **SHORT, out=tmp_path / "kept", no_charts=True)
    assert (tmp_path / "kept" / "summary.csv").exists()
    found = deploysim.run("mm1", **SHORT, no_charts=True)
    folder = found.folder
    del found
    assert not folder.exists()


def test_sweep_has_a_row_for_each_figure_of_each_cell() -> None:
    found = deploysim.sweep("mm1", vary={"app.cores": range(1, 3)}, **SHORT)
    assert found.axes == ["app.cores"]
    assert found.table["app.cores"].unique().tolist() == [1, 2]
    assert len(found.charts) >= 1 and "app.cores" in (found._repr_html_() or "")
    assert not found.warnings.empty
    nothing = deploysim.sweep("mm1", vary={"app.cores": [2]}, set="expect=[]", duration="1h")
    assert nothing.expectations.columns.tolist() == ["cell", "expectation", "verdict"]


def test_compare_takes_what_set_made_of_a_scenario() -> None:
    one = Scenario("mm1")
    variants = [one, one.set("app.cores", 2), one.set("app.cores", 3).set("app.workers", 2)]
    found = deploysim.compare(*variants, **SHORT, no_charts=True)
    assert found.table["against"].unique().tolist() == ["mm1"]
    assert found.table["variant"].unique().tolist() == ["app.cores=2", "app.cores=3; app.workers=2"]
    other = deploysim.compare("mm1", variant="app.cores=2", **SHORT, no_charts=True)
    first = found.table[found.table["variant"] == "app.cores=2"].reset_index(drop=True)
    assert other.table["difference"].equals(first["difference"])
    with pytest.raises(deploysim.OptionError, match="files"):
        deploysim.compare(one, Scenario("overload").set("seed", 2))


def test_capacity_and_explain_say_what_was_found() -> None:
    found = deploysim.capacity("mm1", over="app.cores", slo="p99 < 1s", least=True, **SHORT)
    assert found.value == 1 and found.holds and "capacity" in found.charts
    why = deploysim.explain("mm1", **SHORT)
    assert "wait for a worker" in why.text
    assert why.breakdown["block"].unique().tolist() == ["latency"]


def test_replay_has_a_run_for_each_multiple(tmp_path: Path) -> None:
    log = tmp_path / "times.csv"
    log.write_text("time\n" + "".join(f"{i / 10}\n" for i in range(600)))
    shop = {**QUEUE, "topology": {"app": {"server": {"endpoints": {"*": [{"cpu": "1ms"}]}}}}}
    found = deploysim.replay(log, shop, scale=[1, 5], replications=2, no_charts=True)
    assert list(found.at) == [1, 5]
    assert found.summary["scale"].unique().tolist() == [1, 5]
    assert figure(found.at[5].summary, "arrivals", request="all") > 2 * 600
    assert found.at[1].data["replications"] == 2


def test_progress_is_heard_by_whom_asks(capfd: pytest.CaptureFixture[str]) -> None:
    found = deploysim.run("mm1", replications=40, no_charts=True, progress=True)
    assert "of 40 runs" in capfd.readouterr().err
    assert "progress" not in found.notes
    deploysim.run("mm1", **SHORT, no_charts=True)
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_keeps_what_is_finished(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import deploysim, sys
        try:
            deploysim.run("mm1", duration="61s", replications=10_000, progress=True)
        except deploysim.Interrupted as it:
            print(it.result.manifest["replications"]["finished"] > 0)
            print(len(it.result.summary) > 0, "kept in" in str(it))
    """)
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        # What starts the tests in the background may ignore Ctrl-C, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    said = ""
    assert process.stderr is not None
    # Until something is finished.
    while not re.search(r"[1-9]\d*% of", said):
        said += (more := process.stderr.read(1))
        assert more, said
    os.kill(process.pid, signal.SIGINT)
    stdout, _ = process.communicate(timeout=60)
    assert stdout.split() == ["True", "True", "True"]


def test_two_runs_at_the_same_time_do_not_meet() -> None:
    found: dict[int, deploysim.Run] = {}

    def run(seed: int) -> None:
        found[seed] = deploysim.run("mm1", **SHORT, seed=seed, no_charts=True)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not found[1].summary.equals(found[2].summary)
