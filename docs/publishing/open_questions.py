"""Claims that are still open, and what would settle them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.comparison import Comparison
from bakeoff.comparison.claims import ClaimResult
from bakeoff.report.document.blocks import (
    Block,
    Column,
    Heading,
    Paragraph,
    Sentences,
    TableBlock,
    Text,
    text,
    text_with_code,
)
from bakeoff.report.document.tables import published_words
from bakeoff.report.sentences.phrases import end_clause
from bakeoff.report.sentences.prices import settling_clause

OPEN = ("undetermined", "not comparable")
UNKNOWN = "It cannot be reckoned; the evidence, under Claims, says why."
ELSEWHERE = "Another experiment: see below."
NOTHING_MEASURED = "It names nothing that such runs measure."


def open_questions(comparisons: Mapping[str, Comparison], next_experiments: Sequence[str]) -> list[Block]:
    """What these runs could not answer.

    Args:
        comparisons: Of studies with claims; by the heading of their part, which is empty for one alone.
        next_experiments: What would answer the claims that no more seeds or images would.

    Returns:
        A section: for each comparison one row for each claim that is undetermined or not comparable, then the
        experiments.
    """
    blocks: list[Block] = [Heading("What remains open")]
    for heading, comparison in comparisons.items():
        blocks += [Heading(heading, 3)] if heading else []
        blocks.append(_open_claims(comparison, has_experiments=bool(next_experiments)))
    if next_experiments:
        blocks += [Heading("Next experiments", 3), Sentences(tuple(map(text_with_code, next_experiments)))]
    return blocks


def _open_claims(comparison: Comparison, *, has_experiments: bool) -> Block:
    found = [claim for claim in comparison.claims if claim.verdict in OPEN]
    if not found:
        return Paragraph(text("Nothing: every figure and every claim is settled."))
    columns = (Column("Published", align="prose"), Column("Verdict"), Column("What would settle it", align="prose"))
    rows = tuple(_row(claim, comparison, has_experiments=has_experiments) for claim in found)
    return TableBlock(
        "Seeds and images are reckoned as if differences and spreads were what they seem to be.", columns, rows
    )


def _row(claim: ClaimResult, comparison: Comparison, *, has_experiments: bool) -> tuple[Text, ...]:
    clause = settling_clause(claim, images=comparison.data.test)
    if clause:
        settling = end_clause(clause)
    elif claim.verdict == "undetermined":
        settling = UNKNOWN
    else:
        settling = ELSEWHERE if has_experiments else NOTHING_MEASURED
    return published_words(claim, comparison.study.source), text(claim.verdict), text(settling)
