"""What a training step costs beside a hand-written Keras script that does the same.

Claimed: at most 1.05 x the wall time of the script, with the compilation of its graphs; the aim
is below 1.0.

Compared, on the same rows, with the same layers, optimizer, batch size and number of epochs, and
with a validation after every epoch:

- ``mlrecipe``: what a step does, `mlrecipe.evaluation.validation.validate`;
- ``keras``: ``compile`` and ``fit`` on NumPy arrays, ``predict`` for the validation rows;
- ``keras 16``: the same with ``steps_per_execution=16``.

Measured: wall time in a fresh process for each, after its imports, with the settings of TensorFlow
that each has by itself. *first* starts before the model is built, so it includes the compilation
of graphs; *again* trains anew on what was compiled, as the next fold does. Every round runs all
three, so that they share the same minutes; medians of the rounds are shown. The losses reached
must agree, or the work was not the same, and the benchmark fails.

    python benchmarks/training.py [--rounds 3] [--data digits …]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlrecipe.evaluation.folds import Fold

LIMIT = 1.05
LARGEST_LOSS_RATIO = 1.15
"""Between the median losses of two sides: they shuffle rows by different random numbers."""

LAYERS, UNITS, EPOCHS = 2, 64, 20

HEADER = f"{'data':<15}{'side':<10}{'first s':>9}{'ratio':>7}{'again s':>9}{'ratio':>7}{'loss':>9}"


@dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes:
        rows: returns features (rows, features) and targets (rows, outputs), both float32.
        objective: the component; it names the same loss and activation as `loss` and `activation`.
        loss, activation: what a script writes.
        batch_size: rows a step.
    """

    rows: Callable[[], tuple[Any, Any]]
    objective: str
    loss: str
    activation: str
    batch_size: int

    def split(self) -> tuple[Any, Any, Any, Any]:
        """Return features and targets to train on, and those to validate on: every fifth row."""
        import numpy as np

        x, y = self.rows()
        held_out = np.arange(len(x)) % 5 == 0
        return x[~held_out], y[~held_out], x[held_out], y[held_out]


def breast_cancer() -> tuple[Any, Any]:
    """Return 569 rows of 30 features, and a binary target."""
    from sklearn.datasets import load_breast_cancer

    x, y = load_breast_cancer(return_X_y=True)
    return standardized(x), y.astype("float32")[:, None]


def digits() -> tuple[Any, Any]:
    """Return 1,797 rows of 64 features, and ten classes."""
    import numpy as np
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x / 16).astype("float32"), np.eye(10, dtype="float32")[y]


def generated() -> tuple[Any, Any]:
    """Return 20,640 rows of 8 features, and a number that depends on them."""
    import numpy as np

    random = np.random.default_rng(0)
    x = random.normal(size=(20_640, 8))
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.3 * random.normal(size=len(x))
    return x.astype("float32"), standardized(y[:, None])


def standardized(values: Any) -> Any:
    """Return columns with mean 0 and deviation 1, as float32."""
    return ((values - values.mean(axis=0)) / values.std(axis=0)).astype("float32")


CASES = {
    "breast_cancer": Case(
        breast_cancer, "sigmoid_binary_crossentropy", "binary_crossentropy", "sigmoid", 32
    ),
    "digits": Case(
        digits, "softmax_categorical_crossentropy", "categorical_crossentropy", "softmax", 64
    ),
    "generated": Case(generated, "linear_mean_squared_error", "mean_squared_error", "linear", 512),
}


@dataclass
class Measured:
    """One side's seconds, and the validation loss after the first training."""

    first: float
    again: float
    loss: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 1 when the claim does not hold."""
    parser = argparse.ArgumentParser(description="Training beside a hand-written Keras script.")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each side")
    parser.add_argument("--data", nargs="+", choices=CASES, default=list(CASES), help="what on")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)  # how it calls itself
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.side:
        measured = SIDES[args.side](CASES[args.data[0]], args.seed)
        print(json.dumps(asdict(measured)))
        return 0
    print(
        f"{'data':<15}{'side':<10}{'first s':>9}{'ratio':>7}{'again s':>9}{'ratio':>7}{'loss':>9}"
    )
    verdicts = []
    for name in args.data:
        medians = measure(name, args.rounds)
        print(table(name, medians), flush=True)
        verdicts.append(holds(medians))
    print("ratio: the seconds of mlrecipe over those of the line")
    return 0 if all(verdicts) else 1


def measure(name: str, rounds: int) -> dict[str, Measured]:
    """Return the medians of every side's measurements, each in a process of its own."""
    found: dict[str, list[Measured]] = {side: [] for side in SIDES}
    for seed in range(rounds):
        for side, measured in found.items():
            options = ["--side", side, "--data", name, "--seed", str(seed)]
            done = subprocess.run(
                [sys.executable, __file__, *options], capture_output=True, text=True
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            measured.append(Measured(**json.loads(done.stdout.splitlines()[-1])))
    return {side: median(measured) for side, measured in found.items()}


def median(measured: Sequence[Measured]) -> Measured:
    """Return the median of every number."""
    columns = zip(*(asdict(m).values() for m in measured), strict=True)
    return Measured(*map(statistics.median, columns))


def table(name: str, medians: dict[str, Measured]) -> str:
    """Return a line a side."""
    ours = medians["mlrecipe"]
    return "\n".join(
        f"{name:<15}{side:<10}{its.first:>9.3f}{ours.first / its.first:>7.2f}"
        f"{its.again:>9.3f}{ours.again / its.again:>7.2f}{its.loss:>9.4f}"
        for side, its in medians.items()
    )


def holds(medians: dict[str, Measured]) -> bool:
    """Return whether mlrecipe is fast enough beside every side, for the same loss."""
    ours, losses = medians["mlrecipe"], [its.loss for its in medians.values()]
    if max(losses) > LARGEST_LOSS_RATIO * min(losses):
        print("FAILS: the losses differ, so the work was not the same")
        return False
    slower = [
        side
        for side, its in medians.items()
        if ours.first > LIMIT * its.first or ours.again > LIMIT * its.again
    ]
    if slower:
        print(f"FAILS: slower than {', '.join(slower)}")
    return not slower


def in_mlrecipe(case: Case, seed: int) -> Measured:
    """Train as a step of a run does, on two folds with the same rows."""
    import numpy as np
    import pandas as pd

    from mlrecipe.components.architecture.dense import Dense
    from mlrecipe.components.task.regression import VectorRegression
    from mlrecipe.components.training.standard import Standard
    from mlrecipe.evaluation.folds import Fold, Folds
    from mlrecipe.evaluation.validation import validate
    from mlrecipe.interfaces import Samples, TensorSpec
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.registry import load_registry
    from mlrecipe.training import runtime

    runtime.start()
    import keras  # noqa: F401

    reached: list[float] = []

    class Watched(Folds):
        def __iter__(self) -> Iterator[Fold]:
            for fold in super().__iter__():
                reached.append(time.perf_counter())
                yield fold

    objective = load_registry().find("objective", case.objective)()
    training = Standard(batch_size=case.batch_size, epochs=EPOCHS, patience=None)
    x, y, x_valid, y_valid = case.split()
    valid = np.arange(len(x_valid))
    ones, rows = np.ones(len(x) + len(x_valid), dtype=np.float32), pd.DataFrame()
    training_rows = Samples(rows, {"vector": x}, y, ones[: len(x)])
    validation_rows = Samples(rows, {"vector": x_valid}, y_valid, ones[: len(x_valid)])
    spec = TensorSpec(name="vector", kind="vector", dtype="float32", shape=x.shape[1:])
    train = np.arange(len(x)) + len(x_valid)
    fold = Fold(train, valid, (spec,), (), training_rows, validation_rows)
    targets = np.concatenate([y_valid, y])
    names = tuple(f"y{i}" for i in range(targets.shape[1]))
    folds = Watched(targets, ones, TargetCodec(columns=names), (fold, fold))
    recipe: Any = SimpleNamespace(
        task=VectorRegression(),
        architecture=Dense(layers=LAYERS, units=UNITS),
        objective=objective,
        training=training,
    )

    started = time.perf_counter()
    result = validate(folds, recipe, seed=seed)
    ended = time.perf_counter()
    return Measured(reached[1] - started, ended - reached[1], result.val_loss[0][-1])


def in_keras(case: Case, seed: int, steps_per_execution: int = 1) -> Measured:
    """Train as a careful script does."""
    import keras

    x, y, x_valid, y_valid = case.split()

    def fit_and_predict() -> float:
        history = model.fit(
            x,
            y,
            batch_size=case.batch_size,
            epochs=EPOCHS,
            validation_data=(x_valid, y_valid),
            verbose=0,
        )
        model.predict(x_valid, batch_size=case.batch_size, verbose=0)
        return float(history.history["val_loss"][-1])

    started = time.perf_counter()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((x.shape[1],)),
            *(keras.layers.Dense(UNITS, activation="relu") for _ in range(LAYERS)),
            keras.layers.Dense(y.shape[1], activation=case.activation),
        ]
    )
    model.compile(keras.optimizers.Adam(), case.loss, steps_per_execution=steps_per_execution)
    initial = model.get_weights()
    loss = fit_and_predict()
    compiled = time.perf_counter()
    model.set_weights(initial)
    fit_and_predict()
    return Measured(compiled - started, time.perf_counter() - compiled, loss)


SIDES: dict[str, Callable[[Case, int], Measured]] = {
    "mlrecipe": in_mlrecipe,
    "keras": in_keras,
    "keras 16": partial(in_keras, steps_per_execution=16),
}


if __name__ == "__main__":
    sys.exit(main())
