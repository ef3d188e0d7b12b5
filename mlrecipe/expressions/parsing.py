"""Turns text into a tree. Python's own parser reads it; all but a few kinds of nodes is refused."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Sequence

from mlrecipe.errors import nearest
from mlrecipe.expressions.errors import ExpressionError
from mlrecipe.expressions.functions import FUNCTIONS, OPERATORS, KindError, result_kind
from mlrecipe.expressions.quoting import hide_backticks
from mlrecipe.expressions.tree import Call, Column, Expression, Literal

LONGEST = 2000
"""Most characters of an expression; a longer rule is a program."""

DEEPEST = 60
"""Most levels of nesting."""

Tree = Literal | Column | Call

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
_MEMBERSHIPS: dict[type[ast.cmpop], str] = {ast.In: "in", ast.NotIn: "not_in"}
_WORDS = {"true": True, "false": False}
_HINTS = {
    "null": "is_missing(column)",
    "None": "is_missing(column)",
    "len": "length(text)",
    "str": "columns as they are; there are no conversions",
}


def parse_expression(text: str) -> Expression:
    """Return the tree of an expression.

    Raises:
        ExpressionError: for anything that is not in the grammar, with its position.
    """
    if not text.strip():
        raise ExpressionError("the expression is empty", text)
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the expression has {len(text)} characters",
            text,
            expected=f"at most {LONGEST}",
            fix="compute a column beforehand, and name it here",
        )
    readable, names = hide_backticks(text)
    reader = _Reader(text, readable, names)
    return Expression(text=text, root=reader.read(_python_tree(text, readable)))


def _python_tree(text: str, readable: str) -> ast.expr:
    bare = readable.lstrip()  # spaces in front are an indentation to Python's parser
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return ast.parse(bare, mode="eval").body
    except SyntaxError as error:
        at = max(0, min((error.offset or 1) - 1 + len(text) - len(bare), len(text)))
        raise ExpressionError(f"this cannot be read: {error.msg}", text, at) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError(
            "this cannot be read: it is nested too deeply, or holds a forbidden character", text
        ) from None


class _Reader:
    """Carries a Python tree over into ours, node by node."""

    def __init__(self, text: str, readable: str, names: dict[int, str]) -> None:
        self.text = text
        self.bare = readable.lstrip().encode()
        self.indent = len(readable) - len(readable.lstrip())
        self.names = names

    def read(self, node: ast.expr, depth: int = 0) -> Tree:
        """Return our node for Python's; whatever is not named here is refused."""
        if depth > DEEPEST:
            raise ExpressionError(
                f"the expression is nested more than {DEEPEST} deep",
                self.text,
                self.at(node),
                fix="compute a column beforehand, and name it here",
            )
        below = depth + 1
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.name(node)
            case ast.BinOp() if type(node.op) in _BINARY:
                return self.call(_BINARY[type(node.op)], [node.left, node.right], node, below)
            case ast.UnaryOp(op=ast.UAdd()):
                return self.read(node.operand, below)
            case ast.UnaryOp(op=ast.USub()):
                return self.call("negative", [node.operand], node, below)
            case ast.UnaryOp(op=ast.Not()):
                return self.call("not", [node.operand], node, below)
            case ast.BoolOp():
                name = "and" if isinstance(node.op, ast.And) else "or"
                return self.call(name, node.values, node, below)
            case ast.IfExp():
                return self.call("if", [node.test, node.body, node.orelse], node, below)
            case ast.Compare():
                return self.comparison(node, below)
            case ast.Call():
                return self.function(node, below)
            case _:
                raise self.refused(node)

    def constant(self, node: ast.Constant) -> Literal:
        value = node.value
        if value == "":
            raise ExpressionError(
                "an empty text counts as missing: no comparison with it is true",
                self.text,
                self.at(node),
                fix="is_missing(column), or not is_missing(column)",
            )
        if isinstance(value, bool | str):
            return Literal(value=value)
        if isinstance(value, int | float):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return Literal(value=number)
            raise ExpressionError("the number is too large", self.text, self.at(node))
        raise self.refused(node)

    def name(self, node: ast.Name) -> Literal | Column:
        at = self.at(node)
        # Python normalizes letters of identifiers; a column is called what the text says.
        name = self.names.get(at, self.text[at : self.position(node, end=True)])
        if at not in self.names and name in _WORDS:
            return Literal(value=_WORDS[name])
        return Column(name=name, at=at)

    def comparison(self, node: ast.Compare, depth: int) -> Call:
        """Read ``a < b < c`` as ``a < b and b < c``."""
        operands = [node.left, *node.comparators]
        parts: list[Tree] = []
        for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
            if type(operator) in _MEMBERSHIPS:
                if not isinstance(right, ast.Tuple | ast.List) or not right.elts:
                    raise ExpressionError(
                        "`in` looks into a list of values",
                        self.text,
                        self.at(right),
                        expected='column in ("a", "b")',
                        fix='to look into a text: contains(column, "part")',
                    )
                name = _MEMBERSHIPS[type(operator)]
                parts.append(self.call(name, [left, *right.elts], node, depth))
            elif type(operator) in _COMPARISONS:
                name = _COMPARISONS[type(operator)]
                parts.append(self.call(name, [left, right], node, depth))
            else:
                raise ExpressionError(
                    "`is` compares identities", self.text, self.at(node), fix="use == or !="
                )
        if len(parts) == 1 and isinstance(parts[0], Call):
            return parts[0]
        return Call(function="and", arguments=tuple(parts), at=self.at(node))

    def function(self, node: ast.Call, depth: int) -> Call:
        at = self.at(node)
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.refused(node)
        name = node.func.id
        if name not in FUNCTIONS:
            close = nearest(name, FUNCTIONS)
            raise ExpressionError(
                f"there is no function {name!r}" + (f"; did you mean {close!r}?" if close else ""),
                self.text,
                at,
                expected=f"one of {', '.join(FUNCTIONS)}",
                fix=f"use {_HINTS[name]}" if name in _HINTS else "",
            )
        return self.call(name, node.args, node, depth)

    def call(self, name: str, arguments: Sequence[ast.expr], node: ast.expr, depth: int) -> Call:
        """Return a call, after seeing that number and kinds of the arguments fit."""
        function = (FUNCTIONS | OPERATORS)[name]
        most, least = function.most or len(function.takes), len(function.takes)
        if not least <= len(arguments) <= most:
            raise ExpressionError(
                f"{name} is given {len(arguments)} values",
                self.text,
                self.at(node),
                expected=f"{function.sample}, {least} of them"
                + (f" up to {most}" if most > least else ""),
            )
        read = tuple(self.read(argument, depth) for argument in arguments)
        try:
            result_kind(name, [static_kind(item) for item in read])
        except KindError as error:
            at = self.at(arguments[error.position])
            raise ExpressionError(f"wrong kind of value: {error}", self.text, at) from None
        return Call(function=name, arguments=read, at=self.at(node))

    def refused(self, node: ast.expr) -> ExpressionError:
        text = self.text[self.at(node) : self.position(node, end=True)]
        return ExpressionError(
            f"{text[:40]!r} is not part of this language",
            self.text,
            self.at(node),
            expected="columns, numbers, texts, comparisons, and/or/not, in (…), + - * / // % **, "
            "`a if p else b`, and the functions of docs/framing.md",
            fix=f"use {_HINTS[text]}" if text in _HINTS else "",
        )

    def at(self, node: ast.expr) -> int:
        return self.position(node)

    def position(self, node: ast.expr, *, end: bool = False) -> int:
        """Return a node's place in characters; Python counts the bytes of UTF-8."""
        offset = (node.end_col_offset if end else node.col_offset) or 0
        return self.indent + len(self.bare[:offset].decode(errors="ignore"))


def static_kind(node: Tree) -> str:
    """Return what kind of value a node gives, before any row is known."""
    if isinstance(node, Literal):
        if isinstance(node.value, bool):
            return "truth"
        return "text" if isinstance(node.value, str) else "number"
    if isinstance(node, Column):
        return "any"
    return result_kind(node.function, [static_kind(item) for item in node.arguments])
