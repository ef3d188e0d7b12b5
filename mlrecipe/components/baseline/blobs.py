"""Finds what stands out in brightness and tells its label by size and colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlrecipe.data.boxes import Box
from mlrecipe.data.grids import NUMBERS, centres, to_grid
from mlrecipe.evaluation.matching import overlap_of

if TYPE_CHECKING:
    from mlrecipe.interfaces import Array, Inputs, Samples, Tensors

HIT = 0.5
"""Overlap from which on a blob of a training image is the true box."""


@dataclass(frozen=True)
class Blob:
    """Connected pixels.

    Attributes:
        sides: left, top, right, bottom as shares of the image.
        features: share of the image, share of the box that is filled, mean and spread of each
            channel.
    """

    sides: tuple[float, float, float, float]
    features: list[float]


def answered(training: Samples, rows: Inputs, smallest: float) -> Array:
    """Return outputs (rows, cells, cells, classes + 4) for rows: a peak a blob."""
    classes = training.y.shape[-1] - NUMBERS
    known, labels = _labelled(training, smallest)
    names = [str(number) for number in range(classes)]
    shares_of = _fitted(known, labels, classes)
    found = []
    for image in images_of(rows.x):
        blobs = blobs_of(image, smallest)
        grid = np.zeros(training.y.shape[1:], dtype=np.float32)
        if blobs:
            shares = shares_of(np.array([blob.features for blob in blobs]))
            for blob, share in zip(blobs, shares, strict=True):
                _put(grid, blob, share, names)
        found.append(grid)
    return np.array(found, dtype=np.float32).reshape(-1, *training.y.shape[1:])


def _put(grid: Array, blob: Blob, share: Array, names: Sequence[str]) -> None:
    """Write a blob into the grid, with the share of each label as its score."""
    alone = to_grid([Box(names[0], *blob.sides)], names[:1], grid.shape[0])
    row, column = np.argwhere(alone[..., 0] == 1)[0]
    grid[row, column, : len(names)] = share
    grid[row, column, len(names) :] = alone[row, column, 1:]


def _labelled(training: Samples, smallest: float) -> tuple[list[list[float]], list[int]]:
    """Return features and labels of the training images' blobs that are a true box."""
    known, labels = [], []
    for image, truth in zip(images_of(training.x), centres(training.y), strict=True):
        for blob in blobs_of(image, smallest):
            overlap = overlap_of(np.array(blob.sides), truth[:, 1:])
            if overlap.max() >= HIT:
                known.append(blob.features)
                labels.append(int(truth[int(overlap.argmax()), 0]))
    return known, labels


def _fitted(known: list[list[float]], labels: list[int], classes: int) -> Callable[[Array], Array]:
    """Return what maps features (blobs, features) to the probability of each label."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(set(labels)) < 2:  # no blob is a box, or all of one label: nothing to learn
        always = np.bincount(labels or [0], minlength=classes).clip(max=1)
        return lambda features: np.tile(always, (len(features), 1)).astype(np.float32)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(known, labels)

    def shares_of(features: Array) -> Array:
        shares = np.zeros((len(features), classes), dtype=np.float32)
        shares[:, model[-1].classes_] = model.predict_proba(features)
        return shares

    return shares_of


def images_of(x: Tensors) -> Array:
    """Return the first of the tensors that are images, uint8 (rows, height, width, channels)."""
    return next(values for values in x.values() if values.ndim == 4 and values.dtype == np.uint8)


def blobs_of(image: Array, smallest: float) -> list[Blob]:
    """Return what stands out from an image's background in brightness."""
    from scipy.ndimage import binary_fill_holes, find_objects, label

    grey = image.mean(axis=2)
    bright = grey > otsu(grey)
    border = np.concatenate([bright[0], bright[-1], bright[:, 0], bright[:, -1]])
    thing = ~bright if border.mean() > 0.5 else bright
    marked, _ = label(binary_fill_holes(thing))
    height, width = grey.shape
    shares = np.bincount(marked.ravel()) / grey.size
    found = []
    for number, (rows, columns) in enumerate(find_objects(marked), start=1):
        share = shares[number]
        if share < smallest:
            continue
        inside = marked[rows, columns] == number
        pixels = image[rows, columns][inside].astype(np.float32) / 255
        sides = (
            columns.start / width,
            rows.start / height,
            columns.stop / width,
            rows.stop / height,
        )
        features = [share, inside.mean(), *pixels.mean(axis=0), *pixels.std(axis=0)]
        found.append(Blob(sides, [float(value) for value in features]))
    return found


def otsu(grey: Array) -> float:
    """Return the level that splits an image's pixels into two groups, each most alike (1979)."""
    counts, edges = np.histogram(grey, bins=256, range=(0, 256))
    levels = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * levels)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (total / below - (total[-1] - total) / above) ** 2
    return float(edges[1:][int(np.nan_to_num(between).argmax())])
