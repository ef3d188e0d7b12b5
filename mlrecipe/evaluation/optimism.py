"""How much better the best of many looks seems than it is.

Each look errs by the luck of the validation rows, and the one that looks best was lucky more often
than not: the winner's curse. The estimate repeats the choice on bootstrap samples of the rows
(Efron and Tibshirani, 1993, chapter 17, optimism), where the truth is known: it is what the samples
were drawn around. Around the scores as they are, it would come out too small, since these differ by
luck already; so they are first drawn together to the spread that luck leaves them (empirical Bayes,
Efron and Morris, 1975). `benchmarks/optimism.py` holds it against the true gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlrecipe.interfaces import Array

SAMPLES = 100
"""Bootstrap scores kept of every look; a mean over them errs by a tenth of their spread."""

FEWEST = 2
"""Looks from which on there is a choice."""


def optimism(scores: Array, samples: Array) -> float:
    """Return by how much the score of the best look is expected to exceed what it is worth.

    Args:
        scores: of every look (looks,); greater is better.
        samples: the same on bootstrap samples of the rows (looks, samples), drawn alike for all.

    Returns:
        At least 0, in the metric's unit.
    """
    known = np.isfinite(scores) & np.isfinite(samples).any(axis=1)
    scores, samples = scores[known], samples[known]
    samples = samples[:, np.isfinite(samples).all(axis=0)]
    if len(scores) < FEWEST or not samples.size:
        return 0.0
    luck = samples - samples.mean(axis=1, keepdims=True)
    # What all looks share moves none ahead of another.
    own = luck - luck.mean(axis=0, keepdims=True)
    noise, spread = float((own**2).mean()), float(scores.var())
    kept = max(0.0, 1 - noise / spread) ** 0.5 if spread else 0.0
    centres = scores.mean() + kept * (scores - scores.mean())
    chosen = (centres[:, None] + luck).argmax(axis=0)
    return max(0.0, float(own[chosen, np.arange(luck.shape[1])].mean()))


def optimism_of(
    looks: Sequence[Mapping[str, Any]], split: str, metric: str, greater_is_better: bool
) -> float:
    """Return the optimism of the best of those looks that saw the same rows by the same metric.

    Args:
        looks: entries of the ledger.
        split: which validation rows; of other splits luck is another.
    """
    alike = [e for e in looks if e.get("split") == split and e.get("metric") == metric]
    kept = [e for e in alike if e.get("score") is not None and e.get("samples")]
    if len(kept) < FEWEST:
        return 0.0
    sign = 1 if greater_is_better else -1
    width = min(len(e["samples"]) for e in kept)
    scores = np.array([e["score"] for e in kept], dtype=np.float64)
    samples = np.array([e["samples"][:width] for e in kept], dtype=np.float64)
    return optimism(sign * scores, sign * samples)
