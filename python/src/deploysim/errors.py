"""What can go wrong. Each error carries the program's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .results import Result


class DeploysimError(Exception):
    """The program could not do what it was asked. All other errors are of this kind."""

    #: The exit status of the program; None if it was not started.
    status: int | None

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class InputError(DeploysimError):
    """The scenario, an option or a file is wrong; the text says where, and what would be right."""


class OptionError(InputError, TypeError):
    """A keyword is no option of the command."""


class ProgramNotFound(DeploysimError):
    """The program is nowhere, or cannot be started."""


class VersionMismatch(DeploysimError):
    """The program is of another version than this module."""


class ExpectationFailed(DeploysimError):
    """An expectation failed, and ``check=True`` asked to hear of it so."""

    #: What was found all the same.
    result: Result

    def __init__(self, text: str, result: Result) -> None:
        super().__init__(text, result.status)
        self.result = result


class Interrupted(KeyboardInterrupt):
    """Ctrl-C came before everything was finished."""

    #: What is finished; None if nothing is. A sweep goes on with
    #: ``sweep(..., out=result.folder, resume=True)``.
    result: Result | None

    def __init__(self, text: str, result: Result | None) -> None:
        super().__init__(text)
        self.result = result
