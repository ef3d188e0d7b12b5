"""Which letter is the small or the capital form of another, as a table that can be kept.

Unicode grows, and every runtime knows another edition of it; so a fitted preparation carries the
table that it was fitted with. Letters change one to one: ß, whose capital form is two letters, and
İ, whose small form is, stay as they are; nothing depends on neighbours.
"""

from __future__ import annotations

from functools import cache

from mlrecipe.expressions.runtime import Letters

LAST = 0x1FFFF
"""Last code point looked at: scripts with two cases end before."""

Run = tuple[int, int, int, int]


@cache
def letters() -> Letters:
    """Return ``lower`` and ``upper`` as runs (first, last, step, distance) of code points."""
    found: dict[str, list[Run]] = {"lower": [], "upper": []}
    for code in range(LAST + 1):
        character = chr(code)
        for name, other in (("lower", character.lower()), ("upper", character.upper())):
            if len(other) == 1 and other != character:
                _add(found[name], code, ord(other) - code)
    return {name: tuple(runs) for name, runs in found.items()}


def _add(runs: list[Run], code: int, distance: int) -> None:
    """Add a code point to the last run where it fits, else as a run of its own."""
    if runs and runs[-1][3] == distance:
        first, last, step, _ = runs[-1]
        alone = first == last
        if code - last in ((1, 2) if alone else (step,)):
            runs[-1] = (first, code, code - last, distance)
            return
    runs.append((code, code, 1, distance))


def by_code(table: tuple[Run, ...]) -> dict[int, int]:
    """Return code point -> code point, as `str.translate` takes it."""
    return {
        code: code + distance
        for first, last, step, distance in table
        for code in range(first, last + 1, step)
    }
