"""The folder of one execution: recipe, provenance, artifacts, findings, events."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from mlrecipe.errors import MlrecipeError
from mlrecipe.files import explained_io, file_digest, finite, read_json, write_json, write_text
from mlrecipe.findings import Finding
from mlrecipe.recipe import STEP_NAMES, Recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.registry import Registry

PACKAGES = ("mlrecipe", "tensorflow", "keras", "scikit-learn", "pandas", "numpy")
"""Packages whose versions decide what a step computes."""


class Run:
    """One run folder. Reading it executes nothing.

    Layout::

        recipe.yaml    the composed recipe
        run.json       versions, platform, command, plugin files
        events.jsonl   what happened when
        01_frame/ …    one folder a finished step, with its artifacts and step.json
        work/          what an unfinished step keeps in order to be resumed
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Return the run at ``path``.

        Raises:
            MlrecipeError: when there is no run in that folder.
        """
        run = cls(path)
        if not (run.path / "recipe.yaml").is_file():
            raise MlrecipeError(
                f"there is no run in {path}",
                expected="a folder with recipe.yaml, as `mlrecipe run` leaves it",
            )
        return run

    def create(self, recipe: Recipe, plugins: tuple[Path, ...] = ()) -> None:
        """Write the recipe and the provenance; finished steps of an earlier try are kept."""
        with explained_io(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / "work").mkdir(exist_ok=True)
            text = yaml.safe_dump(recipe.mapping(), sort_keys=False, allow_unicode=True)
            write_text(self.path / "recipe.yaml", text)
            write_json(self.path / "run.json", _provenance(recipe, plugins))

    def recipe(self, registry: Registry) -> Recipe:
        """Return the recipe as composed, before any ``auto`` was settled."""
        text = (self.path / "recipe.yaml").read_text(encoding="utf-8")
        origin = str(self.path / "recipe.yaml")
        mapping = yaml.safe_load(text)
        return parse_recipe(mapping, registry, dict.fromkeys(mapping, origin))

    def waived(self) -> dict[str, str]:
        """Return the blockers that the recipe waives: code -> recorded reason."""
        text = (self.path / "recipe.yaml").read_text(encoding="utf-8")
        return dict(yaml.safe_load(text)["workflow"]["waive"])

    def settled(self, recipe: Recipe, step: str, registry: Registry) -> Recipe:
        """Return the recipe with the components that a step settled: ``collect`` or ``tune``.

        The sections stay the recipe's own: they may have changed since the step was carried out.
        """
        choices = read_json(self.artifact(step, "components.json"))
        return parse_recipe({**recipe.mapping(), **choices}, registry)

    def provenance(self) -> dict[str, Any]:
        """Return versions, platform, command and plugin files."""
        return dict(read_json(self.path / "run.json"))

    def plugin_files(self) -> tuple[Path, ...]:
        """Return the local plugin files of the run.

        Raises:
            MlrecipeError: when one is gone or was changed since the run began.
        """
        files = []
        for entry in self.provenance()["plugins"]:
            path = Path(entry["path"])
            if not path.is_file() or file_digest(path) != entry["sha256"]:
                what = "was changed" if path.is_file() else "is gone"
                raise MlrecipeError(
                    f"the plugin file {path} {what} since the run began",
                    where=str(self.path / "run.json"),
                    fix="restore it, or start a new run",
                )
            files.append(path)
        return tuple(files)

    def step_folder(self, step: str) -> Path:
        """Return where a step's results are, or will be."""
        return self.path / f"{STEP_NAMES.index(step) + 1:02d}_{step}"

    def artifact(self, step: str, name: str) -> Path:
        """Return the path of a result.

        Raises:
            MlrecipeError: when the step did not leave it.
        """
        path = self.step_folder(step) / name
        if not path.exists():
            raise MlrecipeError(
                f"the run has no {name} yet",
                where=str(path),
                fix=f"carry out the step {step}: mlrecipe resume {self.path}",
            )
        return path

    def step(self, step: str) -> dict[str, Any] | None:
        """Return what is recorded of a finished step: key, seconds, findings; or None."""
        path = self.step_folder(step) / "step.json"
        return dict(read_json(path)) if path.is_file() else None

    def findings(self) -> list[tuple[str, Finding]]:
        """Return every finding of the finished steps, with the step's name."""
        return [
            (step, Finding(**finding))
            for step in STEP_NAMES
            for finding in (self.step(step) or {}).get("findings", ())
        ]

    def commit_step(self, step: str, folder: Path, record: Mapping[str, Any]) -> None:
        """Move a step's results into place, all at once."""
        write_json(folder / "step.json", record)
        final = self.step_folder(step)
        if final.exists():
            stale = self.path / "work" / f"{step}.stale"
            shutil.rmtree(stale, ignore_errors=True)
            final.rename(stale)
            folder.rename(final)
            shutil.rmtree(stale, ignore_errors=True)
        else:
            folder.rename(final)

    def event(self, kind: str, **details: Any) -> None:
        """Append a line to events.jsonl."""
        line = json.dumps({"time": time.time(), "event": kind, **finite(details)})
        with (self.path / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def events(self) -> list[dict[str, Any]]:
        """Return the events; a last line cut off by a kill is left out."""
        path = self.path / "events.jsonl"
        found = []
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the run's lock; a second writer is refused. A killed process holds no lock.

        Raises:
            MlrecipeError: when another process writes this run.
        """
        import filelock

        with explained_io(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.path / "lock")
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                raise MlrecipeError(
                    "another process is writing this run",
                    where=str(self.path),
                    fix="wait for it (mlrecipe status), or give this run its own folder: "
                    "hydra.run.dir=DIR",
                ) from None
        try:
            yield
        finally:
            lock.release()


@functools.cache
def package_versions() -> Mapping[str, str]:
    """Return the installed versions of the packages that decide what a step computes."""
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _provenance(recipe: Recipe, plugins: tuple[Path, ...]) -> dict[str, Any]:
    return {
        "recipe": recipe.name,
        "command": sys.argv[1:],
        "plugins": [{"path": str(p), "sha256": file_digest(p)} for p in plugins],
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "packages": package_versions(),
    }


def record_of(findings: list[Finding], key: str, product: str, seconds: float) -> dict[str, Any]:
    """Return what step.json holds."""
    return {
        "key": key,
        "product": product,
        "seconds": round(seconds, 3),
        "findings": [asdict(f) for f in findings],
    }
