"""Decodes images in a TensorFlow graph: what `pixels` and `resampling` do by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tensorflow as tf

from mlrecipe.data.pictures import ORIENTATION_TAG, SEARCHED_BYTES
from mlrecipe.preparation.pixels import GREY_WEIGHTS

if TYPE_CHECKING:
    from mlrecipe.preparation.operations.images import Picture


def pixels_of_file(content: Any, to: Picture) -> Any:
    """Return the pixels of one file, uint8 (height, width, channels)."""
    return tf.cond(
        tf.equal(tf.strings.length(content), 0),
        lambda: tf.fill(to.shape, tf.constant(to.background, tf.uint8)),
        lambda: _fitted(_upright(content, to), to),
    )


def _upright(content: Any, to: Picture) -> Any:
    """Return int32 pixels (height, width, channels) on the background."""
    is_jpeg = _starts(content, b"\xff\xd8\xff")
    levels = tf.cast(_levels(content, is_jpeg), tf.int32)
    turn = tf.cond(is_jpeg, lambda: orientation(content), lambda: 1)
    levels = tf.cond(turn > 1, lambda: _turned(levels, turn), lambda: levels)
    opacity = levels[..., 3:]
    mixed = levels[..., :3] * opacity + to.background * (255 - opacity)
    colours = (mixed + 127) // 255
    if to.channels == 3:
        return colours
    shares = tf.reduce_sum(colours * tf.constant(GREY_WEIGHTS), axis=2, keepdims=True)
    return (shares + 32768) // 65536


def _levels(content: Any, is_jpeg: Any) -> Any:
    """Return uint8 (height, width, 4): red, green, blue, opacity."""
    return tf.case(
        [
            (_starts(content, b"\x89PNG"), lambda: _png(content)),
            (
                is_jpeg,
                lambda: _opaque(
                    tf.io.decode_jpeg(content, channels=3, dct_method="INTEGER_ACCURATE")
                ),
            ),
            (_starts(content, b"GIF8"), lambda: _opaque(tf.io.decode_gif(content)[0])),
        ],
        default=lambda: _opaque(tf.io.decode_bmp(content)[..., :3]),
        exclusive=False,
    )


def _png(content: Any) -> Any:
    """Decode a PNG file. One colour counts as transparent at 8 bits a level alone."""
    header = _bytes(tf.strings.substr(content, 24, 2))
    depth, colours = header[0], header[1]
    return tf.case(
        [
            (colours == 3, lambda: _palette(content)),
            ((colours < 3) & (depth != 8), lambda: _opaque(tf.io.decode_png(content, 3))),
        ],
        default=lambda: tf.io.decode_png(content, 4),
    )


def _palette(content: Any) -> Any:
    # Asked for four channels, TensorFlow fills in a wrong opacity below 8 bits.
    levels = tf.io.decode_png(content)
    has_opacity = tf.shape(levels)[2] == 4
    return tf.cond(has_opacity, lambda: levels, lambda: _opaque(levels[..., :3]))


def _opaque(colours: Any) -> Any:
    return tf.concat([colours, tf.fill(tf.shape(colours[..., :1]), tf.constant(255, tf.uint8))], 2)


def _starts(content: Any, signature: bytes) -> Any:
    return tf.equal(tf.strings.substr(content, 0, len(signature)), signature)


def _bytes(content: Any) -> Any:
    return tf.cast(tf.io.decode_raw(content, tf.uint8), tf.int32)


def orientation(content: Any) -> Any:
    """Return what `mlrecipe.data.pictures.orientation` does, for a JPEG file."""
    head = _bytes(tf.strings.substr(content, 0, SEARCHED_BYTES))
    count = tf.size(head)
    marker = b"\xff\xe1..Exif\0\0"
    there = tf.ones([tf.maximum(count - len(marker) + 1, 0)], tf.bool)
    for i, byte in enumerate(marker):
        if byte != ord("."):
            there &= head[i : count - len(marker) + 1 + i] == byte
    found = tf.where(there)[:1, 0]
    return tf.cond(tf.size(found) > 0, lambda: _from_tiff(head, found[0]), lambda: 1)


def _from_tiff(head: Any, marker: Any) -> Any:
    """Return the orientation in the EXIF data at a marker's position; 1 where there is none."""
    tiff = head[tf.cast(marker, tf.int32) + 10 :]
    tiff = tf.concat([tiff, tf.zeros([16], tf.int32)], 0)
    little = (tiff[0] == ord("I")) & (tiff[1] == ord("I"))
    size = tf.size(head) - tf.cast(marker, tf.int32) - 10

    def number(at: Any) -> Any:
        first, second = tf.gather(tiff, at), tf.gather(tiff, at + 1)
        return tf.where(little, first + 256 * second, 256 * first + second)

    upper, lower = number(6), number(4)
    directory = tf.where(little, lower, upper)
    far = tf.where(little, upper, lower) > 0
    directory = tf.where(far | (directory > size), size, directory)
    entries = directory + 2 + 12 * tf.range(number(directory))
    entries = tf.boolean_mask(entries, entries + 12 <= size)
    chosen = tf.boolean_mask(entries, number(entries) == ORIENTATION_TAG)[:1]
    turn = tf.reduce_sum(number(chosen + 8))
    return tf.where((turn >= 1) & (turn <= 8), turn, 1)


def _turned(pixels: Any, turn: Any) -> Any:
    pixels = tf.cond(turn >= 5, lambda: tf.transpose(pixels, [1, 0, 2]), lambda: pixels)
    upside_down = tf.reduce_any(turn == [3, 4, 7, 8])
    pixels = tf.cond(upside_down, lambda: tf.reverse(pixels, [0]), lambda: pixels)
    mirrored = tf.reduce_any(turn == [2, 3, 6, 7])
    return tf.cond(mirrored, lambda: tf.reverse(pixels, [1]), lambda: pixels)


def _fitted(pixels: Any, to: Picture) -> Any:
    """Return uint8 pixels of the wanted size."""
    size = tf.shape(pixels)
    same = (size[0] == to.height) & (size[1] == to.width)
    found = tf.cond(same, lambda: pixels, lambda: _placed(pixels, to))
    return tf.cast(tf.ensure_shape(found, to.shape), tf.uint8)


def _placed(pixels: Any, to: Picture) -> Any:
    size = tf.shape(pixels, out_type=tf.int64)
    height, width = size[0], size[1]
    rows, columns = tf.constant(to.height, tf.int64), tf.constant(to.width, tf.int64)
    if to.fit == "crop":
        kept_height = tf.minimum(
            height, tf.maximum((2 * width * rows + columns) // (2 * columns), 1)
        )
        kept_width = tf.minimum(width, tf.maximum((2 * height * columns + rows) // (2 * rows), 1))
        top, left = (height - kept_height) // 2, (width - kept_width) // 2
        part = pixels[top : top + kept_height, left : left + kept_width]
        return _resampled(part, rows, columns)
    if to.fit == "stretch":
        return _resampled(pixels, rows, columns)
    inner_rows = tf.minimum(rows, tf.maximum((2 * height * columns + width) // (2 * width), 1))
    inner_columns = tf.minimum(columns, tf.maximum((2 * width * rows + height) // (2 * height), 1))
    top, left = (rows - inner_rows) // 2, (columns - inner_columns) // 2
    frame = [
        [top, rows - inner_rows - top],
        [left, columns - inner_columns - left],
        [0, 0],
    ]
    part = _resampled(pixels, inner_rows, inner_columns)
    return tf.pad(part, frame, constant_values=to.background)


def _resampled(pixels: Any, rows: Any, columns: Any) -> Any:
    """Return int32 pixels in another size, rounded half up."""
    size = tf.shape(pixels, out_type=tf.int64)
    return tf.cond(
        (size[0] == rows) & (size[1] == columns),
        lambda: pixels,
        lambda: _both_ways(pixels, rows, columns),
    )


def _both_ways(pixels: Any, rows: Any, columns: Any) -> Any:
    found = _along_first(tf.cast(pixels, tf.float64), rows)
    found = _along_first(tf.transpose(found, [1, 0, 2]), columns)
    return tf.cast(tf.floor(tf.transpose(found, [1, 0, 2]) + 0.5), tf.int32)


def _along_first(values: Any, size: Any) -> Any:
    """Return float64 (size, …), summed tap by tap in the order of the other executors."""
    count = tf.cast(tf.shape(values, out_type=tf.int64)[0], tf.float64)
    scale = count / tf.cast(size, tf.float64)
    reach = tf.maximum(scale, 1.0)
    centre = (tf.cast(tf.range(size), tf.float64) + 0.5) * scale
    first = tf.floor(centre - reach)
    taps = 2 * tf.cast(tf.math.ceil(reach), tf.int32) + 1

    def add(tap: Any, total: Any, found: Any) -> Any:
        position = first + tf.cast(tap, tf.float64)
        weight = tf.nn.relu(1.0 - tf.abs((position + 0.5 - centre) / reach))
        weight = tf.where((position >= 0) & (position < count), weight, 0.0)
        row = tf.cast(tf.clip_by_value(position, 0, count - 1), tf.int64)
        weight = weight[:, tf.newaxis, tf.newaxis]
        return tap + 1, total + weight, found + weight * tf.gather(values, row)

    shape = tf.concat([[size], tf.shape(values, out_type=tf.int64)[1:]], 0)
    start = (0, tf.zeros([size, 1, 1], tf.float64), tf.zeros(shape, tf.float64))
    kept = (tf.TensorShape([]), tf.TensorShape([None, 1, 1]), tf.TensorShape([None, None, None]))
    _, total, found = tf.while_loop(
        lambda tap, total, found: tap < taps, add, start, shape_invariants=kept
    )
    return found / total
