"""Says in our own words what Hydra or YAML could not make sense of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from hydra.errors import ConfigCompositionException, HydraException
from omegaconf.errors import OmegaConfBaseException

from mlrecipe.composing.origins import file_of
from mlrecipe.composing.overrides import COMMAND_LINE, unknown_option
from mlrecipe.composing.yaml_lines import is_blank, line_numbers
from mlrecipe.errors import Fault, RecipeError, nearest
from mlrecipe.interfaces import GROUPS

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from omegaconf import DictConfig


@contextmanager
def explained_composition(loader: ConfigLoaderImpl, recipe: str) -> Iterator[None]:
    """Turn Hydra's and YAML's complaints into faults with a place and a near name."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        raise RecipeError([_yaml_fault(error, loader)]) from error
    except (UnicodeDecodeError, yaml.reader.ReaderError) as error:
        raise RecipeError([_unreadable(error, loader)]) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise RecipeError([_composition_fault(error, loader, recipe)]) from error


def _yaml_fault(error: yaml.MarkedYAMLError, loader: ConfigLoaderImpl) -> Fault:
    mark = error.problem_mark or error.context_mark
    place = f"{mark.name}:{mark.line + 1}:{mark.column + 1}" if mark else ""
    return Fault(
        "recipe",
        f"the file is no YAML: {error.problem or error.context}",
        place,
        fix="look at the line named, and the one above it",
    )


def _composition_fault(error: Exception, loader: ConfigLoaderImpl, recipe: str) -> Fault:
    message = str(error)
    inside = re.search(r"In '([^']+)'", message)
    places = (*([inside[1]] if inside else []), f"recipe/{recipe}", "config")
    missing = getattr(error, "missing_cfg_file", None)
    if isinstance(missing, str) and "/" in missing:
        group, _, name = missing.rpartition("/")
        origin = _defaults_line(name, loader, *places)
        return unknown_option(group, name, loader.get_group_options(group), origin)
    if found := re.search(r"Could not override '((?!hydra)[^'@]+)(@recipe\.)?", message):
        origin = _defaults_line(found[1], loader, *places)
        return _misplaced(origin) if found[2] else _unknown_group(found[1], origin)
    if found := re.search(r"Ambiguous value for argument '\+*([^=]+)=(.*)'", message):
        return _several_values(found[1], found[2])
    cause = error
    if isinstance(error, ConfigCompositionException) and isinstance(error.__cause__, Exception):
        cause = error.__cause__
    key = str(getattr(cause, "full_key", "") or "recipe")
    return Fault(
        key,
        first_line(error) or "the value is malformed",
        origin=_key_line(key, loader, *places),
        expected=first_line(cause) if cause is not error else "",
    )


def _unknown_group(group: str, origin: str) -> Fault:
    return Fault(
        group,
        "the defaults list overrides a group that does not exist",
        origin,
        expected=f"one of {', '.join(GROUPS)}",
        nearest=nearest(group.strip("/"), GROUPS),
    )


def _several_values(key: str, received: str) -> Fault:
    return Fault(
        key,
        "one run takes one value",
        COMMAND_LINE,
        received=received,
        fix=f"for a sweep: mlrecipe run -m; for a list: '{key}=[{received}]'; "
        f"for a text with a comma: '{key}=\"{received}\"'",
    )


def _misplaced(origin: str) -> Fault:
    return Fault(
        "recipe",
        "the file's keys land below the key 'recipe' instead of at the top",
        origin,
        fix="make this its first line: # @package _global_",
    )


def refuse_faulty_recipe_file(config: DictConfig, loader: ConfigLoaderImpl) -> None:
    """Raise a `RecipeError` when the recipe's file is empty, or its keys are not the top ones."""
    name = str(config.hydra.runtime.choices.get("recipe") or "")
    path = file_of(f"recipe/{name}", loader)
    if path is None:
        return
    if not line_numbers(path):
        problem = "is empty" if is_blank(path) else "is no mapping of keys to values"
        fault = Fault("recipe", f"the recipe file {problem}", str(path), "a recipe")
        raise RecipeError([fault], name)
    if any(_defines(path, key) for key in config.get("recipe") or ()):
        raise RecipeError([_misplaced(f"{path}:1")], name)


def _defines(path: Path, key: object) -> bool:
    return str(key) in line_numbers(path)


def _unreadable(error: Exception, loader: ConfigLoaderImpl) -> Fault:
    """Name the file that is no text: Hydra's error does not."""
    roots = [str(e.path).partition("://")[2] for e in loader.get_search_path().get_path()]
    files = [file for root in roots if root for file in sorted(Path(root).rglob("*.yaml"))]
    return Fault(
        "recipe",
        f"the file is no text: {first_line(error)}",
        origin=next((str(file) for file in files if not _is_text(file)), ""),
        expected="YAML, written in UTF-8",
        fix="save the file as UTF-8",
    )


def _is_text(file: Path) -> bool:
    try:
        yaml.SafeLoader(file.read_text(encoding="utf-8")).dispose()
    except (UnicodeDecodeError, yaml.reader.ReaderError):
        return False
    except OSError:
        return True
    return True


def first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _key_line(key: str, loader: ConfigLoaderImpl, *config_paths: str) -> str:
    """Return file and line of the first file that sets a key."""
    for path in filter(None, (file_of(name, loader) for name in config_paths)):
        if key in (lines := line_numbers(path)):
            return f"{path}:{lines[key]}"
    return ""


def _defaults_line(name: str, loader: ConfigLoaderImpl, *config_paths: str) -> str:
    """Return file and line of the defaults list that names an unknown option."""
    for config_path in config_paths:
        path = file_of(config_path, loader)
        lines = path.read_text(encoding="utf-8").splitlines() if path else []
        for number, line in enumerate(lines, 1):
            if re.search(rf"\b{re.escape(name)}\b", line):
                return f"{path}:{number}"
    return ""
