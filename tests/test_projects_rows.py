"""Projects with rows of a table: card_fraud, ad_click_rate, house_prices. Data, headers, runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.composing import compose_recipe
from mlrecipe.expressions import parse_expression
from mlrecipe.expressions.frames import evaluate, series_of
from mlrecipe.files import read_json
from mlrecipe.generators import generate
from mlrecipe.registry import load_registry

RECIPES = ("ad_click_rate", "card_fraud", "house_prices")
FOLDER = Path(__file__).parent.parent / "recipes"


def made(name: str, rows: int = 6000, seed: int = 0, *, flawed: bool = True) -> pd.DataFrame:
    return generate(name, rows, seed, flawed=flawed).frame


def rule(frame: pd.DataFrame, recipe: str) -> Any:
    existing = compose_recipe([f"recipe={recipe}"], load_registry())[0].problem.existing
    assert existing is not None
    return series_of(evaluate(parse_expression(existing.rule), frame), frame.index)


@pytest.mark.parametrize("recipe", RECIPES)
def test_headers_say_what_to_expect_and_how_to_take_real_data(recipe: str) -> None:
    """Question, data, command, result, run time; the command is that of the recipe."""
    header = (FOLDER / f"{recipe}.yaml").read_text(encoding="utf-8").split("defaults:")[0]
    for word in ("Question:", "Data:", "Command:", "Expected:", "Run time:", "Real data:"):
        assert word in header
    assert re.search(rf"Command:\s+mlrecipe run recipe={recipe}\n", header)


# card_fraud


def test_frauds_are_rare_and_payments_in_order() -> None:
    for seed in range(3):
        frame = made("card_fraud", seed=seed)
        assert 0.012 < (frame["outcome"] == "fraud").mean() < 0.026
        assert frame["time"].is_monotonic_increasing
        assert frame["device"].isna().mean() > 0.5
        assert 0.03 < frame["shop_years"].isna().mean() < 0.15


def test_velocity_looks_at_the_past_alone() -> None:
    """What a row says of its card is told by earlier rows: later ones can be cut off."""
    frame = made("card_fraud", 3000)
    seconds = frame["time"].astype("int64") / frame["time"].astype("int64").diff().abs().max()
    assert seconds.notna().all()
    hour = pd.Timedelta(hours=1)
    start = frame["time"].iloc[0] + pd.Timedelta(days=1)
    checked = 0
    for _, row in frame[frame["time"] > start].sample(200, random_state=0).iterrows():
        own = frame[(frame["card"] == row["card"]) & (frame["time"] < row["time"])]
        within = (own["time"] >= row["time"] - hour).sum()
        day = own[own["time"] >= row["time"] - 24 * hour]
        assert abs(row["payments_last_hour"] - within) <= 1  # times are rounded to seconds
        assert abs(row["payments_last_day"] - len(day)) <= 1
        checked += int(len(day) > 0)
    assert checked > 5


@pytest.mark.parametrize("seed", range(3))
def test_the_rule_of_old_tactics_wears_out(seed: int) -> None:
    """C5: thieves adapt, and nested ifs do not; without the flaw they hold what they promise."""
    recall = {}
    for flawed in (True, False):
        frame = made("card_fraud", 12_000, seed, flawed=flawed)
        fraud = frame["outcome"] == "fraud"
        caught = rule(frame, "card_fraud").astype(bool)
        fifth = pd.qcut(frame["time"], 5, labels=False)
        recall[flawed] = [caught[fraud & (fifth == k)].mean() for k in (0, 4)]
        assert caught[~fraud].mean() < 0.01
    assert recall[True][0] > 3 * recall[True][1]
    assert recall[False][0] < 2 * recall[False][1]


# ad_click_rate


def test_clicks_are_counts_of_many_rare_ids() -> None:
    frame = made("ad_click_rate")
    assert ((frame["click_rate"] >= 0) & (frame["click_rate"] <= 1)).all()
    assert (frame["clicks"] <= frame["impressions"]).all()
    assert 0.01 < frame["clicks"].sum() / frame["impressions"].sum() < 0.04
    counts = frame["ad"].value_counts()
    assert len(counts) > 300
    assert counts.iloc[0] > 50
    assert (counts <= 5).mean() > 0.2


def test_ads_wear_out_and_without_the_flaw_they_do_not() -> None:
    slopes = {}
    for flawed in (True, False):
        frame = made("ad_click_rate", 20_000, flawed=flawed)
        within = frame.groupby("ad")[["days_online", "click_rate"]].transform(
            lambda v: v - v.mean()
        )
        slopes[flawed] = np.polyfit(within["days_online"], within["click_rate"], 1)[0]
    assert slopes[True] < -0.0002
    assert abs(slopes[False]) < 0.00005


def test_criteos_files_are_read_by_overrides(tmp_path: Path) -> None:
    """C1: 40 columns parted by tabs, no header, many gaps; as the recipe's header says."""
    draws = np.random.default_rng(0)
    lines = []
    for _ in range(400):
        numbers = [str(draws.integers(0, 999)) if draws.random() < 0.7 else "" for _ in range(13)]
        codes = [
            f"{draws.integers(0, 30) * 9973:08x}" if draws.random() < 0.8 else "" for _ in range(26)
        ]
        lines.append("\t".join([str(int(draws.random() < 0.25)), *numbers, *codes]))
    (tmp_path / "train.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    header = (FOLDER / "ad_click_rate.yaml").read_text(encoding="utf-8").split("defaults:")[0]
    words = re.findall(r"\S+=\S+", header.partition("train.txt:")[2].partition("The sample")[0])
    words = [word.replace("train.txt", str(tmp_path / "train.txt")) for word in words]
    run = mlrecipe.run(
        "recipe=ad_click_rate", *words, "workflow.until=collect", path=tmp_path / "run"
    )
    schema = read_json(run.artifact("collect", "schema.json"))
    assert len(schema["inputs"]) == 39
    assert schema["columns"]["column_15"]["type"] == "string"


# house_prices


def test_houses_have_gaps_twins_and_places() -> None:
    frame = made("house_prices", 500)
    assert 0.05 < frame["crime_rate"].isna().mean() < 0.25
    assert made("house_prices", 500, flawed=False).notna().all(axis=None)
    spread = frame.select_dtypes("number").max() / frame.select_dtypes("number").max().min()
    assert spread.max() > 1000  # features on very different scales
    same = frame.duplicated(["living_area", "lot_area", "built", "latitude"])
    assert same.sum() >= 3


def test_crime_rates_are_missing_where_they_are_high() -> None:
    whole = made("house_prices", 4000, flawed=False)
    gaps = made("house_prices", 4000)["crime_rate"].isna()
    assert whole["crime_rate"][gaps].mean() > 1.2 * whole["crime_rate"][~gaps].mean()


# The runs


def carried_out(recipe: str, folder: Path, *words: str) -> Any:
    return mlrecipe.run(f"recipe={recipe}", *words, "workflow.until=explain", path=folder / "run")


def against(run: Any) -> dict[str, Any]:
    return dict(read_json(run.artifact("tune", "tuned.json"))["against"])


@pytest.mark.slow
def test_card_fraud_beats_rules_and_line(tmp_path: Path) -> None:
    """F3, B1, X1: the model beats the rules; the report says it in cases a day."""
    run = carried_out("card_fraud", tmp_path, "source.rows=12000", "workflow.rungs=2")
    leads = against(run)
    assert all(leads[name]["better"] for name in ("majority", "prior", "random", "existing"))
    score = read_json(run.artifact("finalize", "test.json"))["scores"]["average_precision"]
    assert 0.4 < score["value"] < 0.95
    decision = read_json(run.artifact("explain", "decision.json"))
    assert not decision["existing"]["keep"]
    costs = {row["name"]: row["cost"] for row in decision["costs"]}
    assert costs["the model"] < costs["what is done today"] / 2
    report = run.artifact("explain", "report.html").read_text(encoding="utf-8")
    assert "Every day, of 8,000 payments, an average of" in report


@pytest.mark.slow
def test_ad_click_rate_is_calibrated_and_in_bounds(tmp_path: Path) -> None:
    """B4, C4, M1: rates weighted by impressions, calibrated, better than the planners' table."""
    run = carried_out("ad_click_rate", tmp_path, "source.rows=8000", "workflow.rungs=2")
    leads = against(run)
    assert all(lead["better"] for name, lead in leads.items() if name != "linear")
    test = read_json(run.artifact("finalize", "test.json"))["scores"]
    assert test["rate_calibration_error"]["value"] < 0.005
    with np.load(run.artifact("finalize", "test_outputs.npz"), allow_pickle=False) as arrays:
        assert ((arrays["outputs"] > 0) & (arrays["outputs"] < 1)).all()
        assert arrays["weights"].std() > 0.5
    left_out = read_json(run.artifact("collect", "collect.json"))["left_out"]
    assert {"clicks", "impressions", "day", "planned_rate"} <= {row["column"] for row in left_out}


@pytest.mark.slow
def test_house_prices_beat_the_rule_of_thumb(tmp_path: Path) -> None:
    """E1, F3: few rows, folds; better than the mean, the median and the broker's rule."""
    run = carried_out("house_prices", tmp_path, "workflow.rungs=2")
    leads = against(run)
    assert all(leads[name]["better"] for name in ("mean", "median", "existing"))
    assert leads["linear"]["difference"] > 0
    protocol = read_json(run.artifact("protocol", "protocol.json"))
    assert protocol["folds"] == 10  # two rounds of five
