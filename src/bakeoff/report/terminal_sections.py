"""What follows the sentences on a terminal of 80 columns: claims, factors and warnings, each where there are any."""

from __future__ import annotations

import math
import textwrap

from rich.table import Table
from rich.text import Text

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.sentences.claims import evidence_text
from bakeoff.report.sentences.factors import estimable_contrasts
from bakeoff.report.sentences.findings import FindingGroup, group_findings
from bakeoff.report.sentences.phrases import MOST_NAMES, Kind
from bakeoff.report.sentences.prices import ASSUMPTION
from bakeoff.report.sentences.verdict import verdict_sentences
from bakeoff.spec.values import Estimate
from bakeoff.stats import FactorContrast

MOST_CONTRASTS = 12
MOST_LEFT_OUT = 3
MOST_EVIDENCE = 240

_SAID: dict[str, Kind] = {
    "BKO401": "leak",
    "BKO402": "budget",
    "BKO403": "looks",
    "BKO503": "luck",
    "BKO504": "single run",
}
"""The sentences that say what a finding says."""

_STYLES = {
    "reproduced": "green",
    "not reproduced": "red",
    "undetermined": "dim",
    "not comparable": "dim",
    "better": "green",
    "worse": "red",
    "depends": "yellow",
    "undecided": "dim",
}


def claims_table(comparison: Comparison) -> Table | None:
    """One row per published figure or claim.

    Args:
        comparison: Of any number of models.

    Returns:
        A table as wide as the terminal, long texts wrapped; None where nothing was published.
    """
    if not comparison.claims:
        return None
    table = _empty_table(expand=True)
    table.add_column("claim", overflow="fold", ratio=2)
    table.add_column("verdict", no_wrap=True, min_width=len("not reproduced"))
    table.add_column("evidence", overflow="fold", ratio=3)
    for claim in comparison.claims:
        evidence = evidence_text(claim, images=comparison.data.test)
        table.add_row(Text(claim.claim), Text(claim.verdict, style=_STYLES[claim.verdict]), Text(evidence))
    if any(claim.price for claim in comparison.claims):
        table.caption = f"More seeds or images would decide {ASSUMPTION}."
    return table


def factors_table(comparison: Comparison) -> Table | None:
    """The contrasts of two levels that could be estimated, the clearest where there are many.

    Args:
        comparison: Of any number of models.

    Returns:
        A table that fits 80 columns; None where there is no such contrast.
    """
    rows = [
        (factor.factor, contrast)
        for factor in comparison.attribution.factors
        for contrast in estimable_contrasts(factor)
    ]
    if not rows:
        return None
    clearest = sorted(rows, key=lambda row: (math.isnan(row[1].p_adjusted), row[1].p_adjusted))[:MOST_CONTRASTS]
    table = _empty_table()
    table.add_column("all else equal", overflow="fold", min_width=12)
    for heading in ("points", f"{numbers.format_level(comparison.attribution.level)} interval", "p", "settings"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("first is", no_wrap=True)
    for row in rows:
        if row in clearest:
            table.add_row(*_contrast_cells(*row, alpha=1 - comparison.attribution.level))
    if len(rows) > MOST_CONTRASTS:
        table.caption = f"The {MOST_CONTRASTS} clearest of {len(rows)} contrasts; the report has all of them."
        table.caption_justify, table.caption_style = "left", "dim"
    return table


def left_out_text(comparison: Comparison) -> Text | None:
    """The models that attribution could not use, a line for each of the first few.

    Args:
        comparison: Of any number of models.

    Returns:
        The lines; None where all were used.
    """
    left_out = comparison.attribution.left_out
    if not left_out:
        return None
    lines = [f"{text}." for text in left_out[:MOST_LEFT_OUT]]
    more = len(left_out) - MOST_LEFT_OUT
    if more > 0:
        lines.append(f"{more} more such note{'s are' if more > 1 else ' is'} in the report.")
    return Text("\n".join(lines), style="dim")


def warnings_text(comparison: Comparison) -> Text | None:
    """Errors and warnings, one to a line, where no sentence has said all of it; notes are left to the report.

    Args:
        comparison: Of any number of models.

    Returns:
        The lines; evidence only where no model is named, since `bakeoff explain` has it; None where there is nothing
        to warn of.
    """
    kinds = {sentence.kind for sentence in verdict_sentences(comparison)}
    shown = [
        group
        for group in group_findings(comparison.findings)
        if group.first.severity != "note" and _SAID.get(group.first.code) not in kinds
    ]
    lines = [_warning(group) for group in shown]
    if any(group.names for group in shown):
        lines.append(Text("bakeoff explain shows the evidence and the probable causes.", style="dim"))
    return Text("\n").join(lines) if lines else None


def _warning(group: FindingGroup) -> Text:
    finding = group.first
    line = Text.assemble(("!", "red" if finding.severity == "error" else "yellow"), " ", (finding.code, "bold"))
    return line.append(f"{_name_models(group)} {finding.title}{_evidence(group)}: {finding.advice}.")


def _name_models(group: FindingGroup) -> str:
    """Whom it is about, with a colon."""
    if not group.names:
        return ""
    few = len(group.names) <= MOST_NAMES
    return f" {numbers.join_names(group.names) if few else f'{len(group.names)} models'}:"


def _evidence(group: FindingGroup) -> str:
    """Of the study or its data, in brackets, cut where it is long."""
    if group.names:
        return ""
    return f" ({textwrap.shorten(group.first.evidence, MOST_EVIDENCE, placeholder=' ...')})"


def _empty_table(*, expand: bool = False) -> Table:
    return Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=expand, caption_justify="left"
    )


def _contrast_cells(factor: str, contrast: FactorContrast, *, alpha: float) -> tuple[str | Text, ...]:
    agreeing = (
        f"{contrast.strata - contrast.opposed} of {contrast.strata}" if contrast.opposed else str(contrast.strata)
    )
    return (
        Text(f"{factor}: {contrast.high} vs {contrast.low}"),
        *_difference_cells(contrast.estimate),
        numbers.format_p_value(contrast.p_adjusted, alpha=alpha),
        agreeing,
        Text(contrast.verdict, style=_STYLES[contrast.verdict]),
    )


def _difference_cells(estimate: Estimate | None) -> tuple[str, str]:
    if estimate is None:
        return numbers.UNKNOWN, numbers.UNKNOWN
    decimals = numbers.choose_decimals([estimate])
    signed = numbers.format_signed(estimate.value, decimals=decimals)
    return signed, numbers.format_points_interval(estimate, decimals=decimals)
