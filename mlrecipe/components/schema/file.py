"""Takes the columns from a YAML file, and holds the rows against them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem


class File(mlrecipe.Schema, name="file"):
    """Takes the columns as a YAML file declares them; each run leaves a draft of one."""

    path: str = Field(
        min_length=1, description="The file; ``02_collect/schema.yaml`` of a run is a draft of one."
    )

    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        from mlrecipe.data.declaration import declared_schema
        from mlrecipe.data.schema_file import read_schema_file

        return declared_schema(read_schema_file(self._file()), frame, problem, self.path)

    def fingerprint(self) -> str:
        from mlrecipe.files import file_digest

        return file_digest(self._file())

    def _file(self) -> Path:
        from mlrecipe.errors import nearest

        file = Path(self.path).expanduser()
        if file.is_file():
            return file
        close = nearest(file.name, [p.name for p in file.parent.glob("*")])
        raise mlrecipe.MlrecipeError(
            f"there is no file {self.path}" + (f"; did you mean {close!r}?" if close else ""),
            where="schema.path",
            expected=f"a schema in YAML; relative paths start at {Path.cwd()}",
        )


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [File]
