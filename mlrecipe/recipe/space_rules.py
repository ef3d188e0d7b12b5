"""What a recipe says of a tuner's search space has to be searchable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlrecipe.component import Search
from mlrecipe.errors import Fault, nearest
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry

GROUPS = ("preprocessing", "architecture", "objective", "training")
"""Groups whose fields a tuner may vary."""

PARTS = ("low", "high", "log", "step")


def as_search(given: Any) -> Search:
    """Return a range or a list of candidates, as ``tuner.space`` has it."""
    if isinstance(given, Mapping):
        return Search(**given)
    return Search(choices=tuple(given))


def space_can_be_searched(recipe: Recipe, registry: Registry) -> list[Fault]:
    """Find keys that do not exist, and ranges that are none."""
    return [
        fault
        for key, given in recipe.tuner.space.items()
        for fault in (_of_key(key, recipe) or _of_range(key, given))
    ]


def _of_key(key: str, recipe: Recipe) -> list[Fault]:
    group, _, name = key.partition(".")
    where = f"tuner.space.{key}"
    if group not in GROUPS:
        return [
            Fault(
                where,
                f"{key!r} cannot be searched",
                expected=f"a key of {', '.join(GROUPS)}: architecture.dropout",
                fix=_meant(group, GROUPS),
            )
        ]
    component = getattr(recipe, group)
    if component.name == "auto":
        return []  # what it stands for is known once the data was read
    fields = list(type(component).model_fields)
    if name in fields:
        return []
    return [
        Fault(
            where,
            f"{group}={component.name} has no setting {name!r}",
            expected=f"one of {', '.join(fields)}",
            fix=_meant(name, fields),
        )
    ]


def _of_range(key: str, given: Any) -> list[Fault]:
    where = f"tuner.space.{key}"
    if given is None or (isinstance(given, list | tuple) and given):
        return []
    form = "{low: 0.0, high: 0.5}, with log: true where it spans orders of magnitude; or a list"
    if not isinstance(given, Mapping) or not {"low", "high"} <= set(given) <= set(PARTS):
        return [Fault(where, f"{given!r} is no range", expected=form)]
    low, high = given["low"], given["high"]
    if not all(isinstance(end, int | float) for end in (low, high)) or not low < high:
        return [Fault(where, f"low {low!r} is not below high {high!r}", expected=form)]
    if given.get("log") and low <= 0:
        return [Fault(where, f"a logarithmic range cannot begin at {low!r}", expected="low > 0")]
    return []


def _meant(name: str, known: Any) -> str:
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else ""
