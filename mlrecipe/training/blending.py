"""Fits several models and weighs their answers."""

from __future__ import annotations

import json
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlrecipe.interfaces import (
    ANSWER,
    Architecture,
    Array,
    Assignment,
    Estimator,
    Fitted,
    Samples,
)
from mlrecipe.training.fitting import EPOCHS, Fitter, to_unit_scale

if TYPE_CHECKING:
    import keras

WEIGHT = "weight"
"""What validation finds of each member: ``weight.NAME``, beside what the member itself finds."""

SELECTIONS = 40
"""Members selected, one after the other: weights are multiples of a fortieth."""

KEPT = 64
"""Fits that are remembered, of members that do not change from one trial to the next."""


def fit_blend(
    members: Mapping[str, Architecture],
    caution: int,
    least: float,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> Fitted:
    """Fit the members and weigh them; see `mlrecipe.Estimator.fit`.

    Args:
        members: architectures by their names.
        caution: rows that equal weights count like.
        least: weight below which a member is left out.
        found: for the last training, the members' own findings and their weights.
    """
    if validation is None:
        shares = np.array([found.get(f"{WEIGHT}.{name}", 1.0) for name in members])
        weights = without_small(shares, least)
        names = [name for name, weight in zip(members, weights, strict=True) if weight > 0]
        fits = {
            name: _fit(name, members[name], rows, None, assignment, found).fitted for name in names
        }
        kept = weights[weights > 0]
        return Fitted(_model(fits, kept, assignment), _found(fits, kept), *_curves(fits, kept))
    answers = {
        name: _fit(name, member, rows, validation, assignment, {})
        for name, member in members.items()
    }
    fits = {name: answer.fitted for name, answer in answers.items()}
    outputs = np.stack([answer.outputs for answer in answers.values()])
    loss = _loss(validation, assignment)
    chosen = selected(outputs, loss)
    count = len(validation.y)
    equal = np.full(len(fits), 1 / len(fits))
    weights = without_small((count * chosen + caution * equal) / (count + caution), least)
    model = _model(fits, weights, assignment)
    return Fitted(model, _found(fits, weights), *_curves(fits, weights))


def selected(outputs: Array, loss: Callable[[Array], float]) -> Array:
    """Return how often each model is selected, as shares that sum to 1 (models,).

    Each time, the model is added whose answers bring the mean of all selected furthest
    (Caruana, Niculescu-Mizil, Crew & Ksikes 2004).

    Args:
        outputs: float32 (models, rows, …).
        loss: of answers (rows, …).
    """
    counts, total = np.zeros(len(outputs)), np.zeros(outputs.shape[1:])
    for number in range(1, SELECTIONS + 1):
        losses = [loss((total + output) / number) for output in outputs]
        best = int(np.argmin(losses))
        counts[best] += 1
        total = total + outputs[best]
    return counts / SELECTIONS


def without_small(weights: Array, least: float) -> Array:
    """Return weights that sum to 1, those below ``least`` being 0; the largest always stays."""
    total = weights.sum()
    shares = weights / total if total > 0 else np.full(len(weights), 1 / len(weights))
    shares = np.where((shares >= least) | (shares == shares.max()), shares, 0.0)
    return shares / shares.sum()


@dataclass(frozen=True)
class _Answered:
    """A fitted member and what it answers to the validation rows, in the target's own unit."""

    fitted: Fitted
    outputs: Array


def _fit(
    name: str,
    member: Architecture,
    rows: Samples,
    validation: Samples | None,
    assignment: Assignment,
    found: Mapping[str, float],
) -> _Answered:
    """Fit a member; one whose fit needs no training settings is remembered."""
    key = _key(member, rows, validation, assignment)
    if key is not None and validation is not None and key in _MEMORY:
        kept, *arrays = _MEMORY[key]
        if arrays[0]() is rows.y and arrays[1]() is validation.y:
            return kept  # type: ignore[no-any-return]
    own = {k.removeprefix(f"{name}."): v for k, v in found.items() if k.startswith(f"{name}.")}
    fitter = _fitter(name, member, assignment)
    fitted, answer = fitter.fit(
        rows, assignment.specs, assignment.features, validation, own, seed=assignment.seed
    )
    outputs = np.empty(0) if validation is None else answer(validation.x)
    fitter.finish(fitted)
    answered = _Answered(fitted, outputs)
    if key is not None and validation is not None:
        _MEMORY[key] = (answered, weakref.ref(rows.y), weakref.ref(validation.y))
        while len(_MEMORY) > KEPT:
            _MEMORY.popitem(last=False)
    return answered


_MEMORY: OrderedDict[tuple[Any, ...], tuple[Any, ...]] = OrderedDict()


def _key(
    member: Architecture, rows: Samples, validation: Samples | None, assignment: Assignment
) -> tuple[Any, ...] | None:
    """Return what an estimator's fit depends on; None for a network, whose weights change."""
    if not isinstance(member, Estimator) or validation is None:
        return None
    weighed = assignment.training.row_weights(rows.y, assignment.codec.labels)
    settings = (member.mapping(), assignment.objective.mapping(), assignment.task.mapping())
    return (
        json.dumps(settings, sort_keys=True),
        assignment.codec.model_dump_json(),
        assignment.seed,
        id(rows.y),
        id(validation.y),
        None if weighed is None else weighed.tobytes(),
    )


def _fitter(name: str, member: Architecture, assignment: Assignment) -> Fitter:
    """Return the member's fitter, which all folds share: a network is compiled once."""
    key = (WEIGHT, name)
    if key not in assignment.shared:
        assignment.shared[key] = Fitter(
            assignment.task,
            member,
            assignment.objective,
            assignment.training,
            assignment.codec,
            assignment.seed,
        )
    fitter: Fitter = assignment.shared[key]
    fitter.listener = assignment.listener
    return fitter


def _loss(validation: Samples, assignment: Assignment) -> Callable[[Array], float]:
    """Return the objective's mean loss of answers to the validation rows, in the target's unit."""
    import tensorflow as tf

    from mlrecipe.training.graphs import a_row

    compute = assignment.objective.loss()
    y = tf.constant(to_unit_scale(validation.y, assignment.codec))
    weights = validation.weights.astype(np.float64)

    def loss(outputs: Array) -> float:
        scaled = to_unit_scale(outputs.astype(np.float32), assignment.codec)
        return float(np.average(a_row(compute(y, tf.constant(scaled))).numpy(), weights=weights))

    return loss


def _model(fits: Mapping[str, Fitted], weights: Array, assignment: Assignment) -> Any:
    """Return one Keras model: the weighted mean of the members' answers.

    A member that is alone is the model itself, so that it can be compressed as always.
    """
    import keras

    if np.count_nonzero(weights) == 1:
        return fits[list(fits)[int(np.argmax(weights))]].model
    specs = assignment.specs
    inputs = {s.name: keras.Input(s.shape, dtype=s.dtype, name=s.name) for s in specs}
    parts = [
        keras.layers.Rescaling(float(weight), name=f"weight_{name}")(
            _renamed(fit.model, name)(inputs)
        )
        for (name, fit), weight in zip(fits.items(), weights, strict=True)
        if weight > 0
    ]
    return keras.Model(inputs, keras.layers.Add(name=ANSWER)(parts), name="blend")


def _renamed(model: keras.Model, name: str) -> keras.Model:
    """Return the member's model under the member's name."""
    model.name = name
    return model


def _found(fits: Mapping[str, Fitted], weights: Array) -> dict[str, float]:
    found = {f"{name}.{key}": v for name, fit in fits.items() for key, v in fit.found.items()}
    shares = zip(fits, weights, strict=True)
    return {**found, **{f"{WEIGHT}.{name}": float(weight) for name, weight in shares}}


def _curves(fits: Mapping[str, Fitted], weights: Array) -> tuple[list[float], list[float], int]:
    """Return the learning curves and the best epoch of the last member that counts.

    Members learn in steps of their own kinds, so there is no curve of all. Of one that an algorithm
    fitted, nothing is told beyond its best step: that it went on to see whether more helps is no
    sign of too much capacity, and the ladder has to go on to the members that are still to come.
    """
    counting = [fit for fit, weight in zip(fits.values(), weights, strict=True) if weight > 0]
    last = counting[-1]
    if EPOCHS in last.found:
        return last.loss, last.val_loss, last.best
    return last.loss[: last.best], last.val_loss[: last.best], last.best
