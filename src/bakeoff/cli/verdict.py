"""The verdict on the terminal: the same sentences and numbers as in the report."""

from __future__ import annotations

from bakeoff.cli.printing import console
from bakeoff.comparison import Comparison
from bakeoff.report.terminal import leaderboard_table, verdict_text


def print_verdict(comparison: Comparison) -> None:
    """Leaderboard, then sentences."""
    out = console()
    out.print(leaderboard_table(comparison))
    out.print()
    out.print(verdict_text(comparison))
