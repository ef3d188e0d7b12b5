"""Reads request bodies of TensorFlow Serving's REST interface; holds rows against the schema."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlrecipe.data.dates import reads_as_dates
from mlrecipe.data.pictures import portable
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import nearest

MOST_ROWS = 10_000
LONGEST_QUOTE = 60
"""Characters of an offending value that an answer repeats."""

MOST_PROBLEMS = 20
"""Problems listed in an answer; the count always says how many there are."""


class BadRequest(Exception):
    """What is wrong with a request, all of it.

    Args:
        problems: one sentence each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        more = len(self.problems) - MOST_PROBLEMS
        shown = self.problems[:MOST_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
        super().__init__("; ".join(shown))


def read_rows(body: Any, schema: TableSchema) -> list[dict[str, Any]]:
    """Return the rows of a request: every input column, missing values as None, files as bytes.

    Rows come as ``{"instances": [{column: value}, …]}`` or, column by column, as
    ``{"inputs": {column: [value, …]}}``; a file as ``{"b64": "…"}``, or as base64 text alone.

    Raises:
        BadRequest: naming every row and column that breaks the schema.
    """
    rows = _raw_rows(body)
    if len(rows) > MOST_ROWS:
        raise BadRequest([f"{len(rows)} rows in one request; at most {MOST_ROWS}"])
    columns = schema.features()
    # What the table has, but the model does not read, may be sent all the same.
    unread = frozenset(schema.inputs if schema.read is not None else ()) - columns.keys()
    problems: list[str] = []
    cleaned = [_row(row, number, columns, unread, problems) for number, row in enumerate(rows)]
    if problems:
        raise BadRequest(problems)
    return cleaned


def read_top(body: Any) -> int | None:
    """Return how many answers of a ranked list are asked for; None: it is left open.

    Raises:
        BadRequest: when it is no number of answers.
    """
    top = body.get("top") if isinstance(body, Mapping) else None
    if top is None:
        return None
    if isinstance(top, bool) or not isinstance(top, int) or not 1 <= top <= MOST_ROWS:
        raise BadRequest([f'"top" is {_shown(top)}, no whole number from 1 to {MOST_ROWS}'])
    return top


def read_query(body: Any) -> str:
    """Return what a search asks for.

    Raises:
        BadRequest: when there is no question.
    """
    query = body.get("query") if isinstance(body, Mapping) else None
    if not isinstance(query, str) or not query.strip():
        raise BadRequest(['the body needs "query", what to search for'])
    return query


def _raw_rows(body: Any) -> list[Any]:
    if not isinstance(body, Mapping) or not ({"instances", "inputs"} & set(body)):
        raise BadRequest(['the body needs "instances" (a list of rows) or "inputs" (columns)'])
    if "instances" in body:
        if not isinstance(body["instances"], list) or not body["instances"]:
            raise BadRequest(['"instances" is no list of rows'])
        return list(body["instances"])
    inputs = body["inputs"]
    if not isinstance(inputs, Mapping) or not inputs:
        raise BadRequest(['"inputs" is no object of columns'])
    lists = {k: v if isinstance(v, list) else [v] for k, v in inputs.items()}
    lengths = {len(v) for v in lists.values()}
    if len(lengths) > 1:
        raise BadRequest([f'the columns of "inputs" differ in length: {sorted(lengths)}'])
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _row(
    row: Any,
    number: int,
    columns: Mapping[str, Column],
    unread: frozenset[str],
    problems: list[str],
) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        problems.append(f"row {number}: no object of columns")
        return {}
    for name in row:
        if name not in columns and name not in unread:
            close = nearest(str(name), columns)
            hint = f"; did you mean {close!r}?" if close else ""
            problems.append(f"row {number}: there is no column {name!r}{hint}")
    cleaned = {}
    for name, column in columns.items():
        if name not in row:
            problems.append(f"row {number}: {name} is missing (null says that it is unknown)")
            continue
        value, problem = row[name], ""
        if column.type == "bytes" and value is not None:
            value, problem = _file(value, column)
        problem = problem or _problem(value, column)
        if problem:
            problems.append(f"row {number}: {name} is {_shown(row[name])}, {problem}")
        cleaned[name] = value
    return cleaned


def _problem(value: Any, column: Column) -> str:
    """Return what is wrong with a value, or an empty string."""
    if value is None:
        # The preparation fills gaps whether or not training had any; the schema decides.
        return "" if column.nullable else "and must not be missing"
    if column.type == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "no number"
        if not _is_finite(value):
            return "no finite number"
        if column.minimum is not None and value < column.minimum:
            return f"less than {column.minimum:g}"
        if column.maximum is not None and value > column.maximum:
            return f"more than {column.maximum:g}"
    elif column.type == "boolean":
        if not isinstance(value, bool):
            return "neither true nor false"
    elif column.type == "numbers":
        if not isinstance(value, list) or not all(map(_is_gap_or_number, value)):
            return "no list of numbers"
    elif column.kind == "tags" and isinstance(value, list):
        if not all(isinstance(tag, str) for tag in value):
            return "a list with more than strings in it"
    elif column.type == "string" and not isinstance(value, str):
        return "no string" + (", and no list of strings" if column.kind == "tags" else "")
    elif column.kind == "datetime" and value and not reads_as_dates([value]):
        return "no date: write 2023-01-31, or 2023-01-31T18:05:00Z"
    if column.values is not None and value not in column.values:
        return f"not among {', '.join(map(repr, column.values))}"
    return ""


def _file(value: Any, column: Column) -> tuple[bytes | None, str]:
    """Return a file's bytes (None: none was sent), and what is wrong with them."""
    if isinstance(value, Mapping) and set(value) == {"b64"}:
        value = value["b64"]
    if not isinstance(value, str):
        return None, 'no file; send its bytes in base64: {"b64": "…"}'
    try:
        content = base64.b64decode(value, validate=True)
    except ValueError as error:
        return None, f"no base64: {error}"
    if not content:
        return None, "an empty file (null says that there is none)"
    try:
        if column.kind == "image":
            portable(content)
    except ValueError as error:
        return None, f"no image that the model can read: {error}"
    return content, ""


def _shown(value: Any) -> str:
    """Return a value as an answer quotes it: a whole file would drown the sentence."""
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def _is_gap_or_number(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value)


def _is_finite(value: float) -> bool:
    """Return whether a number is one for float64 too: JSON's integers have no end."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
