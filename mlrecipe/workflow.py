"""The twelve steps in the order of the book: which recipe sections each reads, what it needs."""

from __future__ import annotations

import importlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlrecipe.errors import Blocked
from mlrecipe.files import digest, explained_io, folder_digest, read_json
from mlrecipe.findings import Finding
from mlrecipe.interfaces import DECIDING
from mlrecipe.recipe import STEP_NAMES, Recipe
from mlrecipe.registry import Registry
from mlrecipe.run_folder import Run, package_versions, record_of
from mlrecipe.steps.context import StepContext
from mlrecipe.training.runtime import prepare_environment


@dataclass(frozen=True)
class Step:
    """One stage of the workflow.

    Attributes:
        name: name of the module in `mlrecipe.steps`, whose function ``run(context)`` does the work.
        purpose: what it does, for people.
        reads: recipe sections that it reads.
        needs: earlier steps whose results it reads.
        settles: results that hold choices of the recipe. Later steps read those section by section,
            so that they become stale by the sections that they read, not by these files.
    """

    name: str
    purpose: str
    reads: tuple[str, ...]
    needs: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()


_TRAINS = (
    "task",
    "preprocessing",
    "problem.gaps_in_production",
    "architecture",
    "objective",
    "training",
    "metric",
    "workflow.seed",
    "workflow.confidence",
)
_DATA = ("collect", "protocol")

STEPS = (
    Step(
        "frame",
        "states the problem and its two hypotheses; holds constraints against the target",
        ("problem", "target", "task"),
    ),
    Step(
        "collect",
        "loads the rows, checks them against the schema, seals the test rows",
        (
            "problem.target",
            "problem.inputs",
            "problem.positive",
            "problem.not_in_production",
            "problem.existing",  # becomes a baseline
            "problem.costs",  # become a metric's settings
            "problem.time",
            "problem.grouped_by",
            "problem.weight",
            "problem.groups",
            "problem.in_production",
            "problem.production_sample",
            "problem.population",
            "problem.most_weight",
            "problem.gaps_in_production",
            "source",
            "schema",
            "workflow.seed",
            "workflow.test_share",
            *(g for g in DECIDING if g not in ("source", "schema")),
        ),
        settles=("components.json", "choices.json"),
    ),
    Step(
        "understand",
        "looks at the development rows before anything is trained",
        ("name", "problem", "checks", "task", "preprocessing", "workflow.report_rows"),
        ("collect",),
    ),
    Step(
        "protocol",
        "splits the development rows; freezes the primary metric",
        ("protocol", "metric", "task", "problem.time", "workflow.seed", "workflow.confidence"),
        ("collect",),
    ),
    Step(
        "baseline",
        "scores the simple answers that a model has to beat",
        (
            "baseline",
            "preprocessing",
            "problem.gaps_in_production",
            "metric",
            "task",
            "workflow.seed",
            "workflow.confidence",
        ),
        _DATA,
    ),
    Step(
        "power",
        "trains small models and compares them with the baselines",
        (*_TRAINS, "workflow.alternatives"),
        (*_DATA, "baseline"),
    ),
    Step(
        "overfit",
        "enlarges the model until it overfits, to find the border",
        (*_TRAINS, "workflow.rungs", "workflow.simplest"),
        _DATA,
    ),
    Step(
        "tune",
        "searches for better settings from the border on",
        (*_TRAINS, "tuner", "workflow.looks"),
        (*_DATA, "overfit"),
    ),
    Step(
        "finalize",
        "trains on training and validation rows; opens the test set once",
        _TRAINS,
        (*_DATA, "tune"),
    ),
    Step(
        "explain",
        "says what to expect of the model, in cases a day; proposes the threshold",
        ("name", "problem", "workflow.confidence", *DECIDING),
        (
            "collect",
            "understand",
            "protocol",
            "baseline",
            "power",
            "overfit",
            "tune",
            "finalize",
        ),
    ),
    Step(
        "optimize",
        "makes smaller variants and chooses one by rule",
        (*_TRAINS, "problem.constraints", "compression", "workflow.tolerance"),
        (*_DATA, "tune", "finalize"),
    ),
    Step(
        "ship",
        "writes the bundle and proves that every runtime answers as training did",
        ("name", "problem", "target", "task", "metric"),
        ("collect", "finalize", "explain", "optimize"),
    ),
)

LAST_IN_SWEEP = "tune"
"""Jobs of a multirun stop here: the winner alone may open the test set."""


def steps_until(last: str) -> tuple[Step, ...]:
    """Return the steps up to and including ``last``."""
    return STEPS[: STEP_NAMES.index(last) + 1]


def earlier(one: str, other: str) -> str:
    """Return the step that comes first."""
    return min(one, other, key=STEP_NAMES.index)


def carry_out(
    run: Run,
    recipe: Recipe,
    registry: Registry,
    *,
    until: str | None = None,
    among: Path | None = None,
) -> None:
    """Carry out every step whose results are missing or stale.

    Args:
        run: the run folder, already created.
        recipe: the recipe as composed.
        registry: components and hooks.
        until: the last step; by default the recipe's ``workflow.until``.
        among: a folder of other runs, as those of a sweep: a step that one of them has carried out
            for the same key is taken from there.

    Raises:
        Blocked: when a finding holds the run.
        MlrecipeError: for mistakes in the recipe or data that only a step can see.
    """
    prepare_environment()
    for step in steps_until(until or recipe.workflow.until):
        waits = step.name in ("frame", "collect")
        current = recipe if waits else run.settled(recipe, "collect", registry)
        key = freshness(step, run, current, registry)
        record = run.step(step.name)
        if (record is None or record["key"] != key) and among is not None:
            record = _taken(step, run, key, among) or record
        if record is None or record["key"] != key:
            findings = _execute(step, run, current, registry, key)
        else:
            findings = [Finding(**f) for f in record["findings"]]
            run.event("step_kept", step=step.name)
            registry.hooks.hook.mlrecipe_step_kept(run=run, step=step.name)
        _hold(findings, recipe, step, run)
        if step.name == "ship" and record != run.step(step.name):
            bundle = run.artifact("ship", "bundle")
            manifest = read_json(bundle / "manifest.json")
            registry.hooks.hook.mlrecipe_bundle_shipped(run=run, bundle=bundle, manifest=manifest)


def _taken(step: Step, run: Run, key: str, among: Path) -> dict[str, Any] | None:
    """Take a step's results from another run that has them for the same key; None: none has.

    The key covers all that decides the results, so they are the same. They are linked, not copied:
    nothing ever changes a result in place.
    """
    for other in sorted(among.iterdir()) if among.is_dir() else ():
        theirs = Run(other)
        record = None if other == run.path else theirs.step(step.name)
        if record is None or record["key"] != key:
            continue
        folder = run.path / "work" / f"{step.name}.taken"
        with explained_io(run.path):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(theirs.step_folder(step.name), folder, copy_function=_linked)
            (folder / "step.json").unlink()
            run.commit_step(step.name, folder, record)
        run.event("step_taken", step=step.name, run=str(other))
        return record
    return None


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def freshness(step: Step, run: Run, recipe: Recipe, registry: Registry) -> str:
    """Return the hash of all that decides a step's results.

    These are the sections it reads, the code of its components, the source's fingerprint, the
    versions of the packages that compute, and the results that it builds on: a step that was redone
    and came to the same results leaves later ones fresh.
    """
    sections = {name: _select(recipe, name) for name in step.reads}
    components = {
        f"{component.group}/{component.name}": str(registry.provider(component))
        for component in recipe.components()
        if component.group in step.reads
    }
    upstream = {name: (run.step(name) or {}).get("product", "") for name in step.needs}
    source = ""
    if step.name == "collect":
        from mlrecipe.reading.production import production_fingerprint  # brings pandas along

        source = recipe.source.fingerprint() + recipe.schema.fingerprint()
        source += production_fingerprint(recipe.problem)
    return digest([step.name, sections, components, upstream, source, package_versions()])


def _select(recipe: Recipe, name: str) -> object:
    section, _, key = name.partition(".")
    value = recipe.section(section)
    return value[key] if key else value


def _execute(step: Step, run: Run, recipe: Recipe, registry: Registry, key: str) -> list[Finding]:
    """Carry out one step in a folder of its own and move its results into place."""
    folder = run.path / "work" / f"{step.name}.unfinished"
    work = run.path / "work" / f"{step.name}.{key[:12]}"
    hook = registry.hooks.hook
    with explained_io(run.path), ExitStack() as cleanup:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        run.event("step_started", step=step.name)
        hook.mlrecipe_step_started(run=run, step=step.name)
        started = time.monotonic()
        context = StepContext(step.name, run, recipe, registry, folder, work)
        importlib.import_module(f"mlrecipe.steps.{step.name}").run(context)
        seconds = time.monotonic() - started
        product = folder_digest(folder, leave_out=step.settles)
        run.commit_step(step.name, folder, record_of(context.findings, key, product, seconds))
        shutil.rmtree(work, ignore_errors=True)
        run.event("step_finished", step=step.name, seconds=seconds)
        hook.mlrecipe_step_finished(run=run, step=step.name, seconds=seconds)
    return context.findings


def _hold(findings: list[Finding], recipe: Recipe, step: Step, run: Run) -> None:
    """Stop at a gate that the recipe does not waive."""
    for finding in _blockers(findings, recipe):
        run.event("blocked", step=step.name, code=finding.code)
        raise Blocked(
            finding.message,
            where=f"step {step.name}, finding {finding.code}",
            fix=f"{finding.advice} To go on all the same, record why: mlrecipe resume {run.path} "
            f"'workflow.waive.{finding.code}=\"your reason\"'".strip(),
        )


def _blockers(findings: list[Finding], recipe: Recipe) -> Iterator[Finding]:
    for finding in findings:
        if finding.severity == "blocker" and finding.code not in recipe.workflow.waive:
            yield finding


def new_run(path: Path, recipe: Recipe, plugins: tuple[Path, ...] = ()) -> Run:
    """Return a run folder that holds the recipe; results of an earlier run in it are kept."""
    run = Run(path)
    run.create(recipe, plugins)
    return run
