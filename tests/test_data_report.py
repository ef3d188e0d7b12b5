"""U1: the data report: what it shows is right, escaped, and the same every time."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlrecipe.data.inference import infer_column
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.exploration.split import MOST_CLASSES, split_of
from mlrecipe.exploration.statistics import describe
from mlrecipe.exploration.survey import survey
from mlrecipe.files import finite, read_json, write_json
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Inspection
from mlrecipe.problem import Problem
from mlrecipe.reports.data_report import data_report
from mlrecipe.reports.figures import Line, curves, intervals
from mlrecipe.reports.maps import visible_outline
from mlrecipe.run_folder import Run

EVIL = "<script>alert('x')</script>\"&"


@dataclass(frozen=True)
class SomeTask:
    """All that the report asks of a task."""

    classification: bool
    name: str = "some"
    simple: bool = True

    @property
    def regression(self) -> bool:
        return not self.classification


def content_of(
    frame: pd.DataFrame,
    target: str,
    *,
    kinds: dict[str, Column] | None = None,
    classification: bool = True,
    findings: tuple[Finding, ...] = (),
    show_rows: bool = True,
    **problem: Any,
) -> dict[str, Any]:
    """Return the content of the report on a frame, by the public functions alone."""
    columns = {
        name: (kinds or {}).get(name)
        or (Column(kind="target", type="string") if name == target else infer_column(frame[name]))
        for name in frame.columns
    }
    inputs = tuple(name for name in frame.columns if name != target)
    schema = TableSchema(columns=columns, targets=(target,), inputs=inputs)
    table = Table(frame)
    data = Inspection(
        table,
        schema,
        Problem(question="Is it so?", target=target, **problem),
        SomeTask(classification),  # type: ignore[arg-type]
        np.ones(len(frame)),
    )
    statistics = describe(table, schema, split_of(table, schema, data.task))
    collected = {"rows": len(frame) + 5, "test_rows": 5, "left_out": []}
    return survey(data, statistics, collected, findings, show_rows=show_rows)


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    """Rows in California with a number, categories, gaps, moments and text; `y` follows `x`."""
    random = np.random.default_rng(3)
    rows = 600
    x = random.normal(10, 2, rows)
    y = np.where(x + random.normal(0, 1, rows) > 10, "high", "low")
    words = np.where(y == "high", "lovely house near sea side", "small flat in old town")
    return pd.DataFrame(
        {
            "latitude": random.uniform(33, 41, rows),
            "longitude": random.uniform(-123, -116, rows),
            "x": x,
            "colour": random.choice(["red", "green"], rows),
            "gap": np.where(np.arange(rows) < 300, np.nan, random.normal(size=rows)),
            "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(rows), unit="D"),
            "note": [f"{word} number {i}" for i, word in enumerate(words)],
            "customer": [f"Person {i}" for i in range(rows)],
            "y": y,
        }
    )


@pytest.fixture(scope="module")
def content(places: pd.DataFrame) -> dict[str, Any]:
    finding = Finding("suspicious-column", "warning", "x tells much.", {"column": "x"}, "Ask.")
    return content_of(
        places, "y", findings=(finding,), in_production=("x",), not_in_production=("gap",)
    )


def test_histograms_are_split_by_class_and_add_up(content: dict[str, Any]) -> None:
    bins = content["columns"]["x"]["histogram"]
    by_class = np.array(bins["by_class"])
    assert content["split"]["classes"] == ["high", "low"]
    assert by_class.sum(axis=0).tolist() == bins["counts"]
    assert sum(bins["counts"]) + bins["below"] + bins["above"] == 600
    middles = (np.array(bins["edges"][:-1]) + bins["edges"][1:]) / 2
    high, low = by_class @ middles / by_class.sum(axis=1)
    assert high > low + 1


def test_values_are_split_by_class(content: dict[str, Any], places: pd.DataFrame) -> None:
    colour = content["columns"]["colour"]
    expected = pd.crosstab(places["y"], places["colour"])
    for i, item in enumerate(colour["top"]):
        counts = [part[i] for part in colour["by_class"]]
        assert counts == expected[item["value"]].tolist()
        assert item["count"] == sum(counts)


def test_a_numeric_target_gives_its_mean_in_every_bin() -> None:
    frame = pd.DataFrame({"x": np.repeat(np.arange(20.0), 30)})
    frame["y"] = frame["x"] * 3
    column = content_of(frame, "y", classification=False)["columns"]["x"]
    np.testing.assert_allclose(column["histogram"]["target_mean"], np.arange(20) * 3.0)
    assert column["histogram"]["target_rows"] == [30] * 20


def test_outliers_do_not_squash_the_histogram() -> None:
    values = np.append(np.random.default_rng(0).normal(size=999), 1e9)
    frame = pd.DataFrame({"x": values, "y": ["a", "b"] * 500})
    column = content_of(frame, "y")["columns"]["x"]
    assert column["maximum"] == 1e9
    assert column["histogram"]["edges"][-1] < 10
    assert (
        sum(column["histogram"]["counts"])
        + column["histogram"]["below"]
        + column["histogram"]["above"]
        == 1000
    )


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float64, 40, elements=st.floats(allow_nan=True, allow_infinity=True, width=32)),
    hnp.arrays(np.int64, 40, elements=st.integers(0, 3)),
)
def test_no_row_is_lost_or_counted_twice(values: np.ndarray, classes: np.ndarray) -> None:
    """Whatever the numbers are: each is in one bin or beyond one end, and in one class."""
    frame = pd.DataFrame({"x": values, "y": [f"class {c}" for c in classes]})
    schema = TableSchema(
        columns={
            "x": Column(kind="numeric", type="number"),
            "y": Column(kind="target", type="string"),
        },
        targets=("y",),
        inputs=("x",),
    )
    table = Table(frame)
    split = split_of(table, schema, SomeTask(True))  # type: ignore[arg-type]
    assert split is not None
    assert sum(split.counts()) == 40
    column = describe(table, schema, split)["columns"]["x"]
    if "histogram" in column:
        bins = column["histogram"]
        inside = sum(bins["counts"])
        assert inside == np.sum(bins["by_class"])
        outside = bins["below"] + bins["above"]
        # An infinite value lies beyond an end too.
        assert inside + outside == np.isfinite(values).sum() + column["infinite"]
    elif "top" in column:
        assert sum(i["count"] for i in column["top"]) + column["other"] + column["missing"] == 40


def test_rare_classes_are_put_together() -> None:
    labels = [f"c{i:02d}" for i in range(15) for _ in range(20 - i)]
    frame = pd.DataFrame({"x": range(len(labels)), "y": labels})
    split = content_of(frame, "y")["split"]
    assert len(split["classes"]) == MOST_CLASSES
    assert split["classes"][-1] == "other classes"
    assert sum(split["counts"]) == len(labels)


def test_labels_that_are_numbers_are_classes_all_the_same() -> None:
    frame = pd.DataFrame({"x": range(100), "digit": [0, 1, 2, 3, 4, 5, 6, 7, 8, 10] * 10})
    content = content_of(frame, "digit")
    assert content["split"]["classes"][-1] == "10"  # in the order of numbers, not of letters
    assert "rows per class of digit" in data_report(content)


def test_the_map_appears_only_where_there_are_locations(
    content: dict[str, Any], places: pd.DataFrame
) -> None:
    page = data_report(content)
    (place,) = content["maps"]
    assert place["latitude"] == "latitude"
    assert len(place["points"]) == 600
    assert 'id="map"' in page
    assert "named like latitude and longitude" in page
    plain = content_of(places.rename(columns={"latitude": "a", "longitude": "b"}), "y")
    assert plain["maps"] == []
    assert 'id="map"' not in data_report(plain)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("lat", "lon"), True),
        (("start_lat", "start_lng"), True),
        (("pickupLatitude", "pickupLongitude"), True),
        (("home_lat", "work_lon"), False),
        (("flat", "salon"), False),
    ],
)
def test_names_of_locations(names: tuple[str, str], found: bool) -> None:
    frame = pd.DataFrame({names[0]: np.linspace(40, 50, 60), names[1]: np.linspace(0, 9, 60)})
    frame["y"] = ["a", "b"] * 30
    assert bool(content_of(frame, "y")["maps"]) == found


def test_numbers_that_are_no_degrees_are_no_location() -> None:
    frame = pd.DataFrame({"lat": np.linspace(0, 500, 60), "lon": np.linspace(0, 9, 60)})
    frame["y"] = ["a", "b"] * 30
    assert content_of(frame, "y")["maps"] == []


@settings(max_examples=25, deadline=None)
@given(st.floats(-180, 170), st.floats(-90, 80), st.floats(0.5, 10))
def test_the_outline_stays_within_the_view(west: float, south: float, size: float) -> None:
    for kind, line in visible_outline(west, west + size, south, south + size):
        assert kind in (0, 1, 2)
        assert (line >= np.array([west, south]) - 1e-6).all()
        assert (line <= np.array([west, south]) + size + 1e-6).all()


def test_the_outline_knows_where_land_meets_sea() -> None:
    """The coast of California passes San Francisco and Los Angeles; mid-ocean is empty."""
    for west, south in ((-122.7, 37.4), (-118.7, 33.6)):
        kinds = [kind for kind, _ in visible_outline(west, west + 0.6, south, south + 0.6)]
        assert 0 in kinds
    assert list(visible_outline(-140, -135, 30, 35)) == []


def test_the_course_of_time(content: dict[str, Any]) -> None:
    (course,) = content["times"]
    assert course["period"] == "month"
    assert course["periods"][0] == "2024-01-01"
    assert course["rows"][:3] == [31, 29, 31]
    assert np.sum(course["by_class"], axis=0).tolist() == course["rows"]


def test_gaps_show_where_they_are(content: dict[str, Any]) -> None:
    missing = content["missing"]
    assert missing["columns"] == ["gap"]
    blocks = missing["blocks"][0]
    assert blocks[:24] == [1.0] * 24
    assert blocks[-24:] == [0.0] * 24
    assert [p["rows"] for p in missing["patterns"]] == [300, 300]


def test_telling_words_of_each_class(content: dict[str, Any]) -> None:
    kinds = {
        group["class"]: group["words"] for group in content["columns"]["note"]["text"]["words"]
    }
    assert {word["word"] for word in kinds["high"][:5]} == {
        "lovely",
        "house",
        "near",
        "sea",
        "side",
    }
    assert "number" not in [word["word"] for word in kinds["low"][:5]]


def test_samples_show_every_class_and_name_nobody(content: dict[str, Any]) -> None:
    samples = content["samples"]
    assert {row["values"]["y"] for row in samples["rows"]} == {"high", "low"}
    assert samples["hidden"] == ["customer"]
    assert "Person 1" not in data_report(content)


def test_rows_can_be_kept_out(places: pd.DataFrame) -> None:
    content = content_of(places, "y", show_rows=False)
    page = data_report(content)
    assert content["samples"] is None
    assert content["maps"] == []
    assert "text" not in content["columns"]["note"]
    assert "lovely" not in page
    assert "contains rows" not in page


def test_correlations_put_alike_columns_together() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 400))
    frame = pd.DataFrame(
        {"a1": a, "b1": b, "a2": np.exp(a), "b2": -b, "y": random.choice(["u", "v"], 400)}
    )
    found = content_of(frame, "y")["correlations"]
    assert [set(found["columns"][:2]), set(found["columns"][2:])] in (
        [{"a1", "a2"}, {"b1", "b2"}],
        [{"b1", "b2"}, {"a1", "a2"}],
    )
    pairs = {frozenset(p["columns"]): p["correlation"] for p in found["strongest"]}
    assert pairs[frozenset({"a1", "a2"})] == 1.0  # by rank: the exponential changes nothing
    assert pairs[frozenset({"b1", "b2"})] == -1.0


def test_images_are_shown() -> None:
    from PIL import Image

    def png(shade: int) -> bytes:
        file = io.BytesIO()
        Image.new("RGB", (300, 200), (shade, 0, 0)).save(file, "PNG")
        return file.getvalue()

    pictures: list[bytes | None] = [png(i) for i in range(20)]
    pictures[4], pictures[5] = None, b"no picture"
    frame = pd.DataFrame({"photo": pictures, "y": ["cat", "dog"] * 10})
    content = content_of(frame, "y", kinds={"photo": Column(kind="image", type="bytes")})
    photo = content["columns"]["photo"]
    assert photo["missing"] == 1
    assert photo["unreadable"] == 1
    assert photo["formats"] == [{"value": "PNG, 300 × 200, RGB", "count": 18}]
    page = data_report(content)
    assert page.count('src="data:image/png;base64,') >= 8
    assert 'alt="image of 300 by 200 pixels"' in page


def test_findings_come_first_and_lead_to_their_columns(content: dict[str, Any]) -> None:
    page = data_report(content)
    anchor = re.search(r'See <a href="#(column-\d+)">x</a>', page)
    assert anchor
    assert f'<section class="column" id="{anchor[1]}"' in page
    assert page.index("x tells much.") < page.index('id="columns"')


def test_the_page_says_what_is_known_in_production(content: dict[str, Any]) -> None:
    available = {name: column["available"] for name, column in content["columns"].items()}
    assert (available["x"], available["gap"], available["colour"]) == ("yes", "no", "unasked")
    page = data_report(content)
    for words in ("as the recipe confirms", "not known in production", "nobody has said"):
        assert words in page


def test_names_and_values_are_escaped() -> None:
    frame = pd.DataFrame(
        {
            EVIL: [EVIL, "$x_1$", "日本", "tab\tnul\x00"] * 10,
            "n": np.arange(40.0) % 17,
            "note": [f"{EVIL} {i} and five more words of text" for i in range(40)],
            "y": [EVIL, "b"] * 20,
        }
    )
    finding = Finding("x", "warning", EVIL, {"column": EVIL}, EVIL)
    page = data_report(content_of(frame, "y", findings=(finding,)))
    assert page.count("<script") == 1
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "$x_1$" in page
    assert "日本" in page


def test_a_label_that_looks_like_svg_stays_as_it_is() -> None:
    name = '#010200 id="x" font: 9px href="#a"'
    figure = str(intervals([(name, 1.0, 0.0, 2.0, "model")], "score", "scores"))
    assert '#010200 id="x" font: 9px' in figure


def test_figures_follow_the_theme_and_ask_for_nothing(content: dict[str, Any]) -> None:
    figure = str(curves([Line("training", [3.0, 2.0], "training")], "curve", 1.0))
    assert "var(--training)" in figure
    assert not re.search(r"#0[0-9a-f]{5}\b", figure)
    page = data_report(content)
    assert not re.search(r"https?://|url\(|@import|<link|<iframe", page)
    sources = re.findall(r'\b(?:src|href)="([^"]*)"', page)
    assert all(source.startswith(("#", "data:image/png;base64,")) for source in sources)
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    anchors = {source[1:] for source in sources if source.startswith("#")}
    assert anchors <= set(ids)


def test_the_same_content_gives_the_same_page(
    content: dict[str, Any], places: pd.DataFrame, tmp_path: Path
) -> None:
    write_json(tmp_path / "data_report.json", content)
    read = read_json(tmp_path / "data_report.json")
    assert read == finite(content)
    assert data_report(read) == data_report(content)
    path = tmp_path / "rows.parquet"
    Table.write(places, path)
    assert Table(path).take([599, 3], ["x"])["x"].tolist() == places["x"].iloc[[3, 599]].tolist()


def test_a_wide_table_draws_the_columns_that_matter() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(60, 230))).add_prefix("c")
    frame["y"] = ["a", "b"] * 30
    finding = Finding("constant", "warning", "c229 hardly varies.", {"column": "c229"})
    page = data_report(content_of(frame, "y", findings=(finding,)))
    assert "histogram of c229" in page
    assert page.count('<section class="column"') == 231
    assert "31 columns without a finding" in page


def test_a_run_leaves_page_and_numbers_that_agree(finished_run: Run) -> None:
    content = read_json(finished_run.artifact("understand", "data_report.json"))
    page = finished_run.artifact("understand", "data_report.html").read_text()
    assert content["version"] == 1
    assert page == data_report(content)
    assert content["columns"]["worst radius"]["power"]["the value"] > 0.7
    assert f"<b>{content['rows']['development']}</b> development rows" in page


def test_powers_are_shown_where_they_were_measured(
    content: dict[str, Any], finished_run: Run
) -> None:
    assert "predicts the target alone" not in data_report(content)
    page = finished_run.artifact("understand", "data_report.html").read_text()
    assert "predicts the target alone" in page


CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_in_a_browser(content: dict[str, Any], tmp_path: Path) -> None:
    """The script runs under the page's own policy, filters, and logs no error."""
    page = tmp_path / "data_report.html"
    page.write_text(data_report(content), encoding="utf-8")
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--v=0",
        "--virtual-time-budget=3000", "--dump-dom",
    ]  # fmt: skip
    done = subprocess.run(
        [*command, f"{page.as_uri()}#filter=suspicious"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    sections = re.findall(r'<section class="column"[^>]*>', done.stdout)
    shown = [section for section in sections if "hidden" not in section]
    assert len(sections) == 9
    assert len(shown) == 1
    assert "suspicious-column" in shown[0]
    assert re.search(r'id="shown"[^>]*>1 of 9 columns<', done.stdout)
