"""A scenario, and what is changed of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, Mapping, Union

from . import binary
from .errors import DeploysimError, InputError

#: What is taken for a scenario where one is wanted.
Source = Union["Scenario", str, "os.PathLike[str]", Mapping[str, Any]]


class Scenario:
    """A scenario: a file, the name of one that comes with the program, a text, or a mapping.

    A string of several lines is a text; any other is a file or a name, as on the command line.
    Files that a text or a mapping names are found from the working folder. A scenario is never
    changed: :meth:`set` makes another.

    >>> Scenario("mm1").set("app.cores", 2).sets
    ('app.cores=2',)
    """

    __slots__ = ("path", "text", "sets")

    def __init__(self, source: Source, sets: tuple[str, ...] = ()) -> None:
        text: str | None = None
        if isinstance(source, Scenario):
            path, text, sets = source.path, source.text, (*source.sets, *sets)
        elif isinstance(source, Mapping):
            path, text = "-", written(source)
        elif isinstance(source, str) and "\n" in source:
            path, text = "-", source
        elif isinstance(source, (str, os.PathLike)):
            path = os.fspath(source)
        else:
            raise TypeError(
                f"a scenario is a file, a name, a text or a mapping, not {type(source).__name__}"
            )
        #: The file or the name, as the program is to get it; ``-`` for what is given as a text.
        self.path: Final[str] = path
        #: The text, if it is not in a file.
        self.text: Final[str | None] = text
        #: All changes so far, as the program takes them.
        self.sets: Final[tuple[str, ...]] = sets

    def __repr__(self) -> str:
        changes = "".join(f".set({one!r})" for one in self.sets)
        return f"<scenario {'text' if self.text is not None else self.path}{changes}>"

    def set(self, path: str, value: object) -> Scenario:
        """The same scenario with another value at a path, such as ``app.replicas``. This one stays
        as it is."""
        return Scenario(self, (assignment(path, value),))

    def check(self) -> Scenario:
        """Raises :class:`InputError` with all that is wrong with it, and is the scenario else.

        >>> Scenario("mm1").set("app.coers", 2).check()
        Traceback (most recent call last):
            ...
        deploysim.errors.InputError: error: unknown key "coers"
        ...
        """
        self._ask("--draw=none")
        return self

    def topology(self) -> str:
        """The drawing of what calls what, in the language of Mermaid."""
        return self._ask("--draw=mermaid")

    def _ask(self, option: str) -> str:
        sets = [f"--set={one}" for one in self.sets]
        found = binary.run("check", [option, *sets, self.path], self.text)
        if found.status == 2:
            raise InputError(found.stderr.strip(), 2)
        if found.status != 0:
            raise DeploysimError(found.stderr.strip(), found.status)
        return found.stdout


def assignment(path: str, value: object) -> str:
    """A change as the program takes it.

    >>> assignment("app.replicas", 4), assignment("faults", [{"crash": "app", "at": "5s"}])
    ('app.replicas=4', 'faults=[{"crash": "app", "at": "5s"}]')
    """
    return f"{path}={written(value)}"


def written(value: object) -> str:
    """A value as a scenario writes it: JSON is YAML, and a string stands as it is."""
    if isinstance(value, (str, Path)):
        return str(value)
    try:
        return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"a scenario cannot hold {value!r}: {error}") from None


def plain(value: object) -> object:
    """A value of the kinds that JSON has: of numpy and pandas too, whose numbers have ``item``."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, range)):
        return [plain(one) for one in value]
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, (str, int, float, bool, type(None))):
        item = getattr(value, "item", None)
        return item() if callable(item) else value
    return value
