"""The bundle: everything that a place of use needs; loads and predicts without TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.bundle.litert import Runtime
from mlrecipe.bundle.manifest import read_manifest
from mlrecipe.data.gallery import Gallery
from mlrecipe.data.table_schema import TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.files import read_json
from mlrecipe.interfaces import Array, Task
from mlrecipe.preparation.preparation import Preparation
from mlrecipe.preparation.target_codec import TargetCodec

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Bundle"]


@dataclass(frozen=True)
class Bundle:
    """A shipped model.

    Attributes:
        path: the bundle's folder.
        manifest: what it is, and the hash of every file.
        schema: the columns that a request must have.
        preparation: turns raw rows into features.
        codec: labels, or scale, of the target.
        task: turns outputs into answers.
        threshold: probability from which on a binary answer is positive.
        runtime: runs the LiteRT file; safe to use from several threads.
        gallery: known rows that answers point at; None where they do not.
    """

    path: Path
    manifest: Mapping[str, Any]
    schema: TableSchema
    preparation: Preparation
    codec: TargetCodec
    task: Task
    threshold: float
    runtime: Runtime
    gallery: Gallery | None = None

    @classmethod
    def load(cls, path: str | Path) -> Bundle:
        """Read a bundle, after holding every file against its hash.

        Args:
            path: the bundle's folder, or a run folder that holds one.

        Raises:
            MlrecipeError: when it is no bundle, or a file is missing or was changed.
        """
        from mlrecipe.registry import load_registry

        folder = Path(path)
        inside = folder / "12_ship" / "bundle"
        if not (folder / "manifest.json").exists() and inside.is_dir():
            folder = inside
        manifest = read_manifest(folder)
        task = load_registry().find("task", manifest["task"])
        assert issubclass(task, Task)
        return cls(
            path=folder,
            manifest=manifest,
            schema=TableSchema.model_validate(read_json(folder / "schema.json")),
            preparation=Preparation.load(folder / "preparation.json"),
            codec=TargetCodec.model_validate(read_json(folder / "target.json")),
            task=task(),
            threshold=float(manifest["threshold"]),
            runtime=Runtime((folder / "model.tflite").read_bytes()),
            gallery=Gallery.load(folder),
        )

    def outputs(self, frame: pd.DataFrame) -> Array:
        """Return float32 outputs (rows, outputs): probabilities, or values in the target's unit.

        Policies of the schema are for rows to learn from: here every row gets an answer of its own,
        so one that breaks a rule is refused, as the server refuses it.

        Raises:
            MlrecipeError: naming every violation of the schema.
        """
        from mlrecipe.data.lists import with_lists
        from mlrecipe.data.validation import require_valid

        frame = with_lists(frame, self.schema)
        require_valid(frame, self.schema, targets=False)
        return self.runtime.run(self.preparation.transform(frame))

    def outputs_of_records(self, rows: Sequence[Mapping[str, Any]]) -> Array:
        """Return the outputs for rows that have passed the schema, without building a frame."""
        return self.runtime.run(self.preparation.transform_records(list(rows)))

    def answers(self, outputs: Array, top: int | None = None) -> list[dict[str, Any]]:
        """Return outputs as a caller reads them: plain values, one mapping an input row.

        ``prediction``, and whatever else the task tells: a score a label, boxes, similar rows.

        Args:
            outputs: float32 (rows, …).
            top: how many answers of a ranked list; None: the task's own number.
        """
        return self.task.answers(outputs, self.codec, self.threshold, gallery=self.gallery, top=top)

    def search(self, query: str, outputs: Array | None, top: int) -> dict[int, float]:
        """Return row -> score of the rows that a query asks for, the best first.

        Args:
            query: a tag, say.
            outputs: of the rows to search (rows, …); None: those that the bundle keeps.
            top: how many rows.

        Raises:
            MlrecipeError: when the task's rows cannot be searched so, or none are kept.
        """
        if outputs is None:
            if self.gallery is None:
                raise MlrecipeError(
                    "the bundle keeps no rows to search", fix="send the rows to search among"
                )
            outputs = self.gallery.outputs
        return self.task.search(query, outputs, self.codec, top)

    def predict(self, frame: pd.DataFrame, top: int | None = None) -> pd.DataFrame:
        """Return the answers for raw rows as a table, one row an input row.

        Columns are ``prediction`` (``prediction_<target>`` for several targets) and, for a
        classification, ``score_<label>`` for every label; lists are JSON text.
        """
        return as_table(self.answers(self.outputs(frame), top), frame.index)


def as_table(answers: Sequence[Mapping[str, Any]], index: pd.Index) -> pd.DataFrame:
    """Return answers as a table, a row an answer."""
    import pandas as pd

    return pd.DataFrame([_as_cells(answer) for answer in answers], index=index)


NAMED = {"scores": "score"}
"""Part of an answer -> how its columns begin, where they are called otherwise."""


def _as_cells(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer as the cells of a row: a column a name, JSON text for what is a list."""
    cells: dict[str, Any] = {}
    for name, value in answer.items():
        if isinstance(value, Mapping):
            begin = NAMED.get(name, name)
            cells |= {f"{begin}_{key}": item for key, item in value.items()}
        elif isinstance(value, list):
            cells[name] = json.dumps(value, ensure_ascii=False)
        else:
            cells[name] = value
    return cells
