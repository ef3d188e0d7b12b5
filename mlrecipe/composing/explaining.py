"""Says in our own words what Hydra or YAML could not make sense of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import yaml
from hydra.errors import ConfigCompositionException, HydraException
from omegaconf.errors import OmegaConfBaseException

from mlrecipe.composing.origins import file_of
from mlrecipe.composing.overrides import unknown_option
from mlrecipe.errors import Fault, RecipeError

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl


@contextmanager
def explained_composition(loader: ConfigLoaderImpl, recipe: str) -> Iterator[None]:
    """Turn Hydra's and YAML's complaints into faults with a place and a near name."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        raise RecipeError([_yaml_fault(error, loader)]) from error
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
    missing = getattr(error, "missing_cfg_file", None)
    if isinstance(missing, str) and "/" in missing:
        group, _, name = missing.rpartition("/")
        origin = _defaults_line(name, loader, f"recipe/{recipe}", "config")
        return unknown_option(group, name, loader.get_group_options(group), origin)
    if isinstance(error, ConfigCompositionException) and error.__cause__ is not None:
        cause = error.__cause__
        key = str(getattr(cause, "full_key", "") or "")
        return Fault(key or "recipe", str(error).partition("\n")[0], expected=first_line(cause))
    key = str(getattr(error, "full_key", "") or "recipe")
    return Fault(key, first_line(error))


def first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _defaults_line(name: str, loader: ConfigLoaderImpl, *config_paths: str) -> str:
    """Return file and line of the defaults list that names an unknown option."""
    for config_path in config_paths:
        path = file_of(config_path, loader)
        lines = path.read_text(encoding="utf-8").splitlines() if path else []
        for number, line in enumerate(lines, 1):
            if re.search(rf"\b{re.escape(name)}\b", line):
                return f"{path}:{number}"
    return ""
