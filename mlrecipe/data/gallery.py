"""What a bundle keeps of known rows, for answers to point at: similar ones, the ones on a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.data.nearest import Index
from mlrecipe.files import read_json, write_json
from mlrecipe.interfaces import Array

if TYPE_CHECKING:
    import pandas as pd

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
    _indices: dict[str, Index] = field(default_factory=dict, repr=False, compare=False)

    def by(self, column: str) -> Index:
        """Return the rows by the thing that a column names, ready to be searched; built once."""
        if column not in self._indices:
            things = [record[column] for record in self.records]
            self._indices[column] = Index.of(things, self.outputs)
        return self._indices[column]

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


def plain_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values by name, as JSON has them; files and lists are left out.

    Missing values are None, moments are ISO 8601 text.
    """
    columns: dict[str, list[Any]] = {}
    for name, values in frame.items():
        if values.map(lambda value: isinstance(value, bytes | list | dict | np.ndarray)).any():
            continue
        columns[str(name)] = [_plain(v) for v in values.astype(object).where(values.notna(), None)]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
