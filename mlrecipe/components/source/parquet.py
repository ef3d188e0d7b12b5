"""Reads a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.source.csv import existing_file, files_digest

if TYPE_CHECKING:
    import pandas as pd


class Parquet(mlrecipe.Source, name="parquet"):
    """A Parquet file."""

    path: str = Field(min_length=1, description="The file.")
    chunk_rows: int = Field(100_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = existing_file(self.path, "source.path")
        try:
            with pq.ParquetFile(file) as table:
                if not table.metadata.num_rows:
                    yield table.schema_arrow.empty_table().to_pandas()
                for batch in table.iter_batches(batch_size=self.chunk_rows):
                    yield batch.to_pandas()
        except pa.ArrowInvalid as error:
            raise mlrecipe.MlrecipeError(
                f"the file cannot be read as Parquet: {error}",
                where=str(file),
                fix="check that it is whole; a CSV file is read by source=csv",
            ) from None

    def fingerprint(self) -> str:
        return files_digest(existing_file(self.path, "source.path"))


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Parquet]
