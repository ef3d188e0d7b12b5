"""Hydra's overrides as ranges that Optuna searches."""

from __future__ import annotations

from typing import Any

from hydra.core.override_parser.types import (
    ChoiceSweep,
    IntervalSweep,
    Override,
    RangeSweep,
    Transformer,
)

from mlrecipe.errors import MlrecipeError


def distribution_of(override: Override) -> Any:
    """Return the range of an override that sweeps.

    ``a,b`` and ``choice(a, b)`` are candidates; ``range(0, 10, 2)`` numbers in steps;
    ``interval(0, 1)`` numbers between; tags: ``log``, and ``int`` for whole numbers of an interval.

    Raises:
        MlrecipeError: for what cannot be searched, such as ``glob``.
    """
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    value = override.value()
    tags = getattr(value, "tags", set())
    if isinstance(value, ChoiceSweep):
        return CategoricalDistribution(list(override.sweep_iterator(Transformer.encode)))
    if isinstance(value, IntervalSweep):
        low, high = value.start, value.end
        assert low is not None and high is not None
        if "int" in tags:
            return IntDistribution(int(low), int(high), log="log" in tags)
        return FloatDistribution(float(low), float(high), log="log" in tags)
    if isinstance(value, RangeSweep):
        numbers = list(override.sweep_iterator())
        if all(isinstance(number, int) for number in numbers):
            step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
            return IntDistribution(numbers[0], numbers[-1], step=step)
        step = numbers[1] - numbers[0] if len(numbers) > 1 else None
        return FloatDistribution(float(numbers[0]), float(numbers[-1]), step=step)
    raise MlrecipeError(
        f"{override.input_line} cannot be searched",
        where="the command line",
        expected="choice(…), a list, range(…) or interval(…), also with tag(log, …)",
    )
