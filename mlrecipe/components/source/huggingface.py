"""Reads data sets of the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.reading.records import Record


class HuggingFace(mlrecipe.Source, name="huggingface", requires={"datasets": "datasets"}):
    """A data set of the Hugging Face hub, kept under mlrecipe's home once it was fetched.

    Class numbers become the names of the classes; images become the bytes of their files. Private
    sets take their token from the environment (HF_TOKEN). No code of the data set is run.
    """

    dataset: str = Field(min_length=1, description="Name on the hub, as stanfordnlp/imdb.")
    config: str | None = Field(None, description="Which configuration of it.")
    split: str = Field("train", min_length=1, description="Which split of it.")
    revision: str | None = Field(
        None, description="Commit or tag on the hub; null takes the newest, which may change."
    )
    chunk_rows: int = Field(10_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.records import typed_chunks

        loaded = self._load()
        yield from typed_chunks(lambda: self._batches(loaded), f"source.dataset={self.dataset}")

    def fingerprint(self) -> str:
        from mlrecipe.reading.records import content_digest

        loaded = self._load()
        return f"huggingface {content_digest(lambda: self._batches(loaded))}"

    def _load(self) -> Any:
        import datasets

        from mlrecipe.reading.offline import cache_folder, not_here

        folder = cache_folder("huggingface")
        try:
            loaded = datasets.load_dataset(
                self.dataset,
                self.config,
                split=self.split,
                revision=self.revision,
                cache_dir=str(folder),
            )
        except Exception as error:  # whatever the hub's client raises, it is for the user
            code = (
                f"import datasets; datasets.load_dataset({self.dataset!r}, {self.config!r}, "
                f"split={self.split!r}, cache_dir='huggingface')"
            )
            raise not_here(self.dataset, "huggingface", error, code) from None
        for name, feature in loaded.features.items():
            if type(feature).__name__ == "Image":
                loaded = loaded.cast_column(name, type(feature)(decode=False))
        return loaded

    def _batches(self, loaded: Any) -> Iterable[list[Record]]:
        from mlrecipe.reading.records import flattened, in_batches

        features = loaded.features
        rows = (
            flattened({k: _plain(v, features.get(k)) for k, v in row.items()}) for row in loaded
        )
        return in_batches(rows, self.chunk_rows)


def _plain(value: Any, feature: Any) -> Any:
    """Return a value without the hub's own types: a class's name, an image's bytes."""
    kind = type(feature).__name__
    if kind == "ClassLabel" and isinstance(value, int) and value >= 0:
        return feature.int2str(value)
    if kind == "ClassLabel":
        return None  # the hub writes -1 for "no label"
    if kind == "Image" and isinstance(value, dict):
        return value["bytes"]
    return value


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [HuggingFace]
