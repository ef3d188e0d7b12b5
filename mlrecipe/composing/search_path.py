"""Tells Hydra where components, presets and recipes are."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra import initialize_config_dir
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from mlrecipe.component import Component, Section
from mlrecipe.composing.yaml_lines import load_yaml
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import MULTIPLE
from mlrecipe.registry import Registry

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl


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
        config = OmegaConf.create(load_yaml(text, path) or {})
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


def _register_sources() -> None:
    # Each time anew: a launcher's worker is given fresh instances for every job.
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
def hydra_loader(
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
    with hydra_loader(registry, None, None) as loader:
        return sorted(loader.get_group_options("recipe"))
