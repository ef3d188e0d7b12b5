"""Target columns that say which tags a row has: sets in one, or a column of 0 and 1 a tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlrecipe.data.lists import as_lists, is_list
from mlrecipe.data.sets import BLANKS, separator_of, set_reason, tags_of
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Array

FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1, "no": 0, "yes": 1}
"""How a column says whether a tag is there, in lower case."""


def tags_in(value: Any, separator: str) -> list[str]:
    """Return the different tags of a cell: of a list its members, of a text its parts."""
    if is_list(value):
        named = (str(member).strip(BLANKS) for member in value if member is not None)
        return list(dict.fromkeys(tag for tag in named if tag))
    return (
        [] if value is None or value is pd.NA or value != value else tags_of(str(value), separator)
    )


def sets_of(column: pd.Series, separator: str) -> list[list[str]]:
    """Return the tags of every row; lists may be written as JSON."""
    return [tags_in(value, separator) for value in as_lists(column)]


def parting(column: pd.Series) -> str:
    """Return the character that parts the tags of texts, told from the texts."""
    texts = [value for value in as_lists(column) if isinstance(value, str)]
    return separator_of(Counter(texts))


def tags_reason(values: Sequence[Any]) -> str:
    """Return why different values of a column are sets of tags; empty where they are not."""
    listed = as_lists(pd.Series(list(values), dtype=object))
    lists = sum(is_list(value) for value in listed)
    if lists and lists == len(listed):
        return f"lists, such as {[str(member) for member in listed.iloc[-1]]}"
    texts = [value for value in listed if isinstance(value, str)]
    return set_reason(Counter(texts)) if len(texts) == len(listed) else ""


def are_flags(values: Iterable[Any]) -> bool:
    """Return whether values say yes and no alone."""
    return all(str(value).lower() in FLAGS for value in values)


def flags_of(targets: pd.DataFrame, columns: tuple[str, ...]) -> Array:
    """Return float32 (rows, columns), 1 where the column says that its tag is there.

    Raises:
        MlrecipeError: for a value that says neither.
    """
    found = np.empty((len(targets), len(columns)), dtype=np.float32)
    for place, name in enumerate(columns):
        values = targets[name].map(lambda value: FLAGS.get(str(value).lower()))
        if values.isna().any():
            row = values.index[values.isna()][0]
            value = targets[name].astype(object).loc[row]
            raise MlrecipeError(
                f"{name!r} holds {value!r}, and says neither yes nor no",
                where=f"row {row}, and {int(values.isna().sum()) - 1} more",
                expected="0 or 1 in every row: with several target columns, each is a tag",
                fix="correct the rows, or choose task=vector_regression for numbers",
            )
        found[:, place] = values
    return found
