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


def test_what_is_no_answer_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in ("twelve", "12,5", "", float("nan"), True, [1]):
        with pytest.raises(InputError, match="is not an answer: write a time such as"):
            course.mark("mean-latency", "example", answer)
    assert course.mark("mean-latency", "example", 100 / 3) == 1.0
    assert course.mark("mean-latency", "example", 1e-9) == 0.0
    with pytest.raises(InputError, match="did you mean mean-latency"):
        course.ask("mean-latncy", "example")
    with pytest.raises(InputError, match="has 1 to 2"):
        course.ask("mean-latency", "example", hints=3)
    for nobody in ("", "  ", None):
        with pytest.raises(InputError, match="whose numbers"):
            course.ask("mean-latency", nobody)  # type: ignore[arg-type]
    monkeypatch.chdir(tmp_path)
    for value in ("30 ms", True, float("inf")):
        with pytest.raises(InputError, match="mean: expected a number such as 12.5"):
            course.predict("one", mean=value)  # type: ignore[arg-type]
    (tmp_path / "predictions").mkdir()
    (tmp_path / "predictions" / "one.json").write_text("30 ms", encoding="utf-8")
    with pytest.raises(InputError, match="mend it, or delete it"):
        course.predict("one", mean=3.0)


def test_a_question_in_a_notebook_says_nothing_of_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    course.ask("mean-latency", "example")
    said = capsys.readouterr().out
    assert "Hand in" in said and "Right within 3%" in said and "--answer" not in said
