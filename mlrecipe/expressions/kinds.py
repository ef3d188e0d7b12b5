"""What kind of value an expression gives, told from the kinds of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlrecipe.errors import nearest
from mlrecipe.expressions.errors import ExpressionError
from mlrecipe.expressions.functions import KindError, result_kind
from mlrecipe.expressions.tree import Call, Column, Expression, Literal


def kind_of(expression: Expression, columns: Mapping[str, str]) -> str:
    """Return ``number``, ``text``, ``truth`` or ``date``.

    Args:
        expression: it reads these columns alone.
        columns: kind of each column.

    Raises:
        ExpressionError: for a value of the wrong kind.
    """
    return _kind(expression.root, expression.text, columns)


def _kind(node: Literal | Column | Call, text: str, columns: Mapping[str, str]) -> str:
    if isinstance(node, Column):
        return columns[node.name]
    if isinstance(node, Literal):
        if isinstance(node.value, bool):
            return "truth"
        return "text" if isinstance(node.value, str) else "number"
    kinds = [_kind(item, text, columns) for item in node.arguments]
    try:
        return result_kind(node.function, kinds)
    except KindError as error:
        wrong = node.arguments[error.position]
        what = f"{wrong.name}: " if isinstance(wrong, Column) else ""
        at = node.at if isinstance(wrong, Literal) else wrong.at
        raise ExpressionError(f"wrong kind of value: {what}{error}", text, at) from None


def require_columns(expression: Expression, names: Iterable[str]) -> None:
    """Raise an `ExpressionError` for the first column that is not among the names."""
    known = list(names)
    for column in expression.columns():
        if column.name not in known:
            close = nearest(column.name, known)
            shown = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
            raise ExpressionError(
                f"there is no column {column.name!r}"
                + (f"; did you mean {close!r}?" if close else ""),
                expression.text,
                column.at,
                expected=f"one of {shown}",
                fix="write texts in quotes, and columns with spaces in backticks",
            )
