"""The verdict on the terminal: the same sentences and numbers as in the report."""

from __future__ import annotations

from bakeoff.cli.printing import console
from bakeoff.comparison import Across, Comparison
from bakeoff.report.across import across_table, across_text
from bakeoff.report.terminal import leaderboard_table, verdict_text
from bakeoff.report.terminal_sections import claims_table, factors_table, left_out_text, warnings_text


def print_verdict(comparison: Comparison) -> None:
    """Leaderboard, then sentences, then what there is of claims, factors and warnings."""
    out = console()
    out.print(leaderboard_table(comparison))
    out.print()
    out.print(verdict_text(comparison))
    for section in (claims_table, factors_table, left_out_text, warnings_text):
        shown = section(comparison)
        if shown is not None:
            out.print()
            out.print(shown)


def print_across(across: Across) -> None:
    """Every pair on every data set, then what they say together."""
    out = console()
    out.print(across_table(across))
    out.print()
    out.print(across_text(across))
