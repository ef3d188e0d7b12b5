"""Runs a LiteRT file without TensorFlow."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array, Tensors
from mlrecipe.silence import native_silence

MOST_ROWS = 4096
"""Rows that are answered in one go: the interpreter keeps the memory of the largest."""


class Runtime:
    """A LiteRT model; every thread that uses it gets an interpreter of its own.

    Args:
        model: the file's bytes; tensors by name, (batch, …), to float32 (batch, outputs).
    """

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._local = threading.local()

    def run(self, x: Tensors) -> Array:
        """Return float32 outputs (rows, outputs) for prepared rows (rows, …)."""
        rows = len(next(iter(x.values())))
        if rows > MOST_ROWS:
            parts = [
                self.run({name: v[start : start + MOST_ROWS] for name, v in x.items()})
                for start in range(0, rows, MOST_ROWS)
            ]
            return np.concatenate(parts)
        interpreter, entries = self._interpreter(), self._local.entries
        if not rows:
            return np.zeros((0, *self._local.outputs), np.float32)
        if self._local.rows != rows:
            for name, index in entries.items():
                interpreter.resize_tensor_input(index, x[name].shape)
            interpreter.allocate_tensors()
            self._local.rows = rows
        for name, index in entries.items():
            interpreter.set_tensor(index, x[name])
        interpreter.invoke()
        # `get_tensor` copies: the interpreter's memory is reused by the next call.
        return np.asarray(interpreter.get_tensor(self._local.answer))

    def _interpreter(self) -> Any:
        if not hasattr(self._local, "interpreter"):
            from ai_edge_litert.interpreter import Interpreter

            with native_silence():
                self._local.interpreter = Interpreter(model_content=self._model, num_threads=1)
                self._local.interpreter.allocate_tensors()
            inputs = self._local.interpreter.get_input_details()
            answer = self._local.interpreter.get_output_details()[0]
            self._local.rows = int(inputs[0]["shape"][0])
            # Only inputs that the model uses are in the file.
            self._local.entries = {_tensor_name(entry["name"]): entry["index"] for entry in inputs}
            self._local.answer, self._local.outputs = answer["index"], tuple(answer["shape"][1:])
        return self._local.interpreter


def _tensor_name(name: str) -> str:
    """Return the tensor's own name: the converter writes ``serving_default_vector:0``."""
    return name.removeprefix("serving_default_").rpartition(":")[0] or name
