"""M1: every metric against an independent implementation, or against a case worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from mlrecipe.components.metric import classification as classes
from mlrecipe.components.metric import detection, multilabel, ranking, regression, segmentation
from mlrecipe.components.metric import probability as p
from mlrecipe.evaluation.matching import overlap_of
from mlrecipe.interfaces import Metric

draws = np.random.default_rng(11)
ROWS = 300
Y = (draws.random((ROWS, 1)) < 0.3).astype(np.float32)
# Rounded, so that there are ties.
P = np.clip(0.3 * Y + draws.random((ROWS, 1)) * 0.7, 0.01, 0.99).astype(np.float32).round(2)
Y3 = np.eye(3, dtype=np.float32)[draws.integers(0, 3, ROWS)]
P3 = draws.dirichlet((1, 1, 1), ROWS).astype(np.float32)
W = draws.uniform(0.2, 3, ROWS)


def binary(weights: Any) -> list[tuple[Metric, float]]:
    y, said = Y[:, 0], P[:, 0] >= 0.5
    w = {"sample_weight": weights}
    return [
        (classes.Accuracy(), sk.accuracy_score(y, said, **w)),
        (classes.MacroF1(), sk.f1_score(y, said, average="macro", **w)),
        (classes.F1(), sk.f1_score(y, said, **w)),
        (classes.BalancedAccuracy(), sk.balanced_accuracy_score(y, said, **w)),
        (classes.MatthewsCorrelation(), sk.matthews_corrcoef(y, said, **w)),
        (classes.Recall(threshold=0.4), sk.recall_score(y, P[:, 0] >= 0.4, **w)),
        (classes.Precision(threshold=0.4), sk.precision_score(y, P[:, 0] >= 0.4, **w)),
        (p.ROCAUC(), sk.roc_auc_score(y, P[:, 0], **w)),
        (p.AveragePrecision(), sk.average_precision_score(y, P[:, 0], **w)),
        (p.LogLoss(), sk.log_loss(y, P[:, 0], **w)),
        (p.Brier(), sk.brier_score_loss(y, P[:, 0], **w)),
    ]


def multiclass(weights: Any) -> list[tuple[Metric, float]]:
    y, said = Y3.argmax(axis=1), P3.argmax(axis=1)
    w = {"sample_weight": weights}
    return [
        (classes.Accuracy(), sk.accuracy_score(y, said, **w)),
        (classes.MacroF1(), sk.f1_score(y, said, average="macro", **w)),
        (classes.BalancedAccuracy(), sk.balanced_accuracy_score(y, said, **w)),
        (classes.MatthewsCorrelation(), sk.matthews_corrcoef(y, said, **w)),
        (p.ROCAUC(), sk.roc_auc_score(Y3, P3, average="macro", **w)),
        (p.LogLoss(), sk.log_loss(y, P3, **w)),
    ]


@pytest.mark.parametrize("weights", [None, W], ids=["even", "weighted"])
def test_classification_metrics_are_scikit_learns(weights: Any) -> None:
    for metric, expected in binary(weights):
        assert metric.score(Y, P, weights) == pytest.approx(expected, rel=1e-5), metric.name
    for metric, expected in multiclass(weights):
        assert metric.score(Y3, P3, weights) == pytest.approx(expected, rel=1e-5), metric.name


@pytest.mark.parametrize("weights", [None, W[:50]], ids=["even", "weighted"])
def test_regression_metrics_are_scikit_learns(weights: Any) -> None:
    random = np.random.default_rng(3)
    y = random.normal(size=(50, 3)).astype(np.float32)
    outputs = (y + random.normal(size=(50, 3))).astype(np.float32)
    w = {"sample_weight": weights}
    cases = [
        (regression.R2(), sk.r2_score(y, outputs, **w)),
        (regression.MeanAbsoluteError(), sk.mean_absolute_error(y, outputs, **w)),
        (regression.RootMeanSquaredError(), sk.root_mean_squared_error(y, outputs, **w)),
        (regression.MeanSquaredError(), sk.mean_squared_error(y, outputs, **w)),
        (
            regression.MeanAbsolutePercentageError(),
            sk.mean_absolute_percentage_error(y, outputs, **w),
        ),
    ]
    if weights is None:
        odd = (y[:49], outputs[:49])  # of an even number scikit-learn takes the middle of two
        expected = sk.median_absolute_error(*odd)
        assert regression.MedianAbsoluteError().score(*odd) == pytest.approx(expected, rel=1e-5)
    for metric, expected in cases:
        assert metric.score(y, outputs, weights) == pytest.approx(expected, rel=1e-5), metric.name


def test_what_cannot_be_scored_is_no_number() -> None:
    none = np.zeros((5, 1), dtype=np.float32)
    for metric in (p.ROCAUC(), p.AveragePrecision(), classes.Recall(), classes.Precision()):
        assert np.isnan(metric.score(none, none)), metric.name
    assert np.isnan(regression.R2().score(none, none))


def test_recall_of_one_class_among_several() -> None:
    """F3: how often acceptable messages pass is one minus the censor's false alarms."""
    from mlrecipe.components.metric.classification import ClassRecall

    draws = np.random.default_rng(3)
    truth, said = draws.integers(0, 3, 300), draws.integers(0, 3, 300)
    y, outputs = np.eye(3)[truth], np.eye(3)[said]
    weights = draws.uniform(0.5, 2, 300)
    for label in range(3):
        expected = sk.recall_score(
            truth, said, labels=[label], average="macro", sample_weight=weights
        )
        assert ClassRecall(label=label).score(y, outputs, weights) == pytest.approx(expected)
    assert np.isnan(ClassRecall(label=5).score(y, outputs))


def test_recall_at_a_false_alarm_rate() -> None:
    y = np.array([[1], [1], [0], [1], [0], [0]], dtype=np.float32)
    outputs = np.array([[0.9], [0.8], [0.7], [0.6], [0.2], [0.1]], dtype=np.float32)
    for rate, expected in ((0.2, 2 / 3), (0.34, 1.0)):
        metric = p.RecallAtFalseAlarmRate(rate=rate)
        assert metric.score(y, outputs) == pytest.approx(expected)
    tied = np.full((6, 1), 0.5, dtype=np.float32)
    assert p.RecallAtFalseAlarmRate(rate=0.5).score(y, tied) == 0.0


def test_calibration() -> None:
    """Probabilities that come true are calibrated, whatever they discriminate."""
    said = np.repeat([[0.25], [0.75]], 400, axis=0).astype(np.float32)
    true = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])[:, None]
    assert p.CalibrationError().score(true.astype(np.float32), said) == pytest.approx(0, abs=1e-6)
    sure = np.round(said)
    assert p.CalibrationError().score(true.astype(np.float32), sure) == pytest.approx(0.25)


@pytest.mark.parametrize("weights", [None, W], ids=["even", "weighted"])
def test_multilabel_metrics_are_scikit_learns(weights: Any) -> None:
    random = np.random.default_rng(4)
    y = (random.random((ROWS, 4)) < [0.5, 0.3, 0.1, 0.02]).astype(np.float32)
    outputs = np.clip(0.5 * y + 0.6 * random.random(y.shape), 0, 1).astype(np.float32).round(2)
    said, w = outputs >= 0.5, {"sample_weight": weights}
    cases = [
        (multilabel.MeanAveragePrecision(), sk.average_precision_score(y, outputs, **w)),
        (multilabel.LabelPrecision(), sk.precision_score(y, said, average="micro", **w)),
        (multilabel.LabelRecall(), sk.recall_score(y, said, average="micro", **w)),
        (multilabel.LabelF1(), sk.f1_score(y, said, average="micro", **w)),
    ]
    for metric, expected in cases:
        assert metric.score(y, outputs, weights) == pytest.approx(expected, rel=1e-5), metric.name


def test_ndcg_is_scikit_learns() -> None:
    random = np.random.default_rng(5)
    y = random.integers(0, 4, (40, 30)).astype(np.float32)
    outputs = random.random((40, 30)).astype(np.float32)
    for cutoff in (1, 10, 100):
        expected = sk.ndcg_score(y, outputs, k=cutoff)
        assert ranking.NDCG(cutoff=cutoff).score(y, outputs) == pytest.approx(expected, rel=1e-5)


def test_ranking_metrics_by_hand() -> None:
    """The list is b, a, d, c, e; a and c are relevant to the first, none to the second query."""
    y = np.array([[1, 0, 1, 0, 0], [0, 0, 0, 0, 0]], dtype=np.float32)
    outputs = np.tile(np.array([0.8, 0.9, 0.2, 0.3, 0.1], dtype=np.float32), (2, 1))
    cases = [
        (ranking.RecallAtCutoff(cutoff=2), 1 / 2),
        (ranking.PrecisionAtCutoff(cutoff=4), 2 / 4),
        (ranking.MeanReciprocalRank(), 1 / 2),
        (ranking.MeanAveragePrecisionAtCutoff(), (1 / 2 + 2 / 4) / 2),
    ]
    for metric, expected in cases:
        assert metric.score(y, outputs) == pytest.approx(expected), metric.name
    owned = outputs.copy()
    owned[:, 0] = -np.inf  # what a user already has cannot be recommended
    assert ranking.RecallAtCutoff(cutoff=5).score(y, owned) == pytest.approx(1 / 2)


def test_masks_by_hand() -> None:
    """A square of 4 pixels, answered one column to the right: 2 of 6 pixels overlap."""
    y, outputs = np.zeros((1, 4, 4, 1), dtype=np.float32), np.zeros((1, 4, 4, 1), dtype=np.float32)
    y[0, 1:3, 1:3], outputs[0, 1:3, 2:4] = 1, 0.9
    assert segmentation.MeanIoU().score(y, outputs) == pytest.approx(2 / 6)
    assert segmentation.Dice().score(y, outputs) == pytest.approx(4 / 8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_mean_iou_is_scikit_learns_jaccard(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, said = random.integers(0, 3, (2, 4, 5, 6))
    eye = np.eye(3, dtype=np.float32)
    expected = sk.jaccard_score(truth.ravel(), said.ravel(), average="macro")
    assert segmentation.MeanIoU().score(eye[truth], eye[said]) == pytest.approx(expected)


def boxes(*rows: tuple[float, ...]) -> Any:
    return np.array([rows], dtype=np.float32)


def test_boxes_by_hand() -> None:
    """Of two true boxes one is found, after a false alarm; its double counts as a second one."""
    y = boxes((0, 0, 0, 10, 10), (0, 20, 20, 30, 30), (-1, 0, 0, 0, 0))
    answers = boxes(
        (0, 0.9, 50, 50, 60, 60), (0, 0.8, 0, 0, 10, 9), (0, 0.7, 0, 0, 10, 10), (-1, 0, 0, 0, 0, 0)
    )
    metric = detection.DetectionAveragePrecision()
    assert metric.score(y, answers) == pytest.approx(0.5 * 0.5)
    # At an overlap of 0.95 the second answer misses, and the third one finds: precision 1/3.
    strict = detection.DetectionAveragePrecision(overlaps=(0.95,))
    assert strict.score(y, answers) == pytest.approx(0.5 / 3)
    both = detection.DetectionAveragePrecision(overlaps=(0.5, 0.95))
    assert both.score(y, answers) == pytest.approx((0.25 + 0.5 / 3) / 2)


def test_overlap_of_boxes() -> None:
    others = np.array([[0, 0, 2, 2], [1, 1, 3, 3], [5, 5, 6, 6], [0, 0, 1, 2]])
    found = overlap_of(np.array([0, 0, 2, 2]), others)
    np.testing.assert_allclose(found, [1, 1 / 7, 0, 1 / 2])
