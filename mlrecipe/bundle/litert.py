"""Runs a LiteRT file without TensorFlow."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array
from mlrecipe.silence import native_silence


class Runtime:
    """A LiteRT model; every thread that uses it gets an interpreter of its own.

    Args:
        model: the file's bytes; float32 (batch, features) to float32 (batch, outputs).
    """

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._local = threading.local()

    def run(self, x: Array) -> Array:
        """Return float32 outputs (rows, outputs) for float32 features (rows, features)."""
        if not len(x):
            return np.zeros((0, self._interpreter().get_output_details()[0]["shape"][-1]), x.dtype)
        interpreter = self._interpreter()
        entry = interpreter.get_input_details()[0]
        if self._local.rows != len(x):
            interpreter.resize_tensor_input(entry["index"], x.shape)
            interpreter.allocate_tensors()
            self._local.rows = len(x)
        interpreter.set_tensor(entry["index"], x)
        interpreter.invoke()
        # `get_tensor` copies: the interpreter's memory is reused by the next call.
        return np.asarray(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))

    def _interpreter(self) -> Any:
        if not hasattr(self._local, "interpreter"):
            from ai_edge_litert.interpreter import Interpreter

            with native_silence():
                self._local.interpreter = Interpreter(model_content=self._model, num_threads=1)
                self._local.interpreter.allocate_tensors()
            self._local.rows = int(self._local.interpreter.get_input_details()[0]["shape"][0])
        return self._local.interpreter
