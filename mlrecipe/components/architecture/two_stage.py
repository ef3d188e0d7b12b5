"""First what is where, then what it is: a detector, and a classifier of what it cuts out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

import mlrecipe
from mlrecipe.component import Search
from mlrecipe.components.architecture.growing import grown

if TYPE_CHECKING:
    from mlrecipe.interfaces import Assignment, Fitted, Samples

SIZES = ((1, 8, 8), (1, 12, 16), (2, 16, 32), (3, 32, 32))
"""Depth and filters of the detector, filters of the classifier: the capacity ladder."""


class TwoStage(
    mlrecipe.Estimator,
    name="two_stage",
    accepts=frozenset({"image"}),
    tasks=frozenset({"detection"}),
):
    """A detector of things on a reduced image, then a classifier of crops of the full image.

    The detector tells things of all labels from the background, so it learns from all of them
    (Girshick et al., 2014, take proposals apart from classes likewise); the classifier sees fine
    detail at a cost that grows with the number of things, not of pixels. Each is trained by a loop
    of its own, the classifier on true boxes, moved a little; both are one model in the end.
    """

    depth: Annotated[int | None, Search(1, 3)] = Field(
        None, ge=0, le=5, description="Halvings of the detector's map; null: the ladder finds it."
    )
    filters: Annotated[int | None, Search(8, 32, log=True)] = Field(
        None, ge=1, description="Filters of the detector's map; null: the ladder finds it."
    )
    classifier_filters: Annotated[int | None, Search(8, 48, log=True)] = Field(
        None,
        ge=1,
        description="Filters of the classifier's first block; null: the ladder finds it.",
    )
    blocks: int = Field(2, ge=1, description="Blocks of the classifier, each halves the crop.")
    reduce: int = Field(
        2, ge=1, description="How many pixels a side are one for the detector: 2 sees a quarter."
    )
    crop: int = Field(24, ge=8, description="Pixels a side of what the classifier sees.")
    margin: float = Field(
        1.25, ge=1, description="Side of the crop, in longer sides of the box: some surroundings."
    )
    most: int = Field(12, ge=1, description="Most things that are classified in an image.")
    copies: int = Field(
        3,
        ge=1,
        description="Crops of each true box to learn from, each moved and scaled at random.",
    )
    any_way_up: bool = Field(
        False,
        description="Whether things mean the same turned and mirrored; crops to learn from are.",
    )
    balanced: bool = Field(
        True,
        description="Whether crops of rare labels weigh more, all labels alike; crops of frequent "
        "labels are at most three for one of the rarest.",
    )

    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        """Train both stages; `found` has the epochs of each."""
        if len(assignment.codec.labels) < 2:
            raise mlrecipe.MlrecipeError(
                f"all boxes are labelled {assignment.codec.labels[0]!r}: a second stage has "
                "nothing to tell apart",
                where="architecture",
                fix="architecture=detector",
            )
        from mlrecipe.components.architecture import two_stages

        return two_stages.fit(next(self.sizes()), rows, validation, assignment, found)

    def sizes(self) -> Iterator[Self]:
        return grown(self, ("depth", "filters", "classifier_filters"), SIZES)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TwoStage]
