"""Guesses the character set of a file, and says why."""

from __future__ import annotations

import re
from pathlib import Path

from mlrecipe.reading.streams import BLOCK, DAMAGED, damaged, open_binary

MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
"""Byte-order marks -> what they announce."""


def guess_encoding(file: Path) -> tuple[str, str]:
    """Return the encoding of a file and the reason.

    A byte-order mark decides; else UTF-8 when the whole file is valid UTF-8 (text in another
    encoding hardly ever is); else Windows' western set, or latin-1 for bytes which that lacks.
    """
    with open_binary(file) as stream:
        try:
            block = stream.read(BLOCK)
            for mark, name in MARKS:
                if block.startswith(mark):
                    return name, f"a byte-order mark says {name}"
            if block.count(0) > len(block) / 3:
                return (
                    "utf-16-le" if block[1:2] == b"\0" else "utf-16-be"
                ), "every other byte is 0"
            return _utf8_or_western(stream, block)
        except DAMAGED as error:
            raise damaged(file, error) from None


def _utf8_or_western(stream: object, block: bytes) -> tuple[str, str]:
    import codecs

    decoder, line, plain = codecs.getincrementaldecoder("utf-8")(), 1, True
    while True:
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            return _western(error.object, error.start, line)
        plain = plain and block.isascii()
        if not block:
            return "utf-8", "plain ASCII" if plain else "the whole file is valid UTF-8"
        line += block.count(b"\n")
        block = stream.read(BLOCK)  # type: ignore[attr-defined]


def _western(block: bytes, start: int, line: int) -> tuple[str, str]:
    undefined = set(b"\x81\x8d\x8f\x90\x9d")
    name = "latin-1" if undefined & set(block) else "cp1252"
    around = block[max(0, start - 30) : start + 30].decode(name)
    here = len(block[max(0, start - 30) : start])
    word = next((m.group() for m in re.finditer(r"\w+|\W", around) if m.end() > here), "")
    return name, (
        f"line {line} is no UTF-8; as {name} it reads {word!r}: name another encoding if that is "
        "wrong"
    )
