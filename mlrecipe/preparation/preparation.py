"""The fitted turning of raw rows into tensors: the same list of operations wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, PlainSerializer

import mlrecipe.preparation.operations  # noqa: F401  (makes the built-in operations known)
from mlrecipe.component import Section
from mlrecipe.data.table import CHUNK_ROWS, Table
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import digest, write_text
from mlrecipe.interfaces import Array, Tensors, TensorSpec
from mlrecipe.preparation.coded import Coded
from mlrecipe.preparation.derived import Derived, Deriving, extended, raw_inputs
from mlrecipe.preparation.operation import Executor, Operation, load_operation
from mlrecipe.preparation.values import (
    Reads,
    coded_from_frame,
    from_frame,
    from_records,
    moments,
    padded,
)

VERSION: Literal[2] = 2
"""Raised when a reader of the old form could not use the new one."""

VECTOR = "vector"
"""Name of the tensor that numbers, categories and the like are put together in."""

CACHED_BYTES = 1 << 19
"""Size of a part of a tensor that is made at once; what leads to it fits a core's cache too."""

AnyOperation = Annotated[
    Operation, BeforeValidator(load_operation), PlainSerializer(lambda op: op.saved())
]


class Block(Section):
    """Columns of one kind, and what is done to them, in order.

    Attributes:
        columns: names of the raw columns.
        reads: how their values are written in a request.
        operations: what is done to all of them at once.
        tensor: name of the tensor that the result is part of.
    """

    columns: tuple[str, ...]
    reads: Reads
    operations: tuple[AnyOperation, ...]
    tensor: str = VECTOR

    def apply(self, values: Array) -> Array:
        """Map values (rows, columns) to the block's part of the tensor (rows, …)."""
        for operation in self.operations:
            values = operation.apply(values)
        return values

    @property
    def coded(self) -> bool:
        """Whether its first operation looks strings up."""
        return self.reads == "string" and bool(self.operations) and self.operations[0].coded

    def read(self, frame: pd.DataFrame) -> Array | Coded:
        """Return its columns of many rows, as its first operation takes them."""
        if self.coded:
            return coded_from_frame(frame, self.columns)
        return from_frame(frame, self.columns, self.reads)

    def write(self, values: Array | Coded, out: Array) -> None:
        """Put its part of the tensor (rows, …) in place, few rows at a time.

        What the operations hand on then stays in the processor's cache. Codes are looked up once.
        """
        few = len(values) if isinstance(values, Coded) else rows_at_once(out)
        for start in range(0, len(values), max(few, 1)):
            rows = slice(start, start + few)
            part = values[rows]
            for operation in self.operations[:-1]:
                part = operation.apply(part)
            if self.operations:
                self.operations[-1].write(part, out[rows])
            else:
                out[rows] = part

    @cached_property
    def width(self) -> int:
        """Number of features, of a block of the vector."""
        return len(self.names())

    def names(self) -> list[str]:
        """Return the names of the features."""
        return self._named(list(self.columns))

    def sources(self) -> list[frozenset[str]]:
        """Return the columns that each feature is made of; all of them where it does not tell."""
        marks = {f"\0{i}\0": name for i, name in enumerate(self.columns)}
        return [
            frozenset(column for mark, column in marks.items() if mark in name)
            or frozenset(self.columns)
            for name in self._named(list(marks))
        ]

    def _named(self, found: list[str]) -> list[str]:
        for operation in self.operations:
            found = operation.names(found)
        return found


def rows_at_once(out: Array) -> int:
    """Return how many rows of a part of a tensor (rows, …) are made at once."""
    one = int(np.prod(out.shape[1:])) * out.itemsize
    return max(1, CACHED_BYTES // max(one, 1))


class LeftOut(Section):
    """A feature that selection left out, and why."""

    feature: str
    reason: str


class Preparation(Section):
    """Turns raw rows into tensors.

    Attributes:
        blocks: the columns, by kind.
        tensors: what comes out, in the order of the model's inputs. The blocks of a vector stand
            side by side in it, in their order; any other tensor has one block.
        derived: columns that are computed first, in order; blocks read them like raw ones.
        selected: positions of the features of the vector that are kept; None: all.
        left_out: the features that are not, for people.
    """

    version: Literal[2] = VERSION
    blocks: tuple[Block, ...]
    tensors: tuple[TensorSpec, ...]
    derived: tuple[Derived, ...] = ()
    selected: tuple[int, ...] | None = None
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The raw columns that it reads, each once; also those that derived ones alone read."""
        return tuple(self.reads)

    @cached_property
    def reads(self) -> dict[str, Reads]:
        """Raw column -> how its values are written in a request."""
        own = {item.name for item in self.derived}
        of_blocks = {n: b.reads for b in self.blocks for n in b.columns if n not in own}
        return {**of_blocks, **raw_inputs(self.derived)}

    @cached_property
    def _parts(self) -> list[tuple[TensorSpec, list[Block]]]:
        return [
            (spec, [block for block in self.blocks if block.tensor == spec.name])
            for spec in self.tensors
        ]

    def feature_names(self) -> list[str]:
        """Return the name of every feature of the vector, in order."""
        names = [n for block in self.blocks if block.tensor == VECTOR for n in block.names()]
        return names if self.selected is None else [names[i] for i in self.selected]

    def width(self) -> int:
        """Return the number of features of the vector."""
        return next((spec.shape[0] for spec in self.tensors if spec.name == VECTOR), 0)

    def identities(self) -> list[tuple[frozenset[str], str]]:
        """Return what tells each feature of the vector from all others: its columns and name."""
        return [
            identity
            for block in self.blocks
            if block.tensor == VECTOR
            for identity in zip(block.sources(), block.names(), strict=True)
        ]

    def keeping(self, selected: tuple[int, ...], left_out: tuple[LeftOut, ...]) -> Preparation:
        """Return the preparation that gives some features of the vector alone, in this order."""
        tensors = tuple(
            spec.model_copy(update={"shape": (len(selected),)}) if spec.name == VECTOR else spec
            for spec in self.tensors
        )
        kept = None if selected == tuple(range(self.width())) else selected
        return Preparation(
            blocks=self.blocks,
            tensors=tensors,
            derived=self.derived,
            selected=kept,
            left_out=left_out,
        )

    def transform(self, frame: pd.DataFrame) -> Tensors:
        """Map raw rows to tensors (rows, …).

        A column that is not there counts as missing in every row.
        """
        found = self.empty(len(frame))
        for start in range(0, len(frame), CHUNK_ROWS):
            rows = slice(start, start + CHUNK_ROWS)
            self.fill(frame.iloc[rows], {name: values[rows] for name, values in found.items()})
        return found

    def transform_table(self, rows: Table) -> Tensors:
        """Map a table to tensors (rows, …), reading it chunk by chunk."""
        found, start = self.empty(rows.rows), 0
        for frame in rows.chunks(*self.wanted(rows)):
            part = slice(start, start + len(frame))
            self.fill(frame, {name: values[part] for name, values in found.items()})
            start += len(frame)
        return found

    def wanted(self, rows: Table) -> tuple[list[str], list[str]]:
        """Return the columns of a table that it reads, and those of them that it reads as codes."""
        coded = {n for b in self.blocks if b.coded for n in b.columns}
        coded -= {n for b in self.blocks if not b.coded for n in b.columns}
        coded -= set(raw_inputs(self.derived))
        names = [name for name in self.columns if name in rows.names]
        return names, [name for name in names if name in coded]

    def empty(self, rows: int) -> dict[str, Array]:
        """Return tensors (rows, …) to be filled."""
        return {s.name: np.empty((rows, *s.shape), dtype=s.dtype) for s in self.tensors}

    def fill(self, frame: pd.DataFrame, out: Mapping[str, Array]) -> None:
        """Put the prepared rows into tensors (rows, …) of their number."""
        self.write(self.read(frame), out)

    def read(self, frame: pd.DataFrame) -> list[Array | Coded]:
        """Return the raw values of every block, (rows, columns) each; slices of them are cheap."""
        whole = extended(frame, self.derived)
        return [block.read(whole) for block in self.blocks]

    def write(self, values: Sequence[Array | Coded], out: Mapping[str, Array]) -> None:
        """Put what `read` returned, or a slice of each, into tensors (rows, …)."""
        start, vector = 0, self._every_feature(out)
        for spec in self.tensors:
            if all(block.tensor != spec.name for block in self.blocks):
                out[spec.name][...] = 0
        for block, mine in zip(self.blocks, values, strict=True):
            if block.tensor == VECTOR:
                end = start + block.width
                block.write(mine, vector[:, start:end])
                start = end
            else:
                block.write(mine, out[block.tensor])
        if self.selected is not None:
            np.take(vector, self._selected, axis=1, out=out[VECTOR])

    def _every_feature(self, out: Mapping[str, Array]) -> Array:
        """Return where all features of the vector are put: in their place, unless some go."""
        if self.selected is None:
            return out[VECTOR] if VECTOR in out else np.zeros((0, 0), dtype=np.float32)
        width = sum(block.width for block in self.blocks if block.tensor == VECTOR)
        return np.empty((len(out[VECTOR]), width), dtype=np.float32)

    def transform_records(self, rows: Sequence[Mapping[str, Any]]) -> Tensors:
        """Map requests to tensors (rows, …), without building a frame.

        The values must have passed the schema: numbers, strings, booleans, bytes or None.
        """
        return self._tensors(len(rows), lambda names, how: from_records(rows, names, how))

    def _tensors(self, rows: int, read: Callable[[Sequence[str], Reads], Array]) -> Tensors:
        derived = self._deriving(read, rows)
        found = {}
        for spec, blocks in self._parts:
            parts = [block.apply(_values(block, read, derived)) for block in blocks]
            if not parts:
                found[spec.name] = np.zeros((rows, *spec.shape), dtype=spec.dtype)
                continue
            whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
            if spec.name == VECTOR and self.selected is not None:
                whole = whole[:, self._selected]
            found[spec.name] = whole.astype(spec.dtype, copy=False)
        return found

    @cached_property
    def _deriving(self) -> Deriving:
        return Deriving(self.derived)

    @cached_property
    def _selected(self) -> Array:
        return np.asarray(self.selected, dtype=np.int64)

    def raw_columns(self, frame: pd.DataFrame) -> dict[str, Array]:
        """Return the columns as the graph takes them: (rows,) float64 with NaN, or strings.

        Lists of numbers are float64 (rows, longest), with NaN after the end of each.
        """
        found = {name: from_frame(frame, [name], how)[:, 0] for name, how in self.reads.items()}
        lists = [name for name, how in self.reads.items() if how == "numbers"]
        return found | {name: padded(found[name]) for name in lists}

    def records(self, frame: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the rows as a request writes them: missing values as None, dates as ISO 8601."""
        columns = frame[list(self.columns)]
        dates = {n: moments(columns[n]) for n in columns.select_dtypes(["datetime", "datetimetz"])}
        columns = columns.assign(**dates).astype(object)
        rows = columns.where(columns.notna(), None).itertuples(index=False, name=None)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    def operations(self) -> Iterator[Operation]:
        """Yield every operation."""
        for block in self.blocks:
            yield from block.operations

    def lacking(self, executor: Executor) -> list[Operation]:
        """Return the operations that an executor cannot carry out."""
        return [op for op in self.operations() if executor not in op.executors]

    def save(self, path: Path) -> None:
        """Write the preparation as JSON, with the hash of its content."""
        content = self.model_dump(mode="json")
        text = json.dumps({**content, "sha256": digest(content)}, ensure_ascii=False, indent=1)
        write_text(path, text + "\n")

    @classmethod
    def load(cls, path: Path) -> Preparation:
        """Read what `save` wrote.

        Raises:
            MlrecipeError: when it is of another version, was changed, or has an operation that
                nothing installed provides.
        """
        content = json.loads(path.read_text(encoding="utf-8"))
        said = content.pop("sha256", None)
        if content.get("version") != VERSION:
            raise MlrecipeError(
                f"the preparation is of version {content.get('version')}",
                where=str(path),
                expected=f"version {VERSION}, which this mlrecipe reads",
                fix="ship the bundle again with this version: mlrecipe resume RUN",
            )
        if digest(content) != said:
            raise MlrecipeError(
                "the preparation was changed since it was saved",
                where=str(path),
                fix="take it from the run again; a model fits only the one it was trained with",
            )
        try:
            return cls.model_validate(content)
        except ValueError as error:
            raise MlrecipeError(
                f"the preparation cannot be read: {error}",
                where=str(path),
                fix="install the plugin that provides the operation",
            ) from None

    def digest(self) -> str:
        """Return a hash that is equal for equal preparations."""
        return digest(self.model_dump(mode="json"))


def _values(
    block: Block, read: Callable[[Sequence[str], Reads], Array], derived: Mapping[str, Array]
) -> Array:
    """Return a block's columns (rows, n), raw and derived."""
    own = [name for name in block.columns if name in derived]
    if len(own) == len(block.columns):
        return np.stack([derived[name] for name in own], axis=1)
    values = read(block.columns, block.reads)
    for name in own:
        values[:, block.columns.index(name)] = derived[name]
    return values
