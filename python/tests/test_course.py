"""What the notebooks share: predictions, figures and marks."""

from __future__ import annotations

import json
from pathlib import Path

import pandas
import pytest

from deploysim import DeploysimError, course
from deploysim.errors import InputError


def test_predictions_are_kept_and_none_leaves_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert course.predict("one", mean=None) == {"mean": None}
    assert not (tmp_path / "predictions").exists()
    assert course.predict("one", mean=30.0) == {"mean": 30.0}
    assert course.predict("one", mean=None) == {"mean": 30.0}
    kept = json.loads((tmp_path / "predictions" / "one.json").read_text(encoding="utf-8"))
    assert kept == {"mean": 30.0}


def test_a_figure_is_the_only_row() -> None:
    table = pandas.DataFrame(
        {"request": ["a", "b"], "metric": "p99", "value": [1.0, 2.0], "half_width": [0.1, None]}
    )
    assert course.figure(table, "p99", request="a") == (1.0, 0.1)
    assert course.figure(table, "p99", request="b") == (2.0, 0.0)
    with pytest.raises(DeploysimError, match="2 rows"):
        course.figure(table, "p99")


def test_answers_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    # 70 requests a second of 100: 1 / (100/s - 70/s) = 33.3 ms.
    assert course.mark("mean-latency", "example", "33.3ms") == 1.0
    assert course.mark("mean-latency", "example", "99ms") == 0.0
    assert course.mark("mean-latency", "example", None) == 0.0
    assert "Nothing is handed in yet." in capsys.readouterr().out
    with pytest.raises(InputError, match="twelve"):
        course.mark("mean-latency", "example", "twelve")
    course.ask("mean-latency", "example", hints=2, worked=True)
    assert "33.3" in capsys.readouterr().out
