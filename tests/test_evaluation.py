"""Scores, intervals, comparisons, the ladder, splits, thresholds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.metric import classification, probability
from mlrecipe.components.protocol.holdout import Holdout
from mlrecipe.components.protocol.kfold import KFold
from mlrecipe.components.protocol.time_ordered import TimeOrdered
from mlrecipe.data.sealing import latest_rows, sealed_rows
from mlrecipe.evaluation.decision import best_threshold
from mlrecipe.evaluation.intervals import BLOCK_CELLS, resamples, sample_scores, wilson
from mlrecipe.evaluation.ladder import (
    border,
    overfits,
    statement,
    still_falls,
    turned,
    why_uncrossed,
)
from mlrecipe.evaluation.scores import compare, score_folds, within_a_standard_error
from mlrecipe.interfaces import Divisible, Outcomes
from mlrecipe.problem import Costs

random = np.random.default_rng(11)
Y = (random.random((300, 1)) < 0.3).astype(np.float32)
P = np.clip(0.3 * Y + random.random((300, 1)) * 0.7, 0.01, 0.99).astype(np.float32)
Y3 = np.eye(3, dtype=np.float32)[random.integers(0, 3, 300)]
P3 = random.dirichlet((1, 1, 1), 300).astype(np.float32)
EVEN = Outcomes(Y, P, np.ones(300))
FOLDS = np.array_split(np.arange(300), 5)


def test_interval_holds_the_score_and_narrows_with_rows() -> None:
    metric = probability.ROCAUC()
    few = score_folds([metric], [Outcomes(Y[:60], P[:60], np.ones(60))], confidence=0.95, seed=0)[
        "roc_auc"
    ]
    many = score_folds([metric], [EVEN], confidence=0.95, seed=0)["roc_auc"]
    for score in (few, many):
        assert score["low"] < score["mean"] < score["high"]
    assert many["high"] - many["low"] < few["high"] - few["low"]


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """95 % intervals of an accuracy of 0.8, on 200 samples of 100 rows."""
    draws = np.random.default_rng(5)
    hits = 0
    for _ in range(200):
        y = np.ones((100, 1), dtype=np.float32)
        outputs = (draws.random((100, 1)) < 0.8).astype(np.float32)
        score = score_folds(
            [classification.Accuracy()],
            [Outcomes(y, outputs, np.ones(100))],
            confidence=0.95,
            seed=1,
        )["accuracy"]
        hits += score["low"] <= 0.8 <= score["high"]
    assert 180 <= hits <= 198


def test_comparison_is_positive_when_ours_is_better_whatever_the_direction() -> None:
    """B1: every model is compared with the baseline, with a confidence interval."""
    noise = random.random((300, 1)).astype(np.float32)
    ours, others = (
        [Outcomes(Y[rows], outputs[rows], np.ones(len(rows))) for rows in FOLDS]
        for outputs in (P, noise)
    )
    for metric in (probability.ROCAUC(), probability.LogLoss()):
        better = compare(metric, ours, others, confidence=0.95, seed=0)
        worse = compare(metric, others, ours, confidence=0.95, seed=0)
        same = compare(metric, ours, ours, confidence=0.95, seed=0)
        assert better["better"]
        assert better["difference"] > 0
        assert worse["high"] < 0
        assert not same["better"]
        assert same["difference"] == 0


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_a_standard_error_is_one_whatever_the_level(confidence: float) -> None:
    """S1: models that differ by noise are alike, those that differ in earnest are not."""
    weights = np.ones(len(Y))
    ours = [Outcomes(Y, P, weights)]
    for spread, alike in ((0.001, True), (1.0, False)):
        others = P + spread * random.normal(size=P.shape).astype(np.float32)
        theirs = [Outcomes(Y, others, weights)]
        behind = compare(probability.ROCAUC(), ours, theirs, confidence=confidence, seed=0)
        assert within_a_standard_error(behind) == alike


def test_rows_validated_again_are_no_new_evidence() -> None:
    """E1: an iterated K-fold narrows no interval by answering the same rows once more."""
    for metric in (probability.ROCAUC(), classification.Accuracy()):
        once = [Outcomes(Y, P, np.ones(300), np.arange(300))]
        twice, lone = (
            score_folds([metric], parts, confidence=0.95, seed=0)[metric.name]
            for parts in (once * 3, once)
        )
        assert twice["mean"] == pytest.approx(lone["mean"])
        width = (twice["high"] - twice["low"]) / (lone["high"] - lone["low"])
        assert width == pytest.approx(1, abs=0.08)


def test_rows_of_one_group_count_together() -> None:
    """E2: thirty patients with ten alike rows each tell as much as thirty rows."""
    people = np.repeat(np.arange(30), 10)
    y, outputs = Y[:30][people], P[:30][people]
    for metric in (probability.ROCAUC(), classification.Accuracy()):
        each = score_folds(
            [metric], [Outcomes(Y[:30], P[:30], np.ones(30))], confidence=0.95, seed=0
        )[metric.name]
        grouped = score_folds(
            [metric], [Outcomes(y, outputs, np.ones(300), people)], confidence=0.95, seed=0
        )[metric.name]
        assert grouped["mean"] == pytest.approx(each["mean"])
        width = (grouped["high"] - grouped["low"]) / (each["high"] - each["low"])
        assert width == pytest.approx(1, abs=0.08)


def test_ladder_sees_the_turn() -> None:
    """S1: a rung overfits when validation got worse while training got better, in most folds."""
    better = [3, 2, 1, 0.8, 0.6, 0.4]
    assert turned(better, [3, 2, 1, 1.2, 1.3, 1.4])
    assert not turned(better, [3, 2, 1, 0.9, 0.85, 0.84])
    assert not turned([3, 2, 1, 1.2, 1.3, 1.4], [3, 2, 1, 1.2, 1.3, 1.4])  # both got worse
    assert not turned(better, [1.0, 0.5, 0.501, 0.502])
    assert not turned([], [])
    assert overfits([True, True, False])
    assert not overfits([True, False, False])
    rungs = [
        {"overfits": False, "best_epochs": [9, 9, 9], "turned": [False, True, False]},
        {"overfits": True, "best_epochs": [3, 50, 10], "turned": [True, False, True]},
    ]
    found = {"rung": 1, "epoch": 6, "earliest": 3, "latest": 10, "folds": 2, "of": 3}
    assert border(rungs) == found
    assert border(rungs[:1]) is None
    told = [{**rung, "parameters": 7, "scores": {"auc": {"mean": 0.9}}} for rung in rungs]
    assert "turned in 2 of 3 folds, of the next smaller one in 1" in statement(told, found, "auc")


def test_ladder_says_why_the_border_was_not_crossed() -> None:
    """S1: too easy, too short, too few rungs, or nothing that could turn."""

    def rung(val_loss: list[float], epochs: int | None = 4) -> dict[str, Any]:
        return {"epochs": epochs, "curves": {"val_loss": [val_loss] * 3}, "parameters": 7}

    falling, flat = rung([4, 3, 2, 1]), rung([4, 1, 1.001, 1.002])
    assert still_falls(falling)
    assert not still_falls(flat)
    assert not still_falls(rung([4, 3, 2, 1], epochs=9))  # ended of itself
    assert not still_falls(rung([], None))
    assert "too easy" in why_uncrossed([flat], 0.995, 4)[0]
    assert why_uncrossed([falling], 0.5, 4)[1] == "training.epochs=16"
    assert "in one go" in why_uncrossed([rung([], None)], 0.5, 4)[0]
    assert "workflow.rungs=3" in why_uncrossed([flat], float("nan"), 1)[1]
    assert "no larger size" in why_uncrossed([flat], 0.5, 4)[0]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(20, 200),
    folds=st.integers(2, 6),
    seed=st.integers(0, 1000),
    classes=st.none() | st.integers(2, 3),
)
def test_splits_never_overlap(rows: int, folds: int, seed: int, classes: int | None) -> None:
    target = None if classes is None else np.arange(rows) % classes
    for protocol in (KFold(folds=folds), Holdout(share=0.25)):
        splits = protocol.split(Divisible(rows, seed, target))
        for train, valid in splits:
            assert not set(train) & set(valid)
            assert len(train) + len(valid) == rows
        if protocol.name == "kfold":
            assert sorted(np.concatenate([valid for _, valid in splits])) == list(range(rows))
        again = protocol.split(Divisible(rows, seed, target))
        for (a, b), (c, d) in zip(splits, again, strict=True):
            np.testing.assert_array_equal(a, c)
            np.testing.assert_array_equal(b, d)


@settings(max_examples=60, deadline=None)
@given(rows=st.integers(20, 200), things=st.integers(4, 30), seed=st.integers(0, 1000))
def test_rows_of_one_thing_stay_on_one_side(rows: int, things: int, seed: int) -> None:
    """E1, E2: groups never straddle a split, nor the border of the test set."""
    draws = np.random.default_rng(seed)
    groups = draws.integers(0, things, rows)
    groups[:4] = range(4)
    frame = pd.DataFrame({"x": np.arange(rows)})
    for protocol in (KFold(folds=3), Holdout(share=0.25)):
        for train, valid in protocol.split(Divisible(rows, seed, None, groups)):
            assert not set(groups[train]) & set(groups[valid])
            assert len(train) + len(valid) == rows
    sealed = sealed_rows(frame, None, 0.25, seed, groups)
    assert not set(groups[sealed]) & set(groups[~sealed])
    assert 0 < sealed.sum() < rows


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(40, 200),
    folds=st.integers(1, 4),
    window=st.sampled_from(["expanding", "sliding"]),
    gap=st.floats(0, 3),
    seed=st.integers(0, 1000),
)
def test_training_rows_are_earlier_than_validation_rows(
    rows: int, folds: int, window: Literal["expanding", "sliding"], gap: float, seed: int
) -> None:
    """E1: in time order, with the gap in between, whatever the order of the rows."""
    times = np.random.default_rng(seed).integers(0, 60, rows).astype(float)
    times[0] = np.nan
    sealed = latest_rows(times, 0.2)
    assert times[sealed].min() > np.nanmax(times[~sealed])
    protocol = TimeOrdered(folds=folds, window=window, gap=gap, share=0.4)
    splits = protocol.split(Divisible(rows, seed, times=times))
    assert len(splits) == folds
    for train, valid in splits:
        assert np.nanmax(times[train]) + gap < times[valid].min() + 1e-9
    together = np.concatenate([valid for _, valid in splits])
    assert len(set(together)) == len(together)


def test_a_time_order_needs_a_time() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="no time"):
        TimeOrdered().split(Divisible(30, 0))


def test_too_few_things_to_split() -> None:
    groups = np.zeros(30, dtype=np.int64)
    with pytest.raises(mlrecipe.MlrecipeError, match="1 group"):
        Holdout().split(Divisible(30, 0, None, groups))


def test_more_folds_than_rows_of_a_class() -> None:
    target = np.array([0] * 50 + [1] * 3)
    with pytest.raises(mlrecipe.MlrecipeError, match="rarest class; there are 3"):
        KFold(folds=5).split(Divisible(53, 0, target))
    with pytest.raises(mlrecipe.MlrecipeError) as caught:
        KFold(folds=5).split(Divisible(51, 0, target[:51]))
    assert caught.value.fix.startswith("protocol=holdout")


@settings(max_examples=60, deadline=None)
@given(
    alarm=st.floats(0.1, 50),
    miss=st.floats(0.1, 50),
    seed=st.integers(0, 100),
)
def test_threshold_is_the_cheapest_there_is(alarm: float, miss: float, seed: int) -> None:
    draws = np.random.default_rng(seed)
    y = (draws.random(80) < 0.4).astype(np.float32)
    p = np.clip(0.25 * y + draws.random(80) * 0.75, 0, 1).round(2)
    costs = Costs(false_positive=alarm, false_negative=miss)

    def cost(threshold: float) -> float:
        answers = p >= threshold
        return float((answers & (y == 0)).sum() * alarm + (~answers & (y == 1)).sum() * miss)

    found = cost(best_threshold(y, p, costs))
    assert found <= min(cost(t) for t in np.linspace(0, 1.01, 150)) + 1e-9


def test_a_miss_that_costs_more_lowers_the_threshold() -> None:
    cheap = best_threshold(Y[:, 0], P[:, 0], Costs(false_negative=1))
    dear = best_threshold(Y[:, 0], P[:, 0], Costs(false_negative=20))
    assert dear < cheap


@given(rows=st.integers(1, 1000), share=st.floats(0, 1))
def test_wilson_interval_holds_the_share(rows: int, share: float) -> None:
    hits = round(rows * share)
    low, high = wilson(hits, rows, 0.95)
    assert 0 <= low <= hits / rows + 1e-12
    assert hits / rows - 1e-12 <= high <= 1


def test_wilson_of_the_textbook() -> None:
    """81 of 263: 0.2553 to 0.3662 (Newcombe, 1998, table I)."""
    low, high = wilson(81, 263, 0.95)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_samples_in_blocks_are_the_samples_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bootstrap of a large table needs no more memory than that of a small one."""
    metric = probability.LogLoss()
    whole = sample_scores(metric, [EVEN], seed=4)
    monkeypatch.setattr("mlrecipe.evaluation.intervals.BLOCK_CELLS", 300 * 7)
    again = sample_scores(metric, [EVEN], seed=4)
    np.testing.assert_allclose(again, whole, rtol=1e-12)
    assert resamples(100) == 1000
    assert resamples(10_000_000) == 200
    assert BLOCK_CELLS * 8 <= 2**24


def test_weights_count_rows_as_often_as_they_say() -> None:
    """M1: weights are honoured by every score, also in the interval."""
    often = np.where(P[:, 0] > 0.5, 3, 1)
    repeated = np.repeat(np.arange(300), often)
    for metric in (probability.ROCAUC(), classification.Accuracy(), classification.MacroF1()):
        weighted = score_folds(
            [metric], [Outcomes(Y, P, often.astype(float))], confidence=0.95, seed=0
        )[metric.name]
        assert weighted["mean"] == pytest.approx(metric.score(Y[repeated], P[repeated]))
        assert weighted["low"] < weighted["mean"] < weighted["high"]


def test_a_perfect_share_is_not_certain() -> None:
    """The bootstrap of a score without a miss is a point; Wilson's interval is none."""
    y = np.ones((36, 1), dtype=np.float32)
    metrics = [classification.Accuracy(), classification.Recall()]
    scores = score_folds(metrics, [Outcomes(y, y, np.ones(36))], confidence=0.95, seed=0)
    for score in scores.values():
        assert (score["mean"], score["high"]) == (1.0, 1.0)
        assert score["low"] == pytest.approx(36 / (36 + 1.959964**2))


def test_uneven_weights_widen_the_interval() -> None:
    metric = classification.Accuracy()
    uneven = np.where(np.arange(300) % 10 == 0, 20.0, 1.0)
    even, wide = (
        score_folds([metric], [Outcomes(Y, P, w)], confidence=0.95, seed=0)["accuracy"]
        for w in (np.ones(300), uneven)
    )
    assert wide["high"] - wide["low"] > 2 * (even["high"] - even["low"])
