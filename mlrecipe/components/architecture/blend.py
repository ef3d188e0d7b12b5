"""Several models of different kinds, whose answers are averaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ValidationError, field_validator

import mlrecipe

if TYPE_CHECKING:
    from mlrecipe.interfaces import Architecture, Assignment, Fitted, Objective, Samples

MEMBERS: dict[str, dict[str, Any]] = {"penalized_linear": {}, "boosted_trees": {}, "tabular": {}}
"""Members for tables, from the cheapest on: they err in different ways."""


class Blend(
    mlrecipe.Estimator,
    name="blend",
    accepts={"vector", "codes", "mixed"},
    tasks=frozenset({"binary", "multiclass", "scalar_regression", "vector_regression"}),
):
    """The weighted mean of other architectures' answers; validation rows find the weights.

    Weights are selected greedily, with replacement (Caruana et al. 2004, "Ensemble selection from
    libraries of models"), and drawn towards equal ones where validation rows are few. Members that
    get next to none are left out of the last training.
    """

    members: dict[str, dict[str, Any]] = Field(
        MEMBERS,
        min_length=1,
        description="Architectures by their names, the cheapest first, each with the settings that "
        "differ from its defaults.",
    )
    caution: int = Field(
        50, ge=0, description="Validation rows that equal weights count like, against those found."
    )
    least: float = Field(0.05, ge=0, lt=1, description="Weight below which a member is left out.")

    @field_validator("members")
    @classmethod
    def _members_exist(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if value != MEMBERS:  # looking them up would load the registry while it is loading
            for name, fields in value.items():
                _member(name, fields)
        return value

    def architectures(self) -> dict[str, Architecture]:
        """Return the members by their names."""
        return {name: _member(name, fields) for name, fields in self.members.items()}

    def unfit(self, objective: Objective) -> list[str]:
        return [
            name
            for name, member in self.architectures().items()
            if member.objectives and objective.name not in member.objectives
        ]

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        from mlrecipe.training.blending import fit_blend

        members = self.architectures()
        return fit_blend(members, self.caution, self.least, rows, validation, assignment, found)

    def sizes(self) -> Iterator[Self]:
        """Yield one member after the other, and at last all of them in a larger size."""
        everyone = self.architectures()
        count = len(everyone)
        steps = [(1, 1), *((few, 2) for few in range(2, count + 1)), (count, 3)]
        seen = []
        for few, size in steps:
            chosen = {
                name: _fields(_grown(member, size))
                for name, member in islice(everyone.items(), few)
            }
            if chosen not in seen:
                seen.append(chosen)
                yield self.model_copy(update={"members": chosen})


def _grown(member: Architecture, size: int) -> Architecture:
    """Return a member in its first, second … size, or in its largest."""
    return list(islice(member.sizes(), size))[-1]


def _fields(member: Architecture) -> dict[str, Any]:
    """Return the settings that differ from the defaults."""
    return member.model_dump(mode="json", exclude_defaults=True)


def _member(name: str, fields: Mapping[str, Any]) -> Architecture:
    from mlrecipe.registry import load_registry

    if name in ("auto", Blend.name):
        raise ValueError(f"{name} cannot be a member of a blend")
    try:
        kind = load_registry().find("architecture", name)
    except mlrecipe.MlrecipeError as error:
        raise ValueError(f"{error.problem}; expected {error.expected}") from error
    missing = kind.missing_packages()
    if missing:
        raise ValueError(f"{name} needs a package that is not installed: {', '.join(missing)}")
    try:
        return kind(**fields)  # type: ignore[return-value]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (name, *first["loc"])))
        raise ValueError(f"{where}: {first['msg']}") from error


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Blend]
