"""Holds back what native libraries print while they start."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator


@contextlib.contextmanager
def native_silence() -> Iterator[None]:
    """Keep what is written to the process's standard error; an exception lets it out."""
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
