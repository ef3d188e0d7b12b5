"""Every hook that a plugin may implement, and when it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from mlrecipe.component import Component
    from mlrecipe.findings import Finding
    from mlrecipe.run_folder import Run

hookspec = pluggy.HookspecMarker("mlrecipe")
hookimpl = pluggy.HookimplMarker("mlrecipe")


@hookspec
def mlrecipe_components() -> Sequence[type[Component]]:  # type: ignore[empty-body]
    """Return the components that this plugin brings."""


@hookspec
def mlrecipe_search_path() -> Mapping[str, Path]:  # type: ignore[empty-body]
    """Return folders with YAML of the plugin: ``conf`` (presets) and ``recipes``, both optional."""


@hookspec
def mlrecipe_step_started(run: Run, step: str) -> None:
    """A step begins to work; it is not called for a step whose results are still fresh."""


@hookspec
def mlrecipe_step_kept(run: Run, step: str) -> None:
    """A step has nothing to do: its results are there, and nothing that decides them changed."""


@hookspec
def mlrecipe_step_finished(run: Run, step: str, seconds: float) -> None:
    """A step's results are in the run folder."""


@hookspec
def mlrecipe_epoch_finished(
    run: Run, step: str, epoch: int, epochs: int, scores: Mapping[str, float]
) -> None:
    """A training epoch ended; ``scores`` holds ``loss`` and, when there is one, ``val_loss``."""


@hookspec
def mlrecipe_finding(run: Run, finding: Finding) -> None:
    """A step noticed something."""


@hookspec
def mlrecipe_bundle_shipped(run: Run, bundle: Path, manifest: Mapping[str, Any]) -> None:
    """A bundle is in the run folder, and no finding of its step holds the run."""
