"""The difference of every pair with its interval, against the margin."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, PairResult
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, GREEN, GREY, INK, LONGEST_LABEL, bar_ends, to_rows, width_beside
from bakeoff.spec.values import Estimate

TITLE = "Differences"
CAPTION = (
    "Accuracy of the first model minus accuracy of the second, in points, on new images; bars are the intervals of "
    "the table of pairs, colours are verdicts after correction. The band is the margin: differences inside it do not "
    "matter."
)
ORDER = 30
NUMBERS = "pairs"

MOST_PAIRS = 28
_VERDICTS = {"better": BLUE, "equivalent": GREEN, "undecided": GREY}


def applies(comparison: Comparison) -> bool:
    """Where there is a pair."""
    return len(comparison.models) > 1


def alt_text(comparison: Comparison) -> str:
    """Each shown difference, in words; every model is named."""
    names = ", ".join(model.name for model in comparison.models)
    pairs = "; ".join(_describe(pair) for pair in _shown(comparison)) or "no two models can be compared"
    return f"Differences in accuracy between {names}: {pairs}."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """One row per pair: dot, interval, zero line and margin band."""
    shown = _shown(comparison)
    rows = [_row(pair, pair.difference) for pair in shown if pair.difference]
    order = [row["pair"] for row in rows]
    margin = 100 * comparison.study.protocol.margin
    ends = [end for row in rows for end in (row["low"], row["high"])] + [-margin, margin, 0.0]
    scale = alt.Scale(domain=[min(ends), max(ends)] if max(ends) > min(ends) else [-1, 1], nice=True)
    y = alt.Y("pair:N", sort=order, title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, ticks=False, domain=False))
    x = alt.X("low:Q", title="difference in accuracy (points)", scale=scale)
    color = alt.Color("verdict:N", title=None, scale=alt.Scale(domain=list(_VERDICTS), range=list(_VERDICTS.values())))
    band = alt.Chart(to_rows([{"low": -margin, "high": margin}])).mark_rect(color=INK, opacity=0.09)
    zero = alt.Chart(to_rows([{"low": 0}])).mark_rule(color=INK, opacity=0.5)
    bars = alt.Chart(to_rows(rows)).mark_rule(strokeWidth=3, strokeCap="round", opacity=0.8)
    dots = alt.Chart(to_rows(rows)).mark_circle(size=75, opacity=1)
    chart = alt.layer(
        band.encode(x=x, x2="high:Q"),
        zero.encode(x=x),
        bars.encode(x=x, x2="high:Q", y=y, color=color),
        dots.encode(x=alt.X("value:Q"), y=y, color=color),
    ).properties(width=width_beside(order), height=alt.Step(24 if len(rows) <= MOST_PAIRS else 18))
    return chart if len(shown) == len(_known(comparison)) else chart.properties(title=_restriction(comparison))


def _restriction(comparison: Comparison) -> str:
    return f"Of {len(comparison.pairs)} pairs only those with the best model, then neighbours in rank"


def _known(comparison: Comparison) -> list[PairResult]:
    return [pair for pair in comparison.pairs if pair.difference is not None]


def _shown(comparison: Comparison) -> list[PairResult]:
    """All pairs; among many models those with the best, then neighbours."""
    known = _known(comparison)
    if len(known) <= MOST_PAIRS:
        return known
    names = [model.name for model in comparison.models if model.accuracy is not None]
    neighbours = set(pairwise(names[1:]))
    with_best = [pair for pair in known if names[0] in (pair.a, pair.b)]
    return with_best + [pair for pair in known if (pair.a, pair.b) in neighbours]


def _row(pair: PairResult, difference: Estimate) -> dict[str, Any]:
    low, high = bar_ends(difference)
    return {
        "pair": f"{pair.a} \u2212 {pair.b}",
        "value": 100 * difference.value,
        "low": 100 * low,
        "high": 100 * high,
        "verdict": "better" if pair.verdict.endswith("better") else pair.verdict,
    }


def _describe(pair: PairResult) -> str:
    if pair.difference is None:
        return f"{pair.a} minus {pair.b} is unknown"
    decimals = numbers.choose_decimals([pair.difference])
    value = numbers.format_signed(pair.difference.value, decimals=decimals)
    interval = numbers.format_points_interval(pair.difference, decimals=decimals)
    verdict = {"a better": f"{pair.a} better", "b better": f"{pair.b} better"}.get(pair.verdict, pair.verdict)
    return f"{pair.a} minus {pair.b} {value} points ({interval}), {verdict}"
