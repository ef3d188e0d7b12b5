"""A recipe's faults, all in one message: path, source, expected, received, nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlrecipe.composing import compose_recipe
from mlrecipe.data.facts import facts_of
from mlrecipe.errors import Fault, RecipeError
from mlrecipe.recipe.settling import settle
from mlrecipe.registry import load_registry


def faults_of(*overrides: str, plugins: tuple[Path, ...] = ()) -> dict[str, Fault]:
    with pytest.raises(RecipeError) as caught:
        compose_recipe(overrides, load_registry(plugins))
    return {fault.path: fault for fault in caught.value.faults}


def recipe_file(folder: Path, text: str) -> str:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return f"recipe={folder / 'mine.yaml'}"


@pytest.mark.parametrize("plus", ["", "+", "++"])
def test_misspelt_key(plus: str) -> None:
    fault = faults_of("recipe=wine", f"{plus}training.epoch=3")["training.epoch"]
    assert fault.nearest == "epochs"
    assert fault.origin == "the command line"
    assert fault.received == "3"


def test_misspelt_section() -> None:
    fault = faults_of("recipe=wine", "problm.unit=bottle")["problm"]
    assert fault.nearest == "problem"
    assert fault.origin == "the command line"


def test_misspelt_option() -> None:
    fault = faults_of("recipe=wine", "architecture=dens")["architecture"]
    assert fault.nearest == "dense"
    assert "linear" in fault.expected


def test_misspelt_option_among_several() -> None:
    assert faults_of("recipe=wine", "metric=[accuracy,macro_f]")["metric"].nearest == "macro_f1"


def test_misspelt_recipe_hides_what_only_follows_from_it() -> None:
    faults = faults_of("recipe=wines")
    assert list(faults) == ["recipe"]
    assert faults["recipe"].nearest == "wine"


def test_misspelt_option_in_a_file_names_its_line(tmp_path: Path) -> None:
    text = "# @package _global_\ndefaults:\n  - override /source: sklern\n"
    fault = faults_of(recipe_file(tmp_path, text))["source"]
    assert fault.nearest == "sklearn"
    assert fault.origin == f"{tmp_path / 'mine.yaml'}:3"


def test_wrong_type_and_out_of_range_together() -> None:
    faults = faults_of("recipe=wine", "training.epochs=many", "training.learning_rate=-1")
    assert "integer" in faults["training.epochs"].expected
    assert "greater than 0" in faults["training.learning_rate"].expected


def test_wrong_value_in_a_file_names_its_line(tmp_path: Path) -> None:
    text = (
        "# @package _global_\ndefaults:\n  - override /source: sklearn\n"
        "source:\n  dataset: wines\nproblem:\n  question: q\n  target: [cultivar]\n"
    )
    fault = faults_of(recipe_file(tmp_path, text))["source.dataset"]
    assert fault.origin == f"{tmp_path / 'mine.yaml'}:5"
    assert "'wine'" in fault.expected


def test_missing_mandatory_values_name_the_override() -> None:
    """F1: a run refuses to start without inputs and target, and says which are missing."""
    faults = faults_of("recipe=csv")
    assert "source.path=…" in faults["source.path"].fix
    assert "problem.target=…" in faults["problem.target"].fix


def test_nothing_chosen() -> None:
    fault = faults_of("problem.question=q", "problem.target=[y]")["source"]
    assert "csv" in fault.expected


def test_contradiction_of_objective_and_task() -> None:
    """B4: last layer and loss follow the task."""
    fault = faults_of("recipe=wine", "task=binary", "objective=linear_huber")["objective"]
    assert "sigmoid_binary_crossentropy" in fault.expected
    assert fault.origin


def test_contradiction_of_metric_and_task() -> None:
    assert "r2" in faults_of("recipe=wine", "task=multiclass", "metric=[r2]")["metric.r2"].problem


def test_contradiction_of_constraints_and_target() -> None:
    """F4: a contradiction is an error before anything runs, and names a target that fits."""
    fault = faults_of("recipe=wine", "problem.constraints.connectivity=none")["target.rest"]
    assert "device" in fault.expected


def test_input_and_target_at_once() -> None:
    faults = faults_of(
        "recipe=csv", "source.path=x.csv", "problem.target=y", "problem.inputs=[y,z]"
    )
    assert "y" in faults["problem.inputs"].problem


def test_package_that_is_not_installed(tmp_path: Path) -> None:
    plugin = tmp_path / "needy.py"
    plugin.write_text(
        "import mlrecipe\n\n\n"
        'class Needy(mlrecipe.Tuner, name="needy", requires={"no_such": "no-such-package>=2"}):\n'
        '    """Needs what is not there."""\n\n'
        "    def oracle(self, space, *, greater_is_better, folder, seed):\n"
        "        return []\n\n\n"
        "@mlrecipe.hookimpl\n"
        "def mlrecipe_components():\n    return [Needy]\n"
    )
    fault = faults_of("recipe=wine", "tuner=needy", plugins=(plugin,))["tuner"]
    assert fault.fix == "pip install 'no-such-package>=2'"


def test_bad_interpolation() -> None:
    fault = faults_of("recipe=wine", "problem.unit=${nowhere}")["problem.unit"]
    assert fault.received == "${nowhere}"
    assert fault.origin == "the command line"


def test_broken_yaml_names_file_and_line(tmp_path: Path) -> None:
    fault = faults_of(recipe_file(tmp_path, "problem:\n  question: [1\nother: 2\n"))["recipe"]
    assert fault.origin.startswith(f"{tmp_path / 'mine.yaml'}:3")


def test_empty_file(tmp_path: Path) -> None:
    fault = faults_of(recipe_file(tmp_path, ""))["recipe"]
    assert "empty" in fault.problem
    assert fault.origin == str(tmp_path / "mine.yaml")


@pytest.mark.parametrize("where", ["architecture", "problem", "metric.accuracy"])
def test_target_is_refused_by_name(where: str) -> None:
    faults = faults_of("recipe=wine", "metric=[accuracy]", f"+{where}._target_=os.system")
    assert "never imports code" in faults[f"{where}._target_"].problem


def test_no_override() -> None:
    assert faults_of("wine")["wine"].fix == "say which key: recipe=wine"


def test_unfinished_bracket() -> None:
    assert faults_of("recipe=wine", "training.epochs=[1")["training.epochs"].received


def test_missing_recipe_file(tmp_path: Path) -> None:
    assert "no file" in faults_of(f"recipe={tmp_path / 'none.yaml'}")["recipe"].problem


def test_every_fault_is_in_the_message() -> None:
    with pytest.raises(RecipeError) as caught:
        compose_recipe(
            ["recipe=wine", "training.epoch=1", "architecture=dens", "problem.unt=x"],
            load_registry(),
        )
    text = str(caught.value)
    assert "3 faults" in text
    for part in ("training.epoch", "did you mean: dense", "did you mean: unit"):
        assert part in text


def test_architecture_that_cannot_read_what_the_preprocessing_gives(tmp_path: Path) -> None:
    plugin = tmp_path / "conv.py"
    plugin.write_text(
        "import mlrecipe\n\n"
        "class Conv(mlrecipe.Network, name='conv', accepts=frozenset({'signal'})):\n"
        "    '''Reads signals.'''\n\n"
        "    def build(self, inputs, spec):\n"
        "        return inputs\n\n"
        "@mlrecipe.hookimpl\n"
        "def mlrecipe_components():\n"
        "    return [Conv]\n"
    )
    registry = load_registry((plugin,))
    recipe, *_ = compose_recipe(["recipe=wine", "architecture=conv"], registry)
    frame = recipe.source.read()
    schema = recipe.schema.table(frame, recipe.problem)
    with pytest.raises(RecipeError) as caught:
        settle(recipe, facts_of(frame, schema, recipe.problem), registry)
    fault = {fault.path: fault for fault in caught.value.faults}["architecture"]
    assert "conv reads signal; preprocessing=by_kind makes vector" in fault.problem
    assert "dense, linear" in fault.expected


def test_target_that_cannot_prepare_raw_rows(tmp_path: Path) -> None:
    """P4: an operation without an executor in TensorFlow or JavaScript is refused by `check`."""
    plugin = tmp_path / "odd.py"
    plugin.write_text(
        "import mlrecipe\n"
        "from mlrecipe.components.preprocessing.by_kind import ByKind\n\n"
        "class Odd(ByKind, name='odd'):\n"
        "    '''Does what Python alone can do.'''\n\n"
        "    def operations(self, schema=None):\n"
        "        from mlrecipe.preparation.operation import Operation\n\n"
        "        class Here(Operation, op='here', executors=frozenset({'numpy', 'graph'}),\n"
        "                   instead='preprocessing=by_kind'):\n"
        "            def apply(self, values):\n"
        "                return values\n\n"
        "        return {'preprocessing.numeric': [Here]}\n\n"
        "@mlrecipe.hookimpl\n"
        "def mlrecipe_components():\n"
        "    return [Odd]\n"
    )
    faults = faults_of("recipe=wine", "preprocessing=odd", plugins=(plugin,))
    fault = faults["preprocessing.numeric"]
    assert "here does not exist in JavaScript" in fault.problem
    assert "target=device cannot" in fault.problem
    assert fault.expected == "preprocessing=by_kind"
    assert "target=[rest]" in fault.fix
    compose_recipe(["recipe=wine", "preprocessing=odd", "target=[rest]"], load_registry((plugin,)))


@pytest.mark.parametrize(
    ("overrides", "near", "fix"),
    [
        (["training.epochs=3,4"], "", "mlrecipe run -m"),
        (["architecture.unts=3"], "units", "architecture=dense"),
        (["architecture.units=3"], "", "architecture=dense"),
    ],
)
def test_what_to_do_instead(overrides: list[str], near: str, fix: str) -> None:
    fault = faults_of("recipe=wine", *overrides)[overrides[0].partition("=")[0]]
    assert (fault.nearest, fault.origin) == (near, "the command line")
    assert fix in fault.fix


def test_bad_interpolation_hides_no_other_fault(tmp_path: Path) -> None:
    text = (
        "# @package _global_\ndefaults:\n  - override /source: csv\nsource: {path: x}\n"
        "problem: {question: '${nowhere}', target: t, unt: row}\ntraining: {epochs: many}\n"
    )
    faults = faults_of(recipe_file(tmp_path, text))
    assert set(faults) == {"problem.question", "problem.unt", "training.epochs"}


def test_unfinished_interpolation_names_its_line(tmp_path: Path) -> None:
    text = "# @package _global_\nproblem:\n  target: t\n  question: ${problem.unit\n"
    fault = faults_of(recipe_file(tmp_path, text))["problem.question"]
    assert fault.problem
    assert fault.origin == f"{tmp_path / 'mine.yaml'}:4"


def test_unknown_group_in_a_defaults_list(tmp_path: Path) -> None:
    text = "# @package _global_\ndefaults:\n  - override /sourc: csv\n"
    fault = faults_of(recipe_file(tmp_path, text))["sourc"]
    assert (fault.nearest, fault.origin) == ("source", f"{tmp_path / 'mine.yaml'}:3")


@pytest.mark.parametrize(
    "text", ["defaults:\n  - override /source: csv\n", "problem:\n  question: q\n"]
)
def test_recipe_without_its_first_line(tmp_path: Path, text: str) -> None:
    assert "# @package _global_" in faults_of(recipe_file(tmp_path, text))["recipe"].fix


def test_key_written_twice(tmp_path: Path) -> None:
    text = "# @package _global_\nproblem:\n  question: one\n  question: two\n"
    fault = faults_of(recipe_file(tmp_path, text))["recipe"]
    assert "duplicate key question" in fault.problem
    assert fault.origin.startswith(f"{tmp_path / 'mine.yaml'}:4")


@pytest.mark.parametrize("text", ["- a\n- b\n", "some words\n"])
def test_file_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    assert "no mapping" in faults_of(recipe_file(tmp_path, text))["recipe"].problem


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name: \x00\n"])
@pytest.mark.parametrize("place", ["recipe/mine", "training/mine"])
def test_file_that_is_no_text_is_named(tmp_path: Path, content: bytes, place: str) -> None:
    (tmp_path / place).parent.mkdir()
    (tmp_path / f"{place}.yaml").write_bytes(content)
    overrides = {"recipe/mine": [f"recipe={tmp_path}/recipe/mine.yaml"]}.get(
        place, ["recipe=wine", "training=mine"]
    )
    with pytest.raises(RecipeError) as caught:
        compose_recipe(overrides, load_registry(), config_dir=tmp_path)
    assert caught.value.faults[0].origin == str(tmp_path / f"{place}.yaml")


def test_misspelt_option_in_a_preset_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "short.yaml").write_text("defaults:\n  - standrd\nepochs: 7\n")
    with pytest.raises(RecipeError) as caught:
        compose_recipe(["recipe=wine", "training=short"], load_registry(), config_dir=tmp_path)
    assert caught.value.faults[0].origin == f"{tmp_path / 'training' / 'short.yaml'}:2"
