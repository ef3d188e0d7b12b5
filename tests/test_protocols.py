"""Protocols, and what stays on one side of their splits: groups, blocks, copies of rows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import mlrecipe
from mlrecipe.components.protocol.holdout import Holdout
from mlrecipe.components.protocol.iterated_kfold import IteratedKFold
from mlrecipe.components.protocol.kfold import KFold
from mlrecipe.components.protocol.spatial_blocks import SpatialBlocks
from mlrecipe.data.copies import copies, joined
from mlrecipe.data.pictures import as_png
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import Divisible
from mlrecipe.run_folder import Run


def schema_of(**kinds: str) -> TableSchema:
    """Return a schema of input columns of these kinds."""
    columns = {name: Column(type="string", kind=kind) for name, kind in kinds.items()}  # type: ignore[arg-type]
    return TableSchema(columns=columns, inputs=tuple(kinds), targets=())


def test_rows_are_copies_when_every_input_agrees() -> None:
    """E2: equal numbers, texts that nearly say the same; another value sets rows apart."""
    offer = "Congratulations, you have won a prize of 900 pounds! Call {} now to claim it"
    frame = pd.DataFrame(
        {
            "text": [
                *(offer.format("09061"), offer.format("08712").upper(), offer.format("09061")),
                *("See you at the station at eight, I bring the tickets", "ok", "OK!", "no", None),
            ],
            "amount": [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        }
    )
    found = copies(frame, schema_of(text="text", amount="numeric"))
    assert found.tolist() == [0, 0, 1, 2, 3, 3, 4, 5]


def test_an_image_saved_again_is_a_copy() -> None:
    """E2: smaller and compressed anew, it shows the same; another image does not."""
    from PIL import Image

    random = np.random.default_rng(3)

    def jpeg(image: Any) -> bytes:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=70)
        return file.getvalue()

    images = [
        Image.fromarray(random.integers(0, 255, (6, 6, 3), dtype=np.uint8)).resize((120, 90))
        for _ in range(20)
    ]
    again = [jpeg(image.resize((90, 68))) for image in images[:5]]
    plain = [as_png(np.full((64, 64), grey, dtype=np.uint8)) for grey in (0, 128)]
    frame = pd.DataFrame({"photo": [*map(jpeg, images), *again, *plain]})
    found = copies(frame, schema_of(photo="image"))
    assert found[20:25].tolist() == found[:5].tolist()
    assert len(np.unique(found)) == 22  # plain images tell nothing: they are no copies


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_what_shares_a_number_in_any_numbering_hangs_together(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array(pairs).T
    found = joined(left, None, right)
    assert found is not None
    for numbers in (left, right):
        for number in np.unique(numbers):
            assert len(set(found[numbers == number])) == 1
    parts = len(np.unique(found))
    assert parts <= min(len(np.unique(left)), len(np.unique(right)))
    assert joined(left) is not None
    assert joined(None) is None


def test_iterated_folds_validate_every_row_in_every_round() -> None:
    """E1: iterated K-fold shuffles anew each time."""
    rows = Divisible(60, 4, np.arange(60) % 2)
    splits = IteratedKFold(folds=3, repeats=4).split(rows)
    assert len(splits) == 12
    rounds = [splits[i : i + 3] for i in range(0, 12, 3)]
    for one in rounds:
        assert sorted(np.concatenate([valid for _, valid in one])) == list(range(60))
    assert len({tuple(one[0][1]) for one in rounds}) == 4


def test_tags_keep_their_shares() -> None:
    """E1: a rare tag is in every fold, where chance alone would leave some without."""
    random = np.random.default_rng(0)
    tags = random.random((200, 6)) < [0.5, 0.3, 0.2, 0.1, 0.05, 0.05]
    for protocol in (KFold(folds=5), Holdout(share=0.2)):
        for _, valid in protocol.split(Divisible(200, 1, tags)):
            assert np.abs(tags[valid].sum(axis=0) - tags.sum(axis=0) / 5).max() <= 1.5


def test_classes_of_grouped_rows_keep_their_shares_as_far_as_groups_allow() -> None:
    """E1: stratified and grouped at once; `stratified=false` leaves the shares to chance."""
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(60), 5)
    classes = (np.repeat(random.random(60), 5) < 0.2).astype(int)  # a group has one class

    def spread(protocol: mlrecipe.Protocol) -> float:
        splits = protocol.split(Divisible(300, 2, classes, groups))
        for train, valid in splits:
            assert not set(groups[train]) & set(groups[valid])
        return float(np.ptp([classes[valid].mean() for _, valid in splits]))

    assert spread(KFold(folds=5)) <= 0.09 < spread(KFold(folds=5, stratified=False))


def test_neighbours_stay_on_one_side() -> None:
    """E1: blocks of a map; a row without a place is a block of its own."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.uniform(0, 10, (500, 2)), columns=["lat", "lon"])
    frame.loc[:4, "lat"] = np.nan
    protocol = SpatialBlocks(size=2.0, folds=5)
    blocks = protocol.blocks(frame, schema_of(lat="location", lon="location"))
    assert blocks is not None
    assert len(np.unique(blocks)) == 25 + 5
    for train, valid in protocol.split(Divisible(500, 0, None, blocks)):
        assert not set(blocks[train]) & set(blocks[valid])
    free = SpatialBlocks(columns=("lat", "lon")).blocks(frame, schema_of())
    assert free is not None
    assert 50 <= len(np.unique(free)) - 5 <= 80
    with pytest.raises(MlrecipeError, match="no column holds coordinates"):
        SpatialBlocks().blocks(frame, schema_of(lat="numeric", lon="numeric"))


PROTOCOLS = (
    ("holdout",),
    ("kfold", "protocol.folds=3"),
    ("iterated_kfold", "protocol.folds=3", "protocol.repeats=2"),
    ("time_ordered", "protocol.folds=2", "protocol.share=0.4"),
    ("spatial_blocks", "protocol.columns=[east,north]", "protocol.size=2.5", "protocol.folds=3"),
)


def _made(rows: int, repeated: int, things: int, seed: int) -> pd.DataFrame:
    """Return rows of which some are recorded again, with other times, things and targets."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "east": random.uniform(0, 10, rows).round(3),
            "north": random.uniform(0, 10, rows).round(3),
            "amount": random.normal(size=rows).round(4),
        }
    )
    again = frame.iloc[random.integers(0, rows, repeated)]
    frame = pd.concat([frame, again]).sample(frac=1, random_state=seed).reset_index(drop=True)
    frame["day"] = random.permutation(len(frame)).astype(float)
    frame["thing"] = [f"t{n}" for n in random.integers(0, things, len(frame))]
    frame["y"] = np.where(random.random(len(frame)) < 0.4, "yes", "no")
    return frame


def _parts(run: Run) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[Any, Any]]]:
    development = pd.read_parquet(run.artifact("collect", "development.parquet"))
    test = pd.read_parquet(io.BytesIO(run.artifact("collect", "test.sealed").read_bytes()))
    with np.load(run.artifact("protocol", "splits.npz")) as arrays:
        count = len(arrays.files) // 2
        splits = [(arrays[f"train_{i}"], arrays[f"valid_{i}"]) for i in range(count)]
    return development, test, splits


@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    protocol=st.sampled_from(PROTOCOLS),
    rows=st.integers(80, 160),
    repeated=st.integers(0, 12),
    things=st.integers(40, 60),
    grouped=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_no_test_row_group_or_copy_reaches_training_or_selection(
    tmp_path_factory: pytest.TempPathFactory,
    protocol: tuple[str, ...],
    rows: int,
    repeated: int,
    things: int,
    grouped: bool,
    seed: int,
) -> None:
    """E1, E2, L2: over random data and every protocol, as a run leaves it behind."""
    folder = tmp_path_factory.mktemp("parts")
    _made(rows, repeated, things, seed).to_csv(folder / "rows.csv", index=False)
    try:
        run = mlrecipe.run(
            "task=binary",
            "problem.question=Does it come true?",
            "source=csv",
            f"source.path={folder / 'rows.csv'}",
            "problem.target=[y]",
            "problem.time=day",
            "problem.inputs=[east,north,amount]",
            "checks=[]",
            "protocol.copies=together",
            f"problem.grouped_by={'thing' if grouped else 'null'}",
            f"protocol={protocol[0]}",
            *protocol[1:],
            f"workflow.seed={seed}",
            path=folder / "run",
            until="protocol",
        )
    except MlrecipeError as error:  # so few groups that a part would be empty
        assert "group(s)" in str(error) or "without rows" in str(error), error
        return
    development, test, splits = _parts(run)

    corner = pd.concat([development, test])[["east", "north"]].min()

    def kin(frame: pd.DataFrame) -> set[Any]:
        found: set[Any] = set(frame[["east", "north", "amount"]].itertuples(index=False, name=None))
        if grouped:
            found |= set(frame.thing)
        if protocol[0] == "spatial_blocks":
            squares = np.floor((frame[["east", "north"]] - corner) / 2.5)
            found |= set(squares.itertuples(index=False, name=None))
        return found

    assert len(test)
    assert not kin(development) & kin(test)
    for train, valid in splits:
        assert len(train) and len(valid)
        assert not kin(development.iloc[train]) & kin(development.iloc[valid])
        if protocol[0] == "time_ordered":
            assert development.day.iloc[train].max() < development.day.iloc[valid].min()
    if protocol[0] == "time_ordered":
        assert development.day.max() < test.day.min()


def findings(tmp_path: Path, frame: pd.DataFrame, *words: str) -> dict[str, Any]:
    """Return what a run of the rows found up to its splits, by code."""
    frame.to_csv(tmp_path / "rows.csv", index=False)
    run = mlrecipe.run(
        "task=binary",
        "problem.question=Does it come true?",
        "source=csv",
        f"source.path={tmp_path / 'rows.csv'}",
        "problem.target=[y]",
        "problem.inputs=[east,north,amount]",
        "checks=[]",
        *words,
        path=tmp_path / f"run{len(list(tmp_path.iterdir()))}",
        until="protocol",
    )
    return {finding.code: finding for _, finding in run.findings()}


def test_copies_are_told_and_can_be_let_apart(tmp_path: Path) -> None:
    """E2: what was found is said; so many copies that cases seem to agree are left apart."""

    def found(frame: pd.DataFrame, *words: str) -> dict[str, Any]:
        return findings(tmp_path, frame, *words)

    few, many = _made(100, 10, 50, 1), _made(50, 60, 50, 1)
    assert found(few)["copies-together"].evidence["count"] == 10
    assert "protocol.copies=apart" in found(few)["copies-together"].advice
    assert "copies-apart" in found(many)
    assert "copies-together" in found(many, "protocol.copies=together")
    assert not set(found(few, "protocol.copies=apart")) & {"copies-together", "copies-apart"}


def test_a_stronger_protocol_is_advised_with_the_override_to_type(tmp_path: Path) -> None:
    """E1: by the number of validation rows, and how closely they tell a score."""
    small, large = _made(300, 0, 50, 1), _made(6000, 0, 50, 1)
    advised = findings(tmp_path, small, "protocol=holdout")["few-validation-rows"]
    assert "protocol=kfold" in advised.advice
    advised = findings(tmp_path, _made(1500, 0, 9, 1), "protocol=holdout")["stronger-protocol"]
    assert "protocol=kfold measures on all 1200" in advised.message
    advised = findings(tmp_path, small, "protocol=kfold")["stronger-protocol"]
    assert "protocol=iterated_kfold" in advised.message
    assert "stronger-protocol" not in findings(tmp_path, large, "protocol=holdout")


def test_validation_rows_unlike_training_rows_are_told(tmp_path: Path) -> None:
    """E3: a fold of later rows whose amounts have moved; rows drawn at random are alike."""
    frame = _made(1000, 0, 50, 2)
    frame["amount"] += 1.5 * (frame.day > 700)
    unlike = findings(tmp_path, frame, "protocol=time_ordered", "problem.time=day")
    assert "amount" in unlike["validation-unlike-training"].message
    assert "validation-unlike-training" not in findings(tmp_path, frame, "protocol=kfold")
