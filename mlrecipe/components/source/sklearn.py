"""The data sets that scikit-learn brings along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

TARGETS = {
    "breast_cancer": "diagnosis",
    "digits": "digit",
    "iris": "species",
    "wine": "cultivar",
    "diabetes": "progression",
}
"""Name of the target column of each set; linnerud's targets have names of their own."""


class Sklearn(mlrecipe.Source, name="sklearn"):
    """A small real data set that comes with scikit-learn; needs no download."""

    dataset: Literal["breast_cancer", "digits", "iris", "wine", "diabetes", "linnerud"] = Field(
        description="Which one."
    )

    def chunks(self) -> Iterator[pd.DataFrame]:
        import sklearn.datasets

        bunch = getattr(sklearn.datasets, f"load_{self.dataset}")(as_frame=True)
        frame = bunch.frame.rename(columns={"target": TARGETS.get(self.dataset, "target")})
        if self.dataset in ("breast_cancer", "iris", "wine"):
            names = dict(enumerate(map(str, bunch.target_names)))
            column = TARGETS[self.dataset]
            frame[column] = frame[column].map(names)
        yield frame

    def fingerprint(self) -> str:
        import sklearn

        return f"sklearn {sklearn.__version__} {self.dataset}"


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Sklearn]
