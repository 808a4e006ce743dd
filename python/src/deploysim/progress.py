"""How far long work has come: a bar in a notebook; in a script nothing, unless it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Protocol


class Watcher(Protocol):
    """Who hears how many runs are done, and of how many; and at last that it is over."""

    def __call__(self, done: int, of: int) -> None: ...

    def close(self) -> None: ...


def watcher(wanted: bool | None) -> Watcher | None:
    """Who is to hear it: nobody in a script that does not ask."""
    in_notebook = _in_notebook()
    if wanted is False or (wanted is None and not in_notebook):
        return None
    return _Bar() if in_notebook else _Line()


def _in_notebook() -> bool:
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


class _Line:
    """A line of standard error, written over again and again."""

    _said = False

    def __call__(self, done: int, of: int) -> None:
        print(f"\r{done} of {of} runs", end="", file=sys.stderr, flush=True)
        self._said = True

    def close(self) -> None:
        if self._said:
            print(file=sys.stderr)


class _Bar:
    """A bar below the cell of a notebook, which is taken away again."""

    _handle: Any = None

    def __call__(self, done: int, of: int) -> None:
        bar = f'<progress value="{done}" max="{of}"></progress> {done} of {of} runs'
        self._show(bar)

    def close(self) -> None:
        if self._handle is not None:
            self._show("")

    def _show(self, html: str) -> None:
        shown: Any = import_module("IPython.display")
        if self._handle is None:
            self._handle = shown.display(shown.HTML(html), display_id=True)
        else:
            self._handle.update(shown.HTML(html))
