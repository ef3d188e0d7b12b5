"""Guesses how a delimited text file is written, each guess with its reason."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlrecipe.reading.streams import SUBSTITUTE, text_of

SAMPLE = 1 << 18
"""Characters that are looked at; about 2,000 lines."""

DELIMITERS = (",", ";", "\t", "|")
LONGEST_NAME = 100
"""A header's cell is shorter than this many characters."""

POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
SURE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}|(,\d{3})+\.\d+)")
POINT_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)")
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|\.\d+)([eE][+-]?\d+)?%?")


@dataclass(frozen=True)
class Dialect:
    """How a delimited text file is written; None stands for what is to be guessed.

    Attributes:
        delimiter: what separates values.
        quoting: whether double quotes enclose values, and are no part of them.
        header: whether the first line names the columns.
        decimal: the decimal mark, point or comma.
        thousands: what groups digits; empty for nothing.
        reasons: field -> why it was guessed so.
    """

    delimiter: str | None = None
    quoting: bool | None = None
    header: bool | None = None
    decimal: str | None = None
    thousands: str | None = None
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """The one character that separates values once the text was read by `text_of`."""
        mark = self.delimiter or ","
        return mark if len(mark) == 1 else SUBSTITUTE

    @property
    def quote(self) -> str | bool:
        return '"' if self.quoting else False


def guess_dialect(
    file: Path, encoding: str, known: Dialect, columns: tuple[str, ...] = ()
) -> Dialect:
    """Return the dialect with everything that was left open told from the first lines."""
    with text_of(file, encoding, known.delimiter) as stream:
        sample = stream.read(SAMPLE)
        complete = not stream.read(1)
    if not complete and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    found = known
    if found.quoting is None or found.delimiter is None:
        found = _delimiter_and_quoting(sample, found)
    rows = records(sample, found)
    if found.header is None:
        header, reason = _header(rows, columns)
        found = _with(found, "header", header, reason)
    return _marks(rows[1:] if found.header else rows, found)


def records(text: str, dialect: Dialect) -> list[list[str]]:
    """Return the records of some text; blank lines are left out."""
    try:
        return [row for row in _reader(io.StringIO(text, newline=""), dialect) if row]
    except csv.Error:
        return [line.split(dialect.mark) for line in text.splitlines() if line]


def _reader(stream: io.TextIOBase, dialect: Dialect) -> csv._reader:  # type: ignore[name-defined]
    csv.field_size_limit(1 << 30)
    return csv.reader(
        stream,
        delimiter=dialect.mark,
        quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        strict=True,
    )


def _with(dialect: Dialect, name: str, value: object, reason: str) -> Dialect:
    return replace(dialect, **{name: value, "reasons": dialect.reasons | {name: reason}})  # type: ignore[arg-type]


def _delimiter_and_quoting(sample: str, known: Dialect) -> Dialect:
    """Try every delimiter; the one with most even lines wins, then the one with most columns.

    Quotes enclose values unless that makes no sense: whoever quotes has delimiters inside.
    """
    best: tuple[tuple[float, int], Dialect] | None = None
    for mark in [known.delimiter] if known.delimiter else DELIMITERS:
        trial = replace(known, delimiter=mark)
        if known.quoting is None:
            trial = replace(trial, quoting=not _opens_without_close(sample, re.escape(trial.mark)))
        score = _score(sample, trial)
        if best is None or score > best[0]:
            best = score, trial
    assert best is not None
    (even, columns), found = best
    if known.delimiter is None:
        reason = (
            "one column alone"
            if columns < 2
            else f"{found.delimiter!r} splits {even:.0%} of the first lines into {columns} values"
        )
        found = _with(found, "delimiter", found.delimiter, reason)
    if known.quoting is None:
        found = _with(found, "quoting", found.quoting, _quoting_reason(sample, found))
    return found


def _score(sample: str, dialect: Dialect) -> tuple[float, int]:
    """Return the share of lines of the usual width, and that width; nothing for one column."""
    widths = Counter(len(row) for row in records(sample, dialect))
    if not widths:
        return (0.0, 1)
    width, lines = widths.most_common(1)[0]
    return (0.0, 1) if width == 1 else (round(lines / sum(widths.values()), 2), width)


def _opens_without_close(sample: str, mark: str) -> bool:
    """Return whether some value starts with a quote and goes on after the quote that closes it.

    So do texts that merely contain quotes: `"Well", she said`. Such a file quotes nothing.
    """
    opening = re.compile(rf'(?:^|(?<={mark})|(?<=\n)|(?<=\r))"((?:[^"]|"")*)("|\Z)([^\r\n]?)')
    separator = re.compile(mark)
    return any(
        m.group(2) != "" and m.group(3) and not separator.match(m.group(3))
        for m in opening.finditer(sample)
    )


def _quoting_reason(sample: str, dialect: Dialect) -> str:
    if dialect.quoting:
        return "no value is quoted" if '"' not in sample else "every quote that opens also closes"
    return "quotes are part of the values: some open and do not close before the next value"


def _header(rows: list[list[str]], columns: tuple[str, ...]) -> tuple[bool, str]:
    """Tell names from values (compare Python's csv.Sniffer, which looks at types alone)."""
    if not rows:
        return True, "there is nothing else"
    first, others = [cell.strip() for cell in rows[0]], rows[1:200]
    if columns:
        same = [c.lower() for c in first] == [c.lower() for c in columns]
        return (
            same,
            "the first line repeats source.columns" if same else "source.columns names them",
        )
    numeric_below = [
        i
        for i, cell in enumerate(first)
        if cell
        and not NUMBER.fullmatch(cell)
        and (values := [row[i].strip() for row in others if i < len(row) and row[i].strip()])
        and all(NUMBER.fullmatch(v) for v in values)
    ]
    if numeric_below:
        return True, f"{first[numeric_below[0]]!r} stands above numbers"
    numbers = [cell for cell in first if NUMBER.fullmatch(cell)]
    if numbers:
        return False, f"the first line holds the number {numbers[0]}"
    long = [cell for cell in first if len(cell) > LONGEST_NAME]
    if long:
        return False, f"the first line holds a text of {len(long[0])} characters"
    for i, cell in enumerate(first):
        if cell and any(i < len(row) and row[i].strip() == cell for row in others):
            return False, f"{cell!r} of the first line occurs again below it"
    if len(set(first)) < len(first):
        return False, "the first line says the same twice"
    return True, "no word of the first line occurs again below it"


def _marks(rows: list[list[str]], known: Dialect) -> Dialect:
    """Guess decimal mark and digit groups from the cells that look like numbers."""
    if known.decimal is not None and known.thousands is not None:
        return known
    cells = [c.strip() for row in rows for c in row if "." in c or "," in c]
    point = next((c for c in cells if POINT.fullmatch(c) or re.fullmatch(r"[\d,]+\.\d+", c)), None)
    comma = next((c for c in cells if COMMA.fullmatch(c) and not THOUSANDS.fullmatch(c)), None)
    # 1,234 alone proves nothing in a file that may well write decimals with a comma.
    sure = THOUSANDS if known.delimiter == "," or point else SURE_THOUSANDS
    grouped = next((c for c in cells if sure.fullmatch(c)), None)
    found = known
    if found.decimal is None:
        dotted = next((c for c in cells if POINT_THOUSANDS.fullmatch(c)), None)
        if (comma and not point) or dotted:
            found = _with(found, "decimal", ",", f"numbers are written {dotted or comma}")
        else:
            reason = f"numbers are written {point}" if point else "no number has a decimal comma"
            found = _with(found, "decimal", ".", reason)
    if found.thousands is None:
        dotted = next((c for c in cells if POINT_THOUSANDS.fullmatch(c)), None)
        seen = dotted if found.decimal == "," else grouped
        mark = ("." if found.decimal == "," else ",") if seen else ""
        reason = f"numbers are written {seen}" if seen else "no number groups its digits"
        found = _with(found, "thousands", mark, reason)
    return found
