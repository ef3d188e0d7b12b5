"""Images: decoded, brought to one size, kept as whole numbers from 0 to 255."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field, PositiveInt

from mlrecipe.preparation.kinds.kind import Fitted, Kind

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.statistics import Statistic

MOSTLY = 0.9
"""A size that this share of the images has is the size of all; else the medians are."""


class Image(Kind):
    """Images become pixels 0 to 255 of one size; a model rescales them itself (book, 8.2)."""

    size: tuple[PositiveInt, PositiveInt] | None = Field(
        None,
        description="Height and width in pixels; null: those that 9 of 10 training images have, "
        "else the median height and width, within `largest`.",
    )
    largest: PositiveInt = Field(
        128, description="Longest side of a size that was not chosen; larger ones are reduced."
    )
    channels: Literal["auto", "grey", "colour"] = Field(
        "auto", description="auto: colour as soon as one training image has colours."
    )
    resize: Literal["stretch", "crop", "pad"] = Field(
        "stretch",
        description="What becomes of other proportions: stretched, the middle cropped out, or "
        "padded with the background.",
    )
    background: int = Field(
        255,
        ge=0,
        le=255,
        description="Level behind what is transparent, around what is padded, and of a missing "
        "image; 255 is white.",
    )

    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        from mlrecipe.preparation.statistics_of_images import Pictures

        return Pictures(tuple(columns))

    def operations(self) -> list[type[Operation]]:
        from mlrecipe.preparation.operations.images import Picture

        return [Picture]

    def gives(self) -> TensorKind:
        return "image"

    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        from mlrecipe.interfaces import TensorSpec
        from mlrecipe.preparation.naming import tensor_names
        from mlrecipe.preparation.operations.images import Picture
        from mlrecipe.preparation.preparation import VECTOR, Block
        from mlrecipe.preparation.statistics_of_images import Pictures

        assert isinstance(learnt, Pictures)
        blocks, tensors = [], []
        names = tensor_names(tuple(columns), taken=[VECTOR])
        for column, sizes, coloured in zip(columns, learnt.sizes, learnt.colours, strict=True):
            colour = coloured > 0 if self.channels == "auto" else self.channels == "colour"
            height, width = self.size or common_size(sizes, self.largest)
            picture = Picture(
                height=height,
                width=width,
                channels=3 if colour else 1,
                fit=self.resize,
                background=self.background,
            )
            name = names[column]
            blocks.append(
                Block(columns=(column,), reads="bytes", operations=(picture,), tensor=name)
            )
            tensors.append(TensorSpec(name=name, kind="image", dtype="uint8", shape=picture.shape))
        return Fitted(tuple(blocks), tuple(tensors))


def common_size(sizes: Counter[tuple[int, int]], largest: int) -> tuple[int, int]:
    """Return the height and width that suit images of some sizes; 1 x 1 when there are none."""
    if not sizes:
        return 1, 1
    # Ties are broken by size, so that the same rows in another order give the same.
    most = max(sizes, key=lambda size: (sizes[size], size))
    if sizes[most] < MOSTLY * sizes.total():
        most = (median(sizes, 0), median(sizes, 1))
    ratio = min(1.0, largest / max(most))
    return max(1, round(most[0] * ratio)), max(1, round(most[1] * ratio))


def median(sizes: Counter[tuple[int, int]], side: int) -> int:
    """Return the lower median of the heights (0) or widths (1)."""
    seen = 0
    for length, count in sorted(_lengths(sizes, side).items()):
        seen += count
        if 2 * seen >= sizes.total():
            return length
    return 1


def _lengths(sizes: Counter[tuple[int, int]], side: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for size, count in sizes.items():
        found[size[side]] += count
    return found
