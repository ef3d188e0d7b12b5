"""``mlrecipe check``: compose and validate, run nothing."""

from __future__ import annotations

import argparse

from mlrecipe.cli.common import add_recipe, recipe_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_recipe(parser)


def main(args: argparse.Namespace) -> int:
    """Say that the recipe is sound; every fault ends the command."""
    recipe, composed, _ = recipe_of(args)
    for note in composed.notes:
        print(f"note: {note}")
    waiting = [c.group for c in recipe.components() if c.name == "auto"]
    print(f"the recipe {recipe.name!r} is sound")
    if waiting:
        print(f"left to the data: {', '.join(waiting)}")
    return 0
