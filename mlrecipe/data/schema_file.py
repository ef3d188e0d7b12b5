"""A schema as a YAML file that people read, edit and give to the next run."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mlrecipe.data.declaration import DeclaredColumn
from mlrecipe.errors import Fault, MlrecipeError, RecipeError

HEAD = """\
# The columns of the table, as inferred from the rows. Copy this file, correct it, and use it:
#   mlrecipe run … schema=file schema.path=schema.yaml
# For each column: kind, type, nullable, unique, minimum, maximum, values (the only allowed ones),
#   available (is it known, in the same form, when a prediction is asked for? true or false),
#   policy (fail, drop_row or set_missing: what becomes of rows that break a rule), description.
"""


def read_schema_file(path: Path) -> dict[str, DeclaredColumn]:
    """Return the declared columns of a file.

    Raises:
        MlrecipeError: when it is missing or no YAML.
        RecipeError: naming every fault in it with its line.
    """
    root = _compose(path)
    if not isinstance(root, yaml.MappingNode):
        raise MlrecipeError("the file declares no columns", where=str(path), expected="columns: …")
    parts = {str(key.value): (key, value) for key, value in root.value}
    columns = parts.get("columns", (None, None))[1]
    faults = [_unknown(path, key, ["columns"]) for key, _ in root.value if key.value != "columns"]
    if not isinstance(columns, yaml.MappingNode):
        raise MlrecipeError(
            "the file declares no columns",
            where=str(path),
            expected="columns: a mapping of column -> kind and limits",
        )
    declared: dict[str, DeclaredColumn] = {}
    for key, node in columns.value:
        if key.value in declared:
            faults.append(Fault(f"columns.{key.value}", "is declared twice", _origin(path, key)))
        _column(path, key, node, declared, faults)
    if faults:
        raise RecipeError(faults, path.name)
    return declared


def _compose(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MlrecipeError(f"the schema is no YAML: {error}", where=str(path)) from None


def _column(
    path: Path,
    key: yaml.Node,
    node: yaml.Node,
    declared: dict[str, DeclaredColumn],
    faults: list[Fault],
) -> None:
    """Read one column into ``declared``, or its faults into ``faults``."""
    name = str(key.value)
    if not isinstance(node, yaml.MappingNode):
        faults.append(Fault(f"columns.{name}", "is no mapping", _origin(path, key), "kind: …"))
        return
    known = list(DeclaredColumn.model_fields)
    keys = {str(k.value): k for k, _ in node.value}
    unknown = [k for k in keys if k not in known]
    faults.extend(_unknown(path, keys[k], known, f"columns.{name}.") for k in unknown)
    value: dict[str, Any] = yaml.SafeLoader("").construct_document(node)
    settings = {k: v for k, v in value.items() if k not in unknown}
    # YAML reads 2021-03-04 as a date: a value of a column is what is written in a request.
    if isinstance(settings.get("values"), list):
        settings["values"] = [
            v if isinstance(v, str | int | float | bool) else str(v) for v in settings["values"]
        ]
    try:
        declared[name] = DeclaredColumn.model_validate(settings)
    except ValidationError as error:
        for item in error.errors():
            part = str(item["loc"][0]) if item["loc"] else ""
            message = str(item["msg"]).removeprefix("Input ").removeprefix("Value error, ")
            faults.append(
                Fault(
                    f"columns.{name}" + (f".{part}" if part else ""),
                    "the value does not fit" if item["type"] != "missing" else "a value is missing",
                    _origin(path, keys.get(part, key)),
                    expected=message,
                    received="" if item["type"] == "missing" else repr(item["input"])[:80],
                )
            )


def _unknown(path: Path, key: yaml.Node, known: list[str], prefix: str = "") -> Fault:
    close = difflib.get_close_matches(str(key.value), known, n=1)
    return Fault(
        f"{prefix}{key.value}",
        "there is no such key",
        _origin(path, key),
        expected=f"one of {', '.join(known)}",
        nearest=close[0] if close else "",
    )


def _origin(path: Path, node: yaml.Node) -> str:
    return f"{path}:{node.start_mark.line + 1}"


def write_schema_file(columns: dict[str, tuple[DeclaredColumn, str]]) -> str:
    """Return the YAML of column -> declaration and comment; defaults are left out."""
    lines = [HEAD, "columns:"]
    for name, (column, comment) in columns.items():
        lines.append(f"  {_scalar(name)}:" + (f"  # {_one_line(comment)}" if comment else ""))
        settings = column.model_dump(mode="json", exclude_defaults=True)
        lines.extend(f"    {key}: {_scalar(value)}" for key, value in settings.items())
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """Return a text that ends no comment: values come from data that nobody has vetted."""
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))[:200]


def _scalar(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return str(text).removesuffix("\n").removesuffix("\n...")
