"""Runs beside one another: which is best on validation rows, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlrecipe.errors import MlrecipeError
from mlrecipe.evaluation.answers import Answers, load_answers
from mlrecipe.evaluation.scores import within_a_standard_error
from mlrecipe.files import read_json
from mlrecipe.registry import load_registry
from mlrecipe.run_folder import Run
from mlrecipe.steps.context import StepContext
from mlrecipe.steps.development import Development


@dataclass(frozen=True)
class Entry:
    """One run on the board.

    Attributes:
        run: the run.
        score: ``{"mean", "low", "high", "folds"}`` of the primary metric on validation rows.
        behind: how far the leader is ahead: ``{"difference", "low", "high", "confidence",
            "better"}``; None for the leader.
        parameters: number of the model's weights.
        seconds: that all its steps took.
        settings: recipe key -> value, for the keys in which the runs differ.
        curves: losses an epoch of the chosen model: ``{"loss", "val_loss"}``, a list a fold.
    """

    run: Run
    score: Mapping[str, Any]
    behind: Mapping[str, Any] | None
    parameters: int
    seconds: float
    settings: Mapping[str, Any]
    curves: Mapping[str, Any]


@dataclass(frozen=True)
class Board:
    """Runs that can be compared, the best first; and those that cannot, with the reason.

    Attributes:
        metric: name of the primary metric.
        greater_is_better: its direction.
        entries: the comparable runs.
        aside: run folder -> why it is not among them.
        looks: how often the validation rows were looked at, by all runs of the data.
        optimism: by how much the best look seems better than it is; see `evaluation.optimism`.
    """

    metric: str
    greater_is_better: bool
    entries: tuple[Entry, ...]
    aside: Mapping[Path, str]
    looks: int
    optimism: float

    def simplest(self) -> Entry:
        """Return the run with the fewest parameters that is within a standard error of the best.

        See `within_a_standard_error`.
        """

        def near(entry: Entry) -> bool:
            return entry.behind is None or within_a_standard_error(entry.behind)

        return min(filter(near, self.entries), key=lambda entry: entry.parameters)


def run_folders(places: Iterable[Path]) -> list[Path]:
    """Return the runs at these places: run folders, and all runs within other folders.

    Raises:
        MlrecipeError: when there is none at one of them.
    """
    found: dict[Path, None] = {}
    for place in places:
        runs = [place] if (place / "recipe.yaml").is_file() else _within(place)
        if not runs:
            raise MlrecipeError(
                f"there is no run in {place}",
                expected="a run folder, or the folder of a sweep, as `mlrecipe run -m` leaves it",
            )
        found.update(dict.fromkeys(runs))
    return list(found)


def _within(place: Path) -> list[Path]:
    """Return the runs within a folder, in the order of their numbers."""
    found = [file.parent for file in place.glob("**/recipe.yaml")]
    found = [path for path in found if (path / "run.json").is_file()]
    return sorted(found, key=lambda path: (len(path.name), str(path)))


def board_of(places: Iterable[Path]) -> Board:
    """Compare all runs at these places.

    Runs are comparable that have seen the same rows, split alike, by the same metric; of several
    such sets the largest is ranked.

    Raises:
        MlrecipeError: when no run has a score.
    """
    aside: dict[Path, str] = {}
    scored: dict[tuple[str, str, str], list[_Scored]] = {}
    for path in run_folders(places):
        try:
            item = _Scored.of(Run.open(path))
        except MlrecipeError as error:
            aside[path] = error.problem
            continue
        scored.setdefault(item.sees, []).append(item)
    if not scored:
        raise MlrecipeError(
            "none of these runs has a score on validation rows yet: "
            + "; ".join(f"{path}: {why}" for path, why in list(aside.items())[:3]),
            fix="carry them out until the step tune: mlrecipe resume RUN --until tune",
        )
    chosen = max(scored.values(), key=len)
    for sees, items in scored.items():
        if items is not chosen:
            aside |= {item.run.path: _why_apart(sees, chosen[0].sees) for item in items}
    return _ranked(chosen, aside)


@dataclass(frozen=True)
class _Scored:
    """A run with its answers to validation rows, and what they can be compared with."""

    run: Run
    development: Development
    answers: Answers
    tuned: Mapping[str, Any]
    sees: tuple[str, str, str]

    @classmethod
    def of(cls, run: Run) -> _Scored:
        tuned = read_json(run.artifact("tune", "tuned.json"))
        registry = load_registry(run.plugin_files())
        recipe = run.settled(run.recipe(registry), "collect", registry)
        context = StepContext("compare", run, recipe, registry, run.path, run.path / "work")
        development = Development.of(context)
        answers = load_answers(run.artifact("tune", "outputs.npz"))["tuned"]
        data = read_json(run.artifact("collect", "collect.json"))["fingerprint"]
        sees = (data, development.split, development.primary.name)
        return cls(run, development, answers, tuned, sees)

    @property
    def score(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.tuned["scores"][self.sees[2]]
        return found


def _why_apart(one: tuple[str, str, str], other: tuple[str, str, str]) -> str:
    if one[0] != other[0]:
        return "it has other data"
    if one[1] != other[1]:
        return "its validation rows are others (protocol, workflow.seed, workflow.test_share)"
    return f"it is measured by {one[2]}, not by {other[2]}"


def _ranked(items: Sequence[_Scored], aside: Mapping[Path, str]) -> Board:
    primary = items[0].development.primary
    sign = 1 if primary.greater_is_better else -1
    ordered = sorted(items, key=lambda item: -sign * item.score["mean"])
    leader = ordered[0]
    settings = varying([flat(item.development.context.recipe.mapping()) for item in ordered])
    entries = []
    for item, own in zip(ordered, settings, strict=True):
        behind = None
        if item is not leader:
            behind = leader.development.compare(leader.answers, item.answers)
        ladder = read_json(item.run.artifact("overfit", "ladder.json"))
        rung = ladder["rungs"][ladder["taken_rung"]]
        entries.append(
            Entry(
                item.run,
                item.score,
                behind,
                rung["parameters"],
                _seconds(item.run),
                own,
                rung["curves"],
            )
        )
    return Board(
        primary.name,
        primary.greater_is_better,
        tuple(entries),
        dict(aside),
        leader.development.ledger.count("look"),
        leader.development.optimism(),
    )


def flat(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe as key -> value, as one would type them; its name is left out."""
    found: dict[str, Any] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, Mapping) and value:
            for key, inner in value.items():
                walk(f"{prefix}.{key}" if prefix else str(key), inner)
        else:
            found[prefix] = value

    walk("", {key: value for key, value in mapping.items() if key != "name"})
    return {key.removesuffix(".name"): value for key, value in found.items()}


def varying(recipes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return of each recipe the keys in which those that have them differ; None: it has it not."""
    keys = list(dict.fromkeys(key for recipe in recipes for key in recipe))
    differ = [k for k in keys if len({str(r[k]) for r in recipes if k in r}) > 1]
    return [{key: recipe.get(key) for key in differ} for recipe in recipes]


def _seconds(run: Run) -> float:
    from mlrecipe.recipe import STEP_NAMES

    return sum(record["seconds"] for name in STEP_NAMES if (record := run.step(name)))
