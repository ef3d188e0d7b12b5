"""Where each value of a recipe came from: a default, a file and line, the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlrecipe.composing.overrides import COMMAND_LINE
from mlrecipe.composing.sources import Catalogue
from mlrecipe.composing.yaml_lines import line_numbers
from mlrecipe.interfaces import GROUPS

DEFAULT = "the default of"

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.types import Override


def find_origins(
    defaults: Sequence[Any], loader: ConfigLoaderImpl, parsed: Sequence[Override]
) -> tuple[dict[str, str], Path | None]:
    """Return where each value came from, and the chosen recipe's file when it is empty."""
    found: dict[str, str] = {}
    empty: Path | None = None
    for entry in defaults:
        config_path = str(entry.config_path)
        if config_path.startswith("hydra"):
            continue
        path = file_of(config_path, loader)
        package = "" if entry.package in (None, "", "_global_", "<root>") else str(entry.package)
        if path is None:
            group, _, name = config_path.rpartition("/")
            entry = Catalogue.instance().groups.get(group, {}).get(name)
            for key in _keys(entry.defaults) if entry else ():
                found[f"{package}.{key}"] = f"{DEFAULT} {group}={name}"
            continue
        lines = line_numbers(path)
        if not lines and config_path.startswith("recipe/"):
            empty = path
        for key, line in lines.items():
            found[f"{package}.{key}" if package else key] = f"{path}:{line}"
    for override in parsed:
        key = str(override.key_or_group)
        found[key] = COMMAND_LINE
        for below in [k for k in found if k.startswith(f"{key}.")]:
            if key in GROUPS and not found[below].startswith(DEFAULT):
                continue  # a file's setting stays a file's, whichever option is chosen
            found[below] = f"{COMMAND_LINE} ({key}={override.value()})"
        if key not in GROUPS and isinstance(value := override.value(), Mapping):
            found |= {f"{key}.{below}": COMMAND_LINE for below in _keys(value)}
    return found, empty


def _keys(node: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the dotted keys of a mapping and of those below it."""
    for key, value in node.items():
        name = str(getattr(key, "text", key))
        yield name
        if isinstance(value, Mapping):
            yield from (f"{name}.{below}" for below in _keys(value))


def file_of(config_path: str, loader: ConfigLoaderImpl) -> Path | None:
    """Return the YAML file behind a config path, or None for a stored component."""
    for element in loader.get_search_path().get_path():
        head, separator, tail = str(element.path or "").partition("://")
        scheme, root = (head, tail) if separator else ("file", head)
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
