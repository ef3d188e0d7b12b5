"""The bundle: everything that a place of use needs; loads and predicts without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.bundle.litert import Runtime
from mlrecipe.bundle.manifest import read_manifest
from mlrecipe.data.table_schema import TableSchema
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
    """

    path: Path
    manifest: Mapping[str, Any]
    schema: TableSchema
    preparation: Preparation
    codec: TargetCodec
    task: Task
    threshold: float
    runtime: Runtime

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

    def answers(self, outputs: Array) -> pd.DataFrame:
        """Return outputs as a user reads them, one row an input row.

        Columns are ``prediction`` (``prediction_<target>`` for several targets) and, for a
        classification, ``score_<label>`` for every label.
        """
        import pandas as pd

        decoded = self.task.decode(outputs, self.codec, self.threshold)
        if not self.task.classification:
            if len(self.codec.columns) == 1:
                return pd.DataFrame({"prediction": decoded.reshape(-1)})
            names = [f"prediction_{name}" for name in self.codec.columns]
            return pd.DataFrame(decoded, columns=names)
        scores = self.scores(outputs)
        columns = {f"score_{label}": scores[:, i] for i, label in enumerate(self.codec.labels)}
        return pd.DataFrame({"prediction": decoded, **columns})

    def scores(self, outputs: Array) -> Array:
        """Return a probability a label (rows, labels), in the order of ``codec.labels``."""
        import numpy as np

        if outputs.shape[1] == 1:
            return np.concatenate([1 - outputs, outputs], axis=1)
        return outputs

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the answers for raw rows; see `answers` for the columns."""
        return self.answers(self.outputs(frame)).set_index(frame.index)
