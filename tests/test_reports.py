"""The pages: escaped, self-contained, the same bytes for the same run."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import mlrecipe
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.exploration.statistics import describe
from mlrecipe.files import read_json
from mlrecipe.reports.figures import intervals
from mlrecipe.reports.pages import cases, number
from mlrecipe.run_folder import Run

VOID = {"meta", "br", "input", "link", "img"}


class Structure(HTMLParser):
    """Checks that tags are balanced; collects ids, headings and sources."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.requests: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.requests += [v for k, v in attrs if k in ("src", "href") and v and v[0] != "#"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)


def pages(run: Run) -> dict[str, str]:
    paths = [run.artifact("understand", "data_report.html"), run.artifact("explain", "report.html")]
    return {path.name: path.read_text() for path in paths}


def test_pages_are_sound_and_ask_nothing_of_the_network(finished_run: Run) -> None:
    for name, page in pages(finished_run).items():
        structure = Structure()
        structure.feed(page)
        assert structure.open == [], name
        assert structure.requests == [], name
        assert "url(" not in page
        assert page.count("<script") == (1 if name == "data_report.html" else 0)
        assert 'lang="en"' in page
        assert "width=device-width" in page
        for figure in re.findall(r"<svg[^>]*>", page):
            assert 'role="img"' in figure
            assert 'aria-label="' in figure


def test_report_answers_what_a_stakeholder_asks(finished_run: Run) -> None:
    """F5, R2: hypotheses, leaks counted, what is to be expected in cases a day."""
    page = pages(finished_run)["report.html"]
    test = read_json(finished_run.artifact("finalize", "test.json"))
    assert test["statement"] in page.replace("&#39;", "'")
    for part in ("a day", "malignant missed", "false alarm", "hypotheses", "supported"):
        assert part in page
    assert "looks at the validation rows" in page or "look at the validation rows" in page
    card = finished_run.artifact("explain", "card.md").read_text()
    assert "Intended use: Teaching" in card
    assert "malignant missed" in card


@pytest.mark.slow
def test_pages_are_the_same_for_the_same_run(
    finished_run: Run, quick: tuple[str, ...], tmp_path: Path
) -> None:
    again = mlrecipe.run("recipe=breast_cancer", *quick, path=tmp_path / "run")
    assert pages(again) == pages(finished_run)


def test_what_the_data_says_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    assert "<script" not in str(intervals([(evil, 1, 0, 2, "model")], evil, evil))


def test_values_that_may_name_people_are_not_shown() -> None:
    frame = pd.DataFrame({"name": [f"Person {i}" for i in range(30)], "x": range(30)})
    schema = TableSchema(
        columns={
            "name": Column(kind="identifier", type="string"),
            "x": Column(kind="numeric", type="number"),
        },
        targets=(),
        inputs=("name", "x"),
    )
    columns = describe(Table(frame), schema)["columns"]
    assert "top" not in columns["name"]
    assert sum(columns["x"]["histogram"]["counts"]) == 30


@pytest.mark.parametrize(
    ("value", "words"),
    [(14.2, "14 a day"), (1.06, "1.1 a day"), (0.7, "0.7 a day"), (0.1, "one every 10 days")],
)
def test_cases_a_day_in_words(value: float, words: str) -> None:
    assert cases(value) == words


@pytest.mark.parametrize(
    ("value", "text"), [(0.98731, "0.9873"), (569, "569"), (12345.6, "12,346"), (None, "–")]
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value) == text
