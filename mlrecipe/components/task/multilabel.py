"""Several tags at once: the outputs are a probability a tag."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

import mlrecipe

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.findings import Finding
    from mlrecipe.interfaces import Array, Evidence
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

ALTERNATIVES = ",;|"
"""What parts the tags of a question that asks for several."""


class Multilabel(
    mlrecipe.Task,
    name="multilabel",
    metrics=("mean_average_precision", "label_f1", "label_precision", "label_recall"),
    baselines=("prior", "linear"),
    objectives=("sigmoid_binary_crossentropy",),
):
    """Tags, of which a row has any number; one probability a tag, whatever the others are.

    The target is a column of sets (``beach|dog``, lists, JSON), or several columns of 0 and 1.
    An empty set means that no tag is there; a row whose set is missing is left out.
    """

    fewest: int = Field(
        10, ge=1, description="Rows that a tag must be in; rarer ones are left out, and named."
    )
    separator: str | None = Field(
        None, min_length=1, description="What parts the tags of a text; null: told from the texts."
    )
    thresholds: Literal["own", "shared"] = Field(
        "own",
        description="From which probability on a tag is given, for the best F1 on validation rows: "
        "own: one a tag (rare tags share one); shared: the same for all.",
    )
    keep: tuple[str, ...] = Field(
        (),
        description="Columns of each development row, such as its id, that the bundle keeps, so "
        "that the server can search these rows by tag; empty: it searches what it is sent.",
    )

    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        from mlrecipe.preparation.target_codec import TargetCodec

        separator = ""
        if len(problem.target) == 1:
            separator = self.separator or _parting(targets, problem.target[0])
        codec = TargetCodec(columns=problem.target, separator=separator)
        counts = _counts(targets, codec)
        labels = tuple(tag for tag, count in counts.items() if count >= self.fewest)
        if not labels:
            found = ", ".join(f"{tag!r} in {n}" for tag, n in list(counts.items())[:5])
            raise mlrecipe.MlrecipeError(
                f"no tag is in {self.fewest} rows of {', '.join(problem.target)}"
                + (f"; the most frequent: {found}" if found else ""),
                where="problem.target",
                expected="tags parted by one character, lists, or columns of 0 and 1",
                fix="name another column, say what parts the tags (task.separator), or lower "
                "task.fewest",
            )
        return codec.model_copy(update={"labels": labels})

    def strata(self, y: Array) -> Array:
        return y > 0.5

    def remarks(self, targets: pd.DataFrame, codec: TargetCodec) -> list[Finding]:
        from mlrecipe.findings import Finding

        rare = {t: n for t, n in _counts(targets, codec).items() if t not in codec.labels}
        if not rare:
            return []
        shown = ", ".join(f"{tag} ({n})" for tag, n in list(rare.items())[:5])
        return [
            Finding(
                code="rare-tags",
                severity="note",
                message=f"{len(rare)} of {len(rare) + len(codec.labels)} tags are in fewer than "
                f"{self.fewest} rows and were left out: {shown}{', …' if len(rare) > 5 else '.'}",
                evidence={"tags": dict(list(rare.items())[:100]), "count": len(rare)},
                advice="Collect rows of those that matter; task.fewest says how many it takes.",
                section="6.1.2",
            )
        ]

    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        import numpy as np

        from mlrecipe.data.tag_targets import flags_of, sets_of

        if len(codec.columns) > 1:
            return flags_of(targets, tuple(str(label) for label in codec.labels))
        position = {label: i for i, label in enumerate(codec.labels)}
        found = np.zeros((len(targets), len(position)), dtype=np.float32)
        for row, tags in enumerate(sets_of(targets[codec.columns[0]], codec.separator)):
            found[row, [position[tag] for tag in tags if tag in position]] = 1
        return found

    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return the tags of each row that are probable enough, the most probable first."""
        import numpy as np

        given = outputs >= np.asarray(codec.thresholds or threshold, dtype=np.float32)
        found = np.empty(len(outputs), dtype=object)
        for row, order in enumerate(np.argsort(-outputs, axis=1, kind="stable")):
            found[row] = [codec.labels[i] for i in order if given[row, i]]
        return found

    def head(
        self, body: keras.KerasTensor, codec: TargetCodec, activation: str
    ) -> keras.KerasTensor:
        import keras

        from mlrecipe.interfaces import ANSWER

        return keras.layers.Dense(len(codec.labels), activation, name=ANSWER)(body)

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the tags given, the most probable first, and a probability a tag.

        With ``top``, probabilities of so many tags, the most probable ones.
        """
        names = [str(label) for label in codec.labels]
        found = []
        for tags, row in zip(self.decode(outputs, codec, threshold), outputs.tolist(), strict=True):
            scores = dict(zip(names, row, strict=True))
            if top is not None:
                scores = dict(sorted(scores.items(), key=lambda item: -item[1])[:top])
            found.append({"prediction": tags, "scores": scores})
        return found

    def search(self, query: str, outputs: Array, codec: TargetCodec, top: int) -> dict[int, float]:
        """Return the rows that most probably have a tag, or all of several: ``beach, dog``.

        The score of several tags is the product of their probabilities, as if each came about by
        itself.
        """
        import numpy as np

        places = _asked_for(query, [str(label) for label in codec.labels])
        scores = np.prod(outputs[:, places], axis=1, dtype=np.float64)
        return {int(i): float(scores[i]) for i in np.argsort(-scores, kind="stable")[:top]}

    def keeps(self, frame: pd.DataFrame, codec: TargetCodec) -> list[dict[str, Any]] | None:
        from mlrecipe.data.table_schema import named_columns

        if not self.keep:
            return None
        names = list(named_columns(self.keep, frame, "task.keep"))
        plain = frame[names].astype(object)
        return plain.where(plain.notna(), None).to_dict("records")

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        from mlrecipe.evaluation.tag_decision import decide_tags

        return decide_tags(evidence, own=self.thresholds == "own")


def _parting(targets: pd.DataFrame, column: str) -> str:
    from mlrecipe.data.tag_targets import parting

    return parting(targets[column])


def _counts(targets: pd.DataFrame, codec: TargetCodec) -> dict[str, int]:
    """Return in how many rows each tag is: the most frequent first, of columns in their order."""
    from mlrecipe.data.tag_targets import flags_of, sets_of

    if len(codec.columns) > 1:
        sums = flags_of(targets, codec.columns).sum(axis=0)
        return {name: int(n) for name, n in zip(codec.columns, sums, strict=True)}
    sets = sets_of(targets[codec.columns[0]], codec.separator)
    counts = Counter(tag for tags in sets for tag in tags)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _asked_for(query: str, names: list[str]) -> list[int]:
    """Return the places of the tags that a question names, whatever their case."""
    from mlrecipe.errors import nearest

    places = {name.lower(): i for i, name in enumerate(names)}
    whole = query.strip().lower()
    if whole in places:
        return [places[whole]]
    parts = [whole]
    for mark in ALTERNATIVES:
        parts = [piece.strip() for part in parts for piece in part.split(mark)]
    wanted = [part for part in parts if part]
    for part in wanted or [whole]:
        if part not in places:
            close = nearest(part, places)
            raise mlrecipe.MlrecipeError(
                f"there is no tag {part!r}"
                + (f"; did you mean {names[places[close]]!r}?" if close else ""),
                where="search",
                expected="one of "
                + ", ".join(names[:20])
                + (f", and {len(names) - 20} more" if len(names) > 20 else ""),
            )
    return [places[part] for part in dict.fromkeys(wanted)]


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [Multilabel]
