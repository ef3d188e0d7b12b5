"""Hydra composes groups, presets, recipes and overrides into one recipe; explains every fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import compose
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from mlrecipe.composing.explaining import (
    explained_composition,
    first_line,
    refuse_faulty_recipe_file,
)
from mlrecipe.composing.origins import Origins
from mlrecipe.composing.overrides import (
    COMMAND_LINE,
    first_job,
    names_unknown_option,
    prepare_overrides,
    refuse_unknown_options,
)
from mlrecipe.composing.search_path import hydra_loader
from mlrecipe.errors import Fault, RecipeError
from mlrecipe.interfaces import GROUPS, MULTIPLE
from mlrecipe.recipe import Recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.registry import Registry

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.types import Override


@dataclass(frozen=True)
class Composed:
    """A recipe as Hydra composed it, and where each value came from.

    Attributes:
        mapping: plain data, one entry a section or group.
        origins: dotted key -> where its value came from.
        notes: what was decided on the way, for the log.
        overrides: the overrides in the form that Hydra itself accepts.
        faults: what is wrong with single values, found while composing.
    """

    mapping: dict[str, Any]
    origins: Mapping[str, str]
    overrides: list[str]
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def compose_recipe(
    overrides: Sequence[str],
    registry: Registry,
    *,
    config_dir: Path | None = None,
    recipe_folder: Path | None = None,
) -> tuple[Recipe, Composed]:
    """Compose and check a recipe without running anything.

    Args:
        overrides: in Hydra's grammar, as on the command line.
        registry: the components to choose from.
        config_dir: a folder of the user's own presets and recipes (``recipe/NAME.yaml``).
        recipe_folder: where ``recipe=NAME`` is looked for first; ``recipe=FILE`` sets it.

    Raises:
        RecipeError: with every fault that was found.
    """
    registry.require_sound()
    prepared = prepare_overrides(overrides)
    with hydra_loader(registry, prepared.recipe_folder or recipe_folder, config_dir) as loader:
        faults = refuse_unknown_options(prepared.parsed, loader)
        if any(fault.path == "recipe" for fault in faults):
            raise RecipeError(faults)  # without the recipe, everything else is missing too
        usable = [
            str(o.input_line)
            for o in prepared.parsed
            if not (faults and names_unknown_option(o, loader))  # slow, and rarely needed
        ]
        composed = _compose(usable, loader, prepared.parsed, registry)
    faults += composed.faults
    try:
        recipe = parse_recipe(composed.mapping, registry, composed.origins)
    except RecipeError as error:
        known = [fault.path for fault in faults]
        faults += [f for f in error.faults if not any(_within(f.path, path) for path in known)]
    if faults:
        raise RecipeError(faults, str(composed.mapping.get("name") or ""))
    return recipe, composed


def recipe_of_job(
    config: DictConfig, chosen: Mapping[str, str | None], registry: Registry
) -> Recipe | None:
    """Return the recipe that Hydra itself composed for a job of a sweep.

    Args:
        config: as Hydra hands it to a job.
        chosen: group -> option, as Hydra keeps it of the job.

    Returns:
        None where anything is wrong with it, or has to be left out: `compose_recipe` says what, but
        costs several times as much.
    """
    faults: list[Fault] = []
    mapping = _resolved(config, "", faults)
    _name(mapping, chosen)
    try:
        return None if faults else parse_recipe(mapping, registry)
    except RecipeError:
        return None


def check_sweep(
    overrides: Sequence[str], registry: Registry, *, config_dir: Path | None = None
) -> None:
    """Check the first job of a sweep, and every option that any of its jobs chooses.

    Raises:
        RecipeError: with every fault that was found.
    """
    prepared = prepare_overrides(overrides)
    with hydra_loader(registry, prepared.recipe_folder, config_dir) as loader:
        faults = refuse_unknown_options(prepared.parsed, loader)
    if faults:
        raise RecipeError(faults)
    compose_recipe(first_job(overrides), registry, config_dir=config_dir)


def require_composable(
    overrides: Sequence[str], registry: Registry, *, config_dir: Path | None = None
) -> None:
    """Raise a `RecipeError` when Hydra cannot compose; what it composes may be faulty."""
    prepared = prepare_overrides(overrides)
    with hydra_loader(registry, prepared.recipe_folder, config_dir) as loader:
        faults = refuse_unknown_options(prepared.parsed, loader)
        if faults:
            raise RecipeError(faults)
        with explained_composition(loader, _chosen_recipe(prepared.parsed)):
            compose("config", prepared.lines, return_hydra_config=True)


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.")


def _compose(
    lines: list[str], loader: ConfigLoaderImpl, parsed: Sequence[Override], registry: Registry
) -> Composed:
    with explained_composition(loader, _chosen_recipe(parsed)):
        config = compose("config", lines, return_hydra_config=True)
    choices = config.hydra.runtime.choices
    refuse_faulty_recipe_file(config, loader)
    OmegaConf.set_readonly(config, False)
    OmegaConf.set_struct(config, False)
    del config["hydra"]
    faults: list[Fault] = []
    mapping = _resolved(config, "", faults)
    origins = Origins(lines, loader, parsed)
    faults = [_with_origin(fault, origins) for fault in faults]
    _name(mapping, choices)
    notes = _leave_out_settings_of_replaced(mapping, origins, parsed, registry)
    return Composed(mapping, origins, lines, notes, faults)


def _name(mapping: dict[str, Any], chosen: Mapping[str, str | None]) -> None:
    """Let a recipe without a name of its own be called as it was chosen."""
    mapping["name"] = mapping.get("name") or chosen.get("recipe") or "recipe"


def changed_recipe(recipe: Recipe, overrides: Sequence[str], registry: Registry) -> Recipe:
    """Return a finished recipe with some settings changed, checked like any other.

    Args:
        recipe: as a run keeps it; its components stay, their settings may change.
        overrides: ``key=value`` in Hydra's grammar.
        registry: the components to choose from.

    Raises:
        RecipeError: with every fault that was found; also for an override that chooses another
            component, which only a new composition can carry out.
    """
    parsed = prepare_overrides(overrides).parsed
    faults = [
        Fault(
            str(override.key_or_group),
            "a component cannot be exchanged in a run that has begun",
            COMMAND_LINE,
            fix="start a run of its own, or run the recipe into the same folder: hydra.run.dir=DIR",
        )
        for override in parsed
        if override.key_or_group in (*GROUPS, "recipe") or override.is_sweep_override()
    ]
    if faults:
        raise RecipeError(faults, recipe.name)
    config = OmegaConf.create(recipe.mapping())
    for override in parsed:
        OmegaConf.update(config, str(override.key_or_group), override.value(), force_add=True)
    mapping: Any = OmegaConf.to_container(config)
    origins = {str(override.key_or_group): COMMAND_LINE for override in parsed}
    return parse_recipe(mapping, registry, origins)


def _chosen_recipe(parsed: Sequence[Override]) -> str:
    names = [str(o.value()) for o in parsed if o.key_or_group == "recipe"]
    return names[-1] if names else ""


def _resolved(node: Any, path: str, faults: list[Fault]) -> Any:
    """Return plain data with interpolations resolved; each bad one becomes a fault."""
    if isinstance(node, DictConfig):
        keys = list(node.keys())
        values = {k: _item(node, k, f"{path}.{k!s}" if path else str(k), faults) for k in keys}
        return {k: v for k, v in values.items() if v is not _ABSENT}
    if isinstance(node, ListConfig):
        values_ = [_item(node, i, f"{path}.{i}", faults) for i in range(len(node))]
        return [v for v in values_ if v is not _ABSENT]
    return node


_ABSENT = object()


def _item(node: Any, key: Any, path: str, faults: list[Fault]) -> Any:
    if path.startswith("source.") and _reads_environment(node, key):
        faults.append(
            Fault(
                path,
                "an interpolation would write the environment variable into the run folder",
                expected="$NAME, which is replaced only while the data is read",
                fix="write $NAME instead of ${oc.env:NAME}",
            )
        )
        return _ABSENT
    try:
        value = node[key]
    except MissingMandatoryValue:
        return _ABSENT
    except OmegaConfBaseException as error:
        raw = OmegaConf.to_container(node, resolve=False)[key]  # type: ignore[index, call-overload]
        faults.append(
            Fault(
                path,
                "the interpolation leads nowhere",
                expected=first_line(error),
                received=str(raw),
                fix="name a key that exists, as ${problem.question}",
            )
        )
        return _ABSENT
    return _resolved(value, path, faults)


def _reads_environment(node: Any, key: Any) -> bool:
    """Return whether a value names an environment variable in OmegaConf's own way."""
    raw = node._get_node(key)
    text = raw._value() if raw is not None and not isinstance(raw, DictConfig | ListConfig) else ""
    return isinstance(text, str) and "${oc.env:" in text.replace(" ", "")


def _with_origin(fault: Fault, origins: Mapping[str, str]) -> Fault:
    return Fault(**{**fault.__dict__, "origin": origins.get(fault.path, fault.origin)})


def _leave_out_settings_of_replaced(
    mapping: dict[str, Any],
    origins: Mapping[str, str],
    parsed: Sequence[Override],
    registry: Registry,
) -> list[str]:
    """Drop a recipe's settings of a component that the command line replaced by another one.

    A recipe may say ``architecture: {units: 64}`` for the network it chooses; with
    ``architecture=linear`` on the command line those settings have no object any more.
    """
    notes = []
    replaced = {str(o.key_or_group) for o in parsed} & (set(GROUPS) - MULTIPLE)
    for group in sorted(replaced):
        section = mapping.get(group)
        if not isinstance(section, dict):
            continue
        options = registry.components[group]
        chosen = options.get(str(section.get("name")))
        known = set(chosen.model_fields) | {"name"} if chosen is not None else set()
        for key in [k for k in section if k not in known]:
            origin = origins.get(f"{group}.{key}", "")
            elsewhere = any(key in kind.model_fields for kind in options.values())
            if elsewhere and not origin.startswith(COMMAND_LINE):
                notes.append(
                    f"{group}.{key} ({origin}) is left out: {group}={section['name']} has no such"
                    " setting"
                )
                del section[key]
    return notes
