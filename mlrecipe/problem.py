"""The `problem` section of a recipe: what is asked, of what, for whom, and under which limits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat

from mlrecipe.component import Section


def _as_names(value: Any) -> Any:
    """Let one column be named without brackets: ``problem.target=price``."""
    if isinstance(value, str | int):
        return (str(value),)
    return tuple(map(str, value)) if isinstance(value, list) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_names)]
"""Columns; one of them may stand alone."""


class Costs(Section):
    """What each kind of error costs, in the user's own currency."""

    false_positive: NonNegativeFloat = Field(1.0, description="Cost of one false alarm.")
    false_negative: NonNegativeFloat = Field(1.0, description="Cost of one missed positive case.")


class Constraints(Section):
    """Limits that the place of use sets; checked against the deployment target."""

    connectivity: Literal["reliable", "unreliable", "none"] = Field(
        "reliable", description="The network between the application and a server."
    )
    latency_ms: PositiveFloat | None = Field(
        None, description="Longest tolerable answer time, in milliseconds."
    )
    size_kb: PositiveFloat | None = Field(
        None, description="Largest tolerable model file, in kilobytes."
    )
    decryptable_on_server: bool = Field(
        True, description="Whether a server may see the inputs in the clear."
    )


class Problem(Section):
    """The problem in words and data (book, section 6.1.1)."""

    question: str = Field(
        min_length=1, description="What the project wants to know, in one sentence."
    )
    target: Annotated[Names, Field(min_length=1)] = Field(
        description="Column, or columns, to predict."
    )
    inputs: Names | None = Field(
        None, description="Columns to predict from; null takes every usable column but the target."
    )
    positive: str | int | bool | None = Field(
        None, description="The label that counts as positive, for a binary task."
    )
    unit: str = Field("case", description="What one row stands for, in the singular.")
    used_by: str = Field("", description="Who uses the prediction, and for what decision.")
    volume_per_day: PositiveFloat | None = Field(
        None, description="How many cases a day the model will see."
    )
    costs: Costs = Field(Costs(), description="What each kind of error costs.")
    constraints: Constraints = Field(Constraints(), description="Limits of the place of use.")
    not_in_production: Names = Field(
        (), description="Columns that will not be known when a prediction is asked for."
    )
    intended_use: str = Field("", description="What the model is for; printed on its card.")
    limits: str = Field("", description="What the model must not be used for.")
    groups: Names = Field((), description="Columns whose groups get metrics of their own.")
    life_span_days: PositiveFloat | None = Field(
        None, description="After how many days the model is due for replacement."
    )
