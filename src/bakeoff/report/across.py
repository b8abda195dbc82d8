"""One study on several data sets, for a terminal: every pair on each data set, and what may be said in general."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from bakeoff.comparison import Across, AcrossPair, OnDataset
from bakeoff.report import numbers
from bakeoff.spec.values import Verdict


def across_table(across: Across) -> Table:
    """One row per pair and data set.

    Args:
        across: From `compare_across`.

    Returns:
        A table that fits 80 columns where names are not long.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("pair", overflow="fold", min_width=12)
    table.add_column("data", overflow="fold", min_width=6)
    for heading in ("points", f"{numbers.format_level(across.level)} interval", "adjusted p"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", overflow="fold", min_width=9)
    for pair in across.pairs:
        for place, here in enumerate(pair.on):
            table.add_row(Text(f"{pair.a} vs {pair.b}") if place == 0 else "", *_cells(pair, here, across))
    return table


def across_text(across: Across) -> Text:
    """What the data sets say together: a line for the reason, and one for each pair that is decided in general.

    Args:
        across: From `compare_across`.

    Returns:
        The lines.
    """
    if not across.together.general:
        return Text(f"These verdicts hold {across.together.reason}.")
    alpha = 1 - across.level
    lines = [f"In general, from {across.together.reason}:"]
    for pair in across.pairs:
        p = numbers.format_p(pair.general.p_adjusted, alpha=alpha)
        lines.append(f"{pair.a} vs {pair.b}: {_name(pair, pair.general.verdict)} ({p}; {pair.general.reason}).")
    return Text("\n".join(lines))


def _cells(pair: AcrossPair, here: OnDataset, across: Across) -> tuple[str | Text, ...]:
    if here.difference is None:
        known = (numbers.UNKNOWN, numbers.UNKNOWN)
    else:
        decimals = numbers.choose_decimals([here.difference])
        known = (
            numbers.format_signed(here.difference.value, decimals=decimals),
            numbers.format_points_interval(here.difference, decimals=decimals),
        )
    p = numbers.format_p_value(here.p_adjusted, alpha=1 - across.level)
    return (Text(here.data), *known, p, Text(_name(pair, here.verdict)))


def _name(pair: AcrossPair, verdict: Verdict) -> str:
    """The verdict with the models' names in it."""
    return {"a better": f"{pair.a} better", "b better": f"{pair.b} better"}.get(verdict, verdict)
