"""Overrides in Hydra's grammar, brought into the form in which our own check sees every typo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from mlrecipe.errors import Fault, RecipeError, masked, nearest
from mlrecipe.interfaces import GROUPS
from mlrecipe.registry import how_to_provide

if TYPE_CHECKING:
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.types import Override

COMMAND_LINE = "the command line"


@dataclass(frozen=True)
class Prepared:
    """Overrides, parsed, and the folder of a recipe that was given as a file."""

    parsed: list[Override]
    recipe_folder: Path | None

    @property
    def lines(self) -> list[str]:
        return [str(o.input_line) for o in self.parsed]


def prepare_overrides(overrides: Sequence[str]) -> Prepared:
    """Parse overrides and bring them into the form in which our own check sees every typo.

    A value override becomes ``++key=value``: Hydra lets it pass, so that one message can name all
    faults. ``recipe=path/to/file.yaml`` becomes the recipe's name, with its folder to search.

    Raises:
        RecipeError: for overrides that Hydra's grammar refuses.
    """
    parser = OverridesParser.create()
    folder: Path | None = None
    lines: list[str] = []
    faults: list[Fault] = []
    for line in overrides:
        if line.startswith("recipe=") and (path := _recipe_file(line)):
            folder, line = path.parent.resolve(), f"recipe={path.stem}"
        if masked(line) != line:
            faults.append(_secret_fault(line))  # Hydra keeps a sweep's overrides in a file
            continue
        try:
            parsed = parser.parse_override(line)
        except HydraException as error:
            faults.append(_syntax_fault(line, error))
            continue
        key = str(parsed.key_or_group).partition("@")[0]
        is_group = key in GROUPS or key == "recipe" or key.startswith("hydra")
        plain = not (is_group or parsed.is_delete() or parsed.is_force_add())
        lines.append(f"++{line.lstrip('+')}" if plain else line)
    if faults:
        raise RecipeError(faults)
    return Prepared(parser.parse_overrides(lines), folder)


def first_job(overrides: Sequence[str]) -> list[str]:
    """Return the overrides of a sweep's first job; what only a sweeper can expand is left out."""
    parser = OverridesParser.create()
    lines = []
    for line in overrides:
        override = parser.parse_override(line)
        if not override.is_sweep_override():
            lines.append(line)
        elif override.is_discrete_sweep():
            lines.append(f"{line.partition('=')[0]}={next(override.sweep_string_iterator())}")
    return lines


def _recipe_file(line: str) -> Path | None:
    text = line.removeprefix("recipe=").strip("'\"")
    if not text.endswith((".yaml", ".yml")):
        return None
    path = Path(text)
    if not path.is_file():
        raise RecipeError(
            [Fault("recipe", f"there is no file {text}", COMMAND_LINE, "a recipe's name or file")]
        )
    return path


def _secret_fault(line: str) -> Fault:
    return Fault(
        line.partition("=")[0],
        "the value holds a password or a token",
        COMMAND_LINE,
        expected="$NAME in its place, and the environment variable NAME set",
        received="not shown, because it holds a secret",
        fix="put the address in single quotes, so that the shell leaves $NAME alone",
    )


def _syntax_fault(line: str, error: Exception) -> Fault:
    if "=" not in line:
        return Fault(
            line,
            "this is no override",
            COMMAND_LINE,
            expected="key=value",
            fix=f"say which key: recipe={line}" if re.fullmatch(r"\w+", line) else "",
        )
    reason = str(error).partition("\n")[0]
    return Fault(
        line.partition("=")[0],
        f"Hydra's grammar refuses this override: {reason}",
        COMMAND_LINE,
        received=line,
        fix="quote special characters, in the shell and in Hydra: 'key=\"a,b\"'",
    )


def _options_chosen(override: Override) -> list[str]:
    value = override.value()
    if value is None or override.is_delete():
        return []
    if override.is_sweep_override():
        return [str(v) for v in override.sweep_string_iterator()] if _is_simple(override) else []
    return [str(v) for v in (value if isinstance(value, list) else [value])]


def _is_simple(override: Override) -> bool:
    return bool(override.is_choice_sweep()) and not any(
        str(v).startswith("[") for v in override.sweep_string_iterator()
    )


def names_unknown_option(override: Override, loader: ConfigLoaderImpl) -> bool:
    return bool(refuse_unknown_options([override], loader))


def refuse_unknown_options(parsed: Sequence[Override], loader: ConfigLoaderImpl) -> list[Fault]:
    """Return a fault for each group override that names an option which does not exist."""
    faults = []
    for override in parsed:
        group = str(override.key_or_group).partition("@")[0]
        if group not in (*GROUPS, "recipe"):
            continue
        options = loader.get_group_options(group)
        for name in _options_chosen(override):
            if name not in options:
                faults.append(unknown_option(group, name, options, COMMAND_LINE))
    return faults


def unknown_option(group: str, name: str, options: Sequence[str], origin: str) -> Fault:
    """Say that there is no such option, which one is near, or how a known one would be had."""
    if how_to_provide(group, name):
        return Fault(
            group,
            f"no installed plugin provides {group}={name}",
            origin,
            expected=f"one of {', '.join(sorted(options))}",
            fix=how_to_provide(group, name),
        )
    return Fault(
        group,
        f"there is no {group} named {name!r}",
        origin,
        expected=f"one of {', '.join(sorted(options))}",
        nearest=nearest(name, options),
        fix=""
        if nearest(name, options)
        else "if a plugin package brings it, install that; `mlrecipe plugins` lists what is there",
    )
