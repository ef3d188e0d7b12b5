"""How often the gate of statistical power is wrong, in each direction, where the truth is known.

    python benchmarks/power_gate.py [--repetitions 400] [--rows 200 1000 5000] [--json FILE]

Every repetition makes a binary table of 10 inputs with a signal of known strength: the AUC that the
true probabilities reach. Three quick models of scikit-learn stand for three architectures (a line,
trees, neighbours), tried in turn as the step ``power`` does, by the same functions: splits, paired
bootstrap, Bonferroni's level. Printed is the share of repetitions in which the gate lets pass. For
a strength of 0.5 that is how often it sees what is not there: the level promises at most 2.5 % (one
side of 95 %). For the others, one minus it is how often it holds what could be learnt.

Ends with status 1 when more than 2.5 % pass without a signal, beyond what chance would explain.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mlrecipe.components.metric.probability import ROCAUC
from mlrecipe.components.protocol.holdout import Holdout
from mlrecipe.components.protocol.iterated_kfold import IteratedKFold
from mlrecipe.components.protocol.kfold import KFold
from mlrecipe.evaluation.intervals import wilson
from mlrecipe.evaluation.scores import compare, dependence_of, level_of_each
from mlrecipe.interfaces import Array, Divisible, Outcomes

STRENGTHS = {0.5: 0.0, 0.55: 0.18, 0.6: 0.37, 0.65: 0.57, 0.7: 0.8}
"""AUC of the true probabilities -> deviation of their log odds (checked by simulation)."""

PROTOCOLS = {
    "kfold": KFold(folds=5),
    "iterated": IteratedKFold(folds=5, repeats=3),
    "holdout": Holdout(share=0.2),
}
INPUTS = 10
POSITIVE = 0.3
CONFIDENCE = 0.95


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=400)
    parser.add_argument("--rows", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write all shares there, too")
    args = parser.parse_args(argv)
    found = []
    print(f"share let pass, of {args.repetitions} repetitions (95 % interval)")
    print(f"{'rows':>6} {'protocol':>8} " + " ".join(f"{'AUC ' + str(a):>19}" for a in STRENGTHS))
    for rows in args.rows:
        for protocol in PROTOCOLS:
            shares = [
                _share(args.repetitions, rows, protocol, spread, args.seed)
                for spread in STRENGTHS.values()
            ]
            found.append({"rows": rows, "protocol": protocol, "shares": shares})
            print(f"{rows:>6} {protocol:>8} " + " ".join(_shown(*s) for s in shares), flush=True)
    if args.json:
        args.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return int(any(row["shares"][0][1] > (1 - CONFIDENCE) / 2 for row in found))


def _share(
    repetitions: int, rows: int, protocol: str, spread: float, seed: int
) -> tuple[float, float, float]:
    passed = sum(
        _passes(rows, protocol, spread, np.random.SeedSequence([seed, rows, number]))
        for number in range(repetitions)
    )
    return (passed / repetitions, *wilson(passed, repetitions, CONFIDENCE))


def _shown(share: float, low: float, high: float) -> str:
    return f"{share:>6.1%} ({low:.1%}-{high:.1%})".rjust(19)


def _passes(rows: int, protocol: str, spread: float, seed: np.random.SeedSequence) -> bool:
    """Return whether the gate lets a made table pass."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, INPUTS))
    signal = (x[:, 0] + x[:, 1] + (x[:, 2] * x[:, 3])) / np.sqrt(3)
    odds = np.log(POSITIVE / (1 - POSITIVE)) + spread * signal
    y = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    number = int(random.integers(2**31))
    divisible = Divisible(rows, number, y)
    splits = PROTOCOLS[protocol].split(divisible)
    models = _models()
    level = level_of_each(CONFIDENCE, len(models))
    prior = [_outcomes(y, valid, np.full(len(valid), y[train].mean())) for train, valid in splits]
    for model in models:
        ours = [
            _outcomes(y, valid, model.fit(x[train], y[train]).predict_proba(x[valid])[:, 1])
            for train, valid in splits
        ]
        told = compare(
            ROCAUC(), ours, prior, confidence=level, seed=number, dependence=dependence_of(splits)
        )
        if told["better"]:
            return True
    return False


def _outcomes(y: Array, rows: Array, answers: Array) -> Outcomes:
    truth = y[rows, None].astype(np.float32)
    return Outcomes(truth, answers[:, None].astype(np.float32), np.ones(len(rows)), rows)


def _models() -> list[Any]:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    trees = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=8, random_state=0)
    return [LogisticRegression(C=0.1), trees, KNeighborsClassifier(30)]


if __name__ == "__main__":
    sys.exit(main())
