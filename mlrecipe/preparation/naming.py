"""Names of tensors, made from names of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def tensor_names(columns: Sequence[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return column -> name of its tensor: letters, digits and underscores, all different.

    Args:
        columns: names of columns.
        taken: names that no tensor may have.
    """
    names: dict[str, str] = {}
    used = set(taken)
    for column in columns:
        plain = re.sub(r"\W", "_", column.lower(), flags=re.ASCII)
        plain = plain if plain[:1].isalpha() else f"column_{plain}"
        name, number = plain, 2
        while name in used:
            name, number = f"{plain}_{number}", number + 1
        names[column] = name
        used.add(name)
    return names
