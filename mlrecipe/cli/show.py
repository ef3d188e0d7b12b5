"""``mlrecipe show``: the resolved recipe with the source of each value, and its steps."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlrecipe.cli.common import add_recipe, recipe_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_recipe(parser)


def main(args: argparse.Namespace) -> int:
    """Print every value with where it came from, then the steps."""
    from mlrecipe.workflow import steps_until

    recipe, composed, _ = recipe_of(args)
    lines = list(_lines(recipe.mapping()))
    width = min(60, max(len(text) for text, _ in lines))
    for text, path in lines:
        origin = composed.origins.get(path, "the default")
        print(text if text.endswith(":") else f"{text:<{width}}  # {origin}")
    print("\nsteps:")
    for step in steps_until(recipe.workflow.until):
        print(f"  {step.name:<11} {step.purpose}")
    for note in composed.notes:
        print(f"note: {note}")
    return 0


def _lines(mapping: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield a line of YAML for every key, with the key's dotted path."""
    for key, value in mapping.items():
        where = f"{path}.{key}" if path else key
        indent = "  " * where.count(".")
        if isinstance(value, Mapping) and value:
            yield f"{indent}{key}:", where
            yield from _lines(value, where)
        else:
            yield f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}", where
