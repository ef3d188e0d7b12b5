"""The opening of the test set: once without being asked, again for a recorded reason alone."""

from __future__ import annotations

from typing import Any

from mlrecipe.errors import Blocked
from mlrecipe.ledger import Ledger, moment
from mlrecipe.recipe import Recipe
from mlrecipe.steps.configuration import configuration
from mlrecipe.steps.context import StepContext

REOPENED = "test-set-reopened"
"""The finding, and what ``workflow.waive`` names to open the test set again."""


def require_reason(context: StepContext, ledger: Ledger, recipe: Recipe) -> None:
    """Refuse to open the test set of data for which another configuration has opened it.

    Raises:
        Blocked: no reason is given; it tells who opened it before.
    """
    others = ledger.entries("opening")
    if not others or ledger.has("opening", configuration(context, recipe)):
        return
    if context.recipe.workflow.waive.get(REOPENED):
        return
    told = "; ".join(_in_words(entry) for entry in others[-3:])
    raise Blocked(
        f"the test set of this data was opened before, for another configuration: {told}. Choosing "
        "among configurations by its score makes it a validation set",
        where=f"step finalize, finding {REOPENED}",
        fix="keep the first one, or collect fresh test rows. To open it again all the same, record "
        f"why: mlrecipe resume {context.run.path} 'workflow.waive.{REOPENED}=\"your reason\"'",
    )


def note_opening(context: StepContext, ledger: Ledger, recipe: Recipe) -> None:
    """Record the opening with its time, its run and, for a second one, the reason."""
    ledger.record(
        "opening",
        configuration(context, recipe),
        run=str(context.run.path.resolve()),
        recipe=recipe.name,
        reason=context.recipe.workflow.waive.get(REOPENED, "") if ledger.count("opening") else "",
    )


def tell_openings(context: StepContext, ledger: Ledger, recipe: Recipe) -> list[dict[str, Any]]:
    """Return the openings for other configurations, with a finding when there are any."""
    own = ledger.id_of("opening", configuration(context, recipe))
    others = [
        {"time": e["time"], "run": e.get("run", ""), "reason": e.get("reason", "")}
        for e in ledger.entries("opening")
        if e["id"] != own
    ]
    if others:
        told = "; ".join(_in_words(entry) for entry in others)
        context.find(
            REOPENED,
            "warning",
            f"The test set of this data was opened {len(others) + 1} times, for different models; "
            f"beside this one: {told}. Choosing among them by its score makes it a validation set.",
            evidence={"openings": others},
            advice="Report the first opening, or collect fresh test rows.",
            section="6.2.5",
        )
    return others


def _in_words(entry: dict[str, Any]) -> str:
    reason = f" ({entry['reason']})" if entry.get("reason") else ""
    return f"{moment(entry['time'])} by {entry.get('run') or 'an earlier run'}{reason}"
