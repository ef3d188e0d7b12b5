"""``mlrecipe new``: draft a recipe from a data file, for the user to edit."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import Source

LOOKED_AT = 100_000
"""Rows that the draft is inferred from."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="the data file: .csv or .parquet")
    parser.add_argument("--target", action="append", required=True, help="column to predict")
    parser.add_argument("--out", type=Path, help="the recipe file; by default NAME.yaml")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def main(args: argparse.Namespace) -> int:
    """Infer columns, kinds and task; write a recipe that says why."""
    from mlrecipe.data.inference import infer_column
    from mlrecipe.data.table_schema import named_columns
    from mlrecipe.errors import MlrecipeError
    from mlrecipe.files import explained_io, write_text

    source = _source(args.data)
    frame = next(source.chunks()).head(LOOKED_AT)
    targets = named_columns(tuple(args.target), frame, "--target")
    columns = {str(name): infer_column(frame[name]) for name in frame.columns}
    out = args.out or Path(f"{args.data.name.partition('.')[0]}.yaml")
    if out.exists() and not args.force:
        raise MlrecipeError(f"{out} exists already", where="--out", fix="--force overwrites it")
    with explained_io(out):
        write_text(out, _draft(source, frame, columns, targets))
    print(f"drafted {out}: edit it, then")
    print(f"  mlrecipe check recipe={out}")
    print(f"  mlrecipe run recipe={out}")
    return 0


def _source(path: Path) -> Source:
    from mlrecipe.components.source.csv import CSV
    from mlrecipe.components.source.parquet import Parquet

    kind = Parquet if path.suffix == ".parquet" else CSV
    return kind(path=str(path))


def _draft(
    source: Source, frame: pd.DataFrame, columns: dict[str, Column], targets: tuple[str, ...]
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
        "source:",
        f"  path: {json.dumps(str(Path(source.path).resolve()))}",  # type: ignore[attr-defined]
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
        "  kinds:  # numeric, boolean and categorical columns are read by the model",
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
