"""Starts TensorFlow: quietly, and so that the same seed gives the same numbers."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import tempfile
from collections.abc import Iterator


@functools.cache
def start() -> None:
    """Import TensorFlow without its start-up noise and make its operations deterministic.

    Called before the first tensor is made; calling it again costs nothing. Variables of the
    environment that the user set are left alone.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # rounds differently from machine to machine
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)

    with silent_stderr():
        import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Hold back what C++ code prints before its log level applies; an error lets it out."""
    held = os.dup(2)
    with tempfile.TemporaryFile() as text:
        os.dup2(text.fileno(), 2)
        try:
            yield
        except BaseException:
            text.seek(0)
            os.write(held, text.read())
            raise
        finally:
            os.dup2(held, 2)
            os.close(held)
