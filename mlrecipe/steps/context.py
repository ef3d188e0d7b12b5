"""What a step is given: its recipe, the results of earlier steps, a folder for its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlrecipe.findings import Finding, Severity
from mlrecipe.recipe import Recipe
from mlrecipe.registry import Registry
from mlrecipe.run_folder import Run


@dataclass
class StepContext:
    """The surroundings of one step.

    Attributes:
        step: the step's name.
        run: the run folder; read earlier results from it, write nothing to it.
        recipe: the recipe; settled for every step after collect.
        registry: the components, for steps that have to find one by name.
        folder: where the step writes its results; it is moved into place when the step ends.
        work: a folder that outlives a kill, for a step that can go on where it stopped.
        findings: what was noticed so far.
    """

    step: str
    run: Run
    recipe: Recipe
    registry: Registry
    folder: Path
    work: Path
    findings: list[Finding] = field(default_factory=list)

    @property
    def seed(self) -> int:
        """A seed of this step's own, derived from the recipe's."""
        text = f"{self.recipe.workflow.seed}:{self.step}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 2**31

    def artifact(self, step: str, name: str) -> Path:
        """Return the path of an earlier step's result."""
        return self.run.artifact(step, name)

    @property
    def tuned_recipe(self) -> Recipe:
        """The recipe with the settings that `tune` found best, for the steps after it."""
        return self.run.settled(self.recipe, "tune", self.registry)

    def find(
        self,
        code: str,
        severity: Severity,
        message: str,
        *,
        evidence: Mapping[str, Any] | None = None,
        advice: str = "",
        section: str = "",
    ) -> None:
        """Record a finding. A blocker holds the run after the step, unless it is waived."""
        self.add(Finding(code, severity, message, dict(evidence or {}), advice, section))

    def add(self, finding: Finding) -> None:
        """Record a finding that something else made."""
        self.findings.append(finding)
        self.registry.hooks.hook.mlrecipe_finding(run=self.run, finding=finding)

    def epoch(self, epoch: int, epochs: int, scores: Mapping[str, float]) -> None:
        """Tell whoever watches that a training epoch ended."""
        self.registry.hooks.hook.mlrecipe_epoch_finished(
            run=self.run, step=self.step, epoch=epoch, epochs=epochs, scores=scores
        )
