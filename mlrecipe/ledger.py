"""The ledger: every look at validation scores and every opening of a test set, per data set.

Looks leak: each choice made by a validation score fits the model to those rows a little (book,
6.2.2). The ledger outlives runs, because the leak does. It is append-only and keyed by content: the
same configuration on the same rows shows the same number, and counts once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from mlrecipe.files import digest, explained_io

Kind = Literal["look", "opening"]


def home() -> Path:
    """Return the folder for what outlives runs: ``MLRECIPE_HOME``, else ``~/.mlrecipe``."""
    return Path(os.environ.get("MLRECIPE_HOME") or Path.home() / ".mlrecipe")


class Ledger:
    """The record of one data set.

    Args:
        fingerprint: the data's, as the step collect noted it.
    """

    def __init__(self, fingerprint: str) -> None:
        self.path = home() / "ledger" / f"{digest(fingerprint)[:32]}.jsonl"

    def record(self, kind: Kind, content: Mapping[str, Any]) -> None:
        """Note one look or opening; what is noted already is not counted twice.

        Args:
            content: plain data that decides the number that was seen.
        """
        import filelock

        key = digest([kind, content])
        with explained_io(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.path.with_suffix(".lock")):
                if key not in {entry["id"] for entry in self._entries()}:
                    line = json.dumps({"id": key, "kind": kind, "time": time.time()}) + "\n"
                    with self.path.open("a", encoding="utf-8") as file:
                        file.write(line)

    def count(self, kind: Kind) -> int:
        """Return how many different looks or openings there were."""
        return sum(entry["kind"] == kind for entry in self._entries())

    def _entries(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        entries = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entries.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # a line that a kill cut off
        return entries
