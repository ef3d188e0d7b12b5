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
    """What each kind of answer costs, in the user's own currency; a gain is a cost below 0."""

    false_positive: NonNegativeFloat = Field(1.0, description="Cost of one false alarm.")
    false_negative: NonNegativeFloat = Field(1.0, description="Cost of one missed positive case.")
    true_positive: float = Field(0.0, description="Cost of one positive case that was found.")
    true_negative: float = Field(0.0, description="Cost of one negative case that was recognized.")
    per_unit: NonNegativeFloat = Field(
        1.0, description="Cost of being off by one unit of the target, for a regression."
    )


class Existing(Section):
    """What is done today, without the model; it becomes a baseline (book, 6.1.1)."""

    rule: str = Field(
        "",
        description="The rule in use, as an expression over columns: amount > 500 and not known. "
        "It gives true for the positive class, a label, or a number.",
    )
    column: str = Field("", description="The column that holds what people decided until now.")
    description: str = Field("", description="How cases are handled today.")


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
    memory_mb: PositiveFloat | None = Field(
        None, description="Memory that the model may take where it runs, in megabytes."
    )
    decryptable_on_server: bool = Field(
        True, description="Whether a server may see the inputs in the clear."
    )
    sensitive_data: bool = Field(
        False, description="Whether the training rows must not be recoverable from the model."
    )
    confidential_model: bool = Field(
        False, description="Whether users must not get hold of the model itself."
    )
    compute_paid_by: Literal["provider", "user"] = Field(
        "provider", description="Whose machine carries the load of the predictions."
    )
    accuracy_critical: bool = Field(
        False, description="Whether no quality may be given up for size or speed."
    )


class Ethics(Section):
    """What a project about people has to answer before it starts (book, 6 and 6.1.2)."""

    affected: str = Field("", description="Who is affected, also without ever using the model?")
    benefit: str = Field("", description="What do they gain by it?")
    harm: str = Field("", description="What does a wrong answer do to them?")
    recourse: str = Field("", description="How can a person object, and who decides then?")
    labels: str = Field("", description="Who made the labels, and what do they really record?")
    consent: str = Field("", description="Why may these data be used for this?")
    verdict: Literal["may_be_used", "must_not_be_used"] = Field(
        "may_be_used", description="Whether the model may be put to use; printed on its card."
    )


class Problem(Section):
    """The problem in words and data (book, section 6.1.1)."""

    question: str = Field(
        min_length=1, description="What the project wants to know, in one sentence."
    )
    target: Names = Field(
        (), description="Column, or columns, to predict; none for task=clustering alone."
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
    costs: Costs = Field(Costs(), description="What each kind of answer costs.")
    existing: Existing | None = Field(None, description="What is done today, without the model.")
    constraints: Constraints = Field(Constraints(), description="Limits of the place of use.")
    in_production: Names = Field(
        (), description="Columns that were confirmed to be known when a prediction is asked for."
    )
    not_in_production: Names = Field(
        (), description="Columns that will not be known when a prediction is asked for."
    )
    gaps_in_production: dict[str, Annotated[float, Field(gt=0, le=0.8)]] = Field(
        {},
        description="Columns that will sometimes be missing when a prediction is asked for: column "
        "-> share. Where the data has no gaps, training copies rows and drops entries.",
    )
    production_sample: str | None = Field(
        None, description="File or folder with rows as production sees them; no target is needed."
    )
    time: str | None = Field(None, description="The column that says when a row came about.")
    grouped_by: str | None = Field(
        None,
        description="The column that says which rows are about the same thing (a patient, a site, "
        "a user): such rows always fall on the same side of a split, and it is no input.",
    )
    weight: str | None = Field(
        None, description="The column that says how many cases of the population a row stands for."
    )
    population: dict[str, dict[str, PositiveFloat]] = Field(
        {}, description="Known shares in the population: column -> value -> share."
    )
    most_weight: float | None = Field(
        None,
        gt=1,
        description="Largest weight of a row that `population` may lead to, in mean weights; "
        "larger ones are trimmed.",
    )
    intended_use: str = Field("", description="What the model is for; printed on its card.")
    limits: str = Field("", description="What the model must not be used for.")
    subject: Literal["people", "things"] | None = Field(
        None, description="Whether the cases are people; then `ethics` has to be answered."
    )
    ethics: Ethics = Field(Ethics(), description="What a project about people has to answer.")
    groups: Names = Field((), description="Columns whose groups get metrics of their own.")
    life_span_days: PositiveFloat | None = Field(
        None, description="After how many days the model is due for replacement."
    )
