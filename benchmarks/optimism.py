"""How well the estimate of optimism matches the true gap, where the truth is known.

    python benchmarks/optimism.py [--repetitions 300] [--json FILE]

Every repetition draws validation rows and a number of looks: linear scores whose weights stray from
the true ones, so that their answers to the same rows agree as those of models of one search do. The
look with the best score is chosen; its true score is measured on 20,000 further rows. The gap
between the two is held against the estimate of `mlrecipe.evaluation.optimism` from the same looks,
and against two simpler ones: the expected maximum of independent normal errors, and the bootstrap
around the scores as they are. In the first setting all looks are equally good, in the second they
differ.

Printed are means over the repetitions. Ends with status 1 when the mean estimate misses the mean
gap by more than a quarter of it and by more than three of its standard errors.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mlrecipe.components.metric.classification import Accuracy
from mlrecipe.components.metric.probability import ROCAUC
from mlrecipe.evaluation.intervals import sample_scores
from mlrecipe.evaluation.optimism import SAMPLES, optimism
from mlrecipe.interfaces import Array, Outcomes

INPUTS = 20
TRUTH_ROWS = 20_000
METRICS = {"accuracy": Accuracy(), "roc_auc": ROCAUC()}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=300)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--looks", type=int, nargs="+", default=[2, 10, 30, 100])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write all figures there, too")
    args = parser.parse_args(argv)
    print(f"means of {args.repetitions} repetitions, in hundredths of the score")
    print("metric    looks are  rows looks   true gap  estimate  plain bootstrap  independent")
    table, missed = [], False
    for name in METRICS:
        for differ in (False, True):
            for rows in args.rows:
                for looks in args.looks:
                    found = np.array(
                        [
                            _once(name, differ, rows, looks, [args.seed, rows, looks, number])
                            for number in range(args.repetitions)
                        ]
                    )
                    gap, ours, plain, independent = 100 * found.mean(axis=0)
                    error = 100 * (found[:, 0] - found[:, 1]).std() / args.repetitions**0.5
                    missed |= abs(gap - ours) > max(gap / 4, 3 * error)
                    alike = "unlike" if differ else "equal"
                    print(
                        f"{name:<9} {alike:<9} {rows:>5} {looks:>5} {gap:>10.2f} {ours:>9.2f} "
                        f"{plain:>16.2f} {independent:>12.2f}",
                        flush=True,
                    )
                    table.append([name, alike, rows, looks, gap, ours, plain, independent])
    if args.json:
        args.json.write_text(json.dumps(table, indent=1), encoding="utf-8")
    return int(missed)


def _once(
    name: str, differ: bool, rows: int, looks: int, seed: Sequence[int]
) -> tuple[float, float, float, float]:
    """Return the true gap, our estimate, the plain bootstrap's, and that of independent errors."""
    random = np.random.default_rng(seed)
    true = random.normal(size=INPUTS)
    true /= np.linalg.norm(true)
    astray = random.uniform(0.3, 1.5, (looks, 1)) if differ else np.full((looks, 1), 0.8)
    away = random.normal(size=(looks, INPUTS))
    away -= (away @ true)[:, None] * true
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    weights = true + astray * away
    metric = METRICS[name]
    x, y = _drawn(rows, true, random)
    parts = [_answered(x, y, w) for w in weights]
    scores = np.array([metric.score(p.y, p.outputs, p.weights) for p in parts])
    samples = np.array([sample_scores(metric, [p], seed=0, count=SAMPLES) for p in parts])
    best = int(scores.argmax())
    truth = _answered(*_drawn(TRUTH_ROWS, true, random), weights[best])
    gap = scores[best] - metric.score(truth.y, truth.outputs, truth.weights)
    luck = samples - samples.mean(axis=1, keepdims=True)
    chosen = (scores[:, None] + luck).argmax(axis=0)
    plain = float(luck[chosen, np.arange(SAMPLES)].mean())
    return gap, optimism(scores, samples), plain, _largest(looks) * float(luck.std())


def _drawn(rows: int, true: Array, random: np.random.Generator) -> tuple[Array, Array]:
    x = random.normal(size=(rows, INPUTS))
    return x, (random.random(rows) < 1 / (1 + np.exp(-2 * x @ true))).astype(np.float32)


def _answered(x: Array, y: Array, weights: Array) -> Outcomes:
    outputs = 1 / (1 + np.exp(-x @ weights))
    return Outcomes(y[:, None], outputs[:, None].astype(np.float32), np.ones(len(y)))


def _largest(count: int) -> float:
    """Return the expected largest of so many standard normals (Blom, 1958)."""
    from scipy.stats import norm

    return float(norm.ppf((count - 0.375) / (count + 0.25)))


if __name__ == "__main__":
    sys.exit(main())
