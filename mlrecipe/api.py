"""The same from Python and notebooks: run a recipe, open a run, load a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlrecipe.bundle import Bundle
    from mlrecipe.run_folder import Run


def run(
    *overrides: str,
    path: str | Path,
    config_dir: str | Path | None = None,
    plugins: Sequence[str | Path] = (),
    until: str | None = None,
) -> Run:
    """Compose a recipe and carry out its steps; what is fresh in the folder is kept.

    Args:
        overrides: in Hydra's grammar, as on the command line: ``"recipe=wine"``.
        path: the run folder.
        config_dir: a folder of your own presets and recipes.
        plugins: local plugin files.
        until: the last step; by default the recipe's ``workflow.until``.

    Raises:
        RecipeError: with every fault of the recipe.
        MlrecipeError: for mistakes that only a step can see.
        Blocked: when a finding holds the run.

    Example:
        >>> run = mlrecipe.run("recipe=wine", path="runs/wine")  # doctest: +SKIP
        >>> run.findings()  # doctest: +SKIP
    """
    from mlrecipe.composing import compose_recipe
    from mlrecipe.registry import load_registry
    from mlrecipe.workflow import carry_out, new_run

    files = tuple(Path(p).resolve() for p in plugins)
    registry = load_registry(files)
    recipe, _ = compose_recipe(
        overrides, registry, config_dir=None if config_dir is None else Path(config_dir)
    )
    started = new_run(Path(path), recipe, files)
    with started.writing():
        carry_out(started, recipe, registry, until=until)
    return started


def open_run(path: str | Path) -> Run:
    """Return a run to read: its recipe, findings and artifacts. Executes nothing.

    Raises:
        MlrecipeError: when there is no run in that folder.
    """
    from mlrecipe.run_folder import Run

    return Run.open(path)


def load(bundle: str | Path) -> Bundle:
    """Return a shipped bundle, ready to predict. Needs no TensorFlow.

    Args:
        bundle: the bundle's folder, or the run folder that holds it.

    Raises:
        MlrecipeError: when it is no bundle, or a file was changed since it was written.
    """
    from mlrecipe.bundle import Bundle

    return Bundle.load(bundle)
