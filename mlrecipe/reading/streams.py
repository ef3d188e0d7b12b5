"""Opens files as streams of UTF-8 text: decompressed, decoded, and checked on the way."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

from mlrecipe.errors import MlrecipeError

BLOCK = 1 << 20
"""Bytes read at a time."""

MAGIC = {
    b"PAR1": "a Parquet file: source=parquet",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook: save its table as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save its table as CSV",
    b"\x1f\x8b": "compressed by gzip: give it the ending .gz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd: give it the ending .zst",
    b"BZh": "compressed by bzip2: give it the ending .bz2",
    b"\xfd7zXZ": "compressed by xz: give it the ending .xz",
    b"\x89PNG": "a PNG image: source=images reads a folder of them",
    b"\xff\xd8\xff": "a JPEG image: source=images reads a folder of them",
    b"%PDF": "a PDF document: export its tables as CSV",
    b"SQLite format 3": "an SQLite database: source=sql source.url=sqlite:///FILE",
    b"\x93NUMPY": "a NumPy array: source=arrays",
    b"\x89HDF": "an HDF5 file: save its table as CSV or Parquet",
}
"""First bytes of files that are no text -> what they are, and what reads them."""

SUBSTITUTE = "\x1f"
"""Stands for a delimiter of several characters: ASCII's own unit separator."""

DAMAGED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error, zipfile.BadZipFile, OSError)


def open_binary(file: Path) -> IO[bytes]:
    """Open a file for reading, decompressed by its ending.

    Raises:
        MlrecipeError: when it cannot be opened, or an archive holds not exactly one file.
    """
    ending = file.suffix.lower()
    try:
        if ending == ".gz":
            return cast(IO[bytes], gzip.open(file))
        if ending == ".bz2":
            return bz2.open(file)
        if ending == ".xz":
            return lzma.open(file)
        if ending == ".zip":
            return _only_member(file)
        if ending == ".zst":
            import pyarrow as pa

            return cast(IO[bytes], pa.CompressedInputStream(pa.OSFile(str(file)), "zstd"))
        return file.open("rb")
    except DAMAGED as error:
        raise damaged(file, error) from None


def _only_member(file: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    members = [m for m in archive.namelist() if not m.endswith("/") and "__MACOSX" not in m]
    if len(members) != 1:
        raise MlrecipeError(
            f"the archive holds {len(members)} files: {', '.join(members[:5])}",
            where=str(file),
            expected="an archive of one file",
            fix="unpack it, and name the files",
        )
    return archive.open(members[0])


def damaged(file: Path, error: BaseException) -> MlrecipeError:
    """Return the error for a file that cannot be read to its end."""
    if isinstance(error, PermissionError):
        return MlrecipeError("no permission to read this file", where=str(file))
    return MlrecipeError(
        f"the file is damaged or cut off: {error or type(error).__name__}",
        where=str(file),
        fix="fetch it again",
    )


class Utf8Stream(io.RawIOBase):
    """The text of a file as UTF-8 bytes, whatever it is stored in.

    Raises `MlrecipeError` with file and line, while it is read, for bytes that the encoding does
    not have, and for NUL characters.

    Attributes:
        quotes: double quotes seen so far; balanced quoting makes it even at the end.
    """

    def __init__(self, file: Path, encoding: str, delimiter: str | None = None) -> None:
        super().__init__()
        self.quotes = 0
        self._long = delimiter if delimiter and len(delimiter) > 1 else ""
        self._held = ""
        self._file, self._encoding = file, encoding
        self._line, self._ready, self._end = 1, memoryview(b""), False
        name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
        try:
            self._decoder = codecs.getincrementaldecoder(name)()
        except LookupError:
            raise MlrecipeError(
                f"there is no encoding {encoding!r}",
                where="source.encoding",
                expected="a character set that Python knows, such as utf-8 or cp1252",
            ) from None
        self._raw = open_binary(file)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._end:
            self._fill()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _fill(self) -> None:
        try:
            block = self._raw.read(BLOCK)
        except (*DAMAGED,) as error:
            raise damaged(self._file, error) from None
        self._end = not block
        try:
            text = self._decoder.decode(block, final=self._end)
        except UnicodeDecodeError as error:
            line = self._line + error.object[: error.start].count(b"\n")
            raise MlrecipeError(
                f"the file is not written in {self._encoding}: byte 0x"
                f"{error.object[error.start]:02x} in line {line}",
                where=f"{self._file}:{line}",
                fix="leave source.encoding out to have it guessed, or name it: cp1252, latin-1 …",
            ) from None
        if "\0" in text:
            line = self._line + text[: text.index("\0")].count("\n")
            raise MlrecipeError(
                f"there is a NUL character in line {line}: this is no text",
                where=f"{self._file}:{line}",
                fix="the file is binary or damaged, or its encoding is another (utf-16?)",
            )
        self._line += text.count("\n")
        self.quotes += text.count('"')
        if self._long:
            text = self._substituted(text)
        self._ready = memoryview(text.encode("utf-8", "surrogatepass"))

    def _substituted(self, text: str) -> str:
        """Replace a long delimiter; what may be the first part of one waits for the next block."""
        text = (self._held + text).replace(self._long, SUBSTITUTE)
        parts = range(len(self._long) - 1, 0, -1)
        keep = 0 if self._end else next((n for n in parts if text.endswith(self._long[:n])), 0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def refuse_binary(file: Path, wanted: str) -> None:
    """Raise an error when a file is empty, or no text at all."""
    with open_binary(file) as stream:
        try:
            start = stream.read(4096)
        except (*DAMAGED,) as error:
            raise damaged(file, error) from None
    if not start.strip():
        raise MlrecipeError("the file is empty", where=str(file), expected=wanted)
    for magic, what in MAGIC.items():
        if start.startswith(magic):
            raise MlrecipeError(f"the file is {what}", where=str(file), expected=wanted)
    controls = sum(byte < 9 or 13 < byte < 32 for byte in start)
    utf16 = start[:2] in (b"\xff\xfe", b"\xfe\xff") or 0.3 < start.count(0) / len(start) < 0.6
    if controls > len(start) / 10 and not utf16:
        raise MlrecipeError(
            f"the file is binary: {controls} of its first {len(start)} bytes are no text",
            where=str(file),
            expected=wanted,
        )


def text_of(file: Path, encoding: str, delimiter: str | None = None) -> io.TextIOWrapper:
    """Return the file's text, decompressed, line ends as they are.

    A delimiter of several characters comes back as `SUBSTITUTE`.
    """
    stream = io.BufferedReader(Utf8Stream(file, encoding, delimiter), BLOCK)
    return io.TextIOWrapper(stream, encoding="utf-8", errors="surrogatepass", newline="")
