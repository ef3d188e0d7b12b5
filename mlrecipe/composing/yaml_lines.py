"""YAML with file names and line numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader


def load_yaml(text: str, path: Path) -> Any:
    """Parse YAML as Hydra does, duplicate keys refused, with the file's name in the error."""
    loader = get_yaml_loader()(text)
    loader.name = str(path)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def is_blank(path: Path) -> bool:
    """Return whether a YAML file holds nothing but comments."""
    return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader) is None


def line_numbers(path: Path) -> dict[str, int]:
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
