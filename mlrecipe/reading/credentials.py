"""Addresses with credentials: `$NAME` stands for an environment variable until data is read.

A recipe is written to the run folder as it stands, printed by `show`, and passed on. So it must
not hold a secret: an address with a literal password or token is refused, and what `$NAME` stands
for is looked up at the moment of reading and goes nowhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from mlrecipe.errors import MlrecipeError, nearest

PLACEHOLDER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
SECRET_NAME = re.compile(
    r"passw|pwd|token|secret|api_?key|signature|credential|^sig$|^key$|^auth", re.IGNORECASE
)
"""Names of query parameters that hold secrets."""


def _without_secret(url: str) -> str:
    """Refuse an address that holds a password or a token literally."""
    if _holds_secret(url):
        raise PydanticCustomError(
            "literal_secret",
            "an address without a secret: write $NAME in place of the password or token, and "
            "set the environment variable NAME (in a shell, put the address in single quotes, so "
            "that the shell leaves $NAME alone)",
        )
    return url


def _holds_secret(url: str) -> bool:
    rest = url.partition("://")[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0] if "@" not in rest else rest
    if "@" in authority:
        # The last @ ends the user's part: a password may itself hold one, or a slash.
        user = authority.rpartition("@")[0]
        if not user.startswith(("/", "?")):
            name, colon, password = user.partition(":")
            if colon and password and not PLACEHOLDER.fullmatch(password):
                return True
            if not colon and url.startswith("http") and not PLACEHOLDER.fullmatch(name):
                return True
    query = url.partition("?")[2].partition("#")[0]
    for part in re.split(r"[&;]", query):
        name, _, value = part.partition("=")
        if value and SECRET_NAME.search(unquote(name)) and not PLACEHOLDER.fullmatch(value):
            return True
    return False


SecretFreeUrl = Annotated[str, AfterValidator(_without_secret)]
"""An address in a recipe; `$NAME` stands for what the environment knows."""


def placeholders(url: str) -> tuple[str, ...]:
    """Return the names of the environment variables that an address asks for."""
    return tuple(PLACEHOLDER.findall(url))


def expanded(text: str, key: str) -> str:
    """Return a text with every `$NAME` replaced by the environment's value.

    Raises:
        MlrecipeError: for a variable that is not set; names the nearest that is.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            close = nearest(name, os.environ)
            raise MlrecipeError(
                f"the environment variable {name} is not set"
                + (f"; did you mean {close}?" if close else ""),
                where=key,
                fix=f"export {name}=… before the command; it is written nowhere",
            )
        return os.environ[name]

    return PLACEHOLDER.sub(value, text)


def expanded_url(url: str, key: str) -> str:
    """Return an http address with its placeholders replaced, quoted where the place asks for it."""
    if PLACEHOLDER.fullmatch(url):
        return expanded(url, key)
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    user = ":".join(quote(expanded(unquote(p), key), safe="") for p in user.split(":"))
    query = parts.query
    if "$" in query:
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(k, expanded(v, key)) for k, v in pairs])
    netloc = user + at + expanded(host, key)
    return urlunsplit((parts.scheme, netloc, expanded(parts.path, key), query, parts.fragment))


def hidden(text: str, names: Iterable[str]) -> str:
    """Return a text with the values of environment variables replaced by their names."""
    values = [(os.environ.get(name, ""), name) for name in names]
    for value, name in sorted(values, key=lambda item: -len(item[0])):
        for form in (value, quote(value, safe="")):
            if form:
                text = text.replace(form, f"${name}")
    return text
