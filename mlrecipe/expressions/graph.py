"""Expressions in a TensorFlow graph: the same trees and formulas on tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from mlrecipe.expressions import evaluating
from mlrecipe.expressions.evaluating import Values
from mlrecipe.expressions.runtime import DATE, SMALLEST_RESULT, Letters
from mlrecipe.expressions.tree import Expression

Tensor = Any

SPECIAL = r"([!-/:-@\[-`{-~])"
"""Characters that mean something in a pattern."""


def evaluate(
    expression: Expression, columns: Mapping[str, Values], rows: Tensor, letters: Letters
) -> Values:
    """Return the value of an expression, whose kinds have been checked, for every row.

    Args:
        expression: the tree.
        columns: by `column`.
        rows: how many there are, an int32 scalar.
        letters: small and capital letters.
    """
    return evaluating.evaluate(expression, columns, rows, TensorFlow(), letters)


def column(values: Tensor, kind: str) -> Values:
    """Return a raw column (rows,): float64 with NaN, or strings with ""."""
    if kind == "number":
        return evaluating.number(TensorFlow(), values, tf.math.is_nan(values))
    if kind == "truth":
        missing = tf.math.is_nan(values)
        return Values("truth", (values != 0.0) & ~missing, missing)
    if kind == "date":
        return evaluating.date(TensorFlow(), values)
    return Values("text", values, tf.equal(values, ""))


def plain(found: Values) -> Tensor:
    """Return values as a preparation passes them on: float64 with NaN, or strings with ""."""
    if found.kind == "text":
        return tf.where(found.missing, "", found.values)
    values = tf.cast(found.values, tf.float64)
    values = tf.where(tf.abs(values) < SMALLEST_RESULT, tf.zeros_like(values), values)
    return tf.where(found.missing, tf.constant(float("nan"), tf.float64), values)


class TensorFlow:
    """The elementary functions."""

    floor = staticmethod(tf.math.floor)
    sqrt = staticmethod(tf.math.sqrt)
    round = staticmethod(tf.math.round)
    abs = staticmethod(tf.math.abs)
    minimum = staticmethod(tf.math.minimum)
    maximum = staticmethod(tf.math.maximum)

    def constant(self, value: Any, rows: Tensor) -> Tensor:
        # Filled at run time: TensorFlow's optimizer would reorder sums and products of constants.
        return tf.fill([rows], tf.constant(value, tf.float64 if type(value) is float else None))

    def where(self, test: Tensor, yes: Any, no: Any) -> Tensor:
        kind = next((v.dtype for v in (yes, no) if tf.is_tensor(v)), tf.float64)
        return tf.where(test, tf.cast(yes, kind), tf.cast(no, kind))

    def fmod(self, x: Tensor, y: Any) -> Tensor:
        return tf.truncatemod(x, tf.cast(y, tf.float64))

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        bits = tf.bitcast(x, tf.int64)
        exponent = tf.bitwise.right_shift(bits, tf.constant(52, tf.int64)) - 1022
        part = tf.bitwise.bitwise_and(bits, tf.constant((1 << 52) - 1, tf.int64))
        half = tf.constant(1022 << 52, tf.int64)
        part = tf.bitcast(tf.bitwise.bitwise_or(part, half), tf.float64)
        return part, tf.cast(exponent, tf.float64)

    def scale(self, x: Tensor, exponent: Tensor) -> Tensor:
        bits = tf.bitwise.left_shift(tf.cast(exponent, tf.int64) + 1023, tf.constant(52, tf.int64))
        return x * tf.bitcast(bits, tf.float64)

    def change_letters(self, texts: Tensor, table: tuple[tuple[int, int, int, int], ...]) -> Tensor:
        first, last, step, distance = (
            tf.constant(part, tf.int32) for part in zip(*table, strict=True)
        )
        codes = tf.strings.unicode_decode(texts, "UTF-8")

        def changed(code: Tensor) -> Tensor:
            run = tf.maximum(tf.searchsorted(first, code, side="right") - 1, 0)
            start = tf.gather(first, run)
            inside = (code >= start) & (code <= tf.gather(last, run))
            inside &= tf.math.floormod(code - start, tf.gather(step, run)) == 0
            return tf.where(inside, code + tf.gather(distance, run), code)

        return tf.strings.unicode_encode(
            codes.with_flat_values(changed(codes.flat_values)), "UTF-8"
        )

    def length(self, texts: Tensor) -> Tensor:
        return tf.cast(tf.strings.length(texts, unit="UTF8_CHAR"), tf.float64)

    def contains(self, texts: Tensor, parts: Tensor, constant: str | None) -> Tensor:
        def found(text: Tensor, part: Tensor) -> Tensor:
            literal = tf.strings.regex_replace(part, SPECIAL, r"\\\1")
            return tf.strings.regex_full_match(text, tf.strings.join(["(?s).*", literal, ".*"]))

        if constant is not None:
            return found(texts, tf.constant(constant))
        return tf.map_fn(lambda row: found(*row), (texts, parts), fn_output_signature=tf.bool)

    def starts_with(self, texts: Tensor, parts: Tensor) -> Tensor:
        size = tf.strings.length(parts)
        return tf.strings.substr(texts, tf.zeros_like(size), size) == parts

    def ends_with(self, texts: Tensor, parts: Tensor) -> Tensor:
        size = tf.strings.length(parts)
        start = tf.maximum(tf.strings.length(texts) - size, 0)
        return tf.strings.substr(texts, start, tf.strings.length(texts)) == parts

    def before(self, first: Tensor, second: Tensor) -> Tensor:
        one, other = (tf.strings.unicode_decode(texts, "UTF-8") for texts in (first, second))
        width = tf.maximum(one.bounding_shape(axis=1), other.bounding_shape(axis=1)) + 1
        padded = [codes.to_tensor(-1, shape=[None, width]) for codes in (one, other)]
        at = tf.argmax(tf.cast(padded[0] != padded[1], tf.int32), axis=1)
        mine, theirs = (tf.gather(codes, at, axis=1, batch_dims=1) for codes in padded)
        return mine < theirs

    def moment(self, texts: Tensor) -> tuple[Tensor, list[Tensor]]:
        fits = tf.strings.regex_full_match(texts, DATE)
        safe = tf.where(fits, texts, "1970-01-01")

        def text(group: int) -> Tensor:
            return tf.strings.regex_replace(safe, f"^{DATE}$", rf"\{group}", replace_global=False)

        def number(found: Tensor) -> Tensor:
            return tf.strings.to_number(tf.strings.join(["0", found]), tf.float64)

        fields = [number(text(group)) for group in range(1, 7)]
        digits = tf.strings.join([text(7), "000000"])
        micros = number(tf.strings.substr(digits, 0, 6))
        zone = tf.strings.regex_replace(safe, "^.{10}[T ]?[0-9:.]*", "", replace_global=False)
        zone = tf.where(tf.strings.length(zone) < 5, "+0000", zone)
        hours = number(tf.strings.substr(zone, 1, 2))
        minutes = number(tf.strings.regex_replace(zone, "^.*([0-9]{2})$", r"\1"))
        size = hours * 60.0 + minutes
        behind = tf.strings.regex_full_match(zone, "-.*")
        return fits, [*fields, micros, tf.where(behind, -size, size)]
