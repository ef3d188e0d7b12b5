"""An expression as plain data: literals, columns, and calls of named functions. Nothing else.

Operators are functions too (``a + b`` is the call ``add``), so that whoever carries out a tree,
be it in pandas, a TensorFlow graph or JavaScript, needs one table of functions and no grammar.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from typing import Literal as OneOf

from pydantic import Discriminator, Field, StrictBool, StrictFloat, StrictStr

from mlrecipe.component import Section


class Literal(Section):
    """A constant. Numbers are 64-bit floats, as in JavaScript."""

    node: OneOf["literal"] = "literal"
    value: StrictBool | StrictFloat | StrictStr


class Column(Section):
    """The value that a row has in a column."""

    node: OneOf["column"] = "column"
    name: str
    at: int = Field(0, description="Position in the text, for messages.")


class Call(Section):
    """A function or an operator, with its arguments."""

    node: OneOf["call"] = "call"
    function: str
    arguments: tuple[Node, ...]
    at: int = Field(0, description="Position in the text, for messages.")


Node = Annotated[Literal | Column | Call, Discriminator("node")]


class Expression(Section):
    """A parsed expression.

    Attributes:
        text: as it was written, for messages.
        root: the tree.
    """

    text: str
    root: Node

    def columns(self) -> tuple[Column, ...]:
        """Return the columns that it reads, each once, in the order of the text."""
        found: dict[str, Column] = {}
        for node in nodes(self.root):
            if isinstance(node, Column):
                found.setdefault(node.name, node)
        return tuple(sorted(found.values(), key=lambda column: column.at))


def nodes(root: Literal | Column | Call) -> Iterator[Literal | Column | Call]:
    """Yield every node of a tree, the root first."""
    yield root
    if isinstance(root, Call):
        for argument in root.arguments:
            yield from nodes(argument)


Call.model_rebuild()
Expression.model_rebuild()
