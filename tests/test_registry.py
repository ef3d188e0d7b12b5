"""Plugins: all come by the same door; a broken one stops only what needs it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import mlrecipe
from mlrecipe import registry as registry_module
from mlrecipe.cli import main
from mlrecipe.interfaces import GROUPS
from mlrecipe.registry import load_registry

ECHO = """
import mlrecipe


class {cls}(mlrecipe.Tuner, name="{name}"):
    '''Searches nothing, politely.'''

    def oracle(self, space, *, greater_is_better, folder, seed):
        return []


@mlrecipe.hookimpl
def mlrecipe_components():
    return [{cls}]
"""


@pytest.fixture
def fresh_registry() -> object:
    load_registry.cache_clear()
    yield
    load_registry.cache_clear()


def plugin(folder: Path, name: str = "echo", text: str | None = None) -> Path:
    path = folder / f"{name}_plugin.py"
    path.write_text(text or ECHO.format(cls=name.title(), name=name))
    return path


def test_every_group_has_options_that_describe_themselves() -> None:
    registry = load_registry()
    for group in GROUPS:
        assert registry.components[group], group
        for kind in registry.components[group].values():
            assert kind.summary().endswith("."), kind
            assert str(registry.provider(kind)).startswith("mlrecipe ")
            for field, info in kind.model_fields.items():
                assert info.description, f"{kind}.{field}"


def test_components_are_frozen() -> None:
    kind = load_registry().find("protocol", "kfold")
    with pytest.raises(ValueError, match="frozen"):
        kind().folds = 3  # type: ignore[attr-defined]


def test_local_file(tmp_path: Path) -> None:
    registry = load_registry((plugin(tmp_path),))
    assert registry.find("tuner", "echo").summary() == "Searches nothing, politely."
    assert "echo_plugin.py" in str(registry.provider(registry.find("tuner", "echo")))


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(mlrecipe.MlrecipeError, match="did you mean 'kfold'"):
        load_registry().find("protocol", "kfolds")


def test_two_of_one_name_are_an_error_that_names_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = plugin(tmp_path, "random", ECHO.format(cls="Random", name="random"))
    assert main(["check", "recipe=wine", "--plugin", str(twin)]) == 1
    message = capsys.readouterr().err
    assert "tuner=random" in message
    assert "mlrecipe 0" in message
    assert "random_plugin.py" in message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_module\n", "no_such_module"),
        ("def (\n", "SyntaxError"),
        (ECHO.format(cls="Echo", name="echo").replace("def oracle", "def seek"), "oracle"),
        (ECHO.format(cls="Echo", name="echo").replace("mlrecipe.Tuner", "object"), "Echo"),
        (ECHO.format(cls="Echo", name="").replace(', name=""', ""), "has no name"),
    ],
)
def test_broken_local_file_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str
) -> None:
    path = plugin(tmp_path, text=text)
    assert main(["check", "recipe=wine", "--plugin", str(path)]) == 1
    message = capsys.readouterr().err
    assert reason in message
    assert str(path) in message


def test_broken_installed_plugin_is_listed_and_stops_nothing_else(
    fresh_registry: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = EntryPoint("sad", "no_such_plugin_module", "mlrecipe")
    monkeypatch.setattr(registry_module, "entry_points", lambda group: [broken])
    assert main(["check", "recipe=wine"]) == 0
    assert main(["plugins"]) == 0
    assert "broken: sad" in capsys.readouterr().out
    assert main(["check", "recipe=wine", "tuner=sad"]) == 2


def test_plugin_that_exits_while_loading_stops_nothing(
    fresh_registry: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "quitting_plugin.py").write_text("raise SystemExit(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = [EntryPoint("quitting", "quitting_plugin", "mlrecipe")]
    monkeypatch.setattr(registry_module, "entry_points", lambda group: found)
    assert [plugin.name for plugin in load_registry().broken] == ["quitting"]


def test_hook_that_nobody_calls_is_refused(tmp_path: Path) -> None:
    text = (
        "import mlrecipe\n\n\n@mlrecipe.hookimpl\ndef mlrecipe_step_startet(run, step):\n    pass\n"
    )
    with pytest.raises(mlrecipe.MlrecipeError, match="mlrecipe_step_startet"):
        load_registry((plugin(tmp_path, text=text),))


def test_unknown_class_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="acepts"):

        class Odd(mlrecipe.Network, name="odd", acepts={"vector"}):  # type: ignore[call-arg]
            pass


def test_start_up_imports_nothing_heavy() -> None:
    """`mlrecipe --help`, `check` and `options` import none of the heavy packages."""
    code = (
        "import sys\nfrom mlrecipe.cli import main\n"
        "main(sys.argv[1:])\n"
        "heavy = {'tensorflow', 'keras', 'tf_keras', 'pandas', 'matplotlib', 'sklearn', 'scipy',"
        " 'pyarrow', 'pandera', 'numpy', 'keras_tuner', 'jinja2', 'starlette'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    for words in (["options"], ["check", "recipe=breast_cancer"], ["show", "recipe=wine"], []):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
        )
        assert done.stdout.endswith("heavy: []\n"), (words, done.stdout[-300:])


def test_help_imports_neither_hydra_nor_pydantic() -> None:
    code = (
        "import sys\nfrom mlrecipe.cli import main\nmain([])\n"
        "print('heavy:', sorted({'hydra', 'pydantic', 'omegaconf', 'yaml'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("x = 1\ndef (\n", 2, "SyntaxError"),
        ("import sys\n\nsys.exit(4)\n", 3, "SystemExit"),
    ],
)
def test_file_that_cannot_be_loaded_names_its_line(
    tmp_path: Path, text: str, line: int, problem: str
) -> None:
    path = plugin(tmp_path, text=text)
    with pytest.raises(mlrecipe.MlrecipeError, match=problem) as caught:
        load_registry((path,))
    assert caught.value.where == f"{path}:{line}"
