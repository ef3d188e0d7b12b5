"""What the settings of every kind of column offer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from mlrecipe.component import Section

if TYPE_CHECKING:
    from mlrecipe.data.table_schema import Column
    from mlrecipe.interfaces import TensorKind, TensorSpec
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Block
    from mlrecipe.preparation.statistics import Statistic


@dataclass(frozen=True)
class Fitted:
    """What was made of some columns.

    Attributes:
        blocks: the columns with their fitted operations.
        tensors: those that the blocks fill, besides the vector.
    """

    blocks: tuple[Block, ...]
    tensors: tuple[TensorSpec, ...] = ()


class Kind(Section, ABC):
    """Settings of one kind of column. Fields are the settings; start-up imports no NumPy here."""

    def of_column(self, own: Mapping[str, Any]) -> Self:
        """Return the settings of a column that has some of its own.

        Raises:
            pydantic.ValidationError: for settings that do not exist, or contradict each other.
        """
        return type(self).model_validate({**self.model_dump(), **own})

    @abstractmethod
    def statistic(self, columns: Mapping[str, Column]) -> Statistic:
        """Return what has to be learnt of the columns, all of this kind and of one type."""

    @abstractmethod
    def fit(self, columns: Mapping[str, Column], learnt: Statistic) -> Fitted:
        """Make the blocks from what was learnt."""

    @abstractmethod
    def operations(self) -> list[type[Operation]]:
        """Return the operations that the settings call for, before any row is known."""

    def gives(self) -> TensorKind:
        """Return the kind of tensor that the columns become."""
        return "vector"

    def learns_from_targets(self) -> bool:
        """Return whether what is fitted depends on the targets: rows must not see their own."""
        return False
