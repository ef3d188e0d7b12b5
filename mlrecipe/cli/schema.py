"""``mlrecipe schema``: a JSON schema of recipes, for editors."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from mlrecipe.cli.common import add_plugin, registry_of

if TYPE_CHECKING:
    from mlrecipe.registry import Registry


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_plugin(parser)


def main(args: argparse.Namespace) -> int:
    """Print the schema; an editor finds it by ``# yaml-language-server: $schema=FILE``."""
    print(json.dumps(recipe_schema(registry_of(args)), indent=2))
    return 0


def recipe_schema(registry: Registry) -> dict[str, Any]:
    """Return the JSON schema of a recipe file: every section, the fields of every component."""
    from mlrecipe.interfaces import GROUPS, MULTIPLE
    from mlrecipe.problem import Problem
    from mlrecipe.recipe import Workflow

    properties: dict[str, Any] = {
        "defaults": {
            "type": "array",
            "description": "Choices: - override /GROUP: OPTION",
            "items": {"anyOf": [{"const": "_self_"}, {"type": "object"}]},
        },
        "name": {"type": "string", "description": "Name of the recipe."},
        "problem": _settings(Problem.model_json_schema()),
        "workflow": _settings(Workflow.model_json_schema()),
    }
    for group, kind in GROUPS.items():
        options = {
            name: _settings(option.model_json_schema(), option.summary())
            for name, option in sorted(registry.components[group].items())
        }
        if group in MULTIPLE:
            body: dict[str, Any] = {"properties": options, "additionalProperties": False}
        else:
            body = {"anyOf": list(options.values())}
        properties[group] = {"type": "object", "description": kind.summary(), **body}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlrecipe recipe",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _settings(schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    """Return a section's schema for a recipe, which may leave out what others set."""
    body = {k: v for k, v in schema.items() if k != "required"}
    definitions = body.pop("$defs", {})
    text = json.dumps(body)
    for name, definition in definitions.items():
        plain = {k: v for k, v in definition.items() if k != "required"}
        text = text.replace(json.dumps({"$ref": f"#/$defs/{name}"})[1:-1], json.dumps(plain)[1:-1])
    inlined = dict(json.loads(text))
    if description:
        inlined["description"] = description
    return inlined
