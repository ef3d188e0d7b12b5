"""The server: TensorFlow Serving's paths, every violation in one answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import mlrecipe
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.files import read_json
from mlrecipe.run_folder import Run
from mlrecipe.serving.app import LARGEST_BODY, make_app
from mlrecipe.serving.requests import BadRequest, read_rows

PATH = "/v1/models/breast_cancer"


@pytest.fixture(scope="module")
def bundle(finished_run: Run) -> Any:
    return mlrecipe.load(finished_run.path)


@pytest.fixture(scope="module")
def client(bundle: Any) -> TestClient:
    return TestClient(make_app(bundle, "breast_cancer"))


@pytest.fixture
def rows(bundle: Any) -> list[dict[str, Any]]:
    return list(read_json(bundle.path / "examples.json"))


def test_rows_and_columns_give_the_same_answers(
    client: TestClient, bundle: Any, rows: list[dict[str, Any]]
) -> None:
    """D1: TensorFlow Serving's paths and bodies; the server answers as the bundle does."""
    import pandas as pd

    by_row = client.post(f"{PATH}:predict", json={"instances": rows}).json()["predictions"]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    by_column = client.post(f"{PATH}/versions/1:predict", json={"inputs": columns}).json()
    assert by_column["outputs"] == by_row
    expected = bundle.predict(pd.DataFrame(rows))
    assert [answer["prediction"] for answer in by_row] == expected["prediction"].tolist()
    scores = [answer["scores"]["malignant"] for answer in by_row]
    np.testing.assert_allclose(scores, expected["score_malignant"], atol=1e-6)


def test_every_violation_is_named(client: TestClient, rows: list[dict[str, Any]]) -> None:
    del rows[0]["mean area"]
    rows[1]["mean area"] = "large"
    rows[1]["meanarea"] = 3
    response = client.post(f"{PATH}:predict", json={"instances": rows})
    assert response.status_code == 400
    error = response.json()["error"]
    assert "row 0: mean area is missing" in error
    assert "row 1: mean area is 'large', no number" in error
    assert "'meanarea'; did you mean 'mean area'?" in error


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '{"rows": []}', '{"instances": []}', '{"instances": 3}', '"\ud800"', "1"],
)
def test_bad_bodies(client: TestClient, body: str) -> None:
    content = body.encode("utf-8", "surrogatepass")
    response = client.post(f"{PATH}:predict", content=content)
    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999", "true", '"x"', "[1]"])
def test_what_is_no_finite_number(
    client: TestClient, rows: list[dict[str, Any]], value: str
) -> None:
    rows[0]["mean area"] = "HERE"
    body = json.dumps({"instances": rows[:1]}).replace('"HERE"', value)
    response = client.post(f"{PATH}:predict", content=body)
    assert response.status_code == 400
    assert "mean area" in response.json()["error"]


def test_too_large_a_body(client: TestClient) -> None:
    response = client.post(f"{PATH}:predict", content=b" " * (LARGEST_BODY + 1))
    assert response.status_code == 413


def test_status_metadata_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    state = client.get(PATH).json()["model_version_status"][0]
    assert state["state"] == "AVAILABLE"
    metadata = client.get(f"{PATH}/metadata").json()["metadata"]
    assert metadata["labels"] == ["benign", "malignant"]
    assert metadata["inputs"]["mean area"]["type"] == "number"


def test_unknown_path_and_method(client: TestClient) -> None:
    response = client.get("/v1/models/other")
    assert (response.status_code, "breast_cancer" in response.json()["error"]) == (404, True)
    assert client.get(f"{PATH}:predict").status_code == 405


def test_page_has_a_field_for_every_column(client: TestClient, rows: list[dict[str, Any]]) -> None:
    page = client.get("/").text
    for name in rows[0]:
        assert f'name="{name}"' in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_large_requests_are_answered(client: TestClient, rows: list[dict[str, Any]]) -> None:
    many = [rows[i % 3] for i in range(500)]
    answers = client.post(f"{PATH}:predict", json={"instances": many}).json()["predictions"]
    assert len(answers) == 500
    assert answers[0] == answers[3]


def test_limits_of_the_schema() -> None:
    schema = TableSchema(
        columns={
            "age": Column(kind="numeric", type="number", nullable=False, minimum=0, maximum=120),
            "city": Column(kind="categorical", type="string", values=("Bern", "Genf")),
            "member": Column(kind="boolean", type="boolean"),
        },
        targets=(),
        inputs=("age", "city", "member"),
    )
    good = {"age": 3, "city": None, "member": True}
    assert read_rows({"instances": [good]}, schema) == [good]
    bad = [
        {"age": -1, "city": "Basel", "member": 1},
        {"age": None, "city": 3, "member": "yes"},
        {"age": 121, "city": "Bern", "member": False},
    ]
    with pytest.raises(BadRequest) as caught:
        read_rows({"instances": bad}, schema)
    assert len(caught.value.problems) == 7


def test_changed_bundle_is_refused(finished_run: Run, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "bundle"
    shutil.copytree(finished_run.artifact("ship", "bundle"), copy)
    with (copy / "model.tflite").open("ab") as file:
        file.write(b"x")
    with pytest.raises(mlrecipe.MlrecipeError, match=r"model\.tflite was changed"):
        mlrecipe.load(copy)
    (copy / "model.tflite").unlink()
    with pytest.raises(mlrecipe.MlrecipeError, match="is missing"):
        mlrecipe.load(copy)


def test_bundle_predicts_without_tensorflow(finished_run: Run) -> None:
    """D2: the device file runs in a runtime without TensorFlow."""
    import subprocess
    import sys

    code = (
        "import json, sys\nimport mlrecipe\nimport pandas as pd\n"
        "bundle = mlrecipe.load(sys.argv[1])\n"
        "rows = json.loads((bundle.path / 'examples.json').read_text())\n"
        "print(len(bundle.predict(pd.DataFrame(rows))))\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(finished_run.path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "3\n", done.stderr


def test_runtime_in_many_threads(bundle: Any, rows: list[dict[str, Any]]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    batches = [rows[: 1 + i % 3] for i in range(200)]
    expected = [bundle.outputs_of_records(batch) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(bundle.outputs_of_records, batches))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("number", ["NaN", "1e400", "1" + "0" * 400])
def test_numbers_without_end(client: TestClient, rows: list[dict[str, Any]], number: str) -> None:
    body = json.dumps({"instances": [rows[0]]})
    body = body.replace(json.dumps(rows[0]["mean area"]), number, 1)
    response = client.post(f"{PATH}:predict", content=body.encode())
    assert response.status_code == 400
    assert "no finite number" in response.json()["error"]


def test_files_in_requests() -> None:
    """D1: a file comes as TensorFlow Serving's {"b64": …} or as base64 text, and is looked at."""
    import base64

    from mlrecipe.data.pictures import as_png

    schema = TableSchema(
        columns={
            "photo": Column(kind="image", type="bytes"),
            "scan": Column(kind="image", type="bytes", nullable=False),
        },
        targets=(),
        inputs=("photo", "scan"),
    )
    draws = np.random.default_rng(0)
    file = as_png(draws.integers(0, 256, (9, 9, 3), dtype=np.uint8))
    text = base64.b64encode(file).decode()
    rows = [{"photo": {"b64": text}, "scan": text}, {"photo": None, "scan": {"b64": text}}]
    expected = [{"photo": file, "scan": file}, {"photo": None, "scan": file}]
    assert read_rows({"instances": rows}, schema) == expected
    columns = {"photo": [row["photo"] for row in rows], "scan": [row["scan"] for row in rows]}
    assert read_rows({"inputs": columns}, schema) == expected

    damaged = base64.b64encode(file[:150]).decode()
    cases: list[tuple[Any, str]] = [
        (None, "must not be missing"),
        (3, "no file"),
        ({"b64": text, "x": 1}, "no file"),
        ({"b64": 3}, "no file"),
        ("***", "no base64"),
        ("", "empty file"),
        (base64.b64encode(b"word" * 500).decode(), "no image that can be read"),
        (damaged, "damaged or cut off"),
    ]
    for value, said in cases:
        with pytest.raises(BadRequest, match=said) as caught:
            read_rows({"instances": [{"photo": None, "scan": value}]}, schema)
        (problem,) = caught.value.problems
        assert len(problem) < 250  # a whole file in an answer would drown the sentence
