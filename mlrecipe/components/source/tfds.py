"""Reads data sets of TensorFlow Datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.reading.records import Record


class TFDS(mlrecipe.Source, name="tfds", requires={"tensorflow_datasets": "tensorflow-datasets"}):
    """A data set of TensorFlow Datasets, kept under mlrecipe's home once it was fetched.

    Class numbers become the names of the classes; images become PNG files; bytes become text.
    """

    dataset: str = Field(min_length=1, description="Name, with a version: mnist:3.0.1.")
    split: str = Field("train", min_length=1, description="Which split of it.")
    chunk_rows: int = Field(5_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.records import typed_chunks

        loaded, info = self._load()
        yield from typed_chunks(
            lambda: self._batches(loaded, info), f"source.dataset={self.dataset}"
        )

    def fingerprint(self) -> str:
        from mlrecipe.reading.records import content_digest

        loaded, info = self._load()
        return f"tfds {content_digest(lambda: self._batches(loaded, info))}"

    def _load(self) -> tuple[Any, Any]:
        import tensorflow_datasets

        from mlrecipe.reading.offline import cache_folder, not_here

        folder = cache_folder("tfds")
        try:
            return tensorflow_datasets.load(
                self.dataset,
                split=self.split,
                data_dir=str(folder),
                with_info=True,
                shuffle_files=False,
            )
        except Exception as error:  # whatever the package raises, it is for the user
            code = (
                "import tensorflow_datasets; "
                f"tensorflow_datasets.load({self.dataset!r}, data_dir='tfds')"
            )
            raise not_here(self.dataset, "tfds", error, code) from None

    def _batches(self, loaded: Any, info: Any) -> Iterable[list[Record]]:
        import tensorflow_datasets

        from mlrecipe.reading.records import flattened, in_batches

        rows = (
            flattened({k: _plain(v, info.features.get(k)) for k, v in row.items()})
            for row in tensorflow_datasets.as_numpy(loaded)
        )
        return in_batches(rows, self.chunk_rows)


def _plain(value: Any, feature: Any) -> Any:
    """Return a value without the package's own types."""
    from mlrecipe.data.pictures import as_png

    if hasattr(feature, "int2str") and hasattr(feature, "num_classes"):
        return feature.int2str(int(value)) if int(value) >= 0 else None
    if type(feature).__name__ == "Image":
        return as_png(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TFDS]
