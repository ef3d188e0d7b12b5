"""Simple answers: the last value, random draws, and what happens to those that fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.baseline.constant import Random
from mlrecipe.components.baseline.last_value import LastValue
from mlrecipe.files import read_json
from mlrecipe.interfaces import Inputs, Samples


def samples(frame: pd.DataFrame, y: Any, weights: Any = None) -> Samples:
    y = np.asarray(y, dtype=np.float32).reshape(len(frame), -1)
    weights = np.ones(len(frame)) if weights is None else np.asarray(weights)
    return Samples(frame, {}, y, weights.astype(np.float32))


def test_random_draws_have_the_shares_of_the_weighted_rows() -> None:
    """B1: draws from the training distribution; the same seed gives the same draws."""
    frame = pd.DataFrame({"x": range(4)})
    training = samples(frame, [[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]], [4, 1, 1, 4])
    rows = Inputs(pd.DataFrame({"x": range(20_000)}), {})
    outputs = Random().predict(training, rows)
    np.testing.assert_allclose(outputs.mean(axis=0), [0.4, 0.2, 0.4], atol=0.015)
    np.testing.assert_array_equal(outputs, Random().predict(training, rows))
    assert not np.array_equal(outputs, Random(seed=1).predict(training, rows))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_last_value_is_that_of_a_loop(data: Any) -> None:
    """B1: the latest training row strictly before, of the same series; else the mean."""
    count = data.draw(st.integers(1, 12))
    days = st.lists(st.integers(1, 9), min_size=count, max_size=count)
    shops = st.lists(st.sampled_from("ab"), min_size=count, max_size=count)
    known = pd.DataFrame({"day": data.draw(days), "shop": data.draw(shops)})
    asked = pd.DataFrame({"day": data.draw(days), "shop": data.draw(shops)})
    y = np.arange(count, dtype=np.float32) * 10
    for by in ("", "shop"):
        outputs = LastValue(time="day", by=by).predict(samples(known, y), Inputs(asked, {}))
        for row in range(count):
            earlier = known["day"] < asked["day"][row]
            if by:
                earlier &= known["shop"] == asked["shop"][row]
            if not earlier.any():
                assert outputs[row, 0] == pytest.approx(y.mean())
                continue
            latest = known["day"][earlier].max()
            candidates = y[earlier & (known["day"] == latest)]
            assert outputs[row, 0] == candidates[-1]


def test_last_value_reads_dates_and_does_without() -> None:
    known = pd.DataFrame({"day": ["2024-01-31", "2024-02-01", None]})
    asked = pd.DataFrame({"day": ["2024-02-02", "2024-02-01", "2024-01-01", None]})
    outputs = LastValue(time="day").predict(samples(known, [1, 4, 7]), Inputs(asked, {}))
    np.testing.assert_array_equal(outputs[:, 0], [4, 1, 4, 4])


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sales that walk at random, each shop for itself: yesterday's are the best guess."""
    draws = np.random.default_rng(2)
    walks = [
        pd.DataFrame(
            {
                "day": pd.date_range("2024-01-01", periods=120).astype(str),
                "shop": f"s{shop}",
                "staff": draws.integers(2, 9, 120),
                "sales": 100 * shop + draws.normal(size=120).cumsum().round(2),
            }
        )
        for shop in range(3)
    ]
    path = tmp_path_factory.mktemp("shops") / "shops.csv"
    pd.concat(walks).to_csv(path, index=False)
    return path


def words_of(path: Path, *more: str) -> tuple[str, ...]:
    return (
        "recipe=csv",
        f"source.path={path}",
        "problem.target=sales",
        "problem.time=day",
        "problem.inputs=[staff,shop]",
        "problem.in_production=[staff,shop]",
        *more,
    )


def scores(run: Any) -> dict[str, float]:
    rows = read_json(run.artifact("baseline", "baselines.json"))["baselines"]
    return {row["name"]: row["scores"]["mean_absolute_error"]["mean"] for row in rows}


def test_a_time_brings_the_last_value_and_a_series_makes_it_good(
    shops: Path, tmp_path: Path
) -> None:
    """B1: auto takes it where rows have a time and says why; settings of one's own are kept."""
    until = "workflow.until=baseline"
    run = mlrecipe.run(*words_of(shops, until), path=tmp_path / "auto")
    made = read_json(run.artifact("collect", "choices.json"))["baseline"]
    assert [c["name"] for c in made] == ["mean", "median", "linear", "last_value"]
    assert "rows have a time, day" in made[-1]["reason"]
    plain = scores(run)
    words = ("baseline=[auto,last_value]", "baseline.last_value.by=shop", until)
    run = mlrecipe.run(*words_of(shops, *words), path=tmp_path / "by")
    by_shop = scores(run)
    assert list(by_shop) == ["mean", "median", "linear", "last_value"]
    assert by_shop["last_value"] < 4 < 20 < plain["last_value"]
    assert by_shop["last_value"] < by_shop["linear"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("problem.time=null", "baseline=[last_value]"), "in which order"),
        (("baseline=[last_value]", "baseline.last_value.by=shp"), "did you mean 'shop'"),
    ],
)
def test_last_value_without_an_order_or_series(
    shops: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match=message):
        mlrecipe.run(*words_of(shops, *words), path=tmp_path / "run")


FAILING = '''
import numpy as np
import mlrecipe

class Broken(mlrecipe.Baseline, name="broken"):
    """Cannot answer."""

    def predict(self, training, rows):
        raise np.linalg.LinAlgError("Singular matrix.")

class Lost(mlrecipe.Baseline, name="lost"):
    """Answers with what is no number."""

    def predict(self, training, rows):
        return np.full((len(rows.frame), training.y.shape[1]), np.nan, np.float32)

@mlrecipe.hookimpl
def mlrecipe_components():
    return [Broken, Lost]
'''


def test_a_baseline_that_fails_is_left_out_and_said(shops: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "failing.py"
    plugin.write_text(FAILING, encoding="utf-8")
    words = words_of(shops, "workflow.until=baseline")
    run = mlrecipe.run(
        *words, "baseline=[broken,mean,lost]", plugins=[plugin], path=tmp_path / "run"
    )
    found = {f.evidence["baseline"]: f for _, f in run.findings() if f.code == "baseline-failed"}
    assert "LinAlgError: Singular matrix" in found["broken"].message
    assert "no number" in found["lost"].message
    assert list(scores(run)) == ["mean"]
    with pytest.raises(mlrecipe.MlrecipeError, match="no baseline is left"):
        mlrecipe.run(*words, "baseline=[broken]", plugins=[plugin], path=tmp_path / "none")


@pytest.mark.slow
def test_every_baseline_is_compared_in_pairs(
    shops: Path, tmp_path: Path, quick: tuple[str, ...]
) -> None:
    """B1: the small and the tuned model, against all of them, on the same rows of the folds."""
    words = ("baseline=[auto,last_value]", "baseline.last_value.by=shop", *quick)
    waived = "workflow.waive.no-statistical-power='the walk is known to be random'"
    run = mlrecipe.run(
        *words_of(shops, *words, waived), "workflow.until=explain", path=tmp_path / "run"
    )
    names = ["mean", "median", "linear", "last_value"]
    for step, name in (("power", "power.json"), ("tune", "tuned.json")):
        against = read_json(run.artifact(step, name))["against"]
        assert list(against) == names
        for comparison in against.values():
            assert comparison["low"] <= comparison["difference"] <= comparison["high"]
        assert against["last_value"]["difference"] < 0
    report = run.artifact("explain", "report.html").read_text(encoding="utf-8")
    assert "the tuned model's lead in mean_absolute_error" in report.replace("&#39;", "'")
