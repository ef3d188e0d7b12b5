"""What validation said of configurations, kept in the run: several steps ask for the same ones.

The small model of `power` is the first rung of `overfit`, and the winner of `tune` is one of its
trials. Nothing is trained again for that.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path

from mlrecipe.evaluation.answers import load_answers, save_answers
from mlrecipe.evaluation.validation import Validation
from mlrecipe.files import digest

MOST_BYTES = 256 * 2**20
"""Kept of a run; those used longest ago give way."""


class Looks:
    """The kept looks of one run.

    Args:
        folder: where they lie; created when the first one is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, decides: object) -> Validation | None:
        """Return what was kept under all that decides it (plain data); None: nothing was."""
        place = self._place(decides)
        try:
            told = json.loads((place / "look.json").read_text(encoding="utf-8"))
            answers = load_answers(place / "answers.npz").get("model", ())
        except (OSError, ValueError):  # never looked at, or given way while it was read
            return None
        os.utime(place)
        return Validation(**told, answers=answers)

    def put(self, decides: object, result: Validation) -> None:
        """Keep what validation said; it appears whole or not at all."""
        place = self._place(decides)
        unfinished = place.with_name(f"{place.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        told = {key: value for key, value in asdict(result).items() if key != "answers"}
        (unfinished / "look.json").write_text(json.dumps(told), encoding="utf-8")
        save_answers(unfinished / "answers.npz", {"model": result.answers})
        shutil.rmtree(place, ignore_errors=True)
        unfinished.rename(place)
        self._tidy()

    def _place(self, decides: object) -> Path:
        return self.folder / digest(decides)[:24]

    def _tidy(self) -> None:
        """Remove what was used longest ago, beyond the bytes that are kept."""
        total = 0
        for place in sorted(self.folder.iterdir(), key=lambda p: -p.stat().st_mtime):
            total += sum(file.stat().st_size for file in place.iterdir())
            if total > MOST_BYTES:
                shutil.rmtree(place, ignore_errors=True)
