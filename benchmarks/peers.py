"""The default model beside what a practitioner would try first, on real and generated tables.

Claimed: `architecture=auto` is never worse than the hand-written network, within 1 % of the best
peer on at least three quarters of the sets, and better than it on some.

Compared, on the same training and test rows:

- ``mlrecipe``: ``mlrecipe run`` until `finalize`, with all defaults but ``tuner=none``,
  ``workflow.rungs``, and a twentieth of the training rows sealed (``workflow.test_share``): the
  test rows here lie elsewhere. The final model answers them;
- ``histogram``: scikit-learn's histogram boosting, categories as such;
- ``linear``: ridge or logistic regression on standardized numbers and indicators; of a text,
  TF-IDF of one and two words;
- ``network``: Keras, 2 x 64 units, dropout, early stopping on a tenth of the rows;
- ``lightgbm``: with its defaults; left out with a message where it is not installed.

Measured: quality on the test rows, and the CPU seconds of a process of its own, imports included.
Root mean squared error (lower is better) for numbers, accuracy for several classes, area under the
ROC curve for two, average precision where positives are rare.

    python benchmarks/peers.py [--splits DIR] [--sets wine …] [--systems …] [--draw SEED …]

Generated sets and those of scikit-learn are divided anew by every seed of ``--draw``; what is shown
is then the mean over the draws.

``--splits`` names a folder of sets: in each, train.csv, test.csv and a README.md with the lines
``target: `column` `` and, where positives are rare, ``positive class: `value` ``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

SYSTEMS = ("mlrecipe", "histogram", "linear", "network", "lightgbm")
CLOSE = 0.01
SHARE_CLOSE = 0.75


@dataclass(frozen=True)
class Split:
    """One data set with fixed training and test rows.

    Attributes:
        train, test: frames with the target among the columns.
        target: its name.
        positive: the rare class, where average precision counts; None: no class is rare.
    """

    train: Any
    test: Any
    target: str
    positive: str | None = None

    @property
    def numbers(self) -> bool:
        """Whether the target is a number."""
        return self.train[self.target].dtype.kind == "f"

    @property
    def labels(self) -> list[Any]:
        """The classes, in order; the positive one last."""
        found = sorted(self.train[self.target].unique())
        return sorted(found, key=lambda label: label == self.positive)

    @property
    def metric(self) -> str:
        if self.numbers:
            return "rmse"
        if self.positive is not None:
            return "average_precision"
        return "roc_auc" if len(self.labels) == 2 else "accuracy"

    def score(self, outputs: Any) -> float:
        """Score predicted numbers (rows,), or probabilities (rows, classes) in their order."""
        import numpy as np
        from sklearn import metrics

        truth = self.test[self.target].to_numpy()
        if self.numbers:
            return float(np.sqrt(np.mean((truth - np.ravel(outputs)) ** 2)))
        if len(self.labels) > 2:
            return float((np.array(self.labels)[outputs.argmax(axis=1)] == truth).mean())
        positive = truth == self.labels[1]
        rank = metrics.roc_auc_score if self.positive is None else metrics.average_precision_score
        return float(rank(positive, outputs[:, 1]))


def divided(frame: Any, target: str, draw: int, positive: str | None = None) -> Split:
    """Return four fifths of the rows to train on, stratified by class, drawn by a seed."""
    from sklearn.model_selection import train_test_split

    classes = None if frame[target].dtype.kind == "f" else frame[target]
    train, test = train_test_split(frame, test_size=0.2, random_state=draw, stratify=classes)
    return Split(train.reset_index(drop=True), test.reset_index(drop=True), target, positive)


def of_sklearn(name: str, draw: int) -> Split:
    """Return a set that scikit-learn brings along."""
    from sklearn import datasets

    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    number = name == "diabetes"
    target = frame["target"].astype(float) if number else "c" + frame["target"].astype(str)
    return divided(frame.assign(target=target), "target", draw)


def few_positives(draw: int) -> Split:
    """Return 20,000 rows of 12 numbers; 2 % are positive, by two of them together and noise."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(11)
    x = random.normal(size=(20_000, 12))
    x[:, 4:8] = np.exp(x[:, 4:8])
    signal = (
        1.5 * x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + np.log(x[:, 5]) + random.normal(size=20_000)
    )
    positive = signal > np.quantile(signal, 0.98)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(12)])
    frame = frame.assign(y=np.where(positive, "yes", "no"))
    return divided(
        frame.mask(random.random(frame.shape) < np.array([0.03] * 12 + [0.0])), "y", draw, "yes"
    )


def mostly_categories(draw: int) -> Split:
    """Return 8,000 rows of nine categories, up to 60 values each, and two numbers."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(12)
    sizes = (2, 3, 4, 6, 8, 12, 20, 40, 60)
    codes = [np.minimum(random.geometric(3 / (n + 2), 8_000) - 1, n - 1) for n in sizes]
    effects = [random.normal(size=n) for n in sizes]
    pair = random.normal(size=(6, 12))
    signal = sum(e[c] for e, c in zip(effects, codes, strict=True)) + 1.5 * pair[codes[3], codes[5]]
    a, b = random.normal(size=8_000), random.exponential(size=8_000)
    signal = signal + a + random.logistic(size=8_000)
    columns = {f"c{n}": [f"v{c}" for c in code] for n, code in zip(sizes, codes, strict=True)}
    label = np.where(signal > np.median(signal), "yes", "no")
    return divided(pd.DataFrame({**columns, "a": a, "b": b, "y": label}), "y", draw)


def few_rows(draw: int) -> Split:
    """Return 500 rows of ten numbers, five of which matter (Friedman, 1991), and noise."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(13)
    x = random.random((500, 10))
    y = (
        10 * np.sin(np.pi * x[:, 0] * x[:, 1])
        + 20 * (x[:, 2] - 0.5) ** 2
        + 10 * x[:, 3]
        + 5 * x[:, 4]
    )
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(10)])
    return divided(frame.assign(y=y + 2 * random.normal(size=500)), "y", draw)


def many_rows(draw: int) -> Split:
    """Return 50,000 rows of ten numbers and three categories, and three classes."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(14)
    rows = 50_000
    x = random.normal(size=(rows, 10))
    codes = random.integers(0, (5, 9, 30), (rows, 3))
    shift = random.normal(size=(30, 3))
    first = np.abs(x[:, 0]) + x[:, 1] * (codes[:, 0] > 2)
    second = np.where(x[:, 2] > 0.3, x[:, 3], x[:, 4]) + 0.5 * codes[:, 1] / 8
    scores = np.stack([first, second, 0.8 * x[:, 5] ** 2], axis=1) + shift[codes[:, 2]]
    label = (scores + 0.5 * random.gumbel(size=(rows, 3))).argmax(axis=1)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(10)])
    names = {f"c{i}": [f"v{c}" for c in codes[:, i]] for i in range(3)}
    return divided(frame.assign(**names, y=[f"class {c}" for c in label]), "y", draw)


SETS: dict[str, Callable[[int], Split]] = {
    **{name: partial(of_sklearn, name) for name in ("breast_cancer", "wine", "diabetes")},
    "few_positives": few_positives,
    "mostly_categories": mostly_categories,
    "few_rows": few_rows,
    "many_rows": many_rows,
    "digits": partial(of_sklearn, "digits"),
}


def from_folder(folder: Path) -> Split:
    """Return the set of a folder with train.csv, test.csv and README.md."""
    import pandas as pd

    told = (folder / "README.md").read_text(encoding="utf-8")
    target = re.search(r"target: `(.+?)`", told)
    positive = re.search(r"positive class: `(.+?)`", told)
    if target is None:
        raise SystemExit(f"{folder / 'README.md'} names no target: add a line target: `column`")
    train, test = (pd.read_csv(folder / f"{part}.csv") for part in ("train", "test"))
    name = target[1]
    few = train[name].nunique() <= 30
    type_ = str if few else float
    train, test = (frame.assign(**{name: frame[name].astype(type_)}) for frame in (train, test))
    return Split(train, test, name, positive and positive[1])


def split_of(name: str, splits: Path | None, draw: int) -> Split:
    """Return a set by its name; those of a folder come first, and have one split each."""
    if splits is not None and (splits / name).is_dir():
        return from_folder(splits / name)
    return SETS[name](draw)


def kinds_of(split: Split) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the numbers, the categories and the texts among the inputs."""
    inputs = split.train.drop(columns=split.target)
    numbers = list(inputs.select_dtypes("number"))
    words = [name for name in inputs if name not in numbers]
    texts = [name for name in words if inputs[name].nunique() > len(inputs) / 2]
    return numbers, [name for name in words if name not in texts], texts


def vectorized(split: Split, words: int = 50_000) -> tuple[Any, Any]:
    """Return training and test rows as a script makes them: scaled, indicators, TF-IDF."""
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers, categories, texts = kinds_of(split)
    parts: list[tuple[str, Any, Any]] = [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("categories", OneHotEncoder(handle_unknown="ignore", min_frequency=2), categories),
    ]
    for name in texts:
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=words)
        parts.append((name, vectorizer, name))
    transformer = ColumnTransformer(parts)
    train = transformer.fit_transform(split.train)
    return train, transformer.transform(split.test)


def with_categories(split: Split) -> tuple[Any, Any]:
    """Return the inputs of training and test rows, with categories as pandas has them."""
    import pandas as pd

    numbers, categories, _ = kinds_of(split)
    train, test = split.train[numbers + categories], split.test[numbers + categories]
    for name in categories:
        known = pd.CategoricalDtype(sorted(train[name].dropna().unique()))
        train, test = (frame.assign(**{name: frame[name].astype(known)}) for frame in (train, test))
    return train, test


def ordered(model: Any, split: Split, rows: Any) -> Any:
    """Return numbers, or probabilities with the classes in the split's order."""
    if split.numbers:
        return model.predict(rows)
    order = [list(model.classes_).index(label) for label in split.labels]
    return model.predict_proba(rows)[:, order]


def by_histogram(split: Split, _: argparse.Namespace) -> Any:
    from sklearn import ensemble

    if kinds_of(split)[2]:
        raise SystemExit("skip: it reads no text")
    train, test = with_categories(split)
    kind = (
        ensemble.HistGradientBoostingRegressor
        if split.numbers
        else ensemble.HistGradientBoostingClassifier
    )
    model = kind(random_state=0, categorical_features="from_dtype")
    return ordered(model.fit(train, split.train[split.target]), split, test)


def by_linear(split: Split, _: argparse.Namespace) -> Any:
    from sklearn import linear_model

    train, test = vectorized(split)
    strength = 10.0 if kinds_of(split)[2] else 1.0
    model = (
        linear_model.Ridge()
        if split.numbers
        else linear_model.LogisticRegression(max_iter=2000, C=strength)
    )
    return ordered(model.fit(train, split.train[split.target]), split, test)


def by_lightgbm(split: Split, _: argparse.Namespace) -> Any:
    try:
        import lightgbm
    except ImportError:
        raise SystemExit("skip: it is not installed (pip install lightgbm)") from None
    train, test = vectorized(split) if kinds_of(split)[2] else with_categories(split)
    kind = lightgbm.LGBMRegressor if split.numbers else lightgbm.LGBMClassifier
    model = kind(random_state=0, verbose=-1, n_jobs=2)
    return ordered(model.fit(train, split.train[split.target]), split, test)


def by_network(split: Split, _: argparse.Namespace) -> Any:
    """Train what a careful hand writes."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    train, test = (
        part.toarray() if hasattr(part, "toarray") else part for part in vectorized(split, 5_000)
    )
    y = split.train[split.target].to_numpy()
    if split.numbers:
        mean, scale = y.mean(), y.std()
        y, units, activation, loss = (y - mean) / scale, 1, "linear", "mse"
    else:
        y = np.searchsorted(sorted(split.labels), y)
        units, activation = len(split.labels), "softmax"
        loss = "sparse_categorical_crossentropy"
    model = keras.Sequential([keras.Input((train.shape[1],))])
    for _layer in range(2):
        model.add(keras.layers.Dense(64, activation="relu"))
        model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(units, activation=activation))
    model.compile("adam", loss)
    stop = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
    order = np.random.default_rng(0).permutation(len(y))  # `validation_split` takes the last rows
    model.fit(
        train[order].astype("float32"),
        y[order],
        validation_split=0.1,
        batch_size=64,
        epochs=200,
        callbacks=[stop],
        verbose=0,
    )
    outputs = model.predict(test.astype("float32"), verbose=0)
    if split.numbers:
        return outputs * scale + mean
    return outputs[:, [sorted(split.labels).index(label) for label in split.labels]]


def by_mlrecipe(split: Split, options: argparse.Namespace) -> Any:
    """Run the product until its final model is there, and let that answer."""
    import keras
    import numpy as np

    import mlrecipe
    from mlrecipe.preparation.preparation import Preparation
    from mlrecipe.training import layers, runtime
    from mlrecipe.training.fitting import answering

    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLRECIPE_HOME"] = f"{folder}/home"
        split.train.to_csv(f"{folder}/train.csv", index=False)
        run = mlrecipe.run(
            "recipe=csv",
            f"source.path={folder}/train.csv",
            f"problem.target=[{split.target}]",
            f"architecture={options.architecture}",
            "tuner=none",
            f"workflow.rungs={options.rungs}",
            "workflow.test_share=0.05",
            "workflow.waive={no-statistical-power: a benchmark, other: a benchmark}",
            path=f"{folder}/run",
            until="finalize",
        )
        final = run.artifact("finalize", "model")
        runtime.start()
        layers.register()
        model = keras.saving.load_model(final / "model.keras", compile=False)
        x = Preparation.load(final / "preparation.json").transform(split.test)
        outputs = answering(model)(x)
        codec = json.loads((final / "target.json").read_text())
    if split.numbers:
        return outputs[:, 0]
    if outputs.shape[1] == 1:
        outputs = np.concatenate([1 - outputs, outputs], axis=1)
    named = [str(label) for label in codec["labels"]]
    return outputs[:, [named.index(str(label)) for label in split.labels]]


ANSWERS: dict[str, Callable[[Split, argparse.Namespace], Any]] = {
    "mlrecipe": by_mlrecipe,
    "histogram": by_histogram,
    "linear": by_linear,
    "network": by_network,
    "lightgbm": by_lightgbm,
}


def main(words: Sequence[str] | None = None) -> int:
    """Print the table; return 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--splits", type=Path, help="a folder of sets with fixed splits")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--systems", nargs="*", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--architecture", default="auto", help="of mlrecipe")
    parser.add_argument("--rungs", type=int, default=3, help="most rungs of mlrecipe's ladder")
    parser.add_argument("--draw", type=int, nargs="+", default=[0], help="seeds of the test rows")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.one:
        system, name = options.one
        split = split_of(name, options.splits, options.draw[0])
        print(json.dumps(split.score(ANSWERS[system](split, options))))
        return 0
    folders = sorted(p.name for p in options.splits.iterdir()) if options.splits else []
    names = options.sets or list(dict.fromkeys([*folders, *SETS]))
    results = {name: _row(name, options) for name in names}
    return 0 if _verdict(results) else 1


def _row(name: str, options: argparse.Namespace) -> tuple[str, dict[str, float]]:
    """Measure every system on one set, on each draw; print and return the means."""
    metric = split_of(name, options.splits, options.draw[0]).metric
    scores: dict[str, float] = {}
    cells = []
    for system in options.systems:
        each = [_alone(system, name, draw, options) for draw in options.draw]
        found = [score for score, _, _ in each if score is not None]
        message = next((told for _, _, told in each if told), "")
        shown = "-"
        if len(found) == len(each):
            score = scores[system] = statistics.fmean(found)
            shown = f"{score:,.4f}" if score < 100 else f"{score:,.0f}"
        seconds = statistics.fmean(took for _, took, _ in each)
        cells.append(f"{system} {shown} in {seconds:.0f} s" + (f" ({message})" if message else ""))
    print(f"{name} ({metric}): " + ", ".join(cells), flush=True)
    return metric, scores


def _alone(
    system: str, name: str, draw: int, options: argparse.Namespace
) -> tuple[float | None, float, str]:
    """Return the score of a system in a process of its own, its CPU seconds, and any message."""
    command = [sys.executable, __file__, "--one", system, name, "--draw", str(draw)]
    command += ["--architecture", options.architecture, "--rungs", str(options.rungs)]
    command += ["--splits", str(options.splits)] if options.splits else []
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True)
    after = os.times()
    seconds = after.children_user + after.children_system
    seconds -= before.children_user + before.children_system
    if done.returncode:
        return None, seconds, (done.stderr.strip().splitlines() or ["failed"])[-1]
    return float(done.stdout.strip().splitlines()[-1]), seconds, ""


def _verdict(results: dict[str, tuple[str, dict[str, float]]]) -> bool:
    """Print how mlrecipe stands beside its peers; return whether the claims hold."""
    worse, close, better, judged = [], [], [], []
    for name, (metric, scores) in results.items():
        if "mlrecipe" not in scores or len(scores) < 2:
            continue
        judged.append(name)
        sign = -1 if metric == "rmse" else 1
        ours = scores["mlrecipe"]
        best = max(
            (s for system, s in scores.items() if system != "mlrecipe"), key=lambda s: sign * s
        )
        if "network" in scores and sign * ours < sign * scores["network"]:
            worse.append(name)
        if sign * (ours - best) >= -CLOSE * abs(best):
            close.append(name)
        if sign * ours > sign * best:
            better.append(name)
    missing = [name for name, (_, scores) in results.items() if "mlrecipe" not in scores]
    if not judged:
        print("nothing to judge")
        return not missing
    print(f"worse than the hand-written network on {len(worse)} of {len(judged)}: {worse}")
    print(
        f"within 1 % of the best peer on {len(close)} of {len(judged)}; not on "
        f"{[name for name in judged if name not in close]}"
    )
    print(f"better than the best peer on {len(better)} of {len(judged)}: {better}")
    if missing:
        print(f"FAILS: no answer on {missing}")
    holds = not worse and len(close) >= SHARE_CLOSE * len(judged) and better and not missing
    print("the claims hold" if holds else "FAILS: the claims do not hold")
    return bool(holds)


if __name__ == "__main__":
    sys.exit(main())
