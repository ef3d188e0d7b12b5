"""Fetches files once: resumed when cut off, checked, kept under mlrecipe's home."""

from __future__ import annotations

import hashlib
import http.client
import logging
import urllib.error
import urllib.request
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import filelock

from mlrecipe.errors import MlrecipeError
from mlrecipe.files import explained_io, file_digest, write_text
from mlrecipe.ledger import home
from mlrecipe.reading.credentials import expanded_url, hidden, placeholders

log = logging.getLogger(__name__)

BLOCK = 1 << 20
TIMEOUT = 30
"""Seconds without a byte before a download is given up; it can be resumed."""


def cached_path(url: str) -> Path:
    """Return where the file of an address is kept; `$NAME` in it stays as it is."""
    parts = urlsplit(url)
    key = hashlib.sha256(url.encode()).hexdigest()[:16]
    return home() / "downloads" / key / (Path(parts.path).name or "data")


def fetched(url: str, sha256: str | None, key: str = "source.url") -> Path:
    """Return the local copy of an address; fetch it when it is not there.

    Args:
        url: http or https; `$NAME` is taken from the environment.
        sha256: the checksum that the file must have, in hexadecimal; None: any.
        key: the recipe key that holds the address.

    Raises:
        MlrecipeError: when it cannot be fetched, or is another file. Nothing half is left as whole.
    """
    file = cached_path(url)
    with explained_io(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(file.with_name(".lock")):
            if not file.exists():
                _download(url, file, key)
                _note_origin(url, file)
    found = file_digest(file)
    if sha256 is not None and found != sha256.lower():
        file.unlink()
        raise MlrecipeError(
            f"the file at {url} has the checksum {found}",
            where="source.sha256",
            expected=sha256.lower(),
            fix="the file was changed or damaged: find out why before taking the new checksum over",
        )
    return file


def _note_origin(url: str, file: Path) -> None:
    write_text(file.with_name("origin.txt"), url + "\n")


def _download(url: str, file: Path, key: str) -> None:
    """Fetch into a partial file, from where an earlier try stopped; then rename it."""
    partial = file.with_name(f".{file.name}.partial")
    start = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(expanded_url(url, key), headers={"User-Agent": "mlrecipe"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            if start and answer.status != 206:
                start = 0  # the server sends the whole anew
            length = answer.headers.get("Content-Length")
            size = start + int(length) if length else None
            with partial.open("ab" if start else "wb") as out:
                _copy(answer, out, start, size, url)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:
            partial.unlink()
            return _download(url, file, key)
        raise _refused(url, error, key) from None
    except (
        urllib.error.URLError,
        http.client.HTTPException,
        TimeoutError,
        ConnectionError,
    ) as error:
        raise _unreachable(url, file, error, key) from None
    reached = partial.stat().st_size
    if size is not None and reached < size:
        raise _unreachable(url, file, EOFError(f"{reached} of {size} bytes came"), key)
    partial.replace(file)
    return None


def _copy(
    answer: http.client.HTTPResponse, out: BinaryIO, start: int, size: int | None, url: str
) -> None:
    done, tenth = start, 0
    while block := answer.read(BLOCK):
        out.write(block)
        done += len(block)
        if size and done * 10 // size > tenth:
            tenth = done * 10 // size
            log.info("%s: %d %% of %.1f MB", url, tenth * 10, size / 1e6)


def _refused(url: str, error: urllib.error.HTTPError, key: str) -> MlrecipeError:
    fixes = {
        401: "give a token: $NAME in the address stands for an environment variable",
        403: "give a token: $NAME in the address stands for an environment variable",
        404: "check the address",
    }
    return MlrecipeError(
        f"the server answers {error.code} ({error.reason}) for {url}",
        where=key,
        fix=fixes.get(error.code, "try again later"),
    )


def _unreachable(url: str, file: Path, error: Exception, key: str) -> MlrecipeError:
    reason = hidden(str(getattr(error, "reason", None) or error), placeholders(url))
    return MlrecipeError(
        f"{url} cannot be fetched: {reason or type(error).__name__}",
        where=key,
        fix="run again to go on where it stopped; or, without a network, fetch it elsewhere and "
        f"put it here: {file}",
    )
