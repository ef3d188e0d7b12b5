"""The data sets that scikit-learn brings along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array

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
    layout: Literal["columns", "image"] = Field(
        "columns",
        description="image: the scans of dataset=digits as a column of images (PNG files of 8 by 8 "
        "pixels); columns: a column a number, also a pixel.",
    )

    def chunks(self) -> Iterator[pd.DataFrame]:
        import sklearn.datasets

        if self.layout == "image" and self.dataset != "digits":
            raise mlrecipe.MlrecipeError(
                f"{self.dataset} holds no images",
                where="source.layout",
                expected="columns; images are in dataset=digits alone",
            )
        bunch = getattr(sklearn.datasets, f"load_{self.dataset}")(as_frame=True)
        frame = bunch.frame.rename(columns={"target": TARGETS.get(self.dataset, "target")})
        if self.dataset in ("breast_cancer", "iris", "wine"):
            names = dict(enumerate(map(str, bunch.target_names)))
            column = TARGETS[self.dataset]
            frame[column] = frame[column].map(names)
        if self.layout == "image":
            frame = self._as_images(frame, bunch.images)
        yield frame

    def _as_images(self, frame: pd.DataFrame, scans: Array) -> pd.DataFrame:
        """Return the scans as PNG files, their 0 to 16 as 0 to 255."""
        import numpy as np
        import pandas as pd

        from mlrecipe.data.pictures import as_png

        pixels = np.rint(scans * (255 / 16)).astype(np.uint8)
        images = pd.Series([as_png(scan) for scan in pixels], dtype=object)
        return pd.DataFrame({"image": images, "digit": frame["digit"]})

    def fingerprint(self) -> str:
        import sklearn

        return f"sklearn {sklearn.__version__} {self.dataset} {self.layout}"


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Sklearn]
