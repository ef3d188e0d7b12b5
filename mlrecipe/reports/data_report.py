"""The page of the step `understand`: what the development rows look like."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from mlrecipe.findings import Finding
from mlrecipe.reports import column_figures, table_figures
from mlrecipe.reports.maps import location_map
from mlrecipe.reports.pages import number, render

SEVERITIES = ("blocker", "warning", "advice", "note")

MOST_FIGURES = 200
"""Columns that get a figure; of a wider table those with findings and the most telling ones."""

AVAILABLE = {
    "yes": "known in production, as the recipe confirms",
    "no": "not known in production",
    "unasked": "nobody has said whether it is known in production",
}

Content = Mapping[str, Any]


def by_severity(items: Sequence[tuple[str, Finding]]) -> list[tuple[str, Finding]]:
    """Return findings with the gravest first, otherwise in order."""
    return sorted(items, key=lambda item: SEVERITIES.index(item[1].severity))


def data_report(content: Content) -> str:
    """Return the page as HTML; everything on it comes from ``data_report.json``.

    Args:
        content: what `mlrecipe.exploration.survey.survey` returns.
    """
    names = list(content["columns"])
    ids = {name: f"column-{i}" for i, name in enumerate(names, 1)}
    drawn = _drawn(content)
    columns = [_column(content, name, ids[name], name in drawn) for name in names]
    script = Path(__file__).with_name("templates").joinpath("data_report.js").read_text("utf-8")
    return render(
        "data_report.html",
        content=content,
        columns=columns,
        ids=ids,
        findings=_findings(content, ids),
        severities=_severities(content["findings"]),
        target_figures=_target_figures(content),
        legend=_legend(content["split"]),
        correlations=_figure(table_figures.correlation_map, content["correlations"]),
        gaps=_figure(table_figures.gaps, content["missing"]),
        maps=[(m, location_map(m, content["split"])) for m in content["maps"]],
        times=[(t, table_figures.course(t, content["split"])) for t in content["times"]],
        not_drawn=len(names) - len(drawn),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _figure(draw: Any, content: Content | None) -> Markup | None:
    return draw(content) if content else None


def _drawn(content: Content) -> set[str]:
    """Return the columns that get a figure."""

    def rank(item: tuple[int, str]) -> tuple[bool, bool, float, int]:
        column = content["columns"][item[1]]
        power = max(column["power"].values(), default=0.0)
        return column["role"] != "target", not column["findings"], -power, item[0]

    ranked = sorted(enumerate(content["columns"]), key=rank)
    return {name for _, name in ranked[:MOST_FIGURES]}


def _severities(findings: Iterable[Content]) -> list[tuple[str, int]]:
    found = [finding["severity"] for finding in findings]
    return [(severity, found.count(severity)) for severity in SEVERITIES]


def _findings(content: Content, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    ordered = sorted(content["findings"], key=lambda f: SEVERITIES.index(f["severity"]))
    return [f | {"columns": [n for n in f["columns"] if n in ids]} for f in ordered]


def _legend(split: Content | None) -> list[tuple[str, str]]:
    """Return the class of CSS and the label of every colour of the split."""
    if split is None:
        return []
    if split["kind"] == "classes":
        return [(f"class-{i}", label) for i, label in enumerate(split["classes"])]
    limits = [number(limit) for limit in split["limits"]]
    words = [f"up to {limits[0]}", *(f"from {limit}" for limit in limits)]
    return [(f"step-{i}", word) for i, word in enumerate(words)]


def _target_figures(content: Content) -> list[tuple[str, Markup]]:
    figures: list[tuple[str, Markup]] = []
    split = content["split"]
    for name in content["targets"]:
        if split and split["kind"] == "classes" and name == split["target"]:
            figures.append((name, column_figures.classes(split)))
        elif figure := _column_figure(content, name, None):
            figures.append((name, figure))
    return figures


def _column_figure(content: Content, name: str, split: Content | None) -> Markup | None:
    column, rows = content["columns"][name], content["rows"]["development"]
    if "histogram" in column and column["role"] == "target":
        return column_figures.histogram(column["histogram"], None, name, 500)
    if "histogram" in column:
        return column_figures.histogram(column["histogram"], split, name)
    if column.get("top"):
        return column_figures.frequencies(column, split, name, rows)
    if column.get("text", {}).get("rows"):
        return column_figures.lengths(column["text"], split, name)
    return None


def _column(content: Content, name: str, anchor: str, drawn: bool) -> dict[str, Any]:
    column = content["columns"][name]
    findings = [content["findings"][i] for i in column["findings"]]
    drawn = drawn and column["role"] != "target"  # shown above all
    figure = _column_figure(content, name, content["split"]) if drawn else None
    words = [name, column["kind"], column["role"]]
    words += [f"{f['severity']} {f['code']}" for f in findings]
    words += ["missing"] if column["missing"] else []
    return {
        **column,
        "name": name,
        "id": anchor,
        "figure": figure,
        "facts": _facts(column),
        "about": findings,
        "worst": min((f["severity"] for f in findings), key=SEVERITIES.index, default=""),
        "search": " ".join(words).lower(),
    }


def _facts(column: Content) -> list[tuple[str, str]]:
    """Return what the page says of a column beside its figure: name and words."""
    facts = [("missing", f"{column['missing']:,} ({column['missing_share']:.1%})")]
    if column["distinct"] is not None:
        facts.append(("distinct values", number(column["distinct"])))
    if "median" in column:
        facts += _number_facts(column)
    if "earliest" in column:
        facts.append(("from, to", f"{column['earliest']} … {column['latest']}"))
    if "bytes" in column:
        sizes = column["bytes"]
        facts.append(("bytes", f"{number(sizes['minimum'])} … {number(sizes['maximum'])}"))
    if "formats" in column:
        formats = [f"{item['value']} ({item['count']})" for item in column["formats"]]
        facts.append((f"formats of {column['opened']} opened", "; ".join(formats) or "–"))
        facts.append(("cannot be read", number(column["unreadable"])))
    if column.get("text", {}).get("rows"):
        text = column["text"]
        facts.append(
            (
                "words",
                f"median {number(text['median_words'])}, most {number(text['longest_words'])}",
            )
        )
    facts += _power_facts(column["power"])
    if column["role"] != "target":
        facts.append(("in production", AVAILABLE[column["available"]]))
    return facts


def _number_facts(column: Content) -> list[tuple[str, str]]:
    facts = [
        ("range", f"{number(column['minimum'])} … {number(column['maximum'])}"),
        ("median", number(column["median"])),
        (
            "middle half",
            f"{number(column['lower_quartile'])} … {number(column['upper_quartile'])}",
        ),
        ("5 % … 95 %", f"{number(column['quantile_05'])} … {number(column['quantile_95'])}"),
        ("mean ± deviation", f"{number(column['mean'])} ± {number(column['deviation'])}"),
    ]
    if column["zero_share"]:
        facts.append(("zeros", f"{column['zero_share']:.1%}"))
    if column["infinite"]:
        facts.append(("infinite", number(column["infinite"])))
    beyond = column["histogram"]["below"] + column["histogram"]["above"]
    if beyond:
        facts.append(("outside the picture", f"{beyond:,} rows, far from the others"))
    return facts


def _power_facts(power: Content) -> list[tuple[str, str]]:
    words = ", ".join(f"{v:.2f} of 1 by {what}" for what, v in power.items())
    return [("predicts the target alone", words)] if words else []
