"""Settings of feature selection; start-up imports no NumPy here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from mlrecipe.component import Section


class Select(Section):
    """Which features of the vector are kept, told from training rows alone (book, 6.2.1)."""

    constant: bool = Field(
        False, description="Leave out features that have one value in all training rows."
    )
    explains: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Leave out features that alone explain less than this share of the target's "
        "variance: R², or the correlation ratio for classes.",
    )
    correlated: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Of two features that correlate more than this, up or down, leave out the one "
        "that tells less of the target.",
    )
    best: PositiveInt | None = Field(
        None, description="Keep so many features at most: those with the best scores."
    )
    score: Literal["f_test", "mutual_information"] = Field(
        "f_test",
        description="What features are ranked by: f_test: the F statistic of one feature against "
        "the target; mutual_information: of any dependence, estimated on at most 10,000 rows.",
    )

    def active(self) -> bool:
        """Return whether anything may be left out."""
        return self.constant or any((self.explains, self.correlated, self.best))
