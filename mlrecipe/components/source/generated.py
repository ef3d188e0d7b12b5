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
        "ad_click_rate",
        "archaeology",
        "cancer_leak",
        "card_fraud",
        "chat_spam",
        "cookie_inspection",
        "election_poll",
        "face_trust",
        "food_photos",
        "house_prices",
        "movie_reviews",
        "photo_search",
        "stock_prices",
        "tuned_to_death",
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
        from pathlib import Path

        import mlrecipe.generators
        from mlrecipe.files import digest

        folder = Path(mlrecipe.generators.__file__).parent
        made_by = sorted(folder.glob(f"{self.dataset}*.py"))
        return digest([self.mapping(), [file.read_text(encoding="utf-8") for file in made_by]])


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [GeneratedSource]
