"""Categories: strings or codes of which each occurs in many rows."""

from __future__ import annotations

from mlrecipe.preparation.kinds.encoded import Encoded


class Categorical(Encoded):
    """Categories become indicators; a missing one is a category of its own (book, 6.2.1)."""
