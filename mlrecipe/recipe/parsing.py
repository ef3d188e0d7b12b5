"""Turns a composed mapping into a recipe, and finds everything that is wrong with it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic import ValidationError

from mlrecipe.component import Component, Section, section_in
from mlrecipe.errors import Fault, MlrecipeError, RecipeError, masked, nearest
from mlrecipe.interfaces import GROUPS, MULTIPLE
from mlrecipe.problem import Problem
from mlrecipe.recipe import Recipe, Workflow
from mlrecipe.recipe.problem_rules import target_is_named
from mlrecipe.recipe.rules import check_rules
from mlrecipe.registry import Registry

Origins = Mapping[str, str]
"""Dotted recipe key -> where its value came from."""


def parse_recipe(
    mapping: Mapping[str, Any], registry: Registry, origins: Origins | None = None
) -> Recipe:
    """Turn a composed mapping into a recipe.

    Args:
        mapping: plain data, one entry a section or group.
        registry: the components to choose from.
        origins: where values came from, for the messages.

    Raises:
        RecipeError: with every fault that was found.
    """
    parser = _Parser(registry, {} if origins is None else origins)
    parser.refuse_unknown(mapping, ("name", "problem", "workflow", *GROUPS), "")
    values: dict[str, Any] = {
        "name": str(mapping.get("name") or "recipe"),
        "problem": parser.section(Problem, mapping.get("problem") or {}, "problem"),
        "workflow": parser.section(Workflow, mapping.get("workflow") or {}, "workflow"),
    }
    for group in GROUPS:
        read = parser.several if group in MULTIPLE else parser.single
        values[group] = read(group, mapping.get(group))
    partial = cast(Any, _Partial(values))
    if not parser.faults:
        found = check_rules(partial, registry)
    else:  # told along with the rest: a recipe without a target is one that was just begun
        known = values["problem"] is not None and values["task"] is not None
        found = target_is_named(partial, registry) if known else []
    faults = parser.faults + [
        replace(fault, origin=origin_of(parser.origins, fault.path)) for fault in found
    ]
    if faults:
        raise RecipeError(faults, values["name"])
    return Recipe(**values)


class _Partial:
    """Gives the rules the recipe's attributes before it is built."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


class _Parser:
    """Reads sections and components, and collects what is wrong with them."""

    def __init__(self, registry: Registry, origins: Origins) -> None:
        self.registry = registry
        self.origins = origins
        self.faults: list[Fault] = []

    def fault(self, path: str, problem: str, **details: str) -> None:
        details.setdefault("origin", origin_of(self.origins, path))
        self.faults.append(Fault(path, problem, **details))

    def refuse_unknown(
        self,
        mapping: Mapping[str, Any],
        known: Sequence[str],
        path: str,
        elsewhere: Mapping[str, str] | None = None,
    ) -> None:
        for key in mapping:
            if key in known:
                continue
            where = f"{path}.{key}" if path else str(key)
            if key == "_target_":
                self.fault(
                    where,
                    "a recipe names components, it never imports code",
                    received=repr(mapping[key]),
                    fix="choose a component by its name; own code enters as a plugin (--plugin)",
                )
            else:
                close = nearest(str(key), (*known, *(elsewhere or {})))
                option = (elsewhere or {}).get(close, "")
                self.fault(
                    where,
                    "there is no such key",
                    expected=f"one of {', '.join(known)}" if known else "no settings at all",
                    received=_short(mapping[key]),
                    nearest=close if close != key else "",
                    fix=f"choose an option that has {close}: {option}" if option else "",
                )

    def section(
        self,
        kind: type[Section],
        value: Any,
        path: str,
        elsewhere: Mapping[str, str] | None = None,
    ) -> Section | None:
        """Validate one section; unknown keys on every level are faults of their own."""
        if not isinstance(value, Mapping):
            self.fault(path, "is no mapping", expected="keys and values", received=_short(value))
            return None
        known = list(kind.model_fields)
        before = len(self.faults)
        self.refuse_unknown(value, known, path, elsewhere)
        try:
            parsed = kind.model_validate({k: v for k, v in value.items() if k in known})
        except ValidationError as error:
            for item in error.errors():
                self._pydantic(kind, item, path)
            return None
        return parsed if len(self.faults) == before else None

    def _pydantic(self, kind: type[Section], item: Any, path: str) -> None:
        where = ".".join([path, *(str(part) for part in item["loc"])])
        if item["type"] == "missing":
            field = kind.model_fields.get(str(item["loc"][0]))
            self.fault(
                where,
                "a value is missing",
                expected=(field.description if field else "") or "a value",
                fix=f"give it in the recipe, or on the command line: {where}=…",
            )
        elif item["type"] == "extra_forbidden":
            *above, key = (str(part) for part in item["loc"])
            known = _settings_below(kind, above)
            self.fault(
                where,
                "there is no such key",
                expected=f"one of {', '.join(known)}" if known else "",
                received=_short(item["input"]),
                nearest=nearest(key, known),
            )
        else:
            secret = item["type"] == "literal_secret"
            message = str(item["msg"]).removeprefix("Input ").removeprefix("Value error, ")
            self.fault(
                where,
                "the value does not fit",
                expected=message,
                received="not shown, because it holds a secret"
                if secret
                else _short(item["input"]),
            )

    def single(self, group: str, value: Any) -> Component | None:
        if value is None:
            self.fault(
                group,
                "nothing is chosen",
                expected=f"one of {', '.join(sorted(self.registry.components[group]))}",
                fix=f"choose one: {group}=NAME",
            )
            return None
        return self.component(group, value, group)

    def several(self, group: str, value: Any) -> tuple[Component, ...]:
        if not isinstance(value, Mapping):
            value = {} if value is None else {str(value): value}
        found = []
        for name, fields_ in value.items():
            path = f"{group}.{name}"
            if isinstance(fields_, Mapping) and "name" not in fields_:
                self.fault(
                    path,
                    f"{name!r} is not among the chosen",
                    expected=f"one of {', '.join(n for n in value if n != name) or 'none'}",
                    fix=f"choose it first: {group}=[…,{name}]",
                    nearest=nearest(name, [n for n in value if n != name]),
                )
                continue
            found.append(self.component(group, fields_, path))
        return tuple(item for item in found if item is not None)

    def component(self, group: str, value: Any, path: str) -> Component | None:
        if not isinstance(value, Mapping):
            self.fault(
                path,
                "a component cannot be given as a plain value",
                expected=f"a choice in the defaults list: - override /{group}: {value}",
                received=_short(value),
            )
            return None
        if "_target_" in value or "name" not in value:
            self.refuse_unknown({k: v for k, v in value.items() if k == "_target_"}, (), path)
            if "name" not in value:
                self.fault(path, "no component is chosen", fix=f"choose one: {group}=NAME")
            return None
        try:
            kind = self.registry.find(group, str(value["name"]))
        except MlrecipeError as error:
            self.fault(path, error.problem, expected=error.expected, fix=error.fix)
            return None
        missing = kind.missing_packages()
        if missing:
            self.fault(
                path,
                f"{group}={kind.name} needs a package that is not installed",
                fix=f"pip install {shlex.join(missing)}",
            )
            return None
        settings = {k: v for k, v in value.items() if k != "name"}
        elsewhere = self._fields_elsewhere(group) if kind.name == "auto" else {}
        return cast(Component | None, self.section(kind, settings, path, elsewhere))

    def _fields_elsewhere(self, group: str) -> dict[str, str]:
        """Return every field of a group's components, with the options that have it."""
        found: dict[str, list[str]] = {}
        for name, kind in self.registry.components[group].items():
            for field in kind.model_fields:
                found.setdefault(field, []).append(f"{group}={name}")
        return {field: " or ".join(options) for field, options in found.items()}


def origin_of(origins: Origins, path: str) -> str:
    """Return the origin of a key, of a key below it, or of the nearest key above it."""
    below = [origin for key, origin in origins.items() if key.startswith(f"{path}.")]
    if path not in origins and below:
        return below[-1]
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition(".")[0]
    return ""


def _settings_below(kind: type[Section], path: Sequence[str]) -> list[str]:
    """Return the settings of the section at a path; none where the path leads through a list."""
    below: type[Section] | None = kind
    for part in path:
        field = below.model_fields.get(part) if below else None
        below = section_in(field.annotation) if field else None
    return list(below.model_fields) if below else []


def _short(value: Any) -> str:
    text = masked(repr(value))  # before it is cut: half a password is a secret too
    return text if len(text) <= 80 else text[:77] + "..."
