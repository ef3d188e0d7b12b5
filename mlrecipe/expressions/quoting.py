"""Makes a text readable for Python's parser: columns in backticks, and its line breaks."""

from __future__ import annotations

from mlrecipe.expressions.errors import ExpressionError


def hide_backticks(text: str) -> tuple[str, dict[int, str]]:
    """Replace every column in backticks by as many underscores.

    Returns:
        The text, as long as before, and the columns' names by their position in it.

    Raises:
        ExpressionError: for a backtick, quote or character that cannot be read.
    """
    parts: list[str] = []
    names: dict[int, str] = {}
    i = 0
    while i < len(text):
        character = text[i]
        if character in "\"'":
            end = _end_of_text(text, i)
            parts.append(text[i:end])
        elif character == "`":
            end = text.find("`", i + 1) + 1
            if end <= 0 or not text[i + 1 : end - 1].strip():
                raise ExpressionError(
                    "a backtick has no partner" if end <= 0 else "a column has no name",
                    text,
                    i,
                    expected="`the column's name`",
                )
            names[i] = text[i + 1 : end - 1]
            parts.append("_" * (end - i))
        elif character in "#\\;\0":
            raise ExpressionError(f"{character!r} is not part of this language", text, i)
        else:
            end = i + 1
            parts.append(" " if character.isspace() else character)
        i = end
    return "".join(parts), names


def _end_of_text(text: str, start: int) -> int:
    """Return the position after a quoted text."""
    quote, i = text[start], start + 1
    while i < len(text) and text[i] != quote:
        if text[i] == "\n":
            break
        i += 2 if text[i] == "\\" else 1
    if i >= len(text) or text[i] != quote:
        raise ExpressionError("a quote has no partner", text, start)
    return i + 1
