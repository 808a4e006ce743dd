"""The program: where it is, whether it is the right one, and how it is run."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Callable, NamedTuple, Sequence

from .errors import ProgramNotFound, VersionMismatch
from .progress import Watcher

#: The version of the program that this module goes with.
VERSION = "0.1.0"
#: The variable that names the program, where it is not the one of this package.
VARIABLE = "DEPLOYSIM"
#: How the program tells another how far it has come: ``progress DONE ALL``.
_PROGRESS = "progress "
_NAME = "deploysim.exe" if sys.platform == "win32" else "deploysim"


class Finished(NamedTuple):
    """What became of the program."""

    status: int
    stdout: str
    stderr: str
    interrupted: bool


def find() -> Path:
    """Where the program is: where the variable ``DEPLOYSIM`` says, else the one that was installed
    with this module, else the first on the ``PATH``."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    installed = _installed()
    if installed is not None:
        return installed
    found = shutil.which(_NAME)
    if found is None:
        raise ProgramNotFound(
            "the program deploysim is neither installed with this module nor on the PATH: run "
            "`pip install ./python` in a clone of deploysim, or name the program in the variable "
            f"{VARIABLE}"
        )
    return Path(found)


def checked() -> Path:
    """Where the program is, which is of the version of this module."""
    program = find()
    _check(program, _changed(program))
    return program


def run(
    command: str,
    arguments: Sequence[str],
    stdin: str | None = None,
    progress: Watcher | None = None,
) -> Finished:
    """Runs a command of the program to its end. Ctrl-C is passed on: the program keeps what is
    finished, and ends; again, and it ends at once. ``progress`` hears now and then how many runs
    are done, and of how many."""
    program = checked()
    # The program starts the same Python for a cluster of Dask.
    environment = {"DEPLOYSIM_PYTHON": sys.executable, **os.environ}
    if progress:
        environment["DEPLOYSIM_PROGRESS"] = "1"
    process = _start([str(program), command, *arguments], environment)
    texts: dict[str, str] = {}
    threads = [
        _thread(_write, process.stdin, stdin or ""),
        _thread(lambda: texts.update(stdout=_all(process.stdout))),
        _thread(lambda: texts.update(stderr=_notes(process.stderr, progress))),
    ]
    interrupted = _wait(process, threads)
    if progress:
        progress.close()
    return Finished(
        process.returncode, texts.get("stdout", ""), texts.get("stderr", ""), interrupted
    )


def version(program: Path) -> str:
    """The version of a program, such as ``0.1.0``."""
    try:
        said = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, encoding="utf-8"
        )
    except OSError as error:
        raise ProgramNotFound(
            f"{program} cannot be started: {error.strerror}. Name the program in the variable "
            f"{VARIABLE}, or unset it to use the one that was installed with this module"
        ) from None
    name, _, number = said.stdout.strip().partition(" ")
    if said.returncode != 0 or name != "deploysim":
        raise ProgramNotFound(f"{program} is another program, not deploysim: see {VARIABLE}")
    return number


@functools.lru_cache
def _installed() -> Path | None:
    """The program that came with this module: beside the interpreter, or where the record of the
    package says."""
    beside = Path(sys.executable).parent / _NAME
    if beside.is_file():
        return beside
    # Takes longer to import than to start the program.
    from importlib import metadata

    try:
        files = metadata.files("deploysim") or []
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())).resolve() for file in files if file.name == _NAME)
    return next((path for path in found if path.is_file()), None)


def _changed(program: Path) -> float:
    """When the program was last changed."""
    try:
        return program.stat().st_mtime
    except OSError:
        return 0.0


@functools.lru_cache
def _check(program: Path, changed: float) -> None:
    """Refuses a program that does not go with this module."""
    found = version(program)
    if found != VERSION:
        raise VersionMismatch(
            f"{program} is deploysim {found}, and this module is of {VERSION}: install both "
            f"together with `pip install ./python`, and unset {VARIABLE} if it names an old one"
        )


def _start(line: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    """Starts the program in a group of its own, so that Ctrl-C reaches it once, from here."""
    pipe = subprocess.PIPE
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(
            line, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, encoding="utf-8",
            creationflags=flags,
        )
    return subprocess.Popen(
        line, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, encoding="utf-8",
        process_group=0,
    )


def _wait(process: subprocess.Popen[str], threads: list[threading.Thread]) -> bool:
    """Waits for the program and for what it says; whether Ctrl-C came meanwhile."""
    interrupted = False
    while True:
        try:
            process.wait()
            for thread in threads:
                thread.join()
            return interrupted
        except KeyboardInterrupt:
            interrupted = True
            _interrupt(process)


def _interrupt(process: subprocess.Popen[str]) -> None:
    """Asks the program to stop, as Ctrl-C does."""
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def _thread(target: Callable[..., object], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _write(stdin: IO[str], text: str) -> None:
    """Gives the program its input, of which it may have read enough before the end."""
    try:
        with stdin:
            stdin.write(text)
    except (BrokenPipeError, OSError):
        pass


def _all(stdout: IO[str] | None) -> str:
    assert stdout is not None
    with stdout:
        return stdout.read()


def _notes(stderr: IO[str] | None, progress: Watcher | None) -> str:
    """What the program says beside its results; how far it has come goes elsewhere."""
    assert stderr is not None
    notes = []
    with stderr:
        for line in stderr:
            if progress and line.startswith(_PROGRESS):
                done, _, of = line.removeprefix(_PROGRESS).partition(" ")
                progress(float(done), int(of))
            else:
                notes.append(line)
    return "".join(notes)
