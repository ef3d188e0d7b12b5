"""Composition: groups, presets, recipes and overrides become one recipe."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mlrecipe.composing import compose_recipe
from mlrecipe.recipe.parsing import parse_recipe
from mlrecipe.registry import load_registry


def test_defaults_recipe_and_command_line_in_that_order() -> None:
    recipe, composed = compose_recipe(
        ["recipe=digits", "tuner=random", "training.patience=3"], load_registry()
    )
    assert recipe.name == "digits"
    assert recipe.training.epochs == 40
    assert recipe.training.stops_after() == 3
    assert composed.origins["training.epochs"].endswith("digits.yaml:33")
    assert composed.origins["training.patience"] == "the command line"
    assert composed.origins["training.algorithm"] == "the default of training=standard"


def test_several_components_of_a_group_with_settings() -> None:
    recipe, _ = compose_recipe(
        ["recipe=breast_cancer", "metric=[recall,roc_auc]", "metric.recall.threshold=0.3"],
        load_registry(),
    )
    assert [metric.name for metric in recipe.metric] == ["recall", "roc_auc"]
    assert recipe.metric[0].mapping() == {"name": "recall", "threshold": 0.3}


def test_one_target_needs_no_brackets() -> None:
    recipe, _ = compose_recipe(
        ["recipe=csv", "source.path=x.csv", "problem.target=price"], load_registry()
    )
    assert recipe.problem.target == ("price",)


def test_interpolation() -> None:
    recipe, _ = compose_recipe(["recipe=wine", "problem.limits=${problem.unit}"], load_registry())
    assert recipe.problem.limits == "bottle"


def test_settings_of_a_component_that_was_replaced_are_left_out(tmp_path: Path) -> None:
    text = (
        "# @package _global_\ndefaults:\n  - override /source: sklearn\n"
        "  - override /architecture: dense\nsource: {dataset: wine}\n"
        "architecture: {units: 64}\nproblem: {question: q, target: [cultivar]}\n"
    )
    (tmp_path / "recipe.yaml").write_text(text)
    recipe, composed = compose_recipe(
        [f"recipe={tmp_path / 'recipe.yaml'}", "architecture=linear"], load_registry()
    )
    assert recipe.architecture.name == "linear"
    assert "architecture.units" in composed.notes[0]


def test_folder_of_own_presets(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "short.yaml").write_text("defaults: [standard]\nepochs: 7\n")
    recipe, _ = compose_recipe(
        ["recipe=wine", "training=short"], load_registry(), config_dir=tmp_path
    )
    assert (recipe.training.name, recipe.training.epochs) == ("standard", 7)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    rate=st.floats(1e-6, 1, exclude_min=True),
    words=st.text(st.characters(whitelist_categories=("L", "N", "Zs")), min_size=1, max_size=30),
)
def test_round_trip(seed: int, rate: float, words: str) -> None:
    """A recipe written down and read again is the same."""
    registry = load_registry()
    recipe, _ = compose_recipe(["recipe=wine"], registry)
    mapping = recipe.mapping()
    mapping["workflow"]["seed"] = seed
    mapping["training"]["learning_rate"] = rate
    mapping["problem"]["question"] = words
    once = parse_recipe(mapping, registry)
    assert parse_recipe(once.mapping(), registry) == once
