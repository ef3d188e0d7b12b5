"""What the language can do: every function and operator with the types it takes and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "text", "truth", "date", "any"]
"""What a value is; ``any`` for a column whose rows are not known yet."""


@dataclass(frozen=True)
class Function:
    """What a function takes and gives.

    Attributes:
        takes: kinds of the arguments; "same" stands for one kind shared by all that say so.
        gives: the kind of the result; "same" for that shared kind.
        most: the most arguments; the last kind of ``takes`` repeats. None: as many as in takes.
        sample: how it is written, for messages.
    """

    takes: tuple[str, ...]
    gives: str
    sample: str
    most: int | None = None


MANY = 100
"""Most arguments of a function that takes several."""

FUNCTIONS: dict[str, Function] = {
    "abs": Function(("number",), "number", "abs(x)"),
    "log": Function(("number",), "number", "log(x)"),
    "log1p": Function(("number",), "number", "log1p(x)"),
    "exp": Function(("number",), "number", "exp(x)"),
    "sqrt": Function(("number",), "number", "sqrt(x)"),
    "round": Function(("number",), "number", "round(x)"),
    "floor": Function(("number",), "number", "floor(x)"),
    "min": Function(("number", "number"), "number", "min(x, y)", MANY),
    "max": Function(("number", "number"), "number", "max(x, y)", MANY),
    "lower": Function(("text",), "text", "lower(t)"),
    "upper": Function(("text",), "text", "upper(t)"),
    "length": Function(("text",), "number", "length(t)"),
    "contains": Function(("text", "text"), "truth", 'contains(t, "part")'),
    "starts_with": Function(("text", "text"), "truth", 'starts_with(t, "part")'),
    "ends_with": Function(("text", "text"), "truth", 'ends_with(t, "part")'),
    "is_missing": Function(("any",), "truth", "is_missing(x)"),
    "coalesce": Function(("same", "same"), "same", "coalesce(x, 0)", MANY),
    "days_between": Function(("date", "date"), "number", "days_between(first, second)"),
    "year": Function(("date",), "number", "year(d)"),
    "month": Function(("date",), "number", "month(d)"),
    "weekday": Function(("date",), "number", "weekday(d)"),
}
"""Functions that a text calls by name."""

OPERATORS: dict[str, Function] = {
    "add": Function(("number", "number"), "number", "x + y"),
    "subtract": Function(("number", "number"), "number", "x - y"),
    "multiply": Function(("number", "number"), "number", "x * y"),
    "divide": Function(("number", "number"), "number", "x / y"),
    "floor_divide": Function(("number", "number"), "number", "x // y"),
    "remainder": Function(("number", "number"), "number", "x % y"),
    "power": Function(("number", "number"), "number", "x ** y"),
    "negative": Function(("number",), "number", "-x"),
    "and": Function(("truth", "truth"), "truth", "p and q", MANY),
    "or": Function(("truth", "truth"), "truth", "p or q", MANY),
    "not": Function(("truth",), "truth", "not p"),
    "equal": Function(("same", "same"), "truth", "x == y"),
    "not_equal": Function(("same", "same"), "truth", "x != y"),
    "less": Function(("same", "same"), "truth", "x < y"),
    "less_equal": Function(("same", "same"), "truth", "x <= y"),
    "greater": Function(("same", "same"), "truth", "x > y"),
    "greater_equal": Function(("same", "same"), "truth", "x >= y"),
    "in": Function(("same", "same"), "truth", "x in (1, 2)", MANY + 1),
    "not_in": Function(("same", "same"), "truth", "x not in (1, 2)", MANY + 1),
    "if": Function(("truth", "same", "same"), "same", "x if p else y"),
}
"""What operators become; a text cannot call these by name."""

ORDERINGS = ("less", "less_equal", "greater", "greater_equal")


class KindError(Exception):
    """An argument is of the wrong kind."""

    def __init__(self, problem: str, position: int) -> None:
        self.position = position
        super().__init__(problem)


def result_kind(name: str, kinds: Sequence[str]) -> str:
    """Return the kind of a call's result.

    Args:
        name: the function's.
        kinds: kinds of its arguments, already of the right number.

    Raises:
        KindError: when an argument's kind does not fit.
    """
    function = (FUNCTIONS | OPERATORS)[name]
    shared = "any"
    for i, kind in enumerate(kinds):
        wanted = function.takes[min(i, len(function.takes) - 1)]
        if wanted == "same":
            shared = _shared(name, function, shared, kind, i)
        elif not _fits(kind, wanted):
            hint = "; compare it, as in x == 1" if (kind, wanted) == ("number", "truth") else ""
            raise KindError(f"{function.sample} takes a {wanted}, not a {kind}{hint}", i)
    if name in ORDERINGS and shared == "truth":
        raise KindError("true and false have no order", 0)
    return shared if function.gives == "same" else function.gives


def _fits(kind: str, wanted: str) -> bool:
    return "any" in (kind, wanted) or kind == wanted or (kind, wanted) == ("text", "date")


def _shared(name: str, function: Function, shared: str, kind: str, position: int) -> str:
    """Return the kind that two arguments have in common; a text may be written for a date."""
    if shared == "any" or kind == "any":
        return kind if shared == "any" else shared
    if shared == kind:
        return kind
    if {shared, kind} == {"text", "date"} and name != "coalesce":
        return "date"
    raise KindError(f"{function.sample} with a {shared} and a {kind}", position)
