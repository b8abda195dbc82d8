"""What a sign inside a network says: a finding whose advice is still in parts, so that causes can share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bakeoff.spec.values import Finding


@dataclass(frozen=True)
class Sign:
    """A finding about a model's own runs, before it is told.

    Attributes:
        code: As of a finding, and so are the others but the last.
        severity: "error", "warning" or "note".
        model: The model's name.
        title: In a few words.
        evidence: The numbers behind it.
        cause: What it probably comes from.
        advice: Each thing to try, the likeliest first.
    """

    code: str
    severity: Literal["error", "warning", "note"]
    model: str
    title: str
    evidence: str
    cause: str
    advice: tuple[str, ...]

    def tell(self) -> Finding:
        """The finding."""
        return Finding(
            code=self.code,
            severity=self.severity,
            model=self.model,
            title=self.title,
            evidence=self.evidence,
            cause=self.cause,
            advice=join_advice(self.advice),
        )


def join_advice(parts: tuple[str, ...]) -> str:
    """Alternatives in one text, each but once.

    >>> join_advice(("fewer layers", "smaller steps", "fewer layers"))
    'fewer layers, or smaller steps'
    """
    return ", or ".join(dict.fromkeys(parts))
