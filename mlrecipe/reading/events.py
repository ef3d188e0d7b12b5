"""Turns events, who liked what and when, into rows: a user's history and what came next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlrecipe.errors import MlrecipeError


def rows_of_users(likes: pd.DataFrame, share: float, least: int) -> pd.DataFrame:
    """Return a row a user: ``user``, ``history`` and ``next`` (lists of items, by time).

    Args:
        likes: columns user, item and time, in any order; of equal times the first row is earlier.
        share: which share of a user's likes, the last ones, is next; at least one on either side.
        least: users with fewer likes are left out.

    Raises:
        MlrecipeError: when a time cannot be read, or no user has so many likes.
    """
    known = likes.dropna(subset=["user", "item"])
    ordered = known.assign(time=_numbers(known["time"])).sort_values("time", kind="stable")
    first = ordered.drop_duplicates(["user", "item"])
    rows = []
    for user, items in first.groupby("user", sort=True)["item"]:
        liked = [_named(item) for item in items]
        if len(liked) < least:
            continue
        later = min(max(1, round(share * len(liked))), len(liked) - 1)
        rows.append((_named(user), liked[:-later], liked[-later:]))
    if not rows:
        raise MlrecipeError(
            f"none of {likes['user'].nunique()} users has {least} likes",
            where="source.least",
            fix="lower source.least, or source.at_least; or check source.user",
        )
    return pd.DataFrame(rows, columns=["user", "history", "next"])


def _numbers(times: pd.Series) -> pd.Series:
    """Return times as numbers that grow."""
    if pd.api.types.is_numeric_dtype(times):
        found = times.astype("float64")
    else:
        moments = pd.to_datetime(times, errors="coerce", utc=True, format="ISO8601")
        found = moments.astype("int64").astype("float64").where(moments.notna())
    unread = times[~np.isfinite(found)]
    if len(unread):
        raise MlrecipeError(
            f"{unread.iloc[0]!r} is no time",
            where="source.time",
            expected="numbers, or dates as 2023-01-31T18:05:00",
            fix="name the column that says when: source.time=…",
        )
    return found


def _named(value: object) -> str:
    """Return the name of a user or item; a column of whole numbers may be one of floats."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
