"""Starts TensorFlow: quietly, and so that the same seed gives the same numbers."""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import logging
import os
from collections.abc import Iterator

from mlrecipe.silence import native_silence


def prepare_environment() -> None:
    """Set what TensorFlow reads when it is imported, by whomever; imports nothing.

    Variables of the environment that the user set are left alone.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # rounds machine by machine
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("absl").setLevel(logging.ERROR)


@functools.cache
def start() -> None:
    """Import TensorFlow without its start-up noise and make its operations deterministic.

    Called before the first tensor is made; calling it again costs nothing.
    """
    prepare_environment()
    with native_silence(), _uncollected():
        import tensorflow as tf

    # Half a second and more: the walk through all that was imported, when Python ends.
    atexit.register(gc.freeze)
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector back: an import makes many objects and next to no garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
