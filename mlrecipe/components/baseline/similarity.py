"""Embeddings that nobody learnt: what a model of similarity has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

import mlrecipe
from mlrecipe.components.baseline.linear import matrices

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples

SIMILARITY = frozenset({"similarity_ranking"})


class RandomEmbedding(mlrecipe.Baseline, name="random_embedding", suits=SIMILARITY):
    """Ranks by chance: each row gets a random vector."""

    dimensions: int = Field(16, ge=2, description="Length of the vectors.")
    seed: int = Field(0, ge=0, description="Draws other vectors when changed.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        draws = np.random.default_rng([self.seed, len(rows.frame)])
        return draws.normal(size=(len(rows.frame), self.dimensions)).astype(np.float32)


class RawSimilarity(mlrecipe.Baseline, name="raw_similarity", trivial=False, suits=SIMILARITY):
    """Ranks by the cosine of the prepared inputs as they are: of images, coarse pixels."""

    def predict(self, training: Samples, rows: Inputs) -> Array:
        x, others = matrices(training.x, rows.x)
        return others - x.mean(axis=0)  # what all rows share tells nothing


class ColourHistogram(mlrecipe.Baseline, name="colour_histogram", trivial=False, suits=SIMILARITY):
    """Ranks images by how often each colour occurs in them, wherever it is (Swain & Ballard, 1991).

    Compared are square roots of shares, of which the cosine is Bhattacharyya's coefficient.
    """

    levels: int = Field(6, ge=2, le=16, description="Steps of each of red, green and blue.")

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np

        images = [pixels for pixels in rows.x.values() if pixels.dtype == np.uint8]
        if not images:
            raise mlrecipe.MlrecipeError(
                "colour_histogram needs a column of images, and there is none",
                where="baseline",
                fix="leave it out: baseline=[random_embedding,raw_similarity]",
            )
        return np.concatenate([self._shares(pixels) for pixels in images], axis=1)

    def _shares(self, images: Array) -> Array:
        """Return the roots of the shares of each colour, float32 (rows, levels ** channels)."""
        import numpy as np

        rows, channels = len(images), images.shape[-1]
        steps = images.astype(np.int64) * self.levels // 256
        colours = steps @ (self.levels ** np.arange(channels))
        size = self.levels**channels
        cells = colours.reshape(rows, -1) + size * np.arange(rows)[:, None]
        counts = np.bincount(cells.ravel(), minlength=rows * size).reshape(rows, size)
        return np.sqrt(counts / cells.shape[1]).astype(np.float32)


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [RandomEmbedding, RawSimilarity, ColourHistogram]
