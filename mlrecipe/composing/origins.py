"""Where each value of a recipe came from: a default, a file and line, the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.types import RunMode

from mlrecipe.composing.overrides import COMMAND_LINE
from mlrecipe.composing.sources import Catalogue
from mlrecipe.composing.yaml_lines import line_numbers
from mlrecipe.interfaces import GROUPS

DEFAULT = "the default of"

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.types import Override


class Origins(Mapping[str, str]):
    """Dotted key -> where its value came from; worked out when it is first asked for.

    Most recipes have no fault, and then nobody asks.

    Args:
        lines: the overrides that were composed.
        loader: Hydra's, which composed them.
        parsed: the same overrides, parsed.
    """

    def __init__(
        self, lines: list[str], loader: ConfigLoaderImpl, parsed: Sequence[Override]
    ) -> None:
        self._asked = lines, loader, parsed

    def __getitem__(self, key: str) -> str:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, str]:
        lines, loader, parsed = self._asked
        found: dict[str, str] = {}
        for entry in loader.compute_defaults_list("config", lines, RunMode.RUN).defaults:
            if not str(entry.config_path).startswith("hydra"):
                found |= _of_file_or_component(entry, loader)
        for override in parsed:
            _override(found, override)
        return found


def _of_file_or_component(entry: Any, loader: ConfigLoaderImpl) -> dict[str, str]:
    """Return the origins of what one entry of the defaults list brings in."""
    config_path = str(entry.config_path)
    package = "" if entry.package in (None, "", "_global_", "<root>") else f"{entry.package}."
    path = file_of(config_path, loader)
    if path is not None:
        return {f"{package}{key}": f"{path}:{line}" for key, line in line_numbers(path).items()}
    group, _, name = config_path.rpartition("/")
    known = Catalogue.instance().groups.get(group, {}).get(name)
    keys = _keys(known.defaults) if known else ()
    return {f"{package}{key}": f"{DEFAULT} {group}={name}" for key in keys}


def _override(found: dict[str, str], override: Override) -> None:
    """Let an override be the origin of its key, and of those below it."""
    key = str(override.key_or_group)
    found[key] = COMMAND_LINE
    for below in [k for k in found if k.startswith(f"{key}.")]:
        if key in GROUPS and not found[below].startswith(DEFAULT):
            continue  # a file's setting stays a file's, whichever option is chosen
        found[below] = f"{COMMAND_LINE} ({key}={override.value()})"
    if key not in GROUPS and isinstance(value := override.value(), Mapping):
        found |= {f"{key}.{below}": COMMAND_LINE for below in _keys(value)}


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
