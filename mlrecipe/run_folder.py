"""The folder of one execution: recipe, provenance, artifacts, findings, events."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import yaml

from mlrecipe.errors import MlrecipeError
from mlrecipe.recipe import STEP_NAMES, Recipe, parse_recipe
from mlrecipe.registry import Registry

Severity = Literal["note", "advice", "warning", "blocker"]

PACKAGES = ("mlrecipe", "tensorflow", "keras", "scikit-learn", "pandas", "numpy")
"""Packages whose versions decide what a step computes."""


@dataclass(frozen=True)
class Finding:
    """What a step noticed.

    Attributes:
        code: a stable name, such as ``target-leak``; ``workflow.waive`` refers to it.
        severity: ``blocker`` holds the run until the recipe waives it with a reason.
        message: what was noticed, in a sentence.
        evidence: numbers behind it, plain data.
        advice: what to do, with the exact override where there is one.
        section: section of the book.
    """

    code: str
    severity: Severity
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    advice: str = ""
    section: str = ""


def write_text(path: Path, text: str) -> None:
    """Write a file in one piece: a reader sees the old text or the new, never half of it."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_json(path: Path, value: Any) -> None:
    """Write plain data as indented JSON, in one piece. NaN becomes null."""
    write_text(path, json.dumps(_finite(value), indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def digest(value: Any) -> str:
    """Return a SHA-256 hash of plain data, independent of the order of keys."""
    text = json.dumps(_finite(value), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_digest(folder: Path, *, leave_out: Sequence[str] = ()) -> str:
    """Return the SHA-256 hash of the names and contents of a folder's files."""
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    files = {n: p for n, p in names.items() if p.is_file() and n not in leave_out}
    return digest({name: file_digest(path) for name, path in files.items()})


@contextlib.contextmanager
def explained_io(path: Path, *, run: bool = True) -> Iterator[None]:
    """Turn a full disk, a missing permission or an impossible path into an error for people.

    Args:
        path: what is written.
        run: whether that is a run folder, which can be resumed; else any other file.
    """
    again = f", then go on where the run stopped: mlrecipe resume {path}" if run else ""
    elsewhere = "choose another folder" + (": hydra.run.dir=DIR" if run else "")
    try:
        yield
    except OSError as error:
        where = str(error.filename or path)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MlrecipeError(
                "the disk is full",
                where=where,
                fix=f"free some space{again}",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise MlrecipeError(
                "no permission to write here",
                where=where,
                fix=elsewhere,
            ) from error
        if not path.is_dir():
            raise MlrecipeError(
                f"nothing can be written here: {error.strerror}", where=where, fix=elsewhere
            ) from error
        raise


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

    def settled_recipe(self, registry: Registry) -> Recipe:
        """Return the recipe with every ``auto`` settled; needs the step collect.

        What no component chooses is taken from the recipe as it is now: collect settles groups.
        """
        settled = parse_recipe(read_json(self.artifact("collect", "recipe.json")), registry)
        now = self.recipe(registry)
        return replace(settled, name=now.name, problem=now.problem, workflow=now.workflow)

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
        line = json.dumps({"time": time.time(), "event": kind, **_finite(details)})
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


def package_versions() -> dict[str, str]:
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
