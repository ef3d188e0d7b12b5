"""``mlrecipe new``: draft a recipe from a data file, for the user to edit."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.component import Choice
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Source

LOOKED_AT = 100_000
"""Rows that the draft is inferred from."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "data", help="a file (.csv, .jsonl, .parquet, .npz …, also compressed), folder or address"
    )
    parser.add_argument("--target", action="append", required=True, help="column to predict")
    parser.add_argument("--out", type=Path, help="the recipe file; by default NAME.yaml")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def main(args: argparse.Namespace) -> int:
    """Infer columns, kinds and task; write a recipe that says why."""
    from mlrecipe.data.inference import infer_columns
    from mlrecipe.data.table_schema import named_columns
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.files import explained_io, write_text
    from mlrecipe.reading.choosing import source_of

    source = source_of(args.data)
    found = source.discover()
    if found is not None:
        source = source.model_copy(update=dict(found.fields))
    frame = next(source.chunks()).head(LOOKED_AT)
    targets = named_columns(tuple(args.target), frame, "--target")
    columns = infer_columns(frame)
    out = args.out or Path(f"{Path(args.data).name.partition('.')[0] or 'recipe'}.yaml")
    if out.exists() and not args.force:
        raise MlrecipeError(f"{out} exists already", where="--out", fix="--force overwrites it")
    with explained_io(out, run=False):
        write_text(out, _draft(source, found, frame, columns, targets))
    print(f"drafted {out}: edit it, then")
    print(f"  mlrecipe check recipe={out}")
    print(f"  mlrecipe run recipe={out}")
    return 0


def _source_section(source: Source, found: Choice | None) -> list[str]:
    """Return the source's settings; what was told from the data has its reason behind it.

    The types of columns are left out: they are told from all rows whenever the data is read.
    """
    import json

    settings = source.model_dump(mode="json", exclude_defaults=True)
    path = settings.get("path")
    if isinstance(path, str):
        settings["path"] = str(Path(path).expanduser().resolve())
    reasons = {} if found is None else found.reasons
    lines = ["source:"]
    for name, value in settings.items():
        if name == "types":
            continue
        if name == "options":
            value = {k: v for k, v in value.items() if k != "types"}
        why = f"  # {' '.join(reasons[name].split())}" if reasons.get(name) else ""
        lines.append(f"  {name}: {json.dumps(value, ensure_ascii=False)}{why}")
    if reasons.get("types"):
        lines.append(f"  # {' '.join(reasons['types'].split())}")
    return lines


def _draft(
    source: Source,
    found: Choice | None,
    frame: pd.DataFrame,
    columns: dict[str, Column],
    targets: tuple[str, ...],
) -> str:
    """Return the recipe as YAML, with the reasons in comments."""
    import json

    task, reason = _task(frame, targets)
    quoted = [json.dumps(name, ensure_ascii=False) for name in targets]
    lines = [
        "# @package _global_",
        f"# Drafted from {len(frame)} rows. What you delete is inferred anew.",
        "defaults:",
        f"  - override /source: {source.name}",
        f"  - override /task: {task}  # {reason}",
        "",
        *_source_section(source, found),
        "",
        "problem:",
        "  question: What is to be known, in one sentence?",
        f"  target: [{', '.join(quoted)}]",
        "  unit: case  # what one row stands for",
        '  used_by: ""  # who uses the answer, for which decision?',
        "  volume_per_day: null  # how many cases a day?",
        "  costs: {false_positive: 1, false_negative: 1}  # of a false alarm, of a missed case",
        "  not_in_production: []  # columns that are not known yet when the answer is needed",
        *_questions(),
        '  intended_use: ""',
        '  limits: ""',
        "",
        "schema:",
        "  kinds:  # what each column means; the model reads no identifier and no constant",
    ]
    kinds = [(name, column) for name, column in columns.items() if name not in targets]
    for name, column in kinds:
        key, why = json.dumps(name, ensure_ascii=False), column.reason
        if column.kind == "constant":
            lines.append(f"    # {key}: constant, so left out")
        else:
            lines.append(f"    {key}: {column.kind}  # {why}")
    if not any(column.kind != "constant" for _, column in kinds):
        lines[-len(kinds) - 1] = "  kinds: {}"
    return "\n".join(lines) + "\n"


def _questions() -> list[str]:
    """Return the rest of the framing, commented out: what is done today, ethics, limits."""
    from mlrecipe.problem import Ethics
    from mlrecipe.recipe.ethics_rules import QUESTIONS

    asked = [f'  #   {name}: ""  # {Ethics.model_fields[name].description}' for name in QUESTIONS]
    return [
        "  # existing:  # what is done today; a rule over columns, or the column with the decision",
        "  #   rule: amount > 500 and not known",
        "  # constraints: {connectivity: reliable, latency_ms: null, decryptable_on_server: true}",
        "  subject: null  # people or things? about people, a run asks for these answers:",
        "  # ethics:",
        *asked,
        "  # groups: []  # columns whose groups get metrics of their own",
        "  # life_span_days: 365  # when is the model due for replacement?",
    ]


def _task(frame: pd.DataFrame, targets: tuple[str, ...]) -> tuple[str, str]:
    """Return the task and the reason, as ``task=auto`` would settle it."""
    from mlrecipe.components.task.auto import Auto
    from mlrecipe.data.facts import facts_of
    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.problem import Problem

    problem = Problem(question="?", target=targets)
    schema = TableSchema(columns={}, targets=targets, inputs=())
    labelled = frame.dropna(subset=list(targets))
    (choice,) = Auto().resolve(facts_of(labelled, schema, problem))
    return choice.name, choice.reason
