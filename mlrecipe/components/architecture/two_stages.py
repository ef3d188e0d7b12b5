"""Builds and trains the stages of `architecture=two_stage`, and joins them to one model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.data.grids import NUMBERS, centres
from mlrecipe.interfaces import Fitted

if TYPE_CHECKING:
    import keras

    from mlrecipe.components.architecture.two_stage import TwoStage
    from mlrecipe.interfaces import Array, Assignment, Samples, TensorSpec
    from mlrecipe.training.trainer import History

DETECTOR, CLASSIFIER = "detector_epochs", "classifier_epochs"
"""What validation finds: how long to train each stage."""

MOVED, SCALED = 0.06, 0.1
"""Deviation of random moves, in longer sides of the box, and of random scales: about what the
first stage is off by."""

MOST_TIMES = 3
"""Crops of a frequent label for one of the rarest: further ones take time and teach little."""


def fit(
    size: TwoStage,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> Fitted:
    """Train the detector on maps of one class, the classifier on crops, and join them."""
    import keras

    spec = assignment.specs[0]
    classes, cells = len(assignment.codec.labels), assignment.codec.shape[0]
    keras.backend.clear_session(free_memory=False)  # layer names count from 1 in every model
    keras.utils.set_random_seed(assignment.seed)
    detector = detector_of(size, spec, cells, assignment.objective.activation)
    classifier = classifier_of(size, spec.shape[2], classes)
    first = _train_detector(detector, rows, validation, assignment, found)
    second = _train_classifier(size, classifier, rows, validation, assignment, found)
    epochs = {DETECTOR: float(first.best_epoch), CLASSIFIER: float(second.best_epoch)}
    return Fitted(
        joined(size, spec, detector, classifier),
        epochs,
        _added(first.loss, second.loss),
        _added(first.val_loss, second.val_loss),
        max(first.best_epoch, second.best_epoch),
    )


def detector_of(size: TwoStage, spec: TensorSpec, cells: int, activation: str) -> keras.Model:
    """Return a model of an image to a map of things, whatever they are (batch, cells, cells, 5)."""
    import keras

    from mlrecipe.components.architecture.parts_of_maps import pyramid
    from mlrecipe.components.task.parts import map_head

    inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
    pixels = keras.layers.Rescaling(1 / 255)(inputs)
    if size.reduce > 1:
        pixels = keras.layers.AveragePooling2D(size.reduce)(pixels)
    halvings = 1 if size.reduce > 1 else 2
    body = pyramid(pixels, size.depth or 0, size.filters or 1, halvings=halvings, separable=True)
    outputs = map_head(body, (cells, cells, 1 + NUMBERS), activation, rare=True)
    return keras.Model({spec.name: inputs}, outputs, name="find_things")


def classifier_of(size: TwoStage, channels: int, classes: int) -> keras.Model:
    """Return a model of a crop, pixels 0 … 255, to the probability of each label."""
    import keras

    from mlrecipe.components.architecture.parts_of_maps import convolved

    inputs = keras.Input((size.crop, size.crop, channels), name="crop")
    body = keras.layers.Rescaling(1 / 255)(inputs)
    for number in range(size.blocks):
        filters = (size.classifier_filters or 1) * 2**number
        body = convolved(body, filters, strides=2, width=3 if number else 5)
        body = convolved(body, filters)
    mean = keras.layers.GlobalAveragePooling2D()(body)
    most = keras.layers.GlobalMaxPooling2D()(body)  # a small flaw is small in a mean
    body = keras.layers.Concatenate()([mean, most])
    outputs = keras.layers.Dense(classes, "softmax")(body)
    return keras.Model({"crop": inputs}, outputs, name="tell_label")


def joined(
    size: TwoStage, spec: TensorSpec, detector: keras.Model, classifier: keras.Model
) -> keras.Model:
    """Return both stages as one model: an image to a map of labels, as the task wants it."""
    import keras

    from mlrecipe.training.crops import Crops, Peaks, Placed

    inputs = keras.Input(spec.shape, dtype=spec.dtype, name=spec.name)
    grid = detector({spec.name: inputs})
    where, scores, boxes = Peaks(size.most)(grid)
    pixels = keras.layers.Rescaling(1.0)(inputs)
    pieces = Crops(size.crop, size.margin)([pixels, boxes])
    shares = classifier({"crop": pieces})
    outputs = Placed()([grid, where, scores, shares])
    return keras.Model({spec.name: inputs}, outputs, name="two_stage")


def _train_detector(
    model: keras.Model,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> History:
    from mlrecipe.training.trainer import Trainer

    held_out = None
    if validation is not None:
        held_out = (validation.x, _things(validation.y), validation.weights)
    y = _things(rows.y)
    trainer = Trainer(model, assignment.objective, assignment.training, y.shape[1:])
    return trainer.fit(
        rows.x,
        y,
        held_out,
        seed=assignment.seed,
        weights=rows.weights,
        epochs=_epochs(found, DETECTOR),
        listener=assignment.listener,
    )


def _train_classifier(
    size: TwoStage,
    model: keras.Model,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> History:
    from mlrecipe.components.objective.table import SoftmaxCategoricalCrossentropy
    from mlrecipe.training.trainer import Trainer

    draws = np.random.default_rng(assignment.seed)
    name, classes = assignment.specs[0].name, len(assignment.codec.labels)
    x, y, weights = crops_of(size, rows, name, classes, draws)
    held_out = None
    if validation is not None:
        crops, labels, counts = crops_of(size, validation, name, classes, None)
        # An image without boxes gives no crop: without any, the training crops decide.
        held_out = ({"crop": crops}, labels, counts) if len(crops) else ({"crop": x}, y, weights)
    trainer = Trainer(model, SoftmaxCategoricalCrossentropy(), assignment.training, (classes,))
    return trainer.fit(
        {"crop": x},
        y,
        held_out,
        seed=assignment.seed,
        weights=weights,
        epochs=_epochs(found, CLASSIFIER),
        listener=assignment.listener,
    )


def crops_of(
    size: TwoStage,
    rows: Samples,
    name: str,
    classes: int,
    draws: np.random.Generator | None,
) -> tuple[Array, Array, Array]:
    """Return crops of the true boxes, float32 (crops, side, side, channels), labels and weights.

    Args:
        size: what to cut out.
        rows: images and maps.
        name: of the images' tensor.
        classes: how many labels there are.
        draws: for copies that are moved; None: each box once, as it is.
    """
    from mlrecipe.training.crops import cut

    truth = centres(rows.y)
    there = truth[..., 0] >= 0
    boxes = np.concatenate(
        [(truth[..., 1:3] + truth[..., 3:]) / 2, truth[..., 3:] - truth[..., 1:3]], axis=-1
    )
    if draws is not None:
        there, boxes = np.repeat(there, size.copies, 1), np.repeat(boxes, size.copies, 1)
        truth = np.repeat(truth, size.copies, 1)
        boxes = _moved(boxes, draws)
        there = _not_too_many(truth[..., 0], there, draws)
    pieces = cut(rows.x[name], boxes, there, size.crop, size.margin)
    if draws is not None and size.any_way_up:
        _turn(pieces, draws)
    label = truth[there][:, 0].astype(int)
    weights = rows.weights[np.nonzero(there)[0]]
    if size.balanced and len(label):
        counts = np.bincount(label, weights, classes)
        weights = weights * (counts.sum() / (np.count_nonzero(counts) * counts[label]))
    return pieces, np.eye(classes, dtype=np.float32)[label], weights.astype(np.float32)


def _not_too_many(label: Array, there: Array, draws: np.random.Generator) -> Array:
    """Return which boxes to learn from: of each label, at most `MOST_TIMES` as of the rarest."""
    kept = np.zeros_like(there)
    counts = [int((there & (label == one)).sum()) for one in np.unique(label[there])]
    for one in np.unique(label[there]):
        places = np.argwhere(there & (label == one))
        chosen = draws.permutation(len(places))[: MOST_TIMES * min(counts)]
        kept[tuple(places[chosen].T)] = True
    return kept


def _moved(boxes: Array, draws: np.random.Generator) -> Array:
    """Return boxes (rows, boxes, 4) somewhat off, as a detector gives them."""
    longer = boxes[..., 2:].max(axis=-1, keepdims=True)
    centre = boxes[..., :2] + draws.normal(0, MOVED, (*boxes.shape[:2], 2)) * longer
    scale = np.exp(draws.normal(0, SCALED, (*boxes.shape[:2], 1)))
    return np.concatenate([centre, boxes[..., 2:] * scale], axis=-1)


def _turn(pieces: Array, draws: np.random.Generator) -> None:
    """Turn each piece by a random multiple of a right angle, and mirror every second, in place."""
    turns, mirrored = draws.integers(0, 4, len(pieces)), draws.random(len(pieces)) < 0.5
    for number, piece in enumerate(pieces):
        turned = np.rot90(piece, turns[number])
        pieces[number] = turned[:, ::-1] if mirrored[number] else turned


def _things(y: Array) -> Array:
    """Return maps with one class, float32 (rows, cells, cells, 5)."""
    return np.concatenate([y[..., :-NUMBERS].max(axis=-1, keepdims=True), y[..., -NUMBERS:]], -1)


def _epochs(found: Mapping[str, float], name: str) -> int | None:
    return max(1, round(found[name])) if name in found else None


def _added(first: list[float], second: list[float]) -> list[float]:
    """Return both stages' losses added, epoch by epoch; who stopped stays where it was best."""
    pairs: Any = zip_longest(first, second)
    return [(min(first) if a is None else a) + (min(second) if b is None else b) for a, b in pairs]
