"""What to say when a remote data set is not on this machine and cannot be fetched."""

from __future__ import annotations

import re
from pathlib import Path

from mlrecipe.errors import MlrecipeError, masked
from mlrecipe.ledger import home


def cache_folder(kind: str) -> Path:
    """Return where data sets of one provider are kept: below mlrecipe's home."""
    return home() / kind


def not_here(name: str, kind: str, error: BaseException, code: str) -> MlrecipeError:
    """Return the error that says what to fetch, with which code, and where to put it.

    Args:
        name: the data set, as the user named it.
        kind: the provider's folder below mlrecipe's home.
        error: what its package said.
        code: a line of Python that fills the cache on a machine with a network.
    """
    reason = re.sub(r"\s+", " ", str(error)).strip()[:200] or type(error).__name__
    folder = cache_folder(kind)
    return MlrecipeError(
        f"the data set {name!r} cannot be had: {masked(reason)}",
        where="source",
        expected=f"a network, or the data set in {folder}",
        fix=f"check the name; without a network, run this on a machine that has one: python -c "
        f'"{code}"; and copy its folder to {folder}',
    )
