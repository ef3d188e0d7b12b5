"""The groups: what a component of each kind has to offer. Start here to write a plugin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from pydantic import Field

from mlrecipe.component import Choice, Component, Search, Section
from mlrecipe.errors import MlrecipeError

if TYPE_CHECKING:
    import keras
    import numpy as np
    import pandas as pd

    from mlrecipe.data.gallery import Gallery
    from mlrecipe.data.table import Table
    from mlrecipe.data.table_schema import TableSchema
    from mlrecipe.errors import Fault
    from mlrecipe.findings import Finding
    from mlrecipe.preparation.operation import Operation
    from mlrecipe.preparation.preparation import Preparation
    from mlrecipe.preparation.target_codec import TargetCodec
    from mlrecipe.problem import Problem

    Array = np.ndarray[Any, np.dtype[Any]]
else:
    Array = Any  # start-up imports no NumPy

T = TypeVar("T")
R = TypeVar("R")

ANSWER = "answer"
"""Name of a network's last layer."""

Tensors = Mapping[str, Array]
"""Prepared rows: name of the tensor -> its values (rows, …), as its `TensorSpec` says."""

TensorKind = Literal["vector", "tokens", "codes", "image", "signal"]
"""What a model is given: a vector of numbers; numbers of tokens in order; numbers of categories,
one a column; pixels (height, width, channels); measurements in order (steps, channels)."""


class TensorSpec(Section):
    """One input of a model."""

    name: str = Field(description="Letters, digits and underscores.")
    kind: TensorKind = Field(description="What the values mean.")
    dtype: Literal["float32", "int32", "uint8"] = Field(description="How they are stored.")
    shape: tuple[int, ...] = Field(description="Shape of one row's values.")
    sizes: tuple[int, ...] = Field(
        (),
        description="How many different numbers there are: of tokens, or of each column of codes.",
    )


@dataclass(frozen=True)
class Facts:
    """What is known once the data was read; `auto` components decide by it.

    Attributes:
        problem: the recipe's problem section.
        schema: the columns of the table.
        rows: number of development rows.
        task: the task, as soon as it is settled.
        target_values: distinct values of each target column, capped at 1000 values each.
        tensors: kinds of tensors that the preprocessing gives, as soon as it is settled.
        objective: what the recipe asks for; None: it is left to `auto`.
        words: mean number of words in each column of texts.
    """

    problem: Problem
    schema: TableSchema
    rows: int
    target_values: Mapping[str, Sequence[Any]]
    task: Task | None = None
    tensors: frozenset[TensorKind] = frozenset({"vector"})
    objective: Objective | None = None
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcomes:
    """Rows that a model answered.

    Attributes:
        y: encoded targets, float32 (rows, …).
        outputs: what the model says, float32 (rows, …).
        weights: how many cases of the population a row stands for, float32 (rows,).
        units: int64 (rows,): rows of one number are no independent evidence, and the bootstrap
            draws them together: those of a group, and those validated again by another split;
            None: each row stands by itself.
    """

    y: Array
    outputs: Array
    weights: Array
    units: Array | None = None


@dataclass(frozen=True)
class Evidence:
    """What a task tells the consequences of its answers by.

    Attributes:
        codec: labels or scale of the target.
        problem: costs and volume.
        validation: the tuned model's answers to validation rows: choose by these.
        test: the final model's answers to the test rows: count on these.
        confidence: level of the intervals.
        frame: the raw test rows; None where nobody has them.
    """

    codec: TargetCodec
    problem: Problem
    validation: Outcomes
    test: Outcomes
    confidence: float
    frame: pd.DataFrame | None = None


class Task(Component, ABC):
    """What is predicted: how targets become numbers, and outputs become answers."""

    group: ClassVar[str] = "task"
    #: Whether each row has one label, or a number; both false: something else, as boxes or tags.
    classification: ClassVar[bool] = False
    regression: ClassVar[bool] = False
    #: Names of the metrics used when the recipe names none; the first is the primary one.
    metrics: ClassVar[tuple[str, ...]] = ()
    #: Names of the baselines used when the recipe names none.
    baselines: ClassVar[tuple[str, ...]] = ()
    #: Names of the objectives that suit the task; the first is the book's (table in 6.2.3).
    objectives: ClassVar[tuple[str, ...]] = ()
    #: Whether rows of one value of the target stay on one side of every split, so that the task is
    #: judged on things that training never saw.
    split_by_target: ClassVar[bool] = False
    #: What the head reads: a vector a row (batch, units), or a map (batch, height, width, units);
    #: "inputs": it has no head, since answers depend on the inputs; an `Estimator` gives them.
    reads: ClassVar[Literal["vector", "map", "inputs"]] = "vector"

    #: Whether rows have a target; false: the rows are looked at for what they have in common.
    targeted: ClassVar[bool] = True

    @property
    def simple(self) -> bool:
        """Whether a row has one label or plain numbers: what statistics of columns speak of."""
        return self.classification or self.regression

    @abstractmethod
    def fit_target(self, targets: pd.DataFrame, problem: Problem) -> TargetCodec:
        """Learn labels or scale from the target columns (rows, targets).

        Raises:
            MlrecipeError: when the columns do not suit the task.
        """

    def remarks(self, targets: pd.DataFrame, codec: TargetCodec) -> list[Finding]:
        """Return what is to be said of the target columns, as of labels that were left out."""
        return []

    def strata(self, y: Array) -> Array | None:
        """Return what every part of a split shall have its share of; see `Divisible.classes`.

        Args:
            y: encoded targets, float32 (rows, …).
        """
        import numpy as np

        if not self.classification:
            return None
        return y[:, 0].astype(np.int64) if y.shape[1] == 1 else y.argmax(axis=1)

    @abstractmethod
    def encode(self, targets: pd.DataFrame, codec: TargetCodec) -> Array:
        """Return the targets as float32 (rows, …)."""

    @abstractmethod
    def decode(self, outputs: Array, codec: TargetCodec, threshold: float) -> Array:
        """Return the answers (rows,) or (rows, targets) for raw outputs (rows, …)."""

    def head(
        self, body: keras.KerasTensor, codec: TargetCodec, activation: str
    ) -> keras.KerasTensor:
        """Map a network's representation to its outputs (batch, …), by layers.

        By default a dense layer named `ANSWER`: a unit a label (one for two labels) or a target.
        """
        import keras

        units = len(codec.labels) if len(codec.labels) > 2 else 1 if codec.labels else 0
        return keras.layers.Dense(units or len(codec.columns), activation, name=ANSWER)(body)

    def judged(self, y: Array, outputs: Array) -> tuple[Array, Array]:
        """Return targets and outputs (rows, …) in the form in which the task's metrics take them.

        The rows are all that are to be judged together: those of one fold, or the test rows.
        """
        return y, outputs

    def answers(
        self,
        outputs: Array,
        codec: TargetCodec,
        threshold: float,
        *,
        gallery: Gallery | None = None,
        top: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return what a caller reads, one mapping a row, of plain values as JSON has them.

        Args:
            outputs: raw outputs (rows, …).
            codec: labels or scale.
            threshold: probability from which on a binary answer is positive.
            gallery: what the bundle keeps for answers to point at; None: nothing.
            top: how many answers of a ranked list; None: the task's own number.
        """
        decoded = self.decode(outputs, codec, threshold).tolist()
        if len(codec.columns) == 1:
            return [{"prediction": value} for value in decoded]
        return [{"prediction": dict(zip(codec.columns, row, strict=True))} for row in decoded]

    def search(self, query: str, outputs: Array, codec: TargetCodec, top: int) -> dict[int, float]:
        """Return row -> score of the rows that a query asks for, the best first.

        Raises:
            MlrecipeError: when rows of this task cannot be searched, or not by this query.
        """
        raise MlrecipeError(
            f"answers of a {self.name} task cannot be searched",
            expected="a task whose rows carry tags: task=multilabel",
        )

    def keeps(self, frame: pd.DataFrame, codec: TargetCodec) -> list[dict[str, Any]] | None:
        """Return what the bundle keeps of each development row, for answers to point at.

        Its outputs are kept along with it. None, as by default: answers point at nothing.
        """
        return None

    def decide(self, evidence: Evidence) -> dict[str, Any]:
        """Return the content of ``decision.json``: the threshold, and what the answers bring about.

        Returns:
            ``threshold`` and ``reason``; ``form``: "frequencies" (each consequence has name,
            count, share, low, high) or "errors" (name, half_within, nine_in_ten_within, largest);
            ``consequences``; ``statements``: further sentences for the report; and whatever else
            the task's own pages show.
        """
        return {
            "threshold": 0.5,
            "reason": "the outputs are the answers",
            "form": "frequencies",
            "consequences": [],
            "statements": [],
        }


class Source(Component, ABC):
    """Where the rows come from."""

    group: ClassVar[str] = "source"

    @abstractmethod
    def chunks(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, in frames of bounded size.

        Raises:
            MlrecipeError: when the data is missing or cannot be read.
        """

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a hash that changes when the data changes."""

    def discover(self) -> Choice | None:
        """Return what was left open and could be told from the data; None when nothing was.

        The fields of the choice are set in the recipe that later steps see.
        """
        return None

    def read(self) -> pd.DataFrame:
        """Return all rows as one frame with a fresh index 0 … n-1."""
        import pandas as pd

        return pd.concat(list(self.chunks()), ignore_index=True)

    def production(self) -> pd.DataFrame | None:
        """Return rows as production sees them, where the source has such; None: it has not."""
        return None


class Schema(Component, ABC):
    """How the columns of the table become known: declared, or inferred from the rows."""

    group: ClassVar[str] = "schema"

    @abstractmethod
    def table(self, frame: pd.DataFrame, problem: Problem) -> TableSchema:
        """Return the columns with kinds, types and limits."""

    def fingerprint(self) -> str:
        """Return a hash that changes when a file that the columns are read from changes."""
        return ""


@dataclass(frozen=True)
class Inspection:
    """What a check may look at.

    Attributes:
        table: the development rows; read single columns, chunks or a sample of it.
        schema: what the columns are.
        problem: the recipe's problem section.
        task: the settled task.
        weights: float64 (rows,), mean 1: how many cases of the population a row stands for.
        production: rows as production sees them, where the problem names a sample.
        seed: for samples and resampling.
        preprocessing: how rows become numbers for the model; None where that is not known yet.
    """

    table: Table
    schema: TableSchema
    problem: Problem
    task: Task
    weights: Array
    production: Table | None = None
    seed: int = 0
    preprocessing: Preprocessing | None = None


class Check(Component, ABC):
    """One thing to look for in the development rows before training."""

    group: ClassVar[str] = "checks"

    @abstractmethod
    def inspect(self, data: Inspection) -> list[Finding]:
        """Return what was found; an empty list when all is well."""


class Preprocessing(Component, ABC):
    """How raw columns become the numbers that a model reads."""

    group: ClassVar[str] = "preprocessing"

    @abstractmethod
    def fit(self, rows: Table, schema: TableSchema, y: Array | None = None) -> Preparation:
        """Learn the preparation from training rows alone, chunk by chunk.

        Args:
            rows: the raw training rows.
            schema: what the columns are; it reads ``schema.features()``.
            y: their encoded targets, float32 (rows, outputs), for what is learnt from them.
        """

    def fit_transform(
        self, rows: Table, schema: TableSchema, y: Array | None = None
    ) -> tuple[Preparation, Tensors]:
        """Return the preparation, and the training rows as a model should see them.

        They are what the preparation makes of them, unless it learns from the targets: then a row
        must not see what its own target taught.
        """
        preparation = self.fit(rows, schema, y)
        return preparation, preparation.transform_table(rows)

    def training_differs(self, schema: TableSchema) -> bool:
        """Return whether `fit_transform` gives training rows that `Preparation.transform` does not.

        Where it does not, they are prepared chunk by chunk and once for all who ask for them.
        """
        return type(self).fit_transform is not Preprocessing.fit_transform

    def faults(self, problem: Problem, schema: TableSchema | None = None) -> list[Fault]:
        """Return what is wrong with its settings for a problem, and a table once it is known.

        Paths are below ``preprocessing``.
        """
        return []

    def gives(self, schema: TableSchema) -> frozenset[TensorKind]:
        """Return the kinds of tensors that such a table becomes."""
        return frozenset({"vector"})

    def operations(self, schema: TableSchema | None = None) -> dict[str, list[type[Operation]]]:
        """Return recipe key -> the operations that it calls for.

        They say which executors they have, and so where the model can be deployed. Without a
        schema: what the recipe asks for beyond the defaults, whatever the columns will be.
        """
        return {}


class Engine(Component, ABC):
    """Where the rows are prepared: in this process, in several, on several machines."""

    group: ClassVar[str] = "engine"

    @abstractmethod
    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterable[R]:
        """Return ``function(task)`` of every task, in the order of the tasks.

        Everything is done by the time the last result was taken; an error of a task is raised.

        Args:
            function: can be pickled: a function of a module, or a `functools.partial` of one.
            tasks: can be pickled each; those that a large table gives name the file and the rows
                in it. They come one by one, so that rows in memory are not all copied at once.
        """


@dataclass(frozen=True)
class Divisible:
    """Development rows that are to be split.

    Attributes:
        rows: how many there are.
        seed: makes the split repeatable.
        classes: what every part shall have its share of: class index of every row, int64 (rows,),
            or its tags, bool (rows, tags); None: there is none.
        groups: int64 (rows,): rows of one group stay on one side; None: every row is its own.
        times: when each row came about, float64 (rows,), in days where the unit is known, NaN
            where it is not known; None: the problem names no time.
    """

    rows: int
    seed: int
    classes: Array | None = None
    groups: Array | None = None
    times: Array | None = None


class Protocol(Component, ABC):
    """How validation rows are set apart from training rows (book, 6.2.2)."""

    group: ClassVar[str] = "protocol"
    #: Whether rows are split by time; then the latest rows are sealed for the test, too.
    by_time: ClassVar[bool] = False

    copies: Literal["auto", "together", "apart"] = Field(
        "auto",
        description="Rows with the same inputs, with texts or images that nearly agree, are "
        "copies. together: they stay on one side of every split, and of the test set; apart: each "
        "is a case of its own. auto: together, unless more than a fifth of the rows are: then it "
        "is usual that cases agree.",
    )

    def blocks(self, frame: pd.DataFrame, schema: TableSchema) -> Array | None:
        """Return the number of the block (rows,) of every row, int64; None: there are none.

        Rows of one block stay on one side of every split, and of the test set.
        """
        return None

    @abstractmethod
    def split(self, rows: Divisible) -> list[tuple[Array, Array]]:
        """Return pairs of int64 row positions: training (n,) and validation (m,)."""


@dataclass(frozen=True)
class Inputs:
    """Rows without their targets.

    Attributes:
        frame: the raw rows.
        x: the prepared rows.
    """

    frame: pd.DataFrame
    x: Tensors


@dataclass(frozen=True)
class Samples(Inputs):
    """Rows with their targets.

    Attributes:
        y: encoded targets, float32 (rows, outputs).
        weights: float32 (rows,): how many cases of the population a row stands for; mean 1 over
            the development rows.
        features: names of the columns of the tensor "vector"; empty where nobody needs them.
        labels: what each output of a row is about, as in the codec; empty for numbers.
    """

    y: Array
    weights: Array
    features: tuple[str, ...] = ()
    labels: tuple[bool | int | str, ...] = ()

    def inputs(self) -> Inputs:
        """Return the same rows without their targets."""
        return Inputs(self.frame, self.x)


class Baseline(Component, ABC):
    """A simple answer that every model has to beat (book, 6.2.3)."""

    group: ClassVar[str] = "baseline"
    #: Whether it ignores the inputs. A model that cannot beat these has no statistical power.
    trivial: ClassVar[bool] = True
    #: What it suits: classification, regression, or tasks by their names.
    suits: ClassVar[frozenset[str]] = frozenset({"classification", "regression"})

    @abstractmethod
    def predict(self, training: Samples, rows: Inputs) -> Array:
        """Fit on training rows; return float32 outputs (rows, outputs) for other rows."""


class Metric(Component, ABC):
    """A measure of success (book, 6.1.4)."""

    group: ClassVar[str] = "metric"
    greater_is_better: ClassVar[bool] = True
    #: Names of the tasks it can score.
    tasks: ClassVar[frozenset[str]] = frozenset()
    #: Whether it is a share of rows, `row_scores` being 0 or 1; then it gets Wilson's interval.
    share: ClassVar[bool] = False

    @abstractmethod
    def score(self, y: Array, outputs: Array, weights: Array | None = None) -> float:
        """Return the score of outputs (rows, outputs) against y (rows, outputs).

        Args:
            y: encoded targets.
            outputs: what the model says, of the same shape.
            weights: how much each row counts (rows,); None: all alike.
        """

    def row_scores(self, y: Array, outputs: Array) -> Array | None:
        """Return, for a metric that is a mean over rows, the value of each: float64 (rows,).

        NaN for a row that does not count. None: the metric is no mean over rows.
        """
        return None

    def score_samples(self, y: Array, outputs: Array, draws: Array) -> Array:
        """Return the scores (samples,) of bootstrap samples.

        Override it where all samples can be scored at once.

        Args:
            draws: how much each row counts in each sample, float64 (samples, rows).
        """
        import numpy as np

        return np.array([self.score(y, outputs, drawn) for drawn in draws])


class Architecture(Component, ABC):
    """What kind of model it is, and how large; see `Network` and `Estimator`."""

    group: ClassVar[str] = "architecture"
    #: Kinds of tensors that it takes; with "mixed", several inputs of these kinds at once, and
    #: "mixed" alone: of any kinds.
    accepts: ClassVar[frozenset[str]] = frozenset({"vector"})
    #: Names of the tasks it is made for; empty: every task whose answers are one vector a row.
    tasks: ClassVar[frozenset[str]] = frozenset()
    #: Names of the objectives it can be fitted for; empty: every objective.
    objectives: ClassVar[frozenset[str]] = frozenset()

    def unfit(self, objective: Objective) -> list[str]:
        """Return the members that cannot be fitted for an objective; by default there are none."""
        return []

    def sizes(self) -> Iterator[Self]:
        """Yield this architecture in growing sizes, at least one: the rungs of the ladder.

        What the recipe fixes stays; a size that was left open starts small.
        """
        yield self


class Network(Architecture, ABC):
    """A Keras network up to but without its last layer; trained by the `training` component."""

    #: What it gives: a vector a row, or a map of the image; tasks read the one or the other.
    gives: ClassVar[Literal["vector", "map"]] = "vector"
    #: Settings of the training component that suit it, where the recipe leaves them open (null).
    prefers: ClassVar[Mapping[str, Any]] = {}

    def seen(self, x: Tensors, specs: tuple[TensorSpec, ...]) -> Self:
        """Return the network as it is built for such training rows; by default it stays as it is.

        Folds share a network: what is learnt of a fit's own rows belongs in a layer with a method
        ``adapt(rows)``, which is called before every fit with what the layer reads.
        """
        return self

    @abstractmethod
    def build(self, inputs: keras.KerasTensor, spec: TensorSpec) -> keras.KerasTensor:
        """Map one input (batch, *spec.shape) to a representation (batch, units).

        Pixels come as they are stored, 0 to 255; tokens and codes as whole numbers.
        """

    def merge(
        self, inputs: Mapping[str, keras.KerasTensor], specs: Mapping[str, TensorSpec]
    ) -> keras.KerasTensor:
        """Map several inputs, of different kinds, to one representation (batch, units).

        Override it, and accept "mixed", where the network can.
        """
        raise NotImplementedError(f"{self.name} reads one input, not {', '.join(inputs)}")

    def pooled(self, outputs: keras.KerasTensor) -> keras.KerasTensor:
        """Map what the task's head gives to the outputs (batch, …); by default they are the same.

        An ensemble gives a representation (batch, members, units), and its head (batch, members,
        outputs): in training that is what the loss is of, afterwards the mean is the answer.
        """
        return outputs


@dataclass(frozen=True)
class Assignment:
    """What a model is to be fitted for.

    Attributes:
        task, objective, training: the recipe's components.
        codec: labels or scale of the target.
        specs: the inputs.
        features: names of the columns of the tensor "vector", in order.
        seed: makes the fit repeatable.
        listener: to be called after every epoch or round with its number from 1 on, the number of
            epochs, and the losses.
        shared: room for what the fits of all folds share, as a compiled graph.
    """

    task: Task
    objective: Objective
    training: Training
    codec: TargetCodec
    specs: tuple[TensorSpec, ...]
    features: tuple[str, ...]
    seed: int
    listener: Callable[[int, int, Mapping[str, float]], None] | None = None
    shared: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """A fitted model.

    Attributes:
        model: a mapping of tensors to outputs (batch, …), in the target's own unit.
        found: what the validation rows decided, as the number of rounds; the last training, which
            has none, is given the medians over the folds.
        loss, val_loss: a value an epoch or round; empty where there is none.
        best: the epoch or round, from 1 on, that the model stands at.
    """

    model: keras.Model
    found: Mapping[str, float]
    loss: list[float]
    val_loss: list[float]
    best: int = 1


class Estimator(Architecture, ABC):
    """A model that an algorithm of its own fits: trees, factors, several stages.

    What it found is returned as a Keras model, so that it is exported, shipped and served like any
    other. Layers of its own are registered (``keras.saving.register_keras_serializable``) in a
    module that `mlrecipe.training.layers` imports, so that the model can be read again.
    """

    @abstractmethod
    def fit(
        self,
        rows: Samples,
        validation: Samples | None,
        assignment: Assignment,
        found: Mapping[str, float],
    ) -> Fitted:
        """Fit to training rows.

        Args:
            rows: the training rows; targets in their own unit.
            validation: rows that decide when to stop; None for the last training.
            found: for the last training, the medians of what the folds found; else empty.
        """


class Objective(Component, ABC):
    """The last layer's activation and the loss (book, table in 6.2.3)."""

    group: ClassVar[str] = "objective"
    #: Keras name of the activation of the last layer.
    activation: ClassVar[str] = "linear"
    #: Names of the tasks for which the combination can work.
    tasks: ClassVar[frozenset[str]] = frozenset()
    #: How numbers to learn from are scaled: to mean 0 and deviation 1, to mean 1, or not at all.
    scaling: ClassVar[Literal["standard", "mean", "none"]] = "standard"
    #: Smallest and largest number that the last layer can answer with, before any scaling.
    bounds: ClassVar[tuple[float, float]] = (float("-inf"), float("inf"))

    @abstractmethod
    def loss(self) -> keras.losses.Loss:
        """Return the Keras loss, reduced to one value a row (``reduction="none"``)."""

    def order(self, y: Any, seed: Any) -> Any:
        """Return the order in which an epoch sees the rows, int32 (rows,): by chance.

        Override it for a loss of pairs of rows, which have to meet in a batch. It becomes part of
        a graph: TensorFlow operations alone.

        Args:
            y: encoded targets (rows, …), a tensor.
            seed: int32 (2,), another one for every epoch, a tensor.
        """
        import tensorflow as tf

        return tf.random.experimental.stateless_shuffle(tf.range(tf.shape(y)[0]), seed)


@dataclass(frozen=True)
class Progress:
    """How far a fit has come, before an epoch.

    Attributes:
        epoch: the number of epochs done.
        epochs: most epochs of a fit. The last training, which stops at the epoch that validation
            found, has the same: its schedule is that of the folds.
        steps: steps of an epoch.
        val_loss: a loss for each epoch done; empty where no rows are held out.
    """

    epoch: int
    epochs: int
    steps: int
    val_loss: Sequence[float] = ()


class Training(Component, ABC):
    """How weights are found: optimizer, batch size, epochs, stopping."""

    group: ClassVar[str] = "training"
    #: Most epochs that one fit may take; every training component has this field.
    epochs: int

    @abstractmethod
    def optimizer(self) -> keras.optimizers.Optimizer:
        """Return a fresh Keras optimizer."""

    def preferring(self, settings: Mapping[str, Any]) -> Self:
        """Return the component with an architecture's settings where the recipe left them open."""
        open_ = {n: v for n, v in settings.items() if getattr(self, n, v) is None}
        return self.model_copy(update=open_)

    def longer(self) -> Self | None:
        """Return the component with twice the epochs; None, as by default: they are fixed."""
        return None

    def learning_rates(self, progress: Progress) -> Array | None:
        """Return the learning rate of every step of the next epoch, float32 (steps,).

        None, as by default: the optimizer's own.
        """
        return None

    def computes_in(self) -> str:
        """Return the Keras dtype policy that networks are trained in; by default ``float32``.

        Weights are float32 in every policy, and so is the finished model.
        """
        return "float32"

    def averaged_epochs(self) -> float:
        """Return over about how many epochs weights are averaged; 0, as by default: they are not.

        The average is what is validated, kept and answers; training goes on from the weights.
        """
        return 0.0

    @abstractmethod
    def rows_per_step(self, rows: int) -> int:
        """Return the batch size for so many training rows."""

    @abstractmethod
    def stops_after(self) -> int | None:
        """Return how many epochs without a better validation loss end a fit; None: never."""

    @abstractmethod
    def row_weights(self, y: Array, labels: Sequence[Any] = ()) -> Array | None:
        """Return a float32 weight a row (rows,), or None for equal ones.

        Args:
            y: encoded targets (rows, outputs).
            labels: what the classes are called, as `TargetCodec.labels` has them.
        """


@dataclass(frozen=True)
class Asked:
    """A configuration that an oracle wants to know the score of.

    Attributes:
        name: the oracle's own name of it, to tell the score by.
        overrides: recipe key -> value, as a user would type them.
        budget: share of the epochs to train for, in (0, 1]; less, where an oracle sorts out many
            settings by short fits.
    """

    name: str
    overrides: Mapping[str, Any]
    budget: float = 1.0


@dataclass(frozen=True)
class Trial:
    """One configuration that a tuner tried.

    Attributes:
        number: 0, 1, 2 … in the order of asking.
        overrides: recipe key -> value, as a user would type them.
        score: the primary metric on validation rows; None when the trial failed.
        error: why it failed.
        budget: share of the epochs that it was trained for.
        folds: the score of every fold that was trained.
        stopped: why the trial was ended before its last fold; empty: it was not.
    """

    number: int
    overrides: Mapping[str, Any]
    score: float | None
    error: str = ""
    budget: float = 1.0
    folds: tuple[float, ...] = ()
    stopped: str = ""

    @property
    def complete(self) -> bool:
        """Whether it has the score of a whole validation."""
        return self.score is not None and self.budget == 1 and not self.stopped


class Oracle(ABC):
    """Decides what to try next, by the scores that it was told so far."""

    @abstractmethod
    def ask(self) -> Asked | None:
        """Return what to try next; None: nothing, before more scores are told, or at all."""

    @abstractmethod
    def tell(self, asked: Asked, score: float | None) -> None:
        """Take the score of what was asked; None: it failed."""


class Tuner(Component, ABC):
    """Looks for better settings with the feedback of validation rows (book, 6.2.5)."""

    group: ClassVar[str] = "tuner"
    #: Whether it judges settings by short fits first, so that the model has to have epochs.
    short_fits: ClassVar[bool] = False

    space: dict[str, Any] = Field(
        {},
        description="Changes to what is searched. A recipe key such as architecture.dropout, with "
        "its range, {low: 0, high: 0.5, log: false}, or its candidates as a list; null: leave it "
        "as it is.",
    )
    workers: int = Field(
        1, ge=1, description="Trials that run side by side, each in a process of its own."
    )
    stop_hopeless: bool = Field(
        True,
        description="Whether a trial ends when its folds so far are worse than the median of what "
        "others had by then.",
    )

    @abstractmethod
    def oracle(
        self, space: Mapping[str, Search], *, greater_is_better: bool, folder: Path, seed: int
    ) -> Oracle:
        """Return what decides which settings to try.

        The same arguments, and the same scores told, make it ask the same: a killed search goes on
        by asking again, and being told what is known.

        Args:
            space: recipe key -> range.
            greater_is_better: the direction of the scores.
            folder: room for files of its own.
            seed: makes the search repeatable.
        """


@dataclass(frozen=True)
class Variant:
    """One form of the finished model.

    Attributes:
        name: ``float32`` for the model as trained, else the compression's name.
        model: the LiteRT file's bytes.
        notes: what was done, in words for the report (sparsity reached, layers left alone …).
    """

    name: str
    model: bytes
    notes: str


class Compression(Component, ABC):
    """Makes the finished model smaller (book, 6.3.2)."""

    group: ClassVar[str] = "compression"

    @abstractmethod
    def compress(
        self,
        model: keras.Model,
        x: Tensors,
        y: Array,
        loss: Callable[[Any, Any], Any],
        batch_size: int,
    ) -> Variant:
        """Return the compressed form of the model.

        Args:
            model: the trained Keras model, a mapping of tensors to (batch, outputs); left as it is.
            x, y: development rows, encoded, for methods that train or calibrate.
            loss: maps y and outputs, both (batch, outputs), to one value a row (batch,).
            batch_size: rows a step.
        """


class Target(Component, ABC):
    """Where the model will run (book, 6.3.2)."""

    group: ClassVar[str] = "target"
    #: The executors of the preparation that it takes: where raw rows become tensors.
    prepares_in: ClassVar[frozenset[str]] = frozenset({"numpy"})

    @abstractmethod
    def objections(self, problem: Problem) -> list[str]:
        """Return why the problem's constraints rule this target out; empty when it fits.

        Each reason is a clause without a full stop that names the constraint.
        """

    def advantages(self, problem: Problem) -> list[str]:
        """Return what speaks for this target under the problem's constraints, as clauses."""
        return []

    @abstractmethod
    def write(self, model: keras.Model, bundle: Path) -> None:
        """Add what this target needs to the bundle folder, which holds everything else."""


GROUPS: dict[str, type[Component]] = {
    kind.group: kind  # type: ignore[type-abstract]
    for kind in (
        Task,
        Source,
        Schema,
        Check,
        Preprocessing,
        Engine,
        Protocol,
        Baseline,
        Metric,
        Architecture,
        Objective,
        Training,
        Tuner,
        Compression,
        Target,
    )
}
"""Every group by its name, in the order of the workflow."""

DECIDING = tuple(group for group in GROUPS if group != Engine.group)
"""Groups that results depend on: where the work is done only changes when they are there."""

MULTIPLE = frozenset({"checks", "baseline", "metric", "compression", "target"})
"""Groups of which a recipe takes several components (``metric=[roc_auc,accuracy]``)."""
