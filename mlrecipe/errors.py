"""Errors made for people: what is wrong, where, what was expected, what to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_SECRETS = (
    # user:password@ in an address; a $NAME placeholder is no secret
    re.compile(r"(?P<keep>://[^\s/:@?#]*:)(?!\$\w+@)[^\s'\"]+(?=@)"),
    # a token that stands alone there
    re.compile(r"(?P<keep>https?://)(?!\$\w+@)[^\s/:@?#]+(?=@)"),
    re.compile(
        r"(?P<keep>[?&;](?:\w*(?:passw|pwd|token|secret|apikey|api_key|signature|credential)\w*"
        r"|sig|key)=)(?!\$\w+(?:[&#\s]|$))[^&#\s'\"]+",
        re.IGNORECASE,
    ),
)


def masked(text: str) -> str:
    """Return a text with passwords and tokens in addresses replaced by ``***``."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\g<keep>***", text)
    return text


class MlrecipeError(Exception):
    """A mistake that the user can mend. The command line prints it without a traceback.

    Args:
        problem: what is wrong, with the offending value.
        where: the recipe key, file, row or column it was found in.
        expected: what would have been right.
        fix: what to do about it.
    """

    def __init__(self, problem: str, *, where: str = "", expected: str = "", fix: str = "") -> None:
        # Whatever the message quotes, a password in an address is never printed or logged.
        self.problem = masked(problem)
        self.where = masked(where)
        self.expected = masked(expected)
        self.fix = masked(fix)
        super().__init__(self.problem)

    def __str__(self) -> str:
        rows = [("where", self.where), ("expected", self.expected), ("to do", self.fix)]
        return "\n".join([self.problem, *(f"  {k}: {v}" for k, v in rows if v)])


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a recipe.

    Attributes:
        path: the dotted recipe key, such as ``architecture.units``.
        problem: what is wrong.
        origin: where the value came from: a default, a preset, a file and line, the command line.
        expected: what would have been right.
        received: the offending value, as the user wrote it.
        nearest: the closest name that exists, for a misspelt one.
        fix: what to do about it.
    """

    path: str
    problem: str
    origin: str = ""
    expected: str = ""
    received: str = ""
    nearest: str = ""
    fix: str = ""

    def __post_init__(self) -> None:
        for name in ("path", "problem", "expected", "received", "fix"):
            object.__setattr__(self, name, masked(getattr(self, name)))

    def __str__(self) -> str:
        rows = [
            ("from", self.origin),
            ("expected", self.expected),
            ("received", self.received),
            ("did you mean", self.nearest),
            ("to do", self.fix),
        ]
        return "\n".join([f"{self.path}: {self.problem}", *(f"    {k}: {v}" for k, v in rows if v)])


class RecipeError(MlrecipeError):
    """Everything that is wrong with a recipe, in one message.

    Args:
        faults: the faults found, at least one.
        recipe: the recipe's name, for the headline.
    """

    def __init__(self, faults: Sequence[Fault], recipe: str = "") -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__(f"the recipe{f' {recipe!r}' if recipe else ''} has {count}")

    def __str__(self) -> str:
        return "\n".join([f"{self.problem}:", *(f"  {fault}" for fault in self.faults)])


class Blocked(MlrecipeError):
    """A gate ended the run: a blocker was found and the recipe does not waive it."""


def nearest(name: str, options: Iterable[str]) -> str:
    """Return the option that ``name`` most likely misspells, or an empty string."""
    close = difflib.get_close_matches(str(name), list(options), n=1, cutoff=0.6)
    return close[0] if close else ""
