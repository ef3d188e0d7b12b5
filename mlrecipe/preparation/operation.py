"""One operation of a preparation: fitted state as plain data, carried out by several executors.

An operation is a frozen model. Its fields are what was learnt from the training rows and are saved
as JSON, so that nothing has to be unpickled. It can be carried out in up to three places, which
have to agree:

- ``apply``: vectorized NumPy, for training, batch scoring and the server;
- ``graph``: TensorFlow, inside a SavedModel that takes raw rows;
- ``javascript/prepare.mjs``: the function of the same name in its table, in a browser or in Node.

What flows between the operations of a block:

===========  ==============================  ======================  =======================
values       NumPy                           TensorFlow              JavaScript, one row
===========  ==============================  ======================  =======================
numbers      float64 (rows, n), gaps NaN     float64 (batch, n)      array of n numbers
strings      object (rows, n), gaps ""       string (batch, n)       array of n strings
files        object (rows, 1) of bytes       string (batch, 1)       array of one picture
lists        object (rows, 1) of float64     float64 (batch, 1, m)   array of one array
tokens       list of rows, each a list       ragged (batch, None)    array of strings
codes        int64 (rows, n)                 int64 (batch, n)        array of n integers
pixels       uint8 (rows, h, w, channels)    uint8, the same         flat array
===========  ==============================  ======================  =======================

An operation that looks strings up may say ``coded=True``: of many rows it is then given a
`coded.Coded`, whose distinct values it looks up once; of few, strings as above.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

from mlrecipe.component import Section
from mlrecipe.interfaces import Array

Executor = Literal["numpy", "graph", "javascript"]

EVERYWHERE: frozenset[Executor] = frozenset({"numpy", "graph", "javascript"})

MISSING = ""
"""How a missing string is written everywhere: tensors of strings have no other way."""

_KNOWN: dict[str, type[Operation]] = {}


class Operation(Section, ABC):
    """One operation; ``class Clip(Operation, op="clip")`` makes it known as ``clip``.

    Class arguments:
        op: its name in a saved preparation.
        executors: where it can be carried out.
        tolerance: by how much two executors may differ, relative to the larger of 1 and the value.
            0: they are exactly equal.
        instead: what to choose where an executor is missing, in words.
        coded: whether `apply` and `write` take strings as a `Coded` too.
    """

    op: ClassVar[str] = ""
    executors: ClassVar[frozenset[Executor]] = EVERYWHERE
    tolerance: ClassVar[float] = 0.0
    instead: ClassVar[str] = ""
    coded: ClassVar[bool] = False

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, **arguments: Any) -> None:
        super().__pydantic_init_subclass__()
        for key, value in arguments.items():
            setattr(cls, key, value)
        if cls.op:
            _KNOWN[cls.op] = cls

    @abstractmethod
    def apply(self, values: Any) -> Any:
        """Return the values of many rows, or of one, by NumPy."""

    def write(self, values: Any, out: Array) -> None:
        """Put what `apply` returns into a part of a tensor (rows, …), in the tensor's type.

        It is called for the last operation of a block; override it where that saves a copy.
        """
        out[...] = self.apply(values)

    def graph(self) -> Callable[[Any], Any]:
        """Return the function from a tensor to a tensor; constants and tables are made once.

        What holds a resource (a lookup table) has to be an attribute of the function's closure
        that TensorFlow can find: return a `tf.Module` with ``__call__`` then.
        """
        raise NotImplementedError(f"{self.op} has no executor in TensorFlow")

    def names(self, names: list[str]) -> list[str]:
        """Return the names of the features, given those of the values."""
        return names

    def saved(self) -> dict[str, Any]:
        """Return name and state as plain data."""
        return {"op": self.op, **self.model_dump(mode="json")}


def load_operation(content: Mapping[str, Any] | Operation) -> Operation:
    """Return the operation that `Operation.saved` describes.

    Raises:
        ValueError: for a name that nothing installed provides.
    """
    if isinstance(content, Operation):
        return content
    from mlrecipe.errors import nearest

    name = str(content.get("op"))
    if name not in _KNOWN:
        close = nearest(name, _KNOWN)
        raise ValueError(
            f"there is no operation {name!r}" + (f"; did you mean {close!r}?" if close else "")
        )
    return _KNOWN[name].model_validate({k: v for k, v in content.items() if k != "op"})
