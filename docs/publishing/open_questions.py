"""Claims that are still open, and what would settle them."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.comparison import Comparison
from bakeoff.comparison.claims import ClaimResult
from bakeoff.report.document.blocks import (
    Block,
    Column,
    Heading,
    Paragraph,
    Sentences,
    Span,
    TableBlock,
    Text,
    text,
    text_with_code,
)
from bakeoff.report.sentences.prices import settling_clause

UNKNOWN = "It is not known."


def open_questions(comparison: Comparison, next_experiments: Sequence[str]) -> list[Block]:
    """What these runs could not answer.

    Args:
        comparison: Of a study with claims.
        next_experiments: What would answer the claims that no more seeds or images would.

    Returns:
        A section: one row for each claim that is undetermined or not comparable, then the experiments.
    """
    found = [claim for claim in comparison.claims if claim.verdict in ("undetermined", "not comparable")]
    heading = Heading("What remains open")
    if not found:
        return [heading, Paragraph(text("Nothing: every figure and every claim is settled."))]
    columns = (Column("Published", align="prose"), Column("Verdict"), Column("What would settle it", align="prose"))
    rows = tuple(
        (name_claim(claim), text(claim.verdict), text(_settling(claim, comparison.data.test))) for claim in found
    )
    caption = "Seeds and images are reckoned as if differences and spreads were what they seem to be."
    experiments = tuple(map(text_with_code, next_experiments))
    return [heading, TableBlock(caption, columns, rows), *([Sentences(experiments)] if experiments else [])]


def name_claim(claim: ClaimResult) -> Text:
    """A figure as it is, a claim in the source's words."""
    return text(Span(claim.claim, "code")) if is_figure(claim) else text(claim.source)


def is_figure(claim: ClaimResult) -> bool:
    """Whether the source printed a number of a model, rather than said something."""
    return " = " in claim.claim


def _settling(claim: ClaimResult, images: int) -> str:
    clause = settling_clause(claim, images=images)
    if clause:
        return f"{clause[0].upper()}{clause[1:]}."
    return UNKNOWN if claim.verdict == "undetermined" else "Another experiment; see below."
