"""Reads data sets of OpenML, through scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd


class OpenML(mlrecipe.Source, name="openml"):
    """A data set of OpenML, kept under mlrecipe's home once it was fetched."""

    data_id: PositiveInt = Field(
        description="Its number on openml.org; names are not unique there, and change."
    )

    def chunks(self) -> Iterator[pd.DataFrame]:
        import pandas as pd

        frame = self._fetch()
        for name in frame.columns[[isinstance(d, pd.CategoricalDtype) for d in frame.dtypes]]:
            column = frame[name]
            frame[name] = column.astype(
                column.cat.categories.dtype if not column.hasnans else "str"
            )
        yield frame

    def fingerprint(self) -> str:
        import hashlib

        import pandas as pd

        hashes = pd.util.hash_pandas_object(next(self.chunks()), index=False)
        return f"openml {self.data_id} {hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()}"

    def _fetch(self) -> pd.DataFrame:
        import sklearn.datasets

        from mlrecipe.reading.offline import cache_folder, not_here

        folder = cache_folder("openml")
        try:
            bunch = sklearn.datasets.fetch_openml(
                data_id=self.data_id, as_frame=True, parser="auto", data_home=str(folder)
            )
        except Exception as error:  # network, server, a set that is gone: all for the user
            code = (
                "import sklearn.datasets as d; "
                f"d.fetch_openml(data_id={self.data_id}, data_home='openml')"
            )
            raise not_here(str(self.data_id), "openml", error, code) from None
        return bunch.frame


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [OpenML]
