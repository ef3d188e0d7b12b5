"""A linear model on weighed words: what every model that reads texts has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, PositiveFloat, PositiveInt

import mlrecipe
from mlrecipe.problem import Names

if TYPE_CHECKING:
    import pandas as pd

    from mlrecipe.interfaces import Array, Facts, Inputs, Samples

TOKEN = r"(?u)\w+|[^\w\s]"
"""A word, or a mark: `!` and `£` tell much of a message."""


class TfidfLinear(mlrecipe.Baseline, name="tfidf_linear", trivial=False):
    """Logistic or ridge regression on TF-IDF of words and pairs of words (scikit-learn).

    It reads the raw columns of texts, and these alone, whatever the preparation makes of them
    (Wang and Manning, 2012, "Baselines and bigrams: simple, good sentiment and topic
    classification"; book, 11.3.2).
    """

    columns: Names = Field((), description="The columns of texts; empty: all that there are.")
    strength: PositiveFloat = Field(
        1.0, description="Strength of the L2 penalty (alpha of Ridge, 1/C of logistic)."
    )
    most_tokens: PositiveInt = Field(
        50_000, description="Size of each column's vocabulary; the most frequent are kept."
    )

    def resolve(self, facts: Facts) -> tuple[mlrecipe.Choice, ...] | None:
        if self.columns:
            return None
        if not facts.words:
            raise mlrecipe.MlrecipeError(
                "baseline=tfidf_linear has no text to read",
                where="baseline.tfidf_linear.columns",
                expected="a column of texts",
                fix="leave it out, or declare which column is one: schema=declared",
            )
        fields = {**self.model_dump(mode="json"), "columns": list(facts.words)}
        return (tfidf_choice(facts, fields),)

    def predict(self, training: Samples, rows: Inputs) -> Array:
        import numpy as np
        from sklearn.linear_model import LogisticRegression, Ridge

        x, others = self._features(training.frame, rows.frame)
        y, weights = training.y, training.weights
        indicators = bool(np.isin(y, (0.0, 1.0)).all())
        if not (indicators and (y.shape[1] == 1 or bool((y.sum(axis=1) == 1).all()))):
            ridge = Ridge(alpha=self.strength).fit(x, y, weights)
            return ridge.predict(others).reshape(len(rows.frame), -1).astype(np.float32)
        index = y[:, 0].astype(int) if y.shape[1] == 1 else y.argmax(axis=1)
        model = LogisticRegression(C=1 / self.strength, max_iter=1000).fit(x, index, weights)
        outputs = np.zeros((len(rows.frame), max(2, y.shape[1])), dtype=np.float32)
        outputs[:, model.classes_] = model.predict_proba(others)
        return outputs[:, 1:] if y.shape[1] == 1 else outputs

    def _features(self, training: pd.DataFrame, rows: pd.DataFrame) -> tuple[Any, Any]:
        """Return sparse matrices (rows, tokens of all columns) of training rows and others."""
        from scipy.sparse import hstack

        parts = [self._weighed(training[name], rows[name]) for name in self.columns]
        return tuple(hstack(side, format="csr") for side in zip(*parts, strict=True))  # type: ignore[return-value]

    def _weighed(self, training: pd.Series, rows: pd.Series) -> tuple[Any, Any]:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(
            ngram_range=(1, 2),
            token_pattern=TOKEN,
            min_df=2,
            max_features=self.most_tokens,
            sublinear_tf=True,
        )
        seen, others = (column.fillna("").astype(str) for column in (training, rows))
        try:
            return vectorizer.fit_transform(seen), vectorizer.transform(others)
        except ValueError as error:
            raise mlrecipe.MlrecipeError(
                f"no word of column {training.name!r} occurs in two training rows",
                where="baseline.tfidf_linear.columns",
                fix="leave the column out of it",
            ) from error


def tfidf_choice(facts: Facts, fields: dict[str, Any] | None = None) -> mlrecipe.Choice:
    """Return the linear model on weighed words as a baseline, with the columns that it reads."""
    names = list(facts.words)
    reason = f"usual for texts: the words of {', '.join(names)}, weighed"
    return mlrecipe.Choice("tfidf_linear", reason, fields or {"columns": names})


@mlrecipe.hookimpl
def mlrecipe_components() -> list[type[mlrecipe.Component]]:
    return [TfidfLinear]
