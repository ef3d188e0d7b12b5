"""The existing solution's answers, in the form of a model's outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.expressions import parse_expression
from mlrecipe.expressions.frames import evaluate, series_of
from mlrecipe.interfaces import Array

LabelOutputs = Mapping[str, Array]
"""A label, written as text -> its encoded target (outputs,); empty for a regression."""


def label_outputs(frame: pd.DataFrame, y: Array, target: str) -> LabelOutputs:
    """Return how each label of a target column is encoded, told from labelled rows.

    Args:
        frame: raw rows with the target column.
        y: the same rows encoded, float32 (rows, outputs).
        target: the target column.
    """
    classes = bool(np.isin(y, (0.0, 1.0)).all())
    one_label = y.shape[1] == 1 or bool((y.sum(axis=1) == 1).all())
    if target not in frame.columns or not (classes and one_label):
        return {}
    first = ~frame[target].astype(object).duplicated().to_numpy()
    values = frame[target].tolist()
    return {as_text(values[i]): y[i] for i in np.flatnonzero(first)}


def outputs_of(
    rule: str, column: str, frame: pd.DataFrame, labels: LabelOutputs, width: int
) -> Array:
    """Return float32 outputs (rows, width); NaN in rows for which there is no answer.

    Truths stand for the positive class (a width of 1); texts and numbers for labels; for one
    output, numbers that are no labels are taken as they are: as a probability or as the answer.
    """
    if rule:
        values = evaluate(parse_expression(rule), frame)
        answers, truths = series_of(values, frame.index), values.kind == "truth"
    else:
        answers, truths = frame[column].astype(object), False
    outputs = np.full((len(frame), width), np.nan, dtype=np.float32)
    if truths and width == 1 and labels:
        known = answers.notna().to_numpy()
        outputs[known, 0] = answers[known].astype(bool).to_numpy()
        return outputs
    texts = answers.map(as_text, na_action="ignore")
    numbers = pd.to_numeric(answers, errors="coerce") if width == 1 else None
    for value in texts.dropna().unique():
        if value in labels:
            outputs[(texts == value).to_numpy()] = labels[value]
    if numbers is not None and _are_outputs(numbers, labels, texts):
        outputs[:, 0] = numbers.to_numpy(dtype=np.float32, na_value=np.nan)
    elif width == 1 and labels and not any(v in labels for v in texts.dropna().unique()):
        outputs[:, 0] = _of_booleans(answers)
    return outputs


def _are_outputs(numbers: pd.Series, labels: LabelOutputs, texts: pd.Series) -> bool:
    """Return whether numbers are the answer themselves: a regression's, or probabilities."""
    known = numbers.dropna()
    if not len(known) or numbers.isna().sum() > texts.isna().sum():
        return False
    if not labels:
        return True
    return not set(texts.dropna()) <= set(labels) and bool(known.between(0, 1).all())


def _of_booleans(answers: pd.Series) -> Array:
    """Return 1 for true and 0 for false, also as people write them; NaN for anything else."""
    words = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
    return answers.map(lambda v: words.get(as_text(v).lower(), np.nan)).to_numpy(dtype=np.float32)


def as_text(value: Any) -> str:
    """Return a label as text, so that 1, 1.0 and "1" are one label, and True and "true"."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)
