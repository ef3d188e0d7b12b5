"""How well each column alone predicts the target, whatever kind of column it is.

The statistic is the predictive power score's idea (Wetschoreck, 2020) with a normalization that
does not depend on the class shares: out of fold, 2·AUC - 1 for classes (one against the rest,
averaged) and R² for numbers, both cut off at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlrecipe.data.table import SAMPLE_ROWS
from mlrecipe.data.table_schema import Column
from mlrecipe.exploration.memo import in_threads, once
from mlrecipe.exploration.single_feature import Labels, by_category, by_tree, by_words, token
from mlrecipe.interfaces import Array, Inspection

FEWEST_OF_A_CLASS = 50
"""Of every class at least so many rows are looked at, where there are as many."""


@dataclass(frozen=True)
class Power:
    """How well one column alone predicts the target.

    Attributes:
        column: its name.
        power: 0 (not at all) … 1 (entirely).
        by: what of it: its value, whether it is missing, one word in it …
        whole_text: whether a model read all of a text, which may well hold the answer.
    """

    column: str
    power: float
    by: str = "the value"
    whole_text: bool = False


def column_powers(data: Inspection) -> list[Power]:
    """Return the powers of every column but the targets, the greatest first.

    A column has several where there are several ways to read it. Computed once a table, on at most
    10,000 rows; of rare classes more are taken than by chance.
    """
    key = ("power", data.schema.model_dump_json(), data.task.name, data.seed)
    return once(data.table, key, lambda: _column_powers(data))


def best_powers(data: Inspection) -> dict[str, float]:
    """Return column -> its greatest power, in descending order."""
    best: dict[str, float] = {}
    for item in column_powers(data):
        best.setdefault(item.column, item.power)
    return best


def _column_powers(data: Inspection) -> list[Power]:
    rows = _rows(data)
    labels = [
        Labels.of(rows[name], classification=data.task.classification, seed=data.seed)
        for name in data.schema.targets
    ]
    usable = [item for item in labels if item is not None]
    names = [name for name in data.schema.columns if name not in data.schema.targets]

    def look(name: str) -> list[Power]:
        readings = list(_readings(rows[name], data.schema.columns[name]))
        return [
            Power(name, *max((measure(item) for item in usable), key=lambda pair: pair[0]), whole)
            for measure, whole in readings
        ]

    if not usable:
        return []
    found = [power for powers in in_threads(look, names) for power in powers]
    return sorted(found, key=lambda item: -item.power)


def _rows(data: Inspection) -> pd.DataFrame:
    if not data.task.classification or data.table.rows <= SAMPLE_ROWS:
        return data.table.sample(SAMPLE_ROWS, data.seed)
    classes = pd.factorize(data.table.column(data.schema.targets[0]))[0]
    draws = np.random.default_rng(data.seed)
    most = max(FEWEST_OF_A_CLASS, SAMPLE_ROWS // (int(classes.max()) + 1))
    order = draws.permutation(data.table.rows)
    rank = pd.Series(classes[order]).groupby(classes[order]).cumcount().to_numpy()
    return data.table.take(np.sort(order[rank < most]))


Measure = Callable[[Labels], tuple[float, str]]


def _readings(values: pd.Series, column: Column) -> Iterator[tuple[Measure, bool]]:
    """Yield the ways to read a column, and whether each reads a whole text."""
    missing = values.isna().to_numpy()
    if 0.001 <= missing.mean() <= 0.999:
        gaps = missing[:, None].astype(np.float64)
        yield lambda labels: (by_tree(gaps, labels), "the presence of a value"), False
    kind = column.kind
    if missing.all() or kind in ("image", "sequence"):
        return  # nothing there, or nothing that a tree could read
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        numbers = _filled(values.to_numpy(dtype=np.float64, na_value=np.nan)[:, None])
        yield lambda labels: (by_tree(numbers, labels), "the value"), False
    elif kind == "datetime":
        dates = _filled(_dates(values))
        yield lambda labels: (by_tree(dates, labels), "the date"), False
    elif kind == "text":
        texts = values.fillna("").astype(str).tolist()
        yield lambda labels: token(texts, labels), False
        yield lambda labels: (by_words(texts, labels), "all the words"), True
    else:
        codes = pd.factorize(values.astype(str), sort=True)[0] + 1  # 0: a missing value
        yield lambda labels: (by_category(codes, labels), "the category"), False
        if kind == "identifier":
            order = codes[:, None].astype(np.float64)
            yield lambda labels: (by_tree(order, labels), "the order of the values"), False
            shape = pd.factorize(values.astype(str).str.replace(r"\d+", "", regex=True))[0] + 1
            yield lambda labels: (by_category(shape, labels), "what is no digit"), False


def _dates(values: pd.Series) -> Array:
    """Return float64 (rows, 4): seconds, weekday, month, hour; NaN where it is no date."""
    dates = pd.to_datetime(values, errors="coerce", format="mixed", utc=True)
    seconds = (dates - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    parts = [seconds, dates.dt.day_of_week, dates.dt.month, dates.dt.hour]
    return np.column_stack([part.to_numpy(dtype=np.float64) for part in parts])


def _filled(numbers: Array) -> Array:
    """Return numbers without gaps or infinities: a missing one is less than all others."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    span = (high - low) or 1.0
    return np.nan_to_num(numbers, nan=low - 2 * span, posinf=high + span, neginf=low - span)
