"""What a step or a check noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["note", "advice", "warning", "blocker"]


@dataclass(frozen=True)
class Finding:
    """What a step noticed.

    Attributes:
        code: a stable name, such as ``target-leak``; ``workflow.waive`` refers to it.
        severity: ``blocker`` holds the run until the recipe waives it with a reason.
        message: what was noticed, in a sentence.
        evidence: numbers behind it, plain data.
        advice: what to do, with the exact override where there is one.
        section: section of the book.
    """

    code: str
    severity: Severity
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    advice: str = ""
    section: str = ""
