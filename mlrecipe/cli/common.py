"""What several commands share: arguments that choose a recipe, and how to find its components."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlrecipe.composing import Composed
    from mlrecipe.recipe import Recipe
    from mlrecipe.registry import Registry


def add_plugin(parser: argparse.ArgumentParser) -> None:
    """Add ``--plugin``."""
    parser.add_argument(
        "--plugin",
        action="append",
        default=[],
        type=Path,
        metavar="FILE.py",
        help="a local plugin file to load; may be given several times",
    )


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Add what chooses a recipe: overrides, ``--config-dir``, ``--plugin``."""
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="Hydra overrides: recipe=NAME (or a file), group=option, key=value",
    )
    parser.add_argument(
        "--config-dir",
        "-cd",
        type=Path,
        metavar="DIR",
        help="a folder of your own presets (GROUP/NAME.yaml) and recipes (recipe/NAME.yaml)",
    )
    add_plugin(parser)


def plugin_files(args: argparse.Namespace) -> tuple[Path, ...]:
    """Return the plugin files that were named, as absolute paths."""
    return tuple(path.resolve() for path in args.plugin)


def registry_of(args: argparse.Namespace) -> Registry:
    """Return the registry with the plugins that were named."""
    from mlrecipe.registry import load_registry

    return load_registry(plugin_files(args))


def recipe_of(args: argparse.Namespace) -> tuple[Recipe, Composed, Registry]:
    """Compose and check the recipe that was named."""
    from mlrecipe.composing import compose_recipe

    registry = registry_of(args)
    recipe, composed = compose_recipe(args.overrides, registry, config_dir=args.config_dir)
    return recipe, composed, registry
