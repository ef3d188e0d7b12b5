"""The cautionary recipes end in their finding, and without the flaw they do not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlrecipe
from mlrecipe.composing import compose_recipe
from mlrecipe.errors import Blocked, MlrecipeError
from mlrecipe.findings import Finding
from mlrecipe.generators import CAUTIONARY, NAMES, generate
from mlrecipe.generators.election_poll import INCOME, PLACE, true_share
from mlrecipe.registry import load_registry
from mlrecipe.run_folder import Run

ROOT = Path(__file__).parent.parent


def findings(folder: Path, recipe: str, *words: str) -> tuple[dict[str, Finding], bool]:
    """Return the findings by code, and whether a gate held the run."""
    held = False
    try:
        mlrecipe.run(f"recipe={recipe}", "workflow.until=understand", *words, path=folder / "run")
    except Blocked:
        held = True
    return {f.code: f for _, f in Run.open(folder / "run").findings()}, held


def test_cancer_leak_ends_in_the_leak(tmp_path: Path) -> None:
    """U2: the column that was filled in after the event holds the run."""
    found, held = findings(tmp_path, "cancer_leak")
    assert held
    assert found["target-leak"].evidence["column"] == "diagnosed_with_cancer"


@pytest.mark.parametrize(
    "mended", ["source.flawed=false", "problem.not_in_production=[diagnosed_with_cancer]"]
)
def test_cancer_records_without_the_leak_go_on(tmp_path: Path, mended: str) -> None:
    found, held = findings(tmp_path, "cancer_leak", mended)
    assert not held
    assert "target-leak" not in found


def test_election_poll_raw_wrong_weighted_right(tmp_path: Path) -> None:
    """C4: the raw sample elects Dewey, the weighted one Truman, as the voters did."""
    found, held = findings(tmp_path, "election_poll")
    assert not held
    assert found["sampling-bias"].severity == "warning"
    estimate = found["weighted-estimate"].evidence["estimates"]["Dewey"]
    assert estimate["raw"] > 0.5 > estimate["weighted"]
    assert abs(estimate["weighted"] - true_share()) < 3 * estimate["error"]
    assert "the raw estimate is wrong" in found["weighted-estimate"].message


def test_poll_of_all_voters_has_no_bias(tmp_path: Path) -> None:
    found, _ = findings(tmp_path, "election_poll", "source.flawed=false")
    assert "sampling-bias" not in found
    assert found["weighted-estimate"].severity == "note"


@pytest.mark.parametrize("seed", range(5))
def test_raking_mends_every_poll(seed: int) -> None:
    """C4: over seeds, the weighted estimate is nearer to the truth than the raw one."""
    from mlrecipe.comparison.weighting import row_weights
    from mlrecipe.problem import Problem

    frame = generate("election_poll", 3000, seed, flawed=True).frame
    problem = Problem(question="?", target=("vote",), population={"income": INCOME, "place": PLACE})
    dewey = (frame.vote == "Dewey").to_numpy(dtype=float)
    weighted = float(np.average(dewey, weights=row_weights(frame, problem)))
    assert abs(weighted - true_share()) < abs(dewey.mean() - true_share()) / 2


def test_food_photos_are_not_representative(tmp_path: Path) -> None:
    """C3: the classifier tells the photos from the uploads, and the properties say why."""
    found, held = findings(tmp_path, "food_photos", "source.rows=160")
    assert held
    assert found["not-representative"].severity == "blocker"
    assert "photo" in found["not-representative"].evidence["columns"]
    assert "production-differs" in found


def test_food_uploads_are_representative(tmp_path: Path) -> None:
    words = ("source.rows=160", "source.flawed=false")
    found, held = findings(tmp_path, "food_photos", *words)
    assert not held
    assert not {"not-representative", "production-differs", "production-differs-jointly"} & {*found}


def test_face_trust_answers_the_ethics_and_its_groups_differ() -> None:
    """F6: data and recipe; the rates of the groups differ by prejudice alone."""
    problem = compose_recipe(["recipe=face_trust"], load_registry())[0].problem
    assert problem.ethics.verdict == "must_not_be_used"
    assert all(problem.ethics.model_dump().values())
    assert "group" in problem.groups
    ratios = {}
    for flawed in (True, False):
        frame = generate("face_trust", 3000, 0, flawed=flawed).frame
        rates = (frame.rated == "trustworthy").groupby(frame.group).mean()
        ratios[flawed] = rates["minority"] / rates["majority"]
    assert ratios[True] < 0.5
    assert ratios[False] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("flawed", [True, False])
def test_generators_repeat_themselves(name: str, flawed: bool) -> None:
    one = generate(name, 40, 3, flawed=flawed)
    generate(name, 41, 3, flawed=flawed)
    generate(name, 42, 3, flawed=flawed)  # out of the cache
    other = generate(name, 40, 3, flawed=flawed)
    if name == "music_recommendation":  # rows are listeners, and the frame has their likes
        assert one.frame["user"].nunique() == 40
    else:
        assert len(one.frame) == 40
    pd.testing.assert_frame_equal(one.frame, other.frame)
    assert not generate(name, 40, 4, flawed=flawed).frame.equals(one.frame)


def test_misspelt_generator() -> None:
    with pytest.raises(MlrecipeError, match="no generator 'food_photo'"):
        generate("food_photo", 10, 0, flawed=True)


@pytest.mark.parametrize("recipe", CAUTIONARY)
def test_headers_say_what_to_expect(recipe: str) -> None:
    """Question, data, command, finding, run time; the command is that of the recipe."""
    text = (ROOT / "recipes" / f"{recipe}.yaml").read_text(encoding="utf-8")
    header = text.split("defaults:")[0]
    for word in ("Question:", "Data:", "Command:", "Run time:"):
        assert word in header
    assert re.search("Finding:|Expected:", header)
    assert re.search(rf"Command:\s+mlrecipe run recipe={recipe}\n", header)


@pytest.mark.slow
@pytest.mark.parametrize("flawed", [True, False])
def test_faces_are_judged_by_group(tmp_path: Path, flawed: bool, quick: tuple[str, ...]) -> None:
    """F6: prejudiced labels give groups different errors; the card says what follows."""
    words = ("recipe=face_trust", f"source.flawed={str(flawed).lower()}", *quick)
    path = tmp_path / "run"
    with pytest.raises(Blocked):
        mlrecipe.run(*words, path=path)
    found = {f.code: f for _, f in mlrecipe.open_run(path).findings()}
    assert ("groups-differ" in found) == flawed
    assert found["must-not-be-used"].severity == "blocker"
    card = (path / "10_explain" / "card.md").read_text(encoding="utf-8")
    assert "This model must not be used" in card
    assert mlrecipe.open_run(path).step("ship") is None


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["food_photos", "face_trust", "cancer_leak"])
def test_without_the_flaw_the_run_is_carried_through(
    tmp_path: Path, recipe: str, quick: tuple[str, ...]
) -> None:
    words: Any = ("source.flawed=false", *quick, "workflow.until=explain")
    words += ("problem.ethics.verdict=may_be_used",)  # of face_trust, which forbids it
    rows = "source.rows=300" if recipe == "food_photos" else "source.rows=2000"
    run = mlrecipe.run(f"recipe={recipe}", rows, *words, path=tmp_path / "run")
    assert run.step("explain") is not None
