"""Framing: contradictions, ethics, what is done today, groups, money (F1, F3–F6, M1, X1, D5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.comparison.summaries import effective_rows
from mlrecipe.components.baseline.existing import Existing
from mlrecipe.components.metric.classification import Accuracy
from mlrecipe.components.metric.cost import Cost
from mlrecipe.composing import compose_recipe
from mlrecipe.errors import Fault, RecipeError
from mlrecipe.evaluation.decision import (
    best_threshold,
    consequences_of_classes,
    costs_per_day,
    rates_of_classes,
)
from mlrecipe.evaluation.groups import Answered, group_metrics, members, newcombe
from mlrecipe.evaluation.intervals import weighted_share, wilson
from mlrecipe.files import read_json
from mlrecipe.interfaces import Inputs, Samples
from mlrecipe.problem import Costs, Problem
from mlrecipe.recipe.ethics_rules import QUESTIONS, is_word_for_people
from mlrecipe.registry import load_registry
from mlrecipe.run_folder import Run

QUICK = ("tuner=none", "training.epochs=15", "workflow.rungs=1", "compression=[int8]")
ANSWERED = tuple(f"problem.ethics.{name}=answered" for name in QUESTIONS)


def faults_of(*overrides: str) -> dict[str, Fault]:
    with pytest.raises(RecipeError) as caught:
        compose_recipe(overrides, load_registry())
    return {fault.path: fault for fault in caught.value.faults}


def sound(*overrides: str) -> None:
    compose_recipe(overrides, load_registry())


# Contradictions


@pytest.mark.parametrize(
    ("constraint", "target", "fits", "reason"),
    [
        ("decryptable_on_server=false", "rest", "device", "in the clear"),
        ("latency_ms=100", "rest", "device", "around 500 ms"),
        ("connectivity=none", "rest", "device", "no network"),
        ("connectivity=unreliable", "rest", "device", "wherever the network does"),
        ("compute_paid_by=user", "rest", "device", "carries the load"),
        ("sensitive_data=true", "device", "rest", "can be recovered"),
        ("confidential_model=true", "device", "rest", "holds the model"),
        ("memory_mb=0.5", "device", "rest", "runtime alone"),
    ],
)
def test_constraints_against_targets(constraint: str, target: str, fits: str, reason: str) -> None:
    """F4: the rule that is violated, and the target that would fit; that target is accepted."""
    word = f"problem.constraints.{constraint}"
    fault = faults_of("recipe=wine", f"target=[{target}]", word)[f"target.{target}"]
    assert reason in fault.problem
    assert fault.expected == f"a target that fits: {fits}"
    sound("recipe=wine", f"target=[{fits}]", word)


def test_no_target_fits() -> None:
    words = (
        "problem.constraints.decryptable_on_server=false",
        "problem.constraints.confidential_model=true",
    )
    faults = faults_of("recipe=wine", *words)
    assert "no registered target fits" in faults["target.rest"].fix
    assert "target.device" in faults


def test_a_target_of_a_plugin_is_proposed(tmp_path: Path) -> None:
    """F4: fitting targets are found among all that are registered."""
    plugin = tmp_path / "enclave.py"
    plugin.write_text(
        "import mlrecipe\n\n\n"
        'class Enclave(mlrecipe.Target, name="enclave"):\n'
        '    """A sealed machine."""\n\n'
        "    def objections(self, problem):\n        return []\n\n"
        "    def write(self, model, bundle):\n        pass\n\n\n"
        "@mlrecipe.hookimpl\ndef mlrecipe_components():\n    return [Enclave]\n"
    )
    words = (
        "recipe=wine",
        "problem.constraints.decryptable_on_server=false",
        "problem.constraints.confidential_model=true",
    )
    with pytest.raises(RecipeError) as caught:
        compose_recipe(words, load_registry((plugin,)))
    assert caught.value.faults[0].expected == "a target that fits: enclave"


@pytest.mark.parametrize(
    ("overrides", "path", "words"),
    [
        (
            ("problem.in_production=[a,b]", "problem.not_in_production=[b]"),
            "problem.not_in_production",
            "'b' is both",
        ),
        (("problem.time=day", "problem.inputs=[day,x]"), "problem.inputs", "'day' is problem.time"),
        (("problem.weight=w", "problem.target=w"), "problem.target", "'w' is problem.weight"),
        (
            ("problem.existing.column=d", "problem.inputs=[d,x]"),
            "problem.inputs",
            "problem.existing.column",
        ),
        (("problem.groups=[cultivar]",), "problem.groups", "is the target"),
        (("problem.groups=[a,a]",), "problem.groups", "named twice"),
        (
            ("problem.costs.true_positive=3",),
            "problem.costs.true_positive",
            "the cheapest model would always be wrong",
        ),
        (
            ("+problem.population.sex={f: 0.5, m: 0.3}",),
            "problem.population.sex",
            "sum to 0.8",
        ),
        (
            ("task=scalar_regression", "problem.positive=1"),
            "problem.positive",
            "no positive class",
        ),
        (
            ("task=scalar_regression", "problem.costs.false_negative=10"),
            "problem.costs.false_negative",
            "no such kind of answer",
        ),
        (("problem.existing.description=by hand",), "problem.existing", "neither"),
        (
            ("problem.existing.rule=x", "problem.existing.column=y"),
            "problem.existing",
            "both given",
        ),
        (
            ("problem.existing.rule='lenght(x) > 1'",),
            "problem.existing.rule",
            "did you mean 'length'",
        ),
        (("problem.existing.rule=cultivar",), "problem.existing.rule", "reads the target"),
        (("problem.existing.column=cultivar",), "problem.existing.column", "is the target"),
        (
            ("problem.existing.rule=x", "problem.target=[a,b]"),
            "problem.existing",
            "2 targets",
        ),
    ],
)
def test_contradictions_within_the_problem(
    overrides: tuple[str, ...], path: str, words: str
) -> None:
    """F1, F3: what contradicts itself is refused before anything runs."""
    assert words in faults_of("recipe=wine", *overrides)[path].problem


# Ethics


def test_a_person_as_unit_asks_for_the_subject() -> None:
    """F6: the framework asks; one may say that the cases are things."""
    fault = faults_of("recipe=csv", "source.path=x.csv", "problem.target=y", "problem.unit=voter")
    assert "problem.subject=things" in fault["problem.subject"].fix
    sound(
        "recipe=csv",
        "source.path=x.csv",
        "problem.target=y",
        "problem.unit=voter",
        "problem.subject=things",
    )


def test_every_open_question_is_a_fault_with_the_question() -> None:
    """F6: about people, a run does not start before the questions are answered."""
    faults = faults_of("recipe=wine", "problem.subject=people", "problem.ethics.harm=a lot")
    assert set(faults) == {f"problem.ethics.{name}" for name in QUESTIONS} - {"problem.ethics.harm"}
    assert "Who is affected" in faults["problem.ethics.affected"].problem
    sound("recipe=wine", "problem.subject=people", *ANSWERED)


def test_dots_are_no_answer() -> None:
    words = [word.replace("answered", "'...'") for word in ANSWERED]
    assert len(faults_of("recipe=wine", "problem.subject=people", *words)) == len(QUESTIONS)


@pytest.mark.parametrize("unit", ["patient", "Patients", "loan applicant", "child", "test-driver"])
def test_words_for_people(unit: str) -> None:
    assert is_word_for_people(unit)


@pytest.mark.parametrize("unit", ["bottle", "customer order", "", "case", "user session"])
def test_words_for_things(unit: str) -> None:
    assert not is_word_for_people(unit)


# Money and cases a day


def test_the_books_fraud_detector() -> None:
    """X1, M1: the numbers of section 6.3.1, from 8,280 transactions of which 280 are frauds."""
    truth = np.array(["fraud"] * 280 + ["valid"] * 8000, dtype=object)
    answers = np.array(
        ["valid"] * 14 + ["fraud"] * 266 + ["fraud"] * 200 + ["valid"] * 7800, dtype=object
    )
    problem = Problem(question="Is it fraud?", target=("label",), volume_per_day=8280)
    rows = consequences_of_classes(truth, answers, ("valid", "fraud"), problem, 0.95)
    found = {row["name"]: round(row["share_per_day"], 9) for row in rows}
    assert found == {
        "fraud found": 266,
        "fraud missed": 14,
        "false alarm: valid taken for fraud": 200,
        "valid recognized": 7800,
    }
    rates = rates_of_classes(truth, answers, ("valid", "fraud"))
    assert rates["false_negative_rate"] == 0.05
    assert rates["false_positive_rate"] == 0.025
    assert round(100 * (rates["precision"] or 0), 1) == 57.1
    assert round(100 * (rates["accuracy"] or 0), 1) == 97.4
    assert round(100 * (rates["majority_accuracy"] or 0), 1) == 96.6


def test_weighted_rows_give_the_same_as_the_population() -> None:
    """X1, C4: a sample of 28 frauds and 80 valid, weighted to the population, says the same."""
    truth = np.array(["fraud"] * 280 + ["valid"] * 80, dtype=object)
    answers = np.array(["valid"] * 14 + ["fraud"] * 266 + ["fraud"] * 2 + ["valid"] * 78, object)
    weights = np.array([1.0] * 280 + [100.0] * 80)
    problem = Problem(question="?", target=("label",), volume_per_day=8280)
    rows = consequences_of_classes(truth, answers, ("valid", "fraud"), problem, 0.95, weights)
    assert [round(row["share_per_day"]) for row in rows] == [266, 14, 200, 7800]
    # 80 rows stand for nearly everybody, so the intervals are those of about 82 rows, not of 360.
    assert effective_rows(weights) == pytest.approx(8280**2 / (280 + 80 * 100**2))
    assert rows[2]["high"] - rows[2]["low"] > 0.07


@given(st.integers(1, 200), st.floats(0.1, 50))
def test_equal_weights_change_nothing(rows: int, weight: float) -> None:
    mask = np.arange(rows) % 3 == 0
    share, low, high = weighted_share(mask, np.full(rows, weight), 0.95)
    assert share == pytest.approx(mask.mean())
    assert (low, high) == pytest.approx(wilson(int(mask.sum()), rows, 0.95), abs=1e-9)


COSTS = st.builds(
    Costs,
    false_positive=st.integers(0, 9),
    false_negative=st.integers(0, 9),
    true_positive=st.integers(-9, 9),
    true_negative=st.integers(-9, 9),
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0]), st.integers(1, 5)),
        min_size=1,
        max_size=30,
    ),
    COSTS,
)
def test_no_threshold_is_cheaper(rows: list[tuple[bool, float, int]], costs: Costs) -> None:
    """X3, M1: all four costs and the weights of the rows count."""
    y, p, w = (np.array(column, dtype=float) for column in zip(*rows, strict=True))

    def cost(threshold: float) -> float:
        says = p >= threshold
        each = np.where(
            y > 0,
            np.where(says, costs.true_positive, costs.false_negative),
            np.where(says, costs.false_positive, costs.true_negative),
        )
        return float((each * w).sum())

    found = cost(best_threshold(y, p, costs, w))
    assert found <= min(cost(t) for t in (0.0, 0.1, 0.3, 0.6, 0.8, 1.0)) + 1e-9


def test_cost_metric_prices_every_kind_of_answer() -> None:
    """M1: a business metric from the confusion matrix and the costs."""
    y = np.array([[1], [1], [0], [0]], dtype=np.float32)
    p = np.array([[0.9], [0.1], [0.9], [0.1]], dtype=np.float32)
    metric = Cost(
        false_positive=2,
        false_negative=20,
        true_positive=-6,
        true_negative=0.5,
        threshold=0.5,
        classification=True,
    )
    assert metric.score(y, p) == pytest.approx((-6 + 20 + 2 + 0.5) / 4)
    weights = np.array([3, 1, 1, 1], dtype=np.float32)
    assert metric.score(y, p, weights) == pytest.approx((3 * -6 + 20 + 2 + 0.5) / 6)


def test_cost_metric_answers_where_both_answers_cost_the_same() -> None:
    """Elkan (2001): with a missed case ten times as dear, from 1 in 11 on."""
    assert Cost(false_positive=1, false_negative=10).answers_from() == pytest.approx(1 / 11)
    assert Cost().answers_from() == 0.5


def test_cost_of_numbers() -> None:
    y = np.array([[1.0], [2.5]], dtype=np.float32)
    metric = Cost(per_unit=4, classification=False)
    assert metric.score(y, y + np.array([[1], [-0.5]])) == pytest.approx(3.0)


def test_costs_a_day() -> None:
    y = np.array([[1.0]] * 280 + [[0.0]] * 8000)
    model = np.array([[0.0]] * 14 + [[1.0]] * 266 + [[1.0]] * 200 + [[0.0]] * 7800)
    problem = Problem(
        question="?",
        target=("label",),
        volume_per_day=8280,
        costs=Costs(false_positive=5, false_negative=100),
    )
    answers = {"never": np.zeros_like(y), "model": model}
    rows = costs_per_day(y, answers, problem, classification=True, confidence=0.95)
    assert [row["name"] for row in rows] == ["model", "never"]
    assert [round(row["cost_per_day"]) for row in rows] == [14 * 100 + 200 * 5, 28000]
    assert rows[0]["low_per_day"] < 2400 < rows[0]["high_per_day"]


# What is done today


def samples(frame: pd.DataFrame, y: Any) -> Samples:
    y = np.asarray(y, dtype=np.float32)
    return Samples(frame, np.zeros((len(y), 0)), y, np.ones(len(y), dtype=np.float32))


FRAME = pd.DataFrame(
    {
        "amount": [100.0, 900.0, np.nan, 700.0],
        "clerk": ["no", "yes", None, "yes"],
        "guess": [1.0, 2.0, None, 4.0],
        "kind": ["a", "b", "c", "a"],
        "label": ["no", "yes", "no", "no"],
        "number": [1.5, 2.5, 3.5, 4.5],
    }
)


@pytest.mark.parametrize(
    ("settings", "y", "expected"),
    [
        ({"rule": "amount > 500", "target": "label"}, [[0], [1], [0], [0]], [[0], [1], [0], [1]]),
        (
            {"rule": '"yes" if amount > 500 else "no"', "target": "label"},
            [[0], [1], [0], [0]],
            [[0], [1], [0], [1]],
        ),
        ({"column": "clerk", "target": "label"}, [[0], [1], [0], [0]], [[0], [1], [0.25], [1]]),
        (
            {"rule": "amount / 1000", "target": "label"},
            [[0], [1], [0], [0]],
            [[0.1], [0.9], [0.25], [0.7]],
        ),
        (
            {"rule": '"a" if amount > 500 else "d"', "target": "kind"},
            [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]],
            [[0.5, 0.25, 0.25], [1, 0, 0], [0.5, 0.25, 0.25], [1, 0, 0]],
        ),
        (
            {"column": "guess", "target": "number"},
            [[1.5], [2.5], [3.5], [4.5]],
            [[1], [2], [3], [4]],
        ),
    ],
)
def test_existing_solution_answers(settings: Any, y: Any, expected: Any) -> None:
    """F3, B1: a rule or a column, for every task; rows without an answer get the mean."""
    outputs = Existing(**settings).predict(samples(FRAME, y), Inputs(FRAME, {}))
    np.testing.assert_allclose(outputs, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "decisions", [[True, False], [1, 0], ["yes", "no"], ["True", "False"], [1.0, 0.0]]
)
def test_existing_decisions_as_people_write_them(decisions: list[Any]) -> None:
    frame = pd.DataFrame({"d": decisions, "label": ["bad", "good"]})
    training = samples(frame, [[1], [0]])
    outputs = Existing(column="d", target="label").predict(training, Inputs(frame, {}))
    np.testing.assert_array_equal(outputs, [[1], [0]])


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table in which people decide better than two columns allow, with two groups."""
    draws = np.random.default_rng(3)
    rows = 600
    x = draws.normal(size=rows)
    sick = x + draws.normal(0, 1.2, rows) > 0.3
    decided = np.where(draws.random(rows) < 0.03, ~sick, sick)
    frame = pd.DataFrame(
        {
            "x": x,
            "noise": draws.normal(size=rows),
            "doctor": np.where(decided, "sick", "well"),
            "site": draws.choice(["north", "south"], rows),
            "outcome": np.where(sick, "sick", "well"),
        }
    )
    frame.loc[draws.random(rows) < 0.05, "doctor"] = None
    path = tmp_path_factory.mktemp("clinic") / "clinic.csv"
    frame.to_csv(path, index=False)
    return path


def words_of(path: Path, *more: str) -> tuple[str, ...]:
    return (
        "recipe=csv",
        f"source.path={path}",
        "problem.target=outcome",
        "problem.positive=sick",
        *QUICK,
        *more,
    )


@pytest.mark.slow
def test_keep_what_you_have(clinic: Path, tmp_path: Path) -> None:
    """F3: people who decide better than the model end the run with that verdict."""
    words = words_of(clinic, "problem.existing.column=doctor", "problem.groups=site")
    with pytest.raises(mlrecipe.MlrecipeError, match="Keep what you have"):
        mlrecipe.run(*words, path=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert run.step("explain") is not None
    assert run.step("optimize") is None
    left_out = read_json(run.artifact("collect", "collect.json"))["left_out"]
    assert {row["column"]: row["reason"] for row in left_out}["doctor"].startswith("holds the dec")
    assert "doctor" not in read_json(run.artifact("collect", "schema.json"))["inputs"]
    codes = {finding.code: finding for _, finding in run.findings()}
    assert codes["existing-without-answer"].evidence["count"] > 10
    assert codes["keep-what-you-have"].severity == "blocker"
    report = run.artifact("explain", "report.html").read_text()
    assert "keep what you have" in report
    assert "worse than what is done today" in run.artifact("explain", "card.md").read_text()
    # The groups' column is no trouble to a model that reads it, and has a table of its own.
    groups = read_json(run.artifact("explain", "groups.json"))["columns"][0]
    assert {group["name"] for group in groups["groups"]} == {"north", "south"}
    assert sum(group["rows"] for group in groups["groups"]) == 120
    # With a recorded reason the run goes on.
    waiver = "workflow.waive.keep-what-you-have=it answers at night"
    waived = mlrecipe.run(*words, waiver, path=tmp_path / "run")
    assert waived.step("ship") is not None
    schema = read_json(waived.artifact("ship", "bundle/preparation.json"))
    assert "doctor" not in str(schema)


@pytest.mark.slow
def test_a_model_that_beats_the_rule_is_shipped(clinic: Path, tmp_path: Path) -> None:
    """F3, X1: the comparison and the costs are in the report; no verdict against the model."""
    words = words_of(
        clinic,
        "problem.existing.rule='noise > 0'",
        "problem.not_in_production=[doctor]",
        "problem.volume_per_day=200",
        "problem.costs.false_negative=5",
        "problem.life_span_days=90",
        "metric=[roc_auc,cost]",
    )
    run = mlrecipe.run(*words, path=tmp_path / "run")
    decision = read_json(run.artifact("explain", "decision.json"))
    assert decision["existing"]["better"]
    names = [row["name"] for row in decision["costs"]]
    assert names[0] == "the model"
    assert set(names) == {
        "the model",
        "what is done today",
        "always the most frequent answer",
    }
    for row in decision["costs"]:
        assert row["cost_per_day"] == pytest.approx(200 * row["cost"])
    codes = {finding.code for _, finding in run.findings()}
    assert "keep-what-you-have" not in codes
    assert "existing" in read_json(run.artifact("power", "power.json"))["against"]
    report = run.artifact("explain", "report.html").read_text()
    assert "what is done today" in report
    assert "Missing: problem.used_by" in report
    assert "90 days; then it is due" in run.artifact("explain", "card.md").read_text()


def test_a_rule_on_a_column_that_is_not_there(clinic: Path, tmp_path: Path) -> None:
    words = words_of(clinic, "problem.existing.rule='nois > 0'")
    with pytest.raises(mlrecipe.MlrecipeError, match="did you mean 'noise'"):
        mlrecipe.run(*words, path=tmp_path / "run")


def test_a_rule_that_answers_nothing(clinic: Path, tmp_path: Path) -> None:
    words = words_of(clinic, 'problem.existing.rule=\'"ill" if x > 0 else "fine"\'')
    with pytest.raises(mlrecipe.MlrecipeError, match="answers no row"):
        mlrecipe.run(*words, path=tmp_path / "run")


def test_a_group_column_that_is_not_there(clinic: Path, tmp_path: Path) -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="did you mean 'site'"):
        mlrecipe.run(*words_of(clinic, "problem.groups=[sites]"), path=tmp_path / "run")


@pytest.mark.slow
def test_must_not_be_used(clinic: Path, tmp_path: Path) -> None:
    """F6: the makers' verdict holds the run before anything is shipped, and is on the card."""
    words = words_of(
        clinic,
        "problem.ethics.verdict=must_not_be_used",
        "problem.ethics.harm='It judges a face.'",
    )
    with pytest.raises(mlrecipe.MlrecipeError, match="must not be put to use"):
        mlrecipe.run(*words, path=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert run.step("optimize") is None
    for page in ("report.html", "card.md"):
        text = run.artifact("explain", page).read_text()
        assert "must not be" in text
        assert "It judges a face." in text


# Advice on the target


@pytest.mark.parametrize(("target", "advised"), [("rest", True), ("device", False)])
def test_target_advice(tmp_path: Path, target: str, advised: bool) -> None:
    """D5: what follows from the constraints, also when the recipe's choice is allowed."""
    run = mlrecipe.run(
        "recipe=wine",
        f"target=[{target}]",
        "problem.constraints.latency_ms=800",
        "workflow.until=frame",
        path=tmp_path / "run",
    )
    (found,) = [f for _, f in run.findings() if f.code == "target-advice"]
    assert "device fits best" in found.message
    assert found.advice == ("Choose target=[device]." if advised else "")


def test_no_target_advice_without_constraints(tmp_path: Path) -> None:
    run = mlrecipe.run("recipe=wine", "workflow.until=frame", path=tmp_path / "run")
    assert "target-advice" not in {f.code for _, f in run.findings()}


# Groups


def answered(seed: int, rows: int, misses: tuple[float, float]) -> tuple[pd.DataFrame, Answered]:
    """Return rows of two groups whose positives are missed at two rates."""
    draws = np.random.default_rng(seed)
    group = draws.choice(["a", "b"], rows)
    positive = draws.random(rows) < 0.5
    missed = draws.random(rows) < np.where(group == "a", *misses)
    alarm = draws.random(rows) < 0.1
    says = np.where(positive, ~missed, alarm)
    y = positive[:, None].astype(np.float32)
    outputs = says[:, None].astype(np.float32)
    return pd.DataFrame({"group": group}), Answered(
        y, outputs, np.ones(rows), positive != says, positive, says
    )


def differences(frame: pd.DataFrame, data: Answered) -> list[dict[str, Any]]:
    (table,) = group_metrics(frame, ("group",), data, Accuracy(), confidence=0.95, seed=0)
    return list(table["differences"])


def test_a_group_that_is_missed_more_often_is_found() -> None:
    """F6: a planted difference in the false negative rate."""
    found = differences(*answered(0, 2000, (0.1, 0.3)))
    assert "false negative rate" in {row["measure"] for row in found}
    assert {row["group"] for row in found} == {"a", "b"}


def test_groups_that_do_not_differ_raise_nothing() -> None:
    """F6: no more false alarms than the level allows, over 100 clean sets of two groups."""
    alarms = sum(bool(differences(*answered(seed, 600, (0.2, 0.2)))) for seed in range(100))
    assert alarms <= 5


def test_tiny_groups_are_shown_and_not_judged() -> None:
    frame, data = answered(1, 400, (0.1, 0.1))
    frame.loc[:4, "group"] = "tiny"
    (table,) = group_metrics(frame, ("group",), data, Accuracy(), confidence=0.95, seed=0)
    (tiny,) = [row for row in table["groups"] if row["name"] == "tiny"]
    assert (tiny["rows"], tiny["judged"]) == (5, False)
    assert "tiny" not in {row["group"] for row in table["differences"]}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.floats(-5, 5) | st.just(1.0), min_size=1, max_size=80))
def test_groups_of_numbers_cover_every_row_once(values: list[float | None]) -> None:
    groups = members(pd.Series(values, dtype=float))
    assert (np.sum(list(groups.values()), axis=0) == 1).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.sampled_from([f"g{i}" for i in range(30)]), min_size=1))
def test_groups_of_words_cover_every_row_once(values: list[str | None]) -> None:
    groups = members(pd.Series(values, dtype=object))
    assert (np.sum(list(groups.values()), axis=0) == 1).all()
    assert len(groups) <= 14


def test_newcombes_own_example() -> None:
    """Newcombe (1998), table II, case (a): 56/70 - 48/80, 0.0524 to 0.3339."""
    low, high = newcombe(56 / 70, 70, 48 / 80, 80, 0.95)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
