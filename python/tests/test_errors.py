"""What is said of what is wrong, and what to do about it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import deploysim
from deploysim import binary
from deploysim.options import OPTIONS, OWN


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What stands in DEPLOYSIM is the test's own."""
    monkeypatch.delenv(binary.VARIABLE, raising=False)
    return monkeypatch


def program(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def test_module_program_and_package_are_of_one_version() -> None:
    assert binary.VERSION == binary.version(binary.find()) == metadata.version("deploysim")


@pytest.mark.parametrize("command", OPTIONS)
def test_keywords_are_the_options_of_the_program(command: str) -> None:
    said = subprocess.run([binary.find(), command, "--help"], capture_output=True, text=True)
    offered = set(re.findall(r"^ +(?:-\w, )?--([a-z-]+)", said.stdout, re.MULTILINE))
    keywords = {name.rstrip("_").replace("_", "-") for name in OPTIONS[command].__annotations__}
    # What the module gives itself.
    assert keywords - OWN == offered - {"help", "quiet", "format"}


def test_a_mistake_in_a_scenario_is_told_by_the_program() -> None:
    with pytest.raises(deploysim.InputError, match='unknown key "coers"') as wrong:
        deploysim.run("mm1", set="app.coers=2")
    assert wrong.value.status == 2
    with pytest.raises(deploysim.InputError, match=r"stdin:1:\d+"):
        deploysim.Scenario({"topology": {}}).check()
    with pytest.raises(deploysim.InputError, match="did you mean mm1"):
        deploysim.run("mm2")


def test_a_mistake_in_a_keyword_is_told_before() -> None:
    with pytest.raises(deploysim.OptionError, match="did you mean 'replications'"):
        deploysim.run("mm1", replication=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no option 'no_charts'"):
        deploysim.explain("mm1", no_charts=True)  # type: ignore[call-arg]
    with pytest.raises(deploysim.InputError, match="--over"):
        deploysim.capacity("mm1", slo="p99 < 1s")  # type: ignore[call-arg]
    with pytest.raises(deploysim.InputError, match="cannot hold"):
        deploysim.Scenario("mm1").set("app.cores", float("nan"))
    with pytest.raises(TypeError, match="not int"):
        deploysim.Scenario(3)  # type: ignore[arg-type]


def test_a_missing_program_is_told_with_what_to_do(
    named: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named.setenv(binary.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(deploysim.ProgramNotFound, match="cannot be started.*DEPLOYSIM"):
        deploysim.run("mm1")
    named.delenv(binary.VARIABLE)
    named.setattr(binary, "_installed", lambda: None)
    named.setenv("PATH", str(tmp_path))
    with pytest.raises(deploysim.ProgramNotFound, match="pip install ./python"):
        deploysim.run("mm1")


@pytest.mark.skipif(sys.platform == "win32", reason="the test's program is a shell script")
def test_an_old_program_is_refused(named: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named.setenv(binary.VARIABLE, str(program(tmp_path / "old", "deploysim 0.0.1")))
    with pytest.raises(deploysim.VersionMismatch, match="is deploysim 0.0.1, and this module"):
        deploysim.run("mm1")
    named.setenv(binary.VARIABLE, str(program(tmp_path / "other", "something else 2.0")))
    with pytest.raises(deploysim.ProgramNotFound, match="another program"):
        deploysim.run("mm1")


@pytest.mark.skipif(sys.platform == "win32", reason="the test's program is a shell script")
def test_a_program_that_crashes_is_told(named: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "crashes"
    text = f"[ $1 = --version ] && echo deploysim {binary.VERSION} && exit\n"
    path.write_text(f"#!/bin/sh\n{text}echo no memory >&2\nexit 101\n")
    path.chmod(0o755)
    named.setenv(binary.VARIABLE, str(path))
    with pytest.raises(deploysim.DeploysimError, match="no memory") as crash:
        deploysim.run("mm1")
    assert crash.value.status == 101


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(deploysim.InputError, match="is a file, not a folder"):
        deploysim.run("mm1", out=os.fspath(tmp_path / "file" / "below"))
