"""Which planted flaws the checks find, at three strengths, and how often they cry wolf.

    python benchmarks/detection.py [--rows 2000]

Twenty flaws are planted one by one, weak, middling and strong, in a generated table; a flaw counts
as found when a finding of its code appears. Then all checks run on twenty clean tables: what is
counted are blockers and warnings. Prints both tables.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from mlrecipe.components.schema.inferred import Inferred
from mlrecipe.data.inference import infer_column
from mlrecipe.data.table import Table
from mlrecipe.findings import Finding
from mlrecipe.interfaces import Inspection
from mlrecipe.problem import Problem
from mlrecipe.registry import load_registry

COMPONENTS = load_registry().components
Plant = Callable[[pd.DataFrame, float, np.random.Generator], pd.DataFrame]


def clean(rows: int, seed: int) -> pd.DataFrame:
    """Return numbers of several shapes, categories, flags, dates, texts and a target of them."""
    draws = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "normal": draws.normal(50, 9, rows),
            "skewed": draws.lognormal(3, 0.8, rows),
            "whole": draws.poisson(6, rows),
            "related": draws.normal(0, 1, rows),
            "wide": draws.normal(0, 4, rows),
            "flag": draws.random(rows) < 0.3,
            "kind": draws.choice(["north", "south", "east", "west"], rows),
            "day": (
                pd.Timestamp("2024-01-01") + pd.to_timedelta(draws.integers(0, 500, rows), "D")
            ).strftime("%Y-%m-%d"),
        }
    )
    frame["related"] = 0.6 * (frame["normal"] - 50) / 9 + 0.8 * frame["related"]
    wish = 0.12 * (frame["normal"] - 50) + 1.5 * frame["flag"] - 0.1 * frame["whole"]
    wish += (frame["kind"] == "north") + 3.0 * np.sign(frame["wide"]) + draws.logistic(0, 0.4, rows)
    frame["y"] = np.where(wish > 0, "yes", "no")
    return frame


def some(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> np.ndarray:
    """Return the positions of a share of the rows, drawn at random."""
    count = max(1, round(share * len(frame)))
    return draws.choice(len(frame), count, replace=False)


def replaced(column: str, value: object) -> Plant:
    """Return a flaw that puts a value into a share of the rows of a column."""

    def plant(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
        values = frame[column].astype(object)
        values.iloc[some(frame, share, draws)] = value
        return frame.assign(**{column: values.infer_objects()})

    return plant


def _flag_leak(frame: pd.DataFrame, wrong: float, draws: np.random.Generator) -> pd.DataFrame:
    return frame.assign(leak=(frame["y"] == "yes") ^ (draws.random(len(frame)) < wrong))


def _category_leak(frame: pd.DataFrame, wrong: float, draws: np.random.Generator) -> pd.DataFrame:
    flag = (frame["y"] == "yes") ^ (draws.random(len(frame)) < wrong)
    return frame.assign(
        leak=[f"k{2 * c + f}" for c, f in zip(draws.integers(0, 30, len(frame)), flag, strict=True)]
    )


def _missing_leak(frame: pd.DataFrame, wrong: float, draws: np.random.Generator) -> pd.DataFrame:
    flag = (frame["y"] == "yes") ^ (draws.random(len(frame)) < wrong)
    return frame.assign(leak=np.where(flag, draws.normal(size=len(frame)), np.nan))


def _text_leak(frame: pd.DataFrame, wrong: float, draws: np.random.Generator) -> pd.DataFrame:
    flag = (frame["y"] == "yes") ^ (draws.random(len(frame)) < wrong)
    words = [
        " ".join(draws.choice(["parcel", "came", "late", "again", "and", "wet"], 8)) for _ in flag
    ]
    return frame.assign(
        leak=[
            f"{w} {i} refunded" if f else f"{w} {i}"
            for i, (w, f) in enumerate(zip(words, flag, strict=True))
        ]
    )


def _date_leak(frame: pd.DataFrame, wrong: float, draws: np.random.Generator) -> pd.DataFrame:
    flag = (frame["y"] == "yes") ^ (draws.random(len(frame)) < wrong)
    days = pd.to_timedelta(draws.integers(0, 200, len(frame)) + np.where(flag, 400, 0), "D")
    return frame.assign(leak=(pd.Timestamp("2023-01-01") + days).strftime("%Y-%m-%d"))


def _copies(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[some(frame, share, draws)]], ignore_index=True)


def _near_copies(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    copies = frame.iloc[some(frame, share, draws)].copy()
    for name in ("normal", "skewed", "related", "wide"):
        copies[name] += draws.normal(0, 0.002 * frame[name].std(), len(copies))
    return pd.concat([frame, copies], ignore_index=True)


def _conflicts(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    copies = frame.iloc[some(frame, share, draws)].copy()
    copies["y"] = copies["y"].map({"yes": "no", "no": "yes"})
    return pd.concat([frame, copies], ignore_index=True)


def _wrong_labels(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    rows = some(frame, share, draws)
    labels = frame["y"].to_numpy(dtype=object, copy=True)
    labels[rows] = np.where(labels[rows] == "yes", "no", "yes")
    return frame.assign(y=labels)


def _odd_pairs(frame: pd.DataFrame, strength: float, draws: np.random.Generator) -> pd.DataFrame:
    """Copy a column with noise, then break the pair in one row by some of its deviations."""
    twin = frame["normal"] + draws.normal(0, 0.9, len(frame))
    twin.iloc[5] += strength * frame["normal"].std() * (-1 if frame["normal"].iloc[5] > 50 else 1)
    return frame.assign(twin=twin)


def _rare(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    labels = np.full(len(frame), "no", dtype=object)
    labels[some(frame, share, draws)] = "yes"
    return frame.assign(y=labels)


def _redundant(frame: pd.DataFrame, noise: float, draws: np.random.Generator) -> pd.DataFrame:
    return frame.assign(again=frame["normal"] ** 3 * (1 + draws.normal(0, noise, len(frame))))


def _sorted(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    key = np.where(draws.random(len(frame)) < share, frame["y"] == "yes", draws.random(len(frame)))
    return frame.iloc[np.argsort(key, kind="stable")].reset_index(drop=True)


def _identifier(frame: pd.DataFrame, density: float, draws: np.random.Generator) -> pd.DataFrame:
    numbers = draws.choice(round(len(frame) / density), len(frame), replace=False)
    return frame.assign(number=numbers)


def _spelt(frame: pd.DataFrame, share: float, draws: np.random.Generator) -> pd.DataFrame:
    return replaced("kind", "North.")(frame, share, draws)


def _other_unit(frame: pd.DataFrame, factor: float, draws: np.random.Generator) -> pd.DataFrame:
    values = frame["normal"].to_numpy(copy=True)
    values[3] = 50 * factor
    return frame.assign(normal=values)


FLAWS: dict[str, tuple[Plant, str, tuple[float, float, float]]] = {
    "leak: flag, wrong in a share": (_flag_leak, "leak", (0.05, 0.01, 0.0)),
    "leak: 60 categories": (_category_leak, "leak", (0.05, 0.01, 0.0)),
    "leak: missingness": (_missing_leak, "leak", (0.05, 0.01, 0.0)),
    "leak: a word in a text": (_text_leak, "leak", (0.05, 0.01, 0.0)),
    "leak: date": (_date_leak, "leak", (0.05, 0.01, 0.0)),
    "missing values": (replaced("normal", np.nan), "missing-values", (0.02, 0.06, 0.3)),
    "word for nothing": (replaced("kind", "?"), "hidden-missing-values", (0.001, 0.01, 0.1)),
    "-999 for nothing": (replaced("skewed", -999.0), "hidden-missing-values", (0.001, 0.01, 0.1)),
    "infinities": (replaced("skewed", np.inf), "infinite-values", (0.0005, 0.01, 0.1)),
    "value in another unit": (_other_unit, "isolated-values", (2.0, 10.0, 100.0)),
    "odd combination": (_odd_pairs, "outlier-rows", (1.0, 2.0, 4.0)),
    "exact copies": (_copies, "duplicate-rows", (0.001, 0.01, 0.1)),
    "near copies": (_near_copies, "near-duplicate-rows", (0.002, 0.01, 0.1)),
    "conflicting labels": (_conflicts, "conflicting-labels", (0.001, 0.01, 0.1)),
    "wrong labels": (_wrong_labels, "label-errors", (0.02, 0.05, 0.1)),
    "rare class": (_rare, "rare-class", (0.15, 0.05, 0.01)),
    "redundant column": (_redundant, "redundant-columns", (0.3, 0.1, 0.01)),
    "rows sorted by target": (_sorted, "rows-in-order", (0.3, 0.7, 1.0)),
    "identifier as input": (_identifier, "identifier-as-input", (0.4, 0.7, 1.0)),
    "two spellings": (_spelt, "string-variants", (0.0005, 0.01, 0.1)),
}


LEAKS = {"target-leak", "suspicious-column"}


def inspect(frame: pd.DataFrame) -> list[Finding]:
    """Return what all checks find, with their defaults."""
    problem = Problem(question="?", target=("y",))
    schema = Inferred().table(frame, problem)
    data = Inspection(
        Table(frame),
        schema,
        problem,
        COMPONENTS["task"]["binary"](),
        np.ones(len(frame)),
        preprocessing=COMPONENTS["preprocessing"]["by_kind"](),
    )
    return [finding for kind in COMPONENTS["checks"].values() for finding in kind().inspect(data)]


def found(code: str, findings: list[Finding], number_kind: str = "") -> str:
    """Return how a flaw was found: a severity, ``asked``, ``left out`` by inference, or a dash."""
    codes = LEAKS if code == "leak" else {code}
    for finding in findings:
        if finding.code in codes and (code != "leak" or finding.evidence["column"] == "leak"):
            return finding.severity
    if code == "identifier-as-input" and number_kind == "identifier":
        return "left out"
    asked = [f for f in findings if f.code == "availability-unasked"]
    if code == "leak" and asked and "leak" in asked[0].evidence["powers"]:
        return "asked"
    return "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print which flaws are found, and the false alarms on clean tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    rows = parser.parse_args(arguments).rows
    print(f"{'flaw':32}{'weak':>16}{'middling':>16}{'strong':>16}")
    hits = [0, 0, 0]
    for name, (plant, code, strengths) in FLAWS.items():
        cells = []
        for level, strength in enumerate(strengths):
            frame = plant(clean(rows, level), strength, np.random.default_rng(100 + level))
            number = infer_column(frame["number"]).kind if "number" in frame else ""
            how = found(code, inspect(frame), number)
            hits[level] += how != "-"
            cells.append(f"{strength:g} {how}")
        print(f"{name:32}{cells[0]:>16}{cells[1]:>16}{cells[2]:>16}", flush=True)
    print(f"{'found of ' + str(len(FLAWS)):32}{hits[0]:>16}{hits[1]:>16}{hits[2]:>16}")
    alarms = [
        (seed, finding)
        for seed in range(20)
        for finding in inspect(clean(rows, 1000 + seed))
        if finding.severity in ("blocker", "warning")
    ]
    print(f"\nfalse alarms (blockers and warnings) on 20 clean tables: {len(alarms)}")
    for seed, finding in alarms:
        print(f"  {seed}: {finding.severity} {finding.code}: {finding.message}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
