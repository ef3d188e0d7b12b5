"""The error of a faulty expression: it points at a character of the text."""

from __future__ import annotations

from mlrecipe.errors import MlrecipeError

SHOWN = 40
"""Characters of the text that a message quotes from the faulty one on."""


class ExpressionError(MlrecipeError):
    """Something is wrong with an expression.

    Args:
        problem: what is wrong, with the offending part.
        text: the whole expression.
        at: position of the offending part, from 0 on.
        expected: what would have been right.
        fix: what to do about it.
    """

    def __init__(
        self, problem: str, text: str, at: int = 0, *, expected: str = "", fix: str = ""
    ) -> None:
        self.text = text
        self.at = at
        rest = text[at : at + SHOWN] + ("…" if len(text) > at + SHOWN else "")
        where = f"character {at + 1}, at: {rest}" if rest else f"the end of: {text[-SHOWN:]}"
        super().__init__(problem, where=where, expected=expected, fix=fix)
