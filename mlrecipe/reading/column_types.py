"""Tells what type the texts of a column have, from all of them: no chunk may say otherwise.

The rule, for a column of which every present value has to agree:

- ``true`` and ``false`` in any case: boolean;
- whole numbers up to 64 bits, none of them missing: integer;
- numbers: number (float64), unless one has a leading zero (a postal code, an identifier) or all are
  whole and one of them is beyond 2^53, which no float64 holds exactly: then they stay strings;
- everything else: string. One word among a million numbers makes the column a string, and is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from mlrecipe.errors import MlrecipeError

ColumnType = Literal["integer", "number", "boolean", "string"]
"""What the values of a column are read as."""

EXACT = 2**53
"""Whole numbers beyond this are not exact as float64 (IEEE 754, 53 bits of significand)."""


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written.

    Attributes:
        decimal: the decimal mark.
        thousands: what groups digits; empty for nothing.
    """

    decimal: str = "."
    thousands: str = ""

    def plain(self, texts: pa.Array) -> pa.Array:
        """Return the texts with a decimal point and ungrouped digits, where they are numbers."""
        texts = pc.utf8_trim_whitespace(texts)
        if self.thousands:
            mark = "[.]" if self.thousands == "." else self.thousands
            point = "[.]" if self.decimal == "." else self.decimal
            grouped = pc.match_substring_regex(
                texts, rf"^[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+({point}[0-9]*)?$"
            )
            bare = pc.replace_substring(texts, self.thousands, "")
            texts = pc.if_else(grouped, bare, texts)
        if self.decimal == ",":
            # What has a point for a decimal mark is no number here: 1.5 would become 15 or 1.5.
            dotted = pc.match_substring(texts, ".")
            texts = pc.if_else(dotted, texts, pc.replace_substring(texts, ",", "."))
            texts = pc.if_else(dotted, pc.binary_join_element_wise("x", texts, ""), texts)
        return pc.if_else(pc.starts_with(texts, "+"), pc.utf8_slice_codeunits(texts, 1), texts)


class ColumnProfile:
    """What is known of a column after some of its values.

    Attributes:
        gaps: whether a value was missing.
        reason: why the column is no number, in words; empty when it is one.
    """

    def __init__(self, format_: NumberFormat) -> None:
        self._format = format_
        self._boolean = self._number = self._integer = self._whole = True
        self._seen = self.gaps = False
        self._large = self._zeros = ""
        self.reason = ""

    def update(self, texts: pa.Array) -> None:
        """Take in further values, strings (rows,)."""
        self.gaps = self.gaps or texts.null_count > 0
        present = texts.drop_null()
        if not len(present):
            return
        self._seen = True
        if self._boolean:
            words = pc.utf8_lower(pc.utf8_trim_whitespace(present))
            self._boolean = pc.all(pc.is_in(words, pa.array(["true", "false"]))).as_py()
        if self._number:
            self._take_numbers(present)

    def _take_numbers(self, present: pa.Array) -> None:
        plain = self._format.plain(present)
        numeric = pc.match_substring_regex(
            plain, r"^-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$|^[+-]?(?i:inf(inity)?)$"
        )
        if not pc.all(numeric).as_py():
            self._no_number(f"{first(present, pc.invert(numeric))[:60]!r} is no number")
            return
        zeros = pc.match_substring_regex(plain, r"^[+-]?0[0-9]")
        if pc.any(zeros).as_py() and not self._zeros:
            self._zeros = first(present, zeros)
        if not self._whole:
            return
        whole = pc.match_substring_regex(plain, r"^-?[0-9]+$")
        self._whole = pc.all(whole).as_py()
        if self._whole:
            self._take_integers(plain)

    def _take_integers(self, plain: pa.Array) -> None:
        try:
            numbers = plain.cast(pa.int64())
        except pa.ArrowInvalid:
            self._integer = False
            long = pc.greater(pc.utf8_length(plain), 18)
            self._large = self._large or first(plain, long)
            return
        extent = pc.min_max(numbers)
        for value in (extent["min"].as_py(), extent["max"].as_py()):
            if abs(value) > EXACT:
                self._large = self._large or str(value)

    def _no_number(self, reason: str) -> None:
        self._number, self.reason = False, reason

    def type(self) -> ColumnType:
        """Return the type that all values so far have."""
        if not self._seen:
            return "number"
        if self._boolean:
            return "boolean"
        if not self._number:
            return "string"
        if self._zeros:
            self.reason = f"{self._zeros!r} has a leading zero"
            return "string"
        if not self._whole:
            return "number"
        if not self._integer or (self.gaps and self._large):
            self.reason = f"{self._large} is too long a number to be held exactly"
            return "string"
        return "number" if self.gaps else "integer"


def first(values: pa.Array, mask: pa.Array) -> str:
    """Return the first of the values where the mask is true, as text."""
    return str(values.filter(mask)[0].as_py())


def converted(texts: pa.Array, type_: ColumnType, format_: NumberFormat) -> Any:
    """Return texts (rows,) as a pandas Series of the type.

    Integers are int64, or float64 where some are missing; booleans are bool, or objects where
    some are missing; strings keep their blanks.

    Raises:
        MlrecipeError: for the first value that does not fit, shown with its position.
    """
    if type_ == "string":
        return texts.to_pandas()
    try:
        return _cast(texts, type_, format_).to_pandas()
    except pa.ArrowInvalid:
        for position, value in enumerate(texts.to_pylist()):
            if value is not None and not _fits(value, type_, format_):
                raise MlrecipeError(f"{value!r} is no {type_}", where=str(position)) from None
        raise


def _cast(texts: pa.Array, type_: ColumnType, format_: NumberFormat) -> pa.Array:
    if type_ == "boolean":
        return pc.utf8_lower(pc.utf8_trim_whitespace(texts)).cast(pa.bool_())
    kind = pa.int64() if type_ == "integer" and not texts.null_count else pa.float64()
    return format_.plain(texts).cast(kind)


def _fits(value: str, type_: ColumnType, format_: NumberFormat) -> bool:
    try:
        _cast(pa.array([value]), type_, format_)
    except pa.ArrowInvalid:
        return False
    return True
