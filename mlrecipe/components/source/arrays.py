"""Reads arrays: NumPy's files, and IDX files as MNIST comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd


class Arrays(mlrecipe.Source, name="arrays"):
    """An array of images or rows in a .npy, .npz or IDX file, with labels beside it.

    Images (rows, height, width[, channels]) become a column ``image`` of PNG files; with
    ``layout=columns``, and for arrays (rows, features), every number has a column of its own:
    ``x_0``, ``x_1`` …, or ``pixel_ROW_COLUMN[_CHANNEL]``. Nothing is unpickled.
    """

    path: str = Field(min_length=1, description="The file: .npy, .npz, or IDX (also .gz).")
    array: str | None = Field(None, description="Which array of an .npz file holds the inputs.")
    labels: str | None = Field(
        None, description="The labels: a file, or the name of an array in the same .npz file."
    )
    label: str = Field("label", description="Name of the labels' column.")
    layout: Literal["image", "columns"] | None = Field(
        None, description="One column of images, or one a number; null: told from the shape."
    )
    chunk_rows: int = Field(5_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        inputs, labels = self._inputs(), self._labels()
        if labels is not None and len(labels) != len(inputs):
            raise mlrecipe.MlrecipeError(
                f"there are {len(inputs)} rows, but {len(labels)} labels",
                where="source.labels",
                fix="use the labels that belong to this file",
            )
        if not len(inputs):
            raise mlrecipe.MlrecipeError("the array holds no row", where=self.path)
        images = self._layout(inputs)[0] == "image"
        for start in range(0, len(inputs), self.chunk_rows):
            part = inputs[start : start + self.chunk_rows]
            frame = _images(part, self.path) if images else _columns(part)
            if labels is not None:
                _add_labels(frame, labels[start : start + self.chunk_rows], self.label)
            yield frame

    def discover(self) -> mlrecipe.Choice | None:
        if self.layout is not None:
            return None
        layout, reason = self._layout(self._inputs())
        return mlrecipe.Choice(self.name, reason, {"layout": layout}, {"layout": reason})

    def fingerprint(self) -> str:
        from mlrecipe.reading.locating import files_digest, located

        files = located(self.path)
        if self.labels is not None and not self._in_same_file():
            files += located(self.labels, "source.labels")
        return files_digest(files)

    def _inputs(self) -> Any:
        from mlrecipe.reading.array_files import names_in, read_array

        name = self.array
        if name is None and self._in_same_file():
            others = [n for n in names_in(self.path) if n != self.labels]
            name = others[0] if len(others) == 1 else None
        inputs = read_array(self.path, name, "source.array" if name else "source.path")
        if inputs.ndim not in (2, 3, 4) or inputs.dtype.kind not in "biuf":
            raise mlrecipe.MlrecipeError(
                f"the array is {inputs.dtype} {inputs.shape}",
                where=self.path,
                expected="numbers: (rows, features), (rows, height, width) or "
                "(rows, height, width, channels)",
            )
        return inputs

    def _labels(self) -> Any:
        from mlrecipe.reading.array_files import read_array

        if self.labels is None:
            return None
        if self._in_same_file():
            labels = read_array(self.path, self.labels, "source.labels")
        else:
            labels = read_array(self.labels, None, "source.labels")
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.ndim > 2:
            raise mlrecipe.MlrecipeError(
                f"the labels are {labels.shape}",
                where="source.labels",
                expected="one a row (rows,), or several (rows, targets)",
            )
        return labels

    def _in_same_file(self) -> bool:
        from mlrecipe.reading.array_files import names_in

        return self.labels in names_in(self.path)

    def _layout(self, inputs: Any) -> tuple[str, str]:
        shape = " x ".join(map(str, inputs.shape[1:]))
        if self.layout is not None:
            return self.layout, "chosen"
        if inputs.ndim == 2:
            return "columns", f"each row holds {shape} numbers"
        if inputs.ndim == 4 and inputs.shape[3] not in (1, 3, 4):
            return "columns", f"each row is {shape}: {inputs.shape[3]} channels make no image"
        return "image", f"each row is {shape}: an image"


def _images(part: Any, path: str) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    from mlrecipe.data.pictures import as_png

    if part.ndim < 3 or (part.ndim == 4 and part.shape[3] not in (1, 3, 4)):
        raise mlrecipe.MlrecipeError(
            f"rows of shape {part.shape[1:]} are no images",
            where="source.layout",
            fix="source.layout=columns",
        )
    if part.dtype.kind == "f":
        if not (np.isfinite(part).all() and part.min() >= 0 and part.max() <= 1):
            raise mlrecipe.MlrecipeError(
                f"the values run from {part.min():g} to {part.max():g}",
                where=path,
                expected="0 to 1 for numbers with a fraction, or 0 to 255 for whole ones",
                fix="rescale them, or read numbers: source.layout=columns",
            )
        part = np.rint(part * 255)
    if part.dtype.kind == "b":
        part = part * np.uint8(255)
    if part.min() < 0 or part.max() > 255:
        raise mlrecipe.MlrecipeError(
            f"the values run from {part.min()} to {part.max()}",
            where=path,
            expected="0 to 255",
            fix="rescale them, or read numbers: source.layout=columns",
        )
    pixels = part.astype(np.uint8)
    return pd.DataFrame({"image": pd.Series([as_png(image) for image in pixels], dtype=object)})


def _columns(part: Any) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    start = "x" if part.ndim == 2 else "pixel"
    names = ["_".join(map(str, (start, *i))) for i in np.ndindex(part.shape[1:])]
    flat = part.reshape(len(part), -1)
    return pd.DataFrame(flat.astype(flat.dtype.newbyteorder("=")), columns=names)


def _add_labels(frame: pd.DataFrame, labels: Any, name: str) -> None:
    labels = labels.astype(labels.dtype.newbyteorder("=")) if labels.dtype.kind in "iuf" else labels
    if labels.ndim == 1:
        frame[name] = labels
        return
    for i in range(labels.shape[1]):
        frame[f"{name}_{i}"] = labels[:, i]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Arrays]
