"""Makes data with the structure of a known project, with its flaw or without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd


class GeneratedSource(mlrecipe.Source, name="generated"):
    """Made data, the same for the same seed; for lessons and tests of what a run must find."""

    dataset: Literal[
        "cancer_leak", "cookie_inspection", "election_poll", "face_trust", "food_photos"
    ] = Field(description="Whose structure the data has.")
    rows: PositiveInt = Field(2000, description="How many rows to make.")
    seed: NonNegativeInt = Field(0, description="Makes other rows of the same structure.")
    flawed: bool = Field(True, description="Whether the data has the flaw that it is known for.")

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.generators import generate

        yield generate(self.dataset, self.rows, self.seed, flawed=self.flawed).frame

    def production(self) -> pd.DataFrame | None:
        from mlrecipe.generators import generate

        return generate(self.dataset, self.rows, self.seed, flawed=self.flawed).production

    def fingerprint(self) -> str:
        import importlib
        import inspect

        from mlrecipe.files import digest

        made_by = importlib.import_module(f"mlrecipe.generators.{self.dataset}")
        return digest([self.mapping(), inspect.getsource(made_by)])


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [GeneratedSource]
