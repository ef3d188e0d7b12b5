"""Writes docs/reference from the code: python docs/generate_reference.py"""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from mlrecipe.cli import COMMANDS
from mlrecipe.cli.options import type_in_words
from mlrecipe.component import Section, settings_of
from mlrecipe.interfaces import GROUPS, MULTIPLE
from mlrecipe.problem import Constraints, Costs, Ethics, Existing, Problem
from mlrecipe.recipe import Workflow
from mlrecipe.registry import load_registry

FOLDER = Path(__file__).parent / "reference"


def pages() -> dict[str, str]:
    """Return every reference page by its file name."""
    return {"sections.md": _sections(), "components.md": _components(), "commands.md": _commands()}


def _sections() -> str:
    parts = [
        "# Sections of a recipe\n",
        "Generated; what a recipe says besides components.\n",
    ]
    named = (
        ("problem", Problem),
        ("problem.costs", Costs),
        ("problem.existing", Existing),
        ("problem.constraints", Constraints),
        ("problem.ethics", Ethics),
        ("workflow", Workflow),
    )
    for name, section in named:
        parts.append(f"## `{name}`\n\n{_summary(section)}\n\n{_fields(section, below=False)}")
    return "\n".join(parts)


def _components() -> str:
    registry = load_registry()
    parts = ["# Components\n", "Generated; the options of every group. `GROUP=NAME` chooses one.\n"]
    for group, kind in GROUPS.items():
        several = " A recipe takes several: `" + group + "=[…]`." if group in MULTIPLE else ""
        parts.append(f"## {group}\n\n{kind.summary()}{several}\n")
        for name, option in sorted(registry.components[group].items()):
            if str(registry.provider(option)).startswith("mlrecipe "):
                parts.append(f"### `{group}={name}`\n\n{_summary(option)}\n\n{_fields(option)}")
    return "\n".join(parts)


def _summary(section: type[Section]) -> str:
    return (section.__doc__ or "").partition("\n")[0]


def _fields(section: type[Section], *, below: bool = True) -> str:
    """Return a table of the settings; of sections below too, unless they have their own tables."""
    if not section.model_fields:
        return "No settings.\n"
    rows = ["| key | type | default | |", "| --- | --- | --- | --- |"]
    fields = section.model_fields.items()
    plain = [(k, f, None if f.is_required() else f.get_default()) for k, f in fields]
    for name, info, value in settings_of(section) if below else plain:
        default = "mandatory" if info.is_required() else f"`{_plain(value)}`"
        kind = type_in_words(info.annotation).replace("|", "or")
        rows.append(f"| `{name}` | {kind} | {default} | {info.description} |")
    return "\n".join(rows) + "\n"


def _plain(value: Any) -> str:
    if isinstance(value, Section):
        value = value.model_dump()
    return json.dumps(value, ensure_ascii=False)


def _commands() -> str:
    parts = ["# Commands\n", "Generated from `mlrecipe COMMAND --help`.\n"]
    for name, what in COMMANDS.items():
        module = importlib.import_module(f"mlrecipe.cli.{name}")
        parser = argparse.ArgumentParser(prog=f"mlrecipe {name}", add_help=False)
        module.configure(parser)
        rows = []
        for action in parser._actions:
            if action.help == argparse.SUPPRESS:
                continue
            label = ", ".join(action.option_strings) or action.metavar or action.dest
            value = f" {action.metavar or action.dest.upper()}"
            takes = action.nargs != 0 and bool(action.option_strings)
            rows.append(f"| `{label}{value if takes else ''}` | {action.help} |")
        table = "\n".join(["| argument | |", "| --- | --- |", *rows])
        note = f"\n{parser.epilog}\n" if parser.epilog else ""
        parts.append(f"## `mlrecipe {name}`\n\n{what[0].upper()}{what[1:]}.\n\n{table}\n{note}")
    return "\n".join(parts)


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
