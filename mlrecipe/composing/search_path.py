"""Tells Hydra where components, presets and recipes are."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hydra import initialize_config_dir
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from mlrecipe.composing.sources import Catalogue, Components, RecipeFolder
from mlrecipe.errors import MlrecipeError
from mlrecipe.registry import Registry

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl


def shipped(folder: str) -> Path:
    """Return ``conf`` or ``recipes``, in the installed package or in the checkout."""
    package = Path(str(importlib.resources.files("mlrecipe")))
    installed = package / folder
    return installed if installed.is_dir() else package.parent / folder


class _SearchPath(SearchPathPlugin):
    """Adds the folders of installed plugins, the shipped recipes and the user's recipe file."""

    roots: tuple[str, ...] = ()

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for root in type(self).roots:
            search_path.append(provider="mlrecipe", path=root)


def announce(registry: Registry, recipe_folder: Path | None) -> None:
    """Tell Hydra of all components, presets and recipes. Also called in worker processes."""
    Catalogue.instance().fill(registry)
    roots = [f"recipes://{recipe_folder}"] if recipe_folder else []
    roots.append(f"recipes://{shipped('recipes')}")
    for folders in registry.hooks.hook.mlrecipe_search_path():
        if "conf" in folders:
            roots.append(f"file://{folders['conf']}")
        if "recipes" in folders:
            roots.append(f"recipes://{folders['recipes']}")
    roots.append(f"{Components.scheme()}://")
    _SearchPath.roots = tuple(roots)
    _register_sources()


def _register_sources() -> None:
    # Each time anew: a launcher's worker is given fresh instances for every job.
    plugins = Plugins.instance()
    plugins.register(_SearchPath)
    for source in (RecipeFolder, Components):
        SourcesRegistry.instance().register(source)


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
