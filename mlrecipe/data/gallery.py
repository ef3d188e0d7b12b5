"""What a bundle keeps of known rows, for answers to point at: similar ones, the ones on a map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlrecipe.files import read_json, write_json
from mlrecipe.interfaces import Array

RECORDS, OUTPUTS = "gallery.json", "gallery.npz"


@dataclass(frozen=True)
class Gallery:
    """Known rows.

    Attributes:
        records: what is told of each, plain values by name.
        outputs: what the model says of each, float32 (rows, …).
    """

    records: list[dict[str, Any]]
    outputs: Array

    def save(self, folder: Path) -> None:
        """Write both parts into a bundle."""
        write_json(folder / RECORDS, self.records)
        np.savez(folder / OUTPUTS, outputs=self.outputs)

    @classmethod
    def load(cls, folder: Path) -> Gallery | None:
        """Read what `save` wrote; None where nothing was. Nothing is unpickled."""
        if not (folder / RECORDS).is_file():
            return None
        with np.load(folder / OUTPUTS, allow_pickle=False) as arrays:
            return cls(read_json(folder / RECORDS), arrays["outputs"])
