"""A small, safe language over columns: ``amount > 500 and not known``.

Text is parsed into a tree of plain data (`parse_expression`). It is carried out on pandas frames
(`mlrecipe.expressions.frames`), NumPy arrays (`arrays`), TensorFlow tensors (`graph`), and by
prepare.mjs in JavaScript. Nothing is evaluated as Python. The grammar is in docs/framing.md.
"""

from mlrecipe.expressions.errors import ExpressionError
from mlrecipe.expressions.parsing import parse_expression
from mlrecipe.expressions.tree import Call, Column, Expression, Literal

__all__ = ["Call", "Column", "Expression", "ExpressionError", "Literal", "parse_expression"]
