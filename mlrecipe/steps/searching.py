"""Carries out a search: asks what to try, tries it, tells the score, and loses nothing to a kill.

Every finished trial is a line of a journal. A search that goes on asks the oracle from the start;
what the journal knows is told without being tried again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.validation import AfterFold, Hopeless
from mlrecipe.files import digest
from mlrecipe.interfaces import Array, Asked, Oracle, Trial

MOST_FAILURES = 5
"""Failed trials in a row from which on the fault is not in the settings."""

ENOUGH_OTHERS = 5
"""Complete trials from which on a new one can be told to be hopeless (Golovin et al., 2017)."""

Others = Sequence[Sequence[float]]
"""Scores of the folds of complete trials, greater is better."""

Attempt = Callable[[Sequence[Asked], Others], Sequence[Trial]]
"""Tries several settings, side by side or one after the other; the numbers are filled in later."""


@dataclass(frozen=True)
class Journal:
    """The finished trials of a search, in a file of a line each."""

    path: Path

    def read(self) -> dict[str, Trial]:
        """Return what is known: settings and budget -> trial; a line cut off by a kill is not."""
        found = {}
        for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
            try:
                told = json.loads(line)
            except json.JSONDecodeError:
                continue
            trial = Trial(**{**told, "folds": tuple(told["folds"])})
            found[key_of(trial.overrides, trial.budget)] = trial
        return found

    def add(self, trial: Trial) -> None:
        """Append a trial."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(trial)) + "\n")


def key_of(overrides: Mapping[str, Any], budget: float) -> str:
    """Return what tells trials apart."""
    return digest([dict(sorted(overrides.items())), round(budget, 6)])


def carry_out_search(
    oracle: Oracle, attempt: Attempt, journal: Journal, *, sign: int, at_once: int = 1
) -> list[Trial]:
    """Ask, try and tell until the oracle asks no more; return all trials in order.

    Args:
        sign: 1 when a greater score is better, else -1.
        at_once: how many settings to ask for before any of them is told.

    Raises:
        MlrecipeError: too many trials failed in a row.
    """
    known = journal.read()
    trials: list[Trial] = []
    while batch := _batch(oracle, at_once):
        new = [asked for asked in batch if key_of(asked.overrides, asked.budget) not in known]
        others = [[sign * s for s in trial.folds] for trial in trials if trial.complete]
        for asked, trial in zip(new, attempt(new, others) if new else (), strict=True):
            numbered = replace(trial, number=len(trials) + batch.index(asked))
            journal.add(numbered)
            known[key_of(asked.overrides, asked.budget)] = numbered
        for asked in batch:
            trial = known[key_of(asked.overrides, asked.budget)]
            trials.append(replace(trial, number=len(trials)))
            oracle.tell(asked, trial.score)
        _require_success(trials)
    return trials


def _batch(oracle: Oracle, at_once: int) -> list[Asked]:
    batch: list[Asked] = []
    while len(batch) < at_once and (asked := oracle.ask()) is not None:
        batch.append(asked)
    return batch


def _require_success(trials: Sequence[Trial]) -> None:
    last = trials[-MOST_FAILURES:]
    if len(last) == MOST_FAILURES and all(trial.error for trial in last):
        raise MlrecipeError(
            f"{MOST_FAILURES} trials in a row failed; the last one with: {last[-1].error}",
            where="tuner",
            fix="mend the cause, or narrow what is searched: tuner.space; trials that are done are "
            "kept, and `mlrecipe resume` goes on after them",
        )


def hopeless(folds: Sequence[float], others: Others) -> str:
    """Return why a trial is not worth its other folds; empty: it may be (the median rule).

    It is when its mean so far is below the median of what complete trials had over the same folds
    (Golovin et al., 2017, section 3.1).

    Args:
        folds: scores of its folds so far, greater is better.
        others: those of complete trials.
    """
    if len(others) < ENOUGH_OTHERS:
        return ""
    count, total = len(folds), len(others[0])
    middle = float(np.median([np.mean(other[:count]) for other in others]))
    if count >= total or np.mean(folds) >= middle:
        return ""
    return f"after {count} of {total} folds it was behind half of {len(others)} others"


def in_folds(
    score: Callable[[int, Array], float], others: Others, sign: int
) -> tuple[AfterFold, list[float]]:
    """Return what to call after each fold, and the list in which the scores gather.

    Args:
        score: the primary metric of a fold's answers.
        others: see `hopeless`; empty: nothing is ended.
    """
    folds: list[float] = []

    def after_fold(number: int, answers: Array) -> None:
        folds.append(score(number, answers))
        why = hopeless([sign * value for value in folds], others)
        if why:
            raise Hopeless(why)

    return after_fold, folds
