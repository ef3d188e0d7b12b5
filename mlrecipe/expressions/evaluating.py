"""Carries out expressions on columns, in NumPy or in a TensorFlow graph.

Missing values, one rule a kind of result:

- A test (comparison, ``in``, ``not in``, ``contains`` …) that meets a missing value is false.
- ``and``, ``or``, ``not`` and ``if`` take a missing truth for false.
- Anything else that meets a missing value is missing, as is a number that cannot be computed:
  x / 0, log(-1), 1e300 ** 2. ``coalesce`` puts something in its place, ``is_missing`` tells.

An empty text is a missing one, as everywhere in a preparation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from mlrecipe.expressions import arithmetic, calendar
from mlrecipe.expressions.runtime import LARGEST, SMALLEST, Letters, Rows, Runtime
from mlrecipe.expressions.tree import Call, Column, Expression, Literal


@dataclass(slots=True)
class Values:
    """A value for every row. Nobody changes one.

    Attributes:
        kind: ``number``, ``text``, ``truth`` or ``date``.
        values: float64, texts, bool, or float64 days since 1970, (rows,). Where missing: 0, "",
            False, 0.
        missing: bool (rows,).
    """

    kind: str
    values: Rows
    missing: Rows


def evaluate(
    expression: Expression,
    columns: Mapping[str, Values],
    rows: Any,
    runtime: Runtime,
    letters: Letters,
) -> Values:
    """Return the value of an expression for every row.

    Args:
        expression: its kinds have been checked (`mlrecipe.expressions.kinds.kind_of`).
        columns: those that it reads.
        rows: how many there are.
        runtime: where it is carried out.
        letters: small and capital letters, by `letters.letters` or as kept.
    """
    return _Walk(columns, rows, runtime, letters).value(expression.root)


def number(runtime: Runtime, values: Rows, missing: Rows) -> Values:
    """Return numbers; those that could not be computed are missing."""
    size = runtime.abs(values)
    finite = size <= LARGEST  # false for NaN
    missing = missing | ~finite
    return Values("number", runtime.where((size >= SMALLEST) & ~missing, values, 0.0), missing)


def date(runtime: Runtime, texts: Rows) -> Values:
    """Return texts as dates; what is no date is missing."""
    days, missing = calendar.days_of(runtime, texts)
    return Values("date", runtime.where(missing, 0.0, days), missing)


@dataclass(slots=True)
class _Walk:
    columns: Mapping[str, Values]
    rows: Any
    rt: Runtime
    letters: Letters

    def value(self, node: Literal | Column | Call) -> Values:
        if isinstance(node, Column):
            return self.columns[node.name]
        if isinstance(node, Literal):
            return self.constant(node.value)
        arguments = [self.value(item) for item in node.arguments]
        name = node.function
        if name in _NUMBERS:
            return self.computed(name, arguments)
        if name in _LOGIC:
            return self.truth(_LOGIC[name]([a.values & ~a.missing for a in arguments]))
        if name == "is_missing":
            return self.truth(arguments[0].missing)
        if name == "if":
            return self.chosen(arguments[0], *self.alike(arguments[1:]))
        if name == "coalesce":
            return reduce(self.coalesced, arguments)
        if name in _COMPARISONS:
            return self.compared(name, self.alike(arguments))
        if name in _TEXT_TESTS:
            return self.searched(name, arguments, node.arguments[1])
        return self.computed(name, arguments)

    def constant(self, value: float | bool | str) -> Values:
        if isinstance(value, float) and abs(value) < SMALLEST:
            value = 0.0
        kind = (
            "truth" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
        )
        values = self.rt.constant(value, self.rows)
        return Values(kind, values, self.rt.constant(False, self.rows))

    def truth(self, values: Rows) -> Values:
        return Values("truth", values, self.rt.constant(False, self.rows))

    def chosen(self, test: Values, yes: Values, no: Values) -> Values:
        holds = test.values & ~test.missing
        values = self.rt.where(holds, yes.values, no.values)
        return Values(yes.kind, values, self.rt.where(holds, yes.missing, no.missing))

    def coalesced(self, first: Values, other: Values) -> Values:
        values = self.rt.where(first.missing, other.values, first.values)
        return Values(first.kind, values, first.missing & other.missing)

    def compared(self, name: str, arguments: list[Values]) -> Values:
        first, others = arguments[0], arguments[1:]
        tests = _TEXT_ORDERS if first.kind == "text" and name in _TEXT_ORDERS else _COMPARISONS
        results = [
            tests[name](self.rt, first.values, other.values) & ~first.missing & ~other.missing
            for other in others
        ]
        return self.truth(reduce(and_ if name == "not_in" else or_, results))

    def searched(self, name: str, arguments: list[Values], part: Any) -> Values:
        texts, parts = arguments
        constant = part.value if isinstance(part, Literal) else None
        found = _TEXT_TESTS[name](self.rt, texts.values, parts.values, constant)
        return self.truth(found & ~texts.missing & ~parts.missing)

    def computed(self, name: str, arguments: list[Values]) -> Values:
        if name in _DATES:
            arguments = [self.as_date(a) for a in arguments]
        missing = reduce(or_, [a.missing for a in arguments])
        if name in ("lower", "upper"):
            table = self.letters[name]
            return Values("text", self.rt.change_letters(arguments[0].values, table), missing)
        function = _COMPUTED[name]
        return number(self.rt, function(self.rt, *(a.values for a in arguments)), missing)

    def alike(self, arguments: list[Values]) -> list[Values]:
        """Read texts as dates where a date is among the arguments."""
        if any(a.kind == "date" for a in arguments):
            return [self.as_date(a) for a in arguments]
        return arguments

    def as_date(self, value: Values) -> Values:
        return value if value.kind == "date" else date(self.rt, value.values)


Function = Callable[..., Any]

_LOGIC: dict[str, Function] = {
    "and": lambda truths: reduce(and_, truths),
    "or": lambda truths: reduce(or_, truths),
    "not": lambda truths: ~truths[0],
}
_COMPARISONS: dict[str, Function] = {
    "equal": lambda rt, x, y: x == y,
    "not_equal": lambda rt, x, y: x != y,
    "less": lambda rt, x, y: x < y,
    "less_equal": lambda rt, x, y: x <= y,
    "greater": lambda rt, x, y: x > y,
    "greater_equal": lambda rt, x, y: x >= y,
    "in": lambda rt, x, y: x == y,
    "not_in": lambda rt, x, y: x != y,
}
_TEXT_ORDERS: dict[str, Function] = {
    "less": lambda rt, x, y: rt.before(x, y),
    "less_equal": lambda rt, x, y: ~rt.before(y, x),
    "greater": lambda rt, x, y: rt.before(y, x),
    "greater_equal": lambda rt, x, y: ~rt.before(x, y),
}
_TEXT_TESTS: dict[str, Function] = {
    "contains": lambda rt, texts, parts, constant: rt.contains(texts, parts, constant),
    "starts_with": lambda rt, texts, parts, constant: rt.starts_with(texts, parts),
    "ends_with": lambda rt, texts, parts, constant: rt.ends_with(texts, parts),
}
_NUMBERS: dict[str, Function] = {
    "add": lambda rt, x, y: x + y,
    "subtract": lambda rt, x, y: x - y,
    "multiply": lambda rt, x, y: x * y,
    "divide": lambda rt, x, y: x / y,
    "negative": lambda rt, x: -x,
    "floor_divide": arithmetic.floor_divide,
    "remainder": arithmetic.remainder,
    "power": arithmetic.power,
    "log": arithmetic.log,
    "log1p": arithmetic.log1p,
    "exp": arithmetic.exp,
    "abs": lambda rt, x: rt.abs(x),
    "sqrt": lambda rt, x: rt.sqrt(x),
    "round": lambda rt, x: rt.round(x),
    "floor": lambda rt, x: rt.floor(x),
    "min": lambda rt, *columns: reduce(rt.minimum, columns),
    "max": lambda rt, *columns: reduce(rt.maximum, columns),
    "length": lambda rt, texts: rt.length(texts),
}
_DATES: dict[str, Function] = {
    "days_between": lambda rt, first, second: second - first,
    "year": lambda rt, days: calendar.civil(rt, days)[0],
    "month": lambda rt, days: calendar.civil(rt, days)[1],
    "weekday": calendar.weekday,
}
_COMPUTED = _NUMBERS | _DATES
