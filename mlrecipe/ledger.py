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


def moment(seconds: float) -> str:
    """Return a time of an entry for people: ``2026-11-25 07:48 UTC``."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


class Ledger:
    """The record of one data set.

    Args:
        fingerprint: the data's, as the step collect noted it.
    """

    def __init__(self, fingerprint: str) -> None:
        self.path = home() / "ledger" / f"{digest(fingerprint)[:32]}.jsonl"

    def record(self, kind: Kind, content: Mapping[str, Any], **told: Any) -> None:
        """Note one look or opening; what is noted already is not counted twice.

        Args:
            content: plain data that decides the number that was seen.
            told: what else to keep of it, plain data: the run, the score, the reason.
        """
        import filelock

        key = self.id_of(kind, content)
        with explained_io(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(self.path.with_suffix(".lock")):
                if not self._whole():
                    self._append("\n")
                if key not in {entry["id"] for entry in self.entries()}:
                    entry = {"id": key, "kind": kind, "time": time.time(), **told}
                    self._append(json.dumps(entry) + "\n")

    def has(self, kind: Kind, content: Mapping[str, Any]) -> bool:
        """Return whether that look or opening is noted."""
        return self.id_of(kind, content) in {entry["id"] for entry in self.entries(kind)}

    @staticmethod
    def id_of(kind: Kind, content: Mapping[str, Any]) -> str:
        """Return the id of an entry."""
        return digest([kind, content])

    def count(self, kind: Kind) -> int:
        """Return how many different looks or openings there were."""
        return len(self.entries(kind))

    def entries(self, kind: Kind | None = None) -> list[dict[str, Any]]:
        """Return what was noted, the earliest first: ``id``, ``kind``, ``time`` and what was told.

        Args:
            kind: looks or openings alone; None: both.
        """
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # a line that a kill cut off
            if kind in (None, entry["kind"]):
                found.append(entry)
        return found

    def _whole(self) -> bool:
        """Return whether the last line ended; one that a kill cut off must not swallow the next."""
        if not self.path.exists() or not self.path.stat().st_size:
            return True
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _append(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)
