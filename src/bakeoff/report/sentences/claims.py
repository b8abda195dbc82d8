"""What became of the published figures and claims, in one sentence; the tables have each of them."""

from __future__ import annotations

from collections import Counter

from bakeoff.comparison import Comparison
from bakeoff.comparison.claims import ClaimResult
from bakeoff.report import numbers
from bakeoff.report.sentences.phrases import CLAIMS, Phrase, Sentence, compose_sentence, end_clause
from bakeoff.report.sentences.prices import settling_clause

_VERDICTS = ("reproduced", "not reproduced", "undetermined", "not comparable")


def claims_sentences(comparison: Comparison) -> list[Sentence]:
    """How many published claims came back.

    Args:
        comparison: Of any number of models.

    Returns:
        At most one sentence.
    """
    total = len(comparison.claims)
    if not total:
        return []
    counts: Counter[str] = Counter(claim.verdict for claim in comparison.claims)
    found = [verdict for verdict in _VERDICTS if counts[verdict]]
    if len(found) == 1:
        opening = "The only published claim " if total == 1 else f"All {total} published claims "
        number = Phrase(_predicate(found[0], total), "number", CLAIMS)
        return [compose_sentence("claims", opening, number, ".")]
    listed = numbers.join_names(f"{counts[verdict]} {_predicate(verdict, counts[verdict])}" for verdict in found)
    if counts["reproduced"]:  # "4 are reproduced, 1 is not"
        listed = listed.replace(" not reproduced", " not")
    return [compose_sentence("claims", f"Of {total} published claims, ", Phrase(listed, "number", CLAIMS), ".")]


def evidence_text(claim: ClaimResult, *, images: int) -> str:
    """The numbers behind a claim's verdict and, where it is undetermined, what would settle it.

    Args:
        claim: Any claim.
        images: Number of test images.

    Returns:
        Whole sentences.
    """
    clause = settling_clause(claim, images=images)
    return f"{claim.evidence} {end_clause(clause)}" if clause else claim.evidence


def _predicate(verdict: str, count: int) -> str:
    if verdict == "not comparable":
        return "cannot be compared"
    return f"{'is' if count == 1 else 'are'} {verdict}"
