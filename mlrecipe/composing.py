"""Hydra composes groups, presets, recipes and overrides; this module tells it where they are,
and explains in our own words what it could not compose."""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.errors import ConfigCompositionException, HydraException, OverrideParseException
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from hydra.plugins.search_path_plugin import SearchPathPlugin
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from mlrecipe.component import Component, Section
from mlrecipe.errors import Fault, MlrecipeError, RecipeError, nearest
from mlrecipe.interfaces import GROUPS, MULTIPLE
from mlrecipe.recipe import Recipe, parse_recipe
from mlrecipe.registry import Registry

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.types import Override

COMMAND_LINE = "the command line"


@dataclass(frozen=True)
class Composed:
    """A recipe as Hydra composed it, and where each value came from.

    Attributes:
        mapping: plain data, one entry a section or group.
        origins: dotted key -> where its value came from.
        notes: what was decided on the way, for the log.
        overrides: the overrides in the form that Hydra itself accepts.
    """

    mapping: dict[str, Any]
    origins: dict[str, str]
    overrides: list[str]
    notes: list[str] = field(default_factory=list)


def compose_recipe(
    overrides: Sequence[str], registry: Registry, *, config_dir: Path | None = None
) -> tuple[Recipe, Composed]:
    """Compose and check a recipe without running anything.

    Args:
        overrides: in Hydra's grammar, as on the command line.
        registry: the components to choose from.
        config_dir: a folder of the user's own presets and recipes (``recipe/NAME.yaml``).

    Raises:
        RecipeError: with every fault that was found.
    """
    registry.require_sound()
    prepared = prepare_overrides(overrides)
    with _hydra(registry, prepared.recipe_folder, config_dir) as loader:
        faults = _refuse_unknown_options(prepared.parsed, loader)
        usable = [o.input_line for o in prepared.parsed if not _names_unknown_option(o, loader)]
        composed = _compose(usable, loader, prepared.parsed)
    try:
        recipe = parse_recipe(composed.mapping, registry, composed.origins)
    except RecipeError as error:
        known = {fault.path for fault in faults}
        faults += [f for f in error.faults if f.path.partition(".")[0] not in known]
    if faults:
        raise RecipeError(faults, str(composed.mapping.get("name") or ""))
    return recipe, composed


# -- where Hydra finds things ------------------------------------------------------------------------


def shipped(folder: str) -> Path:
    """Return ``conf`` or ``recipes``, in the installed package or in the checkout."""
    package = Path(str(importlib.resources.files("mlrecipe")))
    installed = package / folder
    return installed if installed.is_dir() else package.parent / folder


class RecipeFolder(FileConfigSource):
    """A flat folder of recipes, seen by Hydra as the config group ``recipe``."""

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider, path)
        self.path = path.removeprefix(f"{self.scheme()}://")

    @staticmethod
    def scheme() -> str:
        return "recipes"

    def load_config(self, config_path: str) -> ConfigResult:
        name = self._name(self._normalize_file_name(config_path))
        path = Path(self.path) / (name or "")
        if name is None or not path.is_file():
            raise ConfigLoadError(f"there is no recipe {config_path}")
        text = path.read_text(encoding="utf-8")
        header = self._get_header_dict(text)
        config = OmegaConf.create(_load_yaml(text, path) or {})
        return ConfigResult(
            config=config, path=f"file://{self.path}", provider=self.provider, header=header
        )

    def available(self) -> bool:
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        return config_path in ("", "recipe")

    def is_config(self, config_path: str) -> bool:
        name = self._name(self._normalize_file_name(config_path))
        return name is not None and (Path(self.path) / name).is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "" and results_filter in (None, ObjectType.GROUP):
            return ["recipe"]
        if config_path.strip("/") == "recipe" and results_filter in (None, ObjectType.CONFIG):
            return sorted(path.stem for path in Path(self.path).glob("*.yaml"))
        return []

    @staticmethod
    def _name(config_path: str) -> str | None:
        return config_path.removeprefix("recipe/") if config_path.startswith("recipe/") else None


class _SearchPath(SearchPathPlugin):
    """Adds the folders of installed plugins, the shipped recipes and the user's recipe file."""

    roots: tuple[str, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for root in type(self).roots:
            search_path.append(provider="mlrecipe", path=root)


def announce(registry: Registry, recipe_folder: Path | None) -> None:
    """Tell Hydra of all components, presets and recipes. Also called in worker processes."""
    _store(registry)
    roots = [f"recipes://{recipe_folder}"] if recipe_folder else []
    roots.append(f"recipes://{shipped('recipes')}")
    for folders in registry.hooks.hook.mlrecipe_search_path():
        if "conf" in folders:
            roots.append(f"file://{folders['conf']}")
        if "recipes" in folders:
            roots.append(f"recipes://{folders['recipes']}")
    _SearchPath.roots = tuple(roots)
    _register_sources()


@functools.cache
def _register_sources() -> None:
    plugins = Plugins.instance()
    plugins.register(_SearchPath)
    SourcesRegistry.instance().register(RecipeFolder)


def _store(registry: Registry) -> None:
    """Store every component's defaults as a plain mapping."""
    store = ConfigStore.instance()
    for group, options in registry.components.items():
        for name, kind in options.items():
            store.store(
                group=group,
                name=name,
                node=defaults_of(kind),
                package=f"{group}.{name}" if group in MULTIPLE else group,
                provider=str(registry.provider(kind)),
            )


def defaults_of(kind: type[Component]) -> dict[str, Any]:
    """Return a component's name and default values as plain data; mandatory fields are left out."""
    values = {
        name: _plain(info.get_default(call_default_factory=True))
        for name, info in kind.model_fields.items()
        if not info.is_required()
    }
    return {"name": kind.name, **values}


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, Path) else value


@contextmanager
def _hydra(
    registry: Registry, recipe_folder: Path | None, config_dir: Path | None
) -> Iterator[ConfigLoaderImpl]:
    announce(registry, recipe_folder)
    if config_dir is not None:
        if not config_dir.is_dir():
            raise MlrecipeError(f"there is no folder {config_dir}", where="--config-dir")
        _SearchPath.roots = (f"file://{config_dir.resolve()}", *_SearchPath.roots)
    previous = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
            yield GlobalHydra.instance().config_loader()  # type: ignore[misc]
    finally:
        GlobalHydra.instance().hydra = previous


def recipe_names(registry: Registry) -> list[str]:
    """Return the names of all shipped and plugged-in recipes."""
    with _hydra(registry, None, None) as loader:
        return sorted(loader.get_group_options("recipe"))


# -- overrides ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Prepared:
    """Overrides, parsed, and the folder of a recipe that was given as a file."""

    parsed: list[Override]
    recipe_folder: Path | None

    @property
    def lines(self) -> list[str]:
        return [str(o.input_line) for o in self.parsed]


def prepare_overrides(overrides: Sequence[str]) -> Prepared:
    """Parse overrides and bring them into the form in which our own check sees every typo.

    A value override becomes ``++key=value``: Hydra lets it pass, so that one message can name all
    faults. ``recipe=path/to/file.yaml`` becomes the recipe's name, with its folder to search.

    Raises:
        RecipeError: for overrides that Hydra's grammar refuses.
    """
    parser = OverridesParser.create()
    folder: Path | None = None
    lines: list[str] = []
    faults: list[Fault] = []
    for line in overrides:
        if line.startswith("recipe=") and (path := _recipe_file(line)):
            folder, line = path.parent.resolve(), f"recipe={path.stem}"
        try:
            parsed = parser.parse_override(line)
        except OverrideParseException as error:
            faults.append(_syntax_fault(line, error))
            continue
        key = str(parsed.key_or_group).partition("@")[0]
        is_group = key in GROUPS or key == "recipe" or key.startswith("hydra")
        plain = not (is_group or parsed.is_delete() or parsed.is_force_add())
        lines.append(f"++{line.lstrip('+')}" if plain else line)
    if faults:
        raise RecipeError(faults)
    return Prepared(parser.parse_overrides(lines), folder)


def _recipe_file(line: str) -> Path | None:
    text = line.removeprefix("recipe=").strip("'\"")
    if not text.endswith((".yaml", ".yml")):
        return None
    path = Path(text)
    if not path.is_file():
        raise RecipeError(
            [Fault("recipe", f"there is no file {text}", COMMAND_LINE, "a recipe's name or file")]
        )
    return path


def _syntax_fault(line: str, error: Exception) -> Fault:
    if "=" not in line:
        return Fault(
            line,
            "this is no override",
            COMMAND_LINE,
            expected="key=value",
            fix=f"say which key: recipe={line}" if re.fullmatch(r"\w+", line) else "",
        )
    reason = str(error.__cause__ or error).partition("\n")[0]
    return Fault(
        line.partition("=")[0],
        f"Hydra's grammar refuses this override: {reason}",
        COMMAND_LINE,
        received=line,
        fix="quote special characters, in the shell and in Hydra: 'key=\"a,b\"'",
    )


def _options_chosen(override: Override) -> list[str]:
    value = override.value()
    if value is None or override.is_delete():
        return []
    if override.is_sweep_override():
        return [str(v) for v in override.sweep_string_iterator()] if _is_simple(override) else []
    return [str(v) for v in (value if isinstance(value, list) else [value])]


def _is_simple(override: Override) -> bool:
    return bool(override.is_choice_sweep()) and not any(
        str(v).startswith("[") for v in override.sweep_string_iterator()
    )


def _names_unknown_option(override: Override, loader: ConfigLoaderImpl) -> bool:
    return bool(_refuse_unknown_options([override], loader))


def _refuse_unknown_options(parsed: Sequence[Override], loader: ConfigLoaderImpl) -> list[Fault]:
    """Return a fault for each group override that names an option which does not exist."""
    faults = []
    for override in parsed:
        group = str(override.key_or_group).partition("@")[0]
        if group not in (*GROUPS, "recipe"):
            continue
        options = loader.get_group_options(group)
        for name in _options_chosen(override):
            if name not in options:
                faults.append(_unknown_option(group, name, options, COMMAND_LINE))
    return faults


def _unknown_option(group: str, name: str, options: Sequence[str], origin: str) -> Fault:
    return Fault(
        group,
        f"there is no {group} named {name!r}",
        origin,
        expected=f"one of {', '.join(sorted(options))}",
        nearest=nearest(name, options),
        fix=""
        if nearest(name, options)
        else "if a plugin package brings it, install that; `mlrecipe plugins` lists what is there",
    )


# -- composing ---------------------------------------------------------------------------------------


def _compose(
    lines: list[str], loader: ConfigLoaderImpl, parsed: Sequence[Override]
) -> Composed:
    with explained_composition(loader):
        config = compose("config", lines, return_hydra_config=True)
        defaults = loader.compute_defaults_list("config", lines, RunMode.RUN)
    choices = config.hydra.runtime.choices
    with _open_for_removal(config):
        del config["hydra"]
    faults: list[Fault] = []
    mapping = _resolved(config, "", faults)
    origins, empty = _origins(defaults.defaults, loader, parsed)
    faults = [_with_origin(fault, origins) for fault in faults]
    if empty is not None:
        faults.append(Fault("recipe", "the recipe file is empty", str(empty), "a recipe"))
    if faults:
        raise RecipeError(faults, str(choices.get("recipe") or ""))
    mapping["name"] = mapping.get("name") or choices.get("recipe") or "recipe"
    notes = _leave_out_settings_of_replaced(mapping, origins, parsed)
    return Composed(mapping, origins, lines, notes)


@contextmanager
def _open_for_removal(config: DictConfig) -> Iterator[None]:
    OmegaConf.set_readonly(config, False)
    OmegaConf.set_struct(config, False)
    yield


@contextmanager
def explained_composition(loader: ConfigLoaderImpl) -> Iterator[None]:
    """Turn Hydra's and YAML's complaints into faults with a place and a near name."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        raise RecipeError([_yaml_fault(error, loader)]) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise RecipeError([_composition_fault(error, loader)]) from error


def _yaml_fault(error: yaml.MarkedYAMLError, loader: ConfigLoaderImpl) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = f"{mark.name}:{mark.line + 1}:{mark.column + 1}" if mark else ""
    return Fault(
        "recipe",
        f"the file is no YAML: {error.problem or error.context}",
        place,
        fix="look at the line named, and the one above it",
    )


def _composition_fault(error: Exception, loader: ConfigLoaderImpl) -> Fault:
    missing = getattr(error, "missing_cfg_file", None)
    if isinstance(missing, str) and "/" in missing:
        group, _, name = missing.rpartition("/")
        where = re.match(r"In '([^']+)'", str(error))
        origin = _defaults_line(where.group(1), name, loader) if where else ""
        return _unknown_option(group, name, loader.get_group_options(group), origin)
    if isinstance(error, ConfigCompositionException) and error.__cause__ is not None:
        cause = error.__cause__
        key = str(getattr(cause, "full_key", "") or "")
        return Fault(key or "recipe", str(error).partition("\n")[0], expected=_first_line(cause))
    key = str(getattr(error, "full_key", "") or "recipe")
    return Fault(key, _first_line(error))


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _defaults_line(config_path: str, name: str, loader: ConfigLoaderImpl) -> str:
    """Return file and line of a defaults list that names an unknown option."""
    path = _file_of(config_path, loader)
    if path is None:
        return config_path
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(rf"\b{re.escape(name)}\b", line):
            return f"{path}:{number}"
    return str(path)


def _resolved(node: Any, path: str, faults: list[Fault]) -> Any:
    """Return plain data with interpolations resolved; each bad one becomes a fault."""
    if isinstance(node, DictConfig):
        keys = list(node.keys())
        values = {k: _item(node, k, f"{path}.{k}" if path else str(k), faults) for k in keys}
        return {k: v for k, v in values.items() if v is not _ABSENT}
    if isinstance(node, ListConfig):
        values_ = [_item(node, i, f"{path}.{i}", faults) for i in range(len(node))]
        return [v for v in values_ if v is not _ABSENT]
    return node


_ABSENT = object()


def _item(node: Any, key: Any, path: str, faults: list[Fault]) -> Any:
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
                expected=_first_line(error),
                received=str(raw),
                fix="name a key that exists, as ${problem.question}",
            )
        )
        return _ABSENT
    return _resolved(value, path, faults)


def _with_origin(fault: Fault, origins: Mapping[str, str]) -> Fault:
    return Fault(**{**fault.__dict__, "origin": origins.get(fault.path, fault.origin)})


def _leave_out_settings_of_replaced(
    mapping: dict[str, Any], origins: Mapping[str, str], parsed: Sequence[Override]
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
        chosen = ConfigStore.instance().repo.get(group, {}).get(f"{section.get('name')}.yaml")
        known = set(chosen.node) if chosen is not None else set()
        for key in [k for k in section if k not in known]:
            origin = origins.get(f"{group}.{key}", "")
            elsewhere = any(key in node.node for node in ConfigStore.instance().repo[group].values())
            if elsewhere and origin not in ("", COMMAND_LINE) and "recipe" in origin:
                notes.append(
                    f"{group}.{key} ({origin}) is left out: {group}={section['name']} has no such"
                    " setting"
                )
                del section[key]
    return notes


# -- where values come from --------------------------------------------------------------------------


def _origins(
    defaults: Sequence[Any], loader: ConfigLoaderImpl, parsed: Sequence[Override]
) -> tuple[dict[str, str], Path | None]:
    """Return where each value came from, and the chosen recipe's file when it is empty."""
    found: dict[str, str] = {}
    empty: Path | None = None
    for entry in defaults:
        config_path = str(entry.config_path)
        if config_path.startswith("hydra"):
            continue
        path = _file_of(config_path, loader)
        package = "" if entry.package in (None, "", "_global_", "<root>") else str(entry.package)
        if path is None:
            group, _, name = config_path.rpartition("/")
            for key in _keys_in_store(group, name):
                found[f"{package}.{key}"] = f"the default of {group}={name}"
            continue
        lines = _line_numbers(path)
        if not lines and config_path.startswith("recipe/"):
            empty = path
        for key, line in lines.items():
            found[f"{package}.{key}" if package else key] = f"{path}:{line}"
    for override in parsed:
        key = str(override.key_or_group)
        found[key] = COMMAND_LINE
        for below in [k for k in found if k.startswith(f"{key}.")]:
            found[below] = f"{COMMAND_LINE} ({key}={override.value()})"
    return found, empty


def _keys_in_store(group: str, name: str) -> list[str]:
    options = ConfigStore.instance().repo.get(group, {})
    node = options.get(f"{name}.yaml") if isinstance(options, dict) else None
    return list(node.node) if node is not None else []


def _file_of(config_path: str, loader: ConfigLoaderImpl) -> Path | None:
    """Return the YAML file behind a config path, or None for a stored component."""
    for element in loader.get_search_path().get_path():
        scheme, _, root = str(element.path or "").partition("://")
        relative = config_path
        if scheme == "recipes":
            if not config_path.startswith("recipe/"):
                continue
            relative = config_path.removeprefix("recipe/")
        elif scheme != "file":
            continue
        path = Path(root) / f"{relative}.yaml"
        if path.is_file():
            return path
    return None


def _load_yaml(text: str, path: Path) -> Any:
    """Parse YAML, with the file's name in the error."""
    loader = yaml.SafeLoader(text)
    loader.name = str(path)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _line_numbers(path: Path) -> dict[str, int]:
    """Return the line of each dotted key of a YAML file; its defaults list is left out."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    found: dict[str, int] = {}
    if isinstance(node, yaml.MappingNode):
        _walk(node, "", found)
    return found


def _walk(node: yaml.MappingNode, path: str, found: dict[str, int]) -> None:
    for key, value in node.value:
        name = f"{path}.{key.value}" if path else str(key.value)
        if name == "defaults":
            found.setdefault("defaults", key.start_mark.line + 1)
            continue
        found[name] = key.start_mark.line + 1
        if isinstance(value, yaml.MappingNode):
            _walk(value, name, found)
