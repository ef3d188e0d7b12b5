"""Reads who liked what, and when; gives a row a user: what they liked, and what they liked next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

import mlrecipe

if TYPE_CHECKING:
    import pandas as pd

MADE = ("music_recommendation",)
"""Generators that make such events."""


class Interactions(mlrecipe.Source, name="interactions"):
    """A table of events (user, item, time, and a rating where there is one), as a row a user.

    Each user's likes are ordered by time; the last share of them is the column ``next``, those
    before it ``history``: so what is predicted is always later than what it is predicted from. An
    item counts once, by the first time. Users with fewer likes than ``least`` are left out.
    """

    path: str | None = Field(
        None, description="File of events; .data reads as .csv. null: events that are made."
    )
    dataset: str | None = Field(None, description="Generator of events, where no file is given.")
    rows: PositiveInt = Field(1000, description="How many users to make.")
    seed: NonNegativeInt = Field(0, description="Makes other users of the same structure.")
    columns: tuple[str, ...] = Field(
        (), description="Names of all columns of the file, for files that lack them."
    )
    options: dict[str, Any] = Field(
        {}, description="Further settings of the source that reads the file, as delimiter of csv."
    )
    user: str = Field("user", description="The column that names the user.")
    item: str = Field("item", description="The column that names the item.")
    time: str = Field("time", description="The column that says when: numbers, or dates.")
    rating: str | None = Field(
        None, description="The column that says how much the user likes it; null: all are likes."
    )
    at_least: float | None = Field(None, description="The rating from which on it is a like.")
    share: float = Field(
        0.2, gt=0, lt=1, description="Which share of a user's likes, the last ones, is next."
    )
    least: int = Field(5, ge=2, description="Fewest likes of a user.")

    @model_validator(mode="after")
    def _complete(self) -> Interactions:
        if self.path is None and self.dataset is None:
            raise ValueError("a file of events (source.path), or a generator (source.dataset)")
        if self.path is None and self.dataset not in MADE:
            raise ValueError(f"no generator of events is called so; known: {', '.join(MADE)}")
        if (self.rating is None) != (self.at_least is None):
            raise ValueError("source.rating and source.at_least: both, or neither")
        return self

    def chunks(self) -> Iterator[pd.DataFrame]:
        from mlrecipe.reading.events import rows_of_users

        yield rows_of_users(self._likes(), self.share, self.least)

    def fingerprint(self) -> str:
        import importlib
        import inspect

        from mlrecipe.files import digest

        if self.path is not None:
            return digest([self.mapping(), self._reader().fingerprint()])
        made_by = importlib.import_module(f"mlrecipe.generators.{self.dataset}")
        return digest([self.mapping(), inspect.getsource(made_by)])

    def _likes(self) -> pd.DataFrame:
        """Return the likes: user, item, time, in the order of the file."""
        from mlrecipe.data.table_schema import named_columns

        events = self._events()
        named = {"user": self.user, "item": self.item, "time": self.time}
        for key, column in named.items():
            named_columns((column,), events, f"source.{key}")
        if self.rating is not None:
            named_columns((self.rating,), events, "source.rating")
            events = events[events[self.rating] >= self.at_least]
        return events[list(named.values())].set_axis(list(named), axis=1)

    def _events(self) -> pd.DataFrame:
        from mlrecipe.generators import generate

        if self.path is not None:
            return self._reader().read()
        assert self.dataset is not None
        return generate(self.dataset, self.rows, self.seed, flawed=False).frame

    def _reader(self) -> mlrecipe.Source:
        """Return the source that reads the file, with what it has to be told."""
        from pydantic import ValidationError

        from mlrecipe.reading.choosing import kind_of
        from mlrecipe.registry import load_registry

        assert self.path is not None
        kind = "csv" if ".data" in self.path.lower() else kind_of(self.path)
        component = load_registry().find("source", kind)
        settings = {"url" if kind == "url" else "path": self.path, **self.options}
        if self.columns:
            settings["columns"] = self.columns
        try:
            return component(**settings)  # type: ignore[return-value]
        except ValidationError as error:
            item = error.errors()[0]
            name = ".".join(map(str, item["loc"]))
            raise mlrecipe.MlrecipeError(
                f"source={kind} refuses {name}: {item['msg']}",
                where=f"source.{name}" if name == "columns" else f"source.options.{name}",
                expected=f"a setting of source={kind}: {', '.join(component.model_fields)}",
            ) from None


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Interactions]
