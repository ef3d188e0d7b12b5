"""Images: the same pixels in every runtime, whatever the file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageOps

from mlrecipe.bundle.javascript import readable_by_node
from mlrecipe.components.preprocessing.by_kind import ByKind
from mlrecipe.data.pictures import orientation, portable
from mlrecipe.data.table import Table
from mlrecipe.data.table_schema import Column, TableSchema
from mlrecipe.data.validation import violations
from mlrecipe.errors import MlrecipeError
from mlrecipe.interfaces import TensorSpec
from mlrecipe.preparation.kinds.images import Image
from mlrecipe.preparation.operations.images import Picture
from mlrecipe.preparation.preparation import Block, Preparation
from mlrecipe.preparation.statistics import Chunk, gather
from mlrecipe.preparation.statistics_of_images import Pictures
from mlrecipe.testing.executors import Node, assert_agree

DRAWS = np.random.default_rng(0).integers(0, 256, (11, 17, 4), dtype=np.uint8)
RGB, GREY = Pillow.fromarray(DRAWS[..., :3]), Pillow.fromarray(DRAWS[..., 0])
FEW = RGB.quantize(200)


def file_of(image: Pillow.Image, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def exif(turn: int, order: str = "<") -> Pillow.Exif:
    found = Pillow.Exif()
    found.endian = order
    found[0x0112] = turn
    return found


DEEP = Pillow.fromarray((DRAWS[..., 0].astype(np.uint16) << 8) | DRAWS[..., 1])
PNG = {
    "colour": file_of(RGB),
    "grey": file_of(GREY),
    "alpha": file_of(Pillow.fromarray(DRAWS)),
    "grey with alpha": file_of(Pillow.fromarray(DRAWS).convert("LA")),
    "palette": file_of(FEW),
    "palette of 4 bits": file_of(RGB.quantize(7), bits=4),
    "palette with one clear colour": file_of(FEW, transparency=3),
    "palette with alpha": file_of(FEW, transparency=bytes(range(200))),
    "1 bit": file_of(GREY.convert("1")),
    "1 bit with a clear colour": file_of(GREY.convert("1"), transparency=0),
    "16 bits": file_of(DEEP),
    "grey with a clear colour": file_of(GREY, transparency=int(DRAWS[0, 0, 0])),
    "colour with a clear colour": file_of(RGB, transparency=tuple(map(int, DRAWS[0, 0, :3]))),
    "1 x 1": file_of(RGB.crop((0, 0, 1, 1))),
    "1 x 17": file_of(RGB.crop((0, 0, 17, 1))),
    "missing": b"",
}


def written_png(colours: int, depth: int, *, interlaced: bool = False) -> bytes:
    """Return a PNG file of random levels; Pillow writes few depths and no interlaced files."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    height, width, count = 9, 13, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    draws = np.random.default_rng(colours * 100 + depth)
    levels = draws.integers(0, 2**depth, (height, width, count))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
    lines = b""
    for left, top, right, down in [*passes, (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]:
        part = levels[top::down, left::right]
        for line in part if part.shape[1] else []:
            bits = (line.reshape(-1, 1) >> np.arange(depth)[::-1]) & 1
            lines += b"\0" + np.packbits(bits).tobytes()
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    palette = chunk(b"PLTE", draws.bytes(3 * 2**depth)) if colours == 3 else b""
    body = chunk(b"IHDR", header) + palette + chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
for type_, depths in DEPTHS.items():
    for depth in depths:
        PNG[f"type {type_}, {depth} bits"] = written_png(type_, depth)
        PNG[f"type {type_}, {depth} bits, interlaced"] = written_png(type_, depth, interlaced=True)
OTHERS = {
    "JPEG": file_of(RGB, "JPEG"),
    "grey JPEG": file_of(GREY, "JPEG"),
    "progressive JPEG": file_of(RGB, "JPEG", progressive=True, quality=40),
    "CMYK JPEG": file_of(Pillow.fromarray(DRAWS, "CMYK"), "JPEG"),
    "GIF": file_of(FEW, "GIF"),
    "GIF with a clear colour": file_of(FEW, "GIF", transparency=3),
    "animated GIF": file_of(FEW, "GIF", save_all=True, append_images=[RGB.quantize(9)]),
    "BMP": file_of(RGB, "BMP"),
    **{f"turned {n}": file_of(RGB, "JPEG", exif=exif(n)) for n in range(1, 9)},
    **{f"turned {n}, big endian": file_of(RGB, "JPEG", exif=exif(n, ">")) for n in (6, 8)},
}


def preparation_of(operation: Picture) -> Preparation:
    block = Block(columns=("photo",), reads="bytes", operations=(operation,), tensor="photo")
    spec = TensorSpec(name="photo", kind="image", dtype="uint8", shape=operation.shape)
    return Preparation(blocks=(block,), tensors=(spec,))


def held_together(operation: Picture, files: list[bytes], node: Node | None = None) -> Any:
    """Return the pixels, after holding every executor against NumPy, exactly."""
    frame = pd.DataFrame({"photo": pd.Series(files, dtype=object)})
    records = [{"photo": file or None} for file in files]
    return assert_agree(preparation_of(operation), frame, records, node)["photo"]


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    process = Node()
    yield process
    process.close()


@pytest.mark.parametrize(
    ("fit", "size", "channels"),
    [
        ("stretch", (11, 17), 1),
        ("stretch", (5, 4), 3),
        ("crop", (5, 4), 1),
        ("crop", (9, 30), 3),
        ("pad", (9, 30), 1),
        ("pad", (5, 4), 3),
    ],
)
def test_same_pixels_in_every_runtime(node: Node, channels: Any, fit: Any, size: Any) -> None:
    """P4: grey, palettes, alpha, 16 bits, CMYK, EXIF 1 to 8, odd sizes, gaps; every PNG depth."""
    operation = Picture(height=size[0], width=size[1], channels=channels, fit=fit, background=200)
    held_together(operation, list(PNG.values()), node)
    held_together(operation, list(OTHERS.values()))


def test_other_formats_reach_node_as_png(node: Node) -> None:
    """P4: the step ship holds the JavaScript executor against training for such images too."""
    preparation = preparation_of(Picture(height=5, width=9, channels=1, fit="pad"))
    records = [{"photo": file} for file in OTHERS.values()]
    with pytest.raises(MlrecipeError, match="only PNG files are decoded"):
        node.prepare(preparation, records[:1])
    found = node.prepare(preparation, readable_by_node(records))["photo"]
    np.testing.assert_array_equal(found, preparation.transform_records(records)["photo"])


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_the_graph_is_the_same_once_it_is_compiled(fit: Any) -> None:
    """P4: what a SavedModel carries out, where shapes are unknown, for all files in one batch."""
    import tensorflow as tf

    from mlrecipe.preparation.graph import GraphPreparation

    preparation = preparation_of(Picture(height=9, width=12, channels=3, fit=fit))
    graph = GraphPreparation(preparation)
    serve = tf.function(graph, input_signature=[graph.signature({"photo": "photo"})])
    files = [*PNG.values(), *OTHERS.values()]
    found = serve({"photo": tf.constant(files)})["photo"].numpy()
    frame = pd.DataFrame({"photo": pd.Series(files, dtype=object)})
    np.testing.assert_array_equal(found, preparation.transform(frame)["photo"])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "P", "1"]),
    rows=st.integers(1, 30),
    columns=st.integers(1, 30),
    fit=st.sampled_from(["stretch", "crop", "pad"]),
    seed=st.integers(0, 1000),
)
def test_any_size_becomes_any_other_alike(
    node: Node, height: int, width: int, mode: str, rows: int, columns: int, fit: Any, seed: int
) -> None:
    """P4: cutting, framing and resampling are the same sums in every runtime."""
    draws = np.random.default_rng(seed).integers(0, 256, (height, width, 4), dtype=np.uint8)
    file = file_of(Pillow.fromarray(draws).convert(mode))
    operation = Picture(height=rows, width=columns, channels=3 if seed % 2 else 1, fit=fit)
    held_together(operation, [file], node)


def test_pixels_of_the_right_size_are_untouched() -> None:
    for name, expected in (("colour", DRAWS[..., :3]), ("grey", DRAWS[..., :1])):
        operation = Picture(height=11, width=17, channels=expected.shape[2])
        np.testing.assert_array_equal(operation.pixels(PNG[name]), expected)


def test_resampling_is_pillows() -> None:
    """Pillow rounds between the two directions: it differs by one level at most."""
    found = Picture(height=5, width=29, channels=3).pixels(PNG["colour"])
    theirs = np.asarray(RGB.resize((29, 5), Pillow.Resampling.BILINEAR)).astype(int)
    assert np.abs(found - theirs).max() <= 1


@pytest.mark.parametrize("turn", range(1, 9))
def test_jpeg_files_are_turned_upright(turn: int) -> None:
    file = OTHERS[f"turned {turn}"]
    assert orientation(file) == turn
    upright = np.asarray(ImageOps.exif_transpose(Pillow.open(io.BytesIO(file))))
    operation = Picture(height=upright.shape[0], width=upright.shape[1], channels=3)
    np.testing.assert_array_equal(operation.pixels(file), upright)


@settings(max_examples=150, deadline=None)
@given(
    turn=st.integers(0, 9),
    order=st.sampled_from("<>"),
    cut=st.integers(0, 40),
    at=st.integers(0, 39),
    byte=st.integers(0, 255),
)
def test_exif_data_is_read_alike_even_when_broken(
    turn: int, order: str, cut: int, at: int, byte: int
) -> None:
    """P4: whatever the bytes, the graph finds the orientation that NumPy finds."""
    import tensorflow as tf

    from mlrecipe.preparation import pictures_graph

    file = bytearray(file_of(RGB, "JPEG", exif=exif(turn, order)))
    start = file.index(b"Exif\0\0")
    file[start + at] = byte
    short = bytes(file[: start + cut])
    for content in (bytes(file), short):
        assert int(pictures_graph.orientation(tf.constant(content))) == orientation(content)
    assert orientation(b"\x89PNG" + bytes(file)) == 1


def test_the_three_ways_to_fit() -> None:
    """A black image half as high as wide: stretched, cropped, or padded by the background."""
    file = file_of(Pillow.new("L", (20, 10)))
    stretched, cropped, padded = (
        Picture(height=8, width=8, channels=1, fit=fit).pixels(file)[..., 0]
        for fit in ("stretch", "crop", "pad")
    )
    assert (stretched == 0).all()
    assert (cropped == 0).all()
    np.testing.assert_array_equal(padded[:, 0], [255, 255, 0, 0, 0, 0, 255, 255])


SCHEMA = TableSchema(
    columns={
        "Photo 1": Column(kind="image", type="bytes"),
        "vector": Column(kind="image", type="bytes"),
        "age": Column(kind="numeric", type="number"),
    },
    targets=(),
    inputs=("Photo 1", "vector", "age"),
)


def frame_of(first: list[Any], second: list[Any]) -> pd.DataFrame:
    ages = np.arange(len(first), dtype=np.float64)
    return pd.DataFrame({"Photo 1": first, "vector": second, "age": ages})


def test_size_and_colours_are_learnt_from_training_rows() -> None:
    """P1: every image column is a tensor of its own, beside the vector of the others."""
    tall = file_of(RGB.resize((300, 600)))
    frame = frame_of([PNG["grey"]] * 10, [PNG["colour"], *[tall] * 8, None])
    preparation = ByKind().fit(Table(frame), SCHEMA)
    found = {spec.name: spec for spec in preparation.tensors}
    assert found["vector"].shape == (1,)
    assert found["photo_1"].shape == (11, 17, 1)
    assert found["vector_2"].shape == (128, 64, 3)  # the medians, within 128
    tensors = preparation.transform(frame)
    assert tensors["photo_1"].dtype == np.uint8
    assert (tensors["vector_2"][-1] == 255).all()  # missing: all background
    chosen = ByKind(image=Image(size=(4, 6), channels="colour")).fit(Table(frame), SCHEMA)
    assert {spec.shape for spec in chosen.tensors} == {(1,), (4, 6, 3)}
    assert Preparation.model_validate_json(chosen.model_dump_json()) == chosen


def test_what_is_learnt_does_not_depend_on_chunks() -> None:
    files = [*PNG.values(), *OTHERS.values()]
    frame = pd.DataFrame({"a": pd.Series(files, dtype=object)})
    whole = gather([Chunk(frame, 0)], {"images": Pictures(("a",))})
    parts = [Chunk(frame.iloc[i : i + 5], i) for i in range(0, len(frame), 5)]
    assert gather(parts, {"images": Pictures(("a",))}) == whole
    assert whole["images"].sizes[0][17, 11] == 6  # type: ignore[attr-defined]  # turned 5 to 8


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"no image", "no image that can be read"),
        (PNG["colour"][:200], "damaged or cut off"),
        (file_of(RGB, "TIFF"), "TIFF file; save it as PNG or JPEG"),
        (file_of(FEW, "BMP"), "BMP file with a palette"),
    ],
)
def test_files_that_runtimes_read_differently_are_refused(file: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        portable(file)
    assert portable(OTHERS["BMP"]).format == "BMP"


def test_damaged_files_are_refused_before_a_model_reads_them() -> None:
    """C3: rows to learn from, and rows of a batch, are held against the schema."""
    frame = frame_of([PNG["grey"], PNG["colour"][:200], None], [PNG["grey"], b"word", b"word"])
    found = violations(frame, SCHEMA, targets=False)
    assert [(v.column, v.count, v.rows) for v in found] == [
        ("Photo 1", 1, (1,)),
        ("vector", 2, (1, 2)),
    ]
    assert "damaged or cut off" in found[0].rule
    assert len(str(found[0])) < 200


def test_formats_that_only_training_could_read_are_refused() -> None:
    frame = frame_of([file_of(RGB, "TIFF")] * 3, [PNG["grey"]] * 3)
    with pytest.raises(MlrecipeError, match="TIFF file; save it as PNG"):
        ByKind().fit(Table(frame), SCHEMA)


def test_many_small_images_are_quick() -> None:
    """P1: MNIST's 70,000 images take a few seconds; these 5,000 far less than one each way."""
    import time

    values = np.array([[file_of(GREY)]] * 5000, dtype=object)
    started = time.process_time()
    Picture(height=11, width=17, channels=1).apply(values)
    assert time.process_time() - started < 2
