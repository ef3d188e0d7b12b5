"""Reads Parquet files and folders of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd


class Parquet(mlrecipe.Source, name="parquet"):
    """A Parquet file, a pattern or list of files, or a folder of them.

    Folders named ``column=value`` (Hive partitions) become columns. All files have the same columns
    and types. Whole numbers are read as float64 where the file has gaps in them; a column of whole
    numbers beyond 2^53 that has gaps is read as text, because float64 cannot hold it.
    """

    path: str | tuple[str, ...] = Field(
        min_length=1, description="The file, folder, pattern of files, or a list of files."
    )
    chunk_rows: int = Field(100_000, ge=1, description="Rows read at a time.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pyarrow as pa

        files = self._files()
        data = _data_set(files, self._folder())
        casts = _stable_types(files, data.schema)
        empty = True
        try:
            for batch in data.to_batches(batch_size=self.chunk_rows):
                if batch.num_rows:
                    empty = False
                    yield _frame(batch, casts)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise _unreadable(files, error) from None
        if empty:
            yield data.schema.empty_table().to_pandas(ignore_metadata=True)

    def fingerprint(self) -> str:
        from mlrecipe.files import digest
        from mlrecipe.reading.locating import files_digest

        files, folder = self._files(), self._folder()
        names = [str(f.relative_to(folder)) for f in files] if folder else []
        return digest([names, files_digest(files)])

    def _folder(self) -> Path | None:
        if isinstance(self.path, str) and (folder := Path(self.path).expanduser()).is_dir():
            return folder
        return None

    def _files(self) -> list[Path]:
        from mlrecipe.reading.locating import located

        folder = self._folder()
        if folder is None:
            return located(self.path)
        files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".parquet", ".pq"))
        if not files:
            raise mlrecipe.MlrecipeError(
                f"the folder {folder} holds no .parquet file",
                where="source.path",
                expected="Parquet files, or folders of them named column=value",
            )
        return files


def _data_set(files: list[Path], folder: Path | None) -> Any:
    """Return the files as one data set, after comparing the columns of each with the first."""
    import pyarrow as pa
    import pyarrow.dataset as ds
    import pyarrow.parquet as pq

    first = None
    for file in files:
        try:
            schema = pq.read_schema(file).remove_metadata()
        except (pa.ArrowInvalid, OSError) as error:
            raise _unreadable([file], error) from None
        if first is None:
            first = schema
        elif schema != first:
            raise mlrecipe.MlrecipeError(
                f"its columns differ from those of {files[0].name}: {_difference(first, schema)}",
                where=str(file),
                fix="write the files with one schema, or leave this one out of source.path",
            )
    hive = ds.HivePartitioning.discover(infer_dictionary=False) if folder else None
    return ds.dataset(
        [str(f) for f in files],
        format="parquet",
        partitioning=hive,
        partition_base_dir=str(folder) if folder else None,
    )


def _difference(first: Any, other: Any) -> str:
    parts = []
    for name in first.names:
        if name not in other.names:
            parts.append(f"{name!r} is missing")
        elif first.field(name).type != other.field(name).type:
            parts.append(
                f"{name!r} is {other.field(name).type} instead of {first.field(name).type}"
            )
    parts += [f"{name!r} is new" for name in other.names if name not in first.names]
    return ", ".join(parts[:5]) or "they stand in another order"


def _stable_types(files: list[Path], schema: Any) -> dict[str, Any]:
    """Return the type to cast a column of whole numbers or booleans to, when it has gaps.

    Without it, a chunk without gaps would be int64 and the next one float64.
    """
    import pyarrow as pa

    casts: dict[str, Any] = {}
    whole = [f.name for f in schema if pa.types.is_integer(f.type)]
    for name in whole:
        nulls, largest = _extent(files, name)
        if nulls:
            casts[name] = pa.string() if largest > 2**53 else pa.float64()
    return casts


def _extent(files: list[Path], name: str) -> tuple[bool, int]:
    """Return whether a column of whole numbers has gaps, and its largest absolute value."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    nulls, largest = False, 0
    for file in files:
        with pq.ParquetFile(file) as table:
            if name not in table.schema_arrow.names:
                return False, 0  # a partition's value, which is never missing
            position = table.schema_arrow.names.index(name)
            for group in range(table.num_row_groups):
                if table.metadata.num_columns == len(table.schema_arrow.names):
                    seen = table.metadata.row_group(group).column(position).statistics
                else:
                    seen = None  # nested columns stand between: look at the values
                if seen is None or not (seen.has_null_count and seen.has_min_max):
                    values = table.read_row_group(group, columns=[name]).column(0)
                    ends = pc.min_max(values)
                    nulls = nulls or values.null_count > 0
                    low, high = ends["min"].as_py() or 0, ends["max"].as_py() or 0
                else:
                    nulls = nulls or seen.null_count > 0
                    low, high = seen.min, seen.max
                largest = max(largest, abs(low), abs(high))
    return nulls, largest


def _frame(batch: Any, casts: dict[str, Any]) -> pd.DataFrame:
    import pyarrow as pa

    table = pa.Table.from_batches([batch]).replace_schema_metadata(None)
    for name, kind in casts.items():
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, table.column(name).cast(kind))
    return _plain(table).to_pandas(ignore_metadata=True)


def _plain(table: Any) -> Any:
    """Return a table without nesting: structs become dotted columns, lists JSON text."""
    import json

    import pyarrow as pa

    while any(pa.types.is_struct(f.type) for f in table.schema):
        table = table.flatten()
    for i, item in enumerate(table.schema):
        column = table.column(i)
        if pa.types.is_nested(item.type):
            texts = [None if v is None else json.dumps(v, default=str) for v in column.to_pylist()]
            table = table.set_column(i, item.name, pa.array(texts, pa.string()))
        elif pa.types.is_dictionary(item.type):
            table = table.set_column(i, item.name, column.cast(item.type.value_type))
        elif pa.types.is_decimal(item.type):
            table = table.set_column(i, item.name, column.cast(pa.float64()))
    return table


def _unreadable(files: list[Path], error: BaseException) -> mlrecipe.MlrecipeError:
    return mlrecipe.MlrecipeError(
        f"the file cannot be read as Parquet: {error}",
        where=str(files[0]) if len(files) == 1 else f"one of {len(files)} files, {files[0]} …",
        fix="check that it is whole; a CSV file is read by source=csv",
    )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Parquet]
