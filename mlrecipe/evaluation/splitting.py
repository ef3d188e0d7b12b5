"""Rows parted by scikit-learn's splitters: plain, stratified, grouped, or both at once."""

from __future__ import annotations

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.tag_strata import tagged_parts
from mlrecipe.interfaces import Array, Divisible, Protocol

Split = tuple[Array, Array]
"""int64 positions of training rows (n,) and of validation rows (m,), ascending."""


def split_heads(protocol: Protocol, rows: Divisible, copies: Array) -> list[Split]:
    """Return splits of rows with copies: a protocol splits the first ones, the others follow them.

    So classes keep their shares, which grouped splitters cannot promise.

    Args:
        copies: int64 (rows,): rows of one number stay on one side.
    """
    first, places = np.unique(copies, return_index=True, return_inverse=True)[1:]
    classes = None if rows.classes is None else rows.classes[first]
    splits = protocol.split(Divisible(len(first), rows.seed, classes))
    return [
        (np.flatnonzero(np.isin(places, train)), np.flatnonzero(np.isin(places, valid)))
        for train, valid in splits
    ]


def k_folds(rows: Divisible, count: int, seed: int, *, stratified: bool = True) -> list[Split]:
    """Return ``count`` splits; every row is validated in one of them.

    Classes keep their shares (`StratifiedKFold`); so do tags (`tagged_parts`), and classes of
    grouped rows as nearly as groups allow (`StratifiedGroupKFold`). Tags of grouped rows are left
    to chance.

    Raises:
        MlrecipeError: there are too few groups, rows, or rows of a class.
    """
    from sklearn import model_selection

    classes = rows.classes if stratified else None
    chosen = {"shuffle": True, "random_state": seed}
    everyone = np.zeros(rows.rows)
    if rows.groups is not None:
        several(rows.groups, count)
        if classes is None or classes.ndim > 1:
            splitter = model_selection.GroupKFold(count, **chosen)
        else:
            splitter = model_selection.StratifiedGroupKFold(count, **chosen)
        return _sorted(splitter.split(everyone, classes, rows.groups))
    _require_rows(rows.rows, classes, count)
    if classes is None:
        return _sorted(model_selection.KFold(count, **chosen).split(everyone))
    if classes.ndim > 1:
        part = tagged_parts(classes, [1 / count] * count, seed)
        return [_parted(part, number) for number in range(count)]
    return _sorted(model_selection.StratifiedKFold(count, **chosen).split(everyone, classes))


def one_split(rows: Divisible, share: float, seed: int, *, stratified: bool = True) -> Split:
    """Return one split with about that share of the rows, or of the groups, to validate on.

    Raises:
        MlrecipeError: there are too few groups, or rows of a class.
    """
    from sklearn import model_selection

    classes = rows.classes if stratified else None
    chosen = {"test_size": share, "random_state": seed}
    everyone = np.zeros(rows.rows)
    if rows.groups is not None:
        several(rows.groups, 2)
        if classes is not None and classes.ndim == 1 and (parts := _parts(rows.groups, share)):
            return k_folds(rows, parts, seed)[0]
        splitter = model_selection.GroupShuffleSplit(1, **chosen)
        return _sorted(splitter.split(everyone, groups=rows.groups))[0]
    if classes is not None and classes.ndim > 1:
        return _parted(tagged_parts(classes, [1 - share, share], seed), 1)
    try:
        train, valid = model_selection.train_test_split(
            np.arange(rows.rows), stratify=classes, **chosen
        )
    except ValueError as error:
        raise MlrecipeError(
            f"the rows cannot be split: {error}",
            where="protocol.share",
            fix="change protocol.share, collect more rows of the rarest class, or "
            "protocol.stratified=false",
        ) from None
    return np.sort(train), np.sort(valid)


def _parts(groups: Array, share: float) -> int:
    """Return into how many parts of about that share groups can be stratified; 0: into none."""
    parts = round(1 / share)
    close = parts >= 2 and abs(1 / parts - share) < 0.1 * share
    return parts if close and len(np.unique(groups)) >= parts else 0


def several(groups: Array, wanted: int) -> None:
    """Refuse to split when there are fewer groups than parts."""
    count = len(np.unique(groups))
    if count < wanted:
        raise MlrecipeError(
            f"the rows form {count} group(s), and {wanted} parts need one each",
            where="problem.grouped_by",
            fix="name a column with more groups, choose fewer folds, or collect more; where copies "
            "of rows form the groups, protocol.copies=apart",
        )


def _require_rows(rows: int, classes: Array | None, count: int) -> None:
    one_label = classes is not None and classes.ndim == 1
    smallest = int(np.bincount(classes).min()) if one_label and classes is not None else rows
    if count <= smallest:
        return
    what = "rows of the rarest class" if one_label else "rows"
    raise MlrecipeError(
        f"{count} folds need at least as many {what}; there are {smallest}",
        where="protocol.folds",
        fix=(f"choose at most {smallest} folds, or " if smallest > 1 else "")
        + "protocol=holdout, or collect more rows",
    )


def _parted(part: Array, number: int) -> Split:
    """Return the split that validates one part of the rows."""
    return np.flatnonzero(part != number), np.flatnonzero(part == number)


def _sorted(splits: object) -> list[Split]:
    return [(np.sort(train), np.sort(valid)) for train, valid in splits]  # type: ignore[attr-defined]
