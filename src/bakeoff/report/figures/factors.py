"""What each level of a factor does, all else equal, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, GREY, INK, LONGEST_LABEL, ORANGE, bar_ends, to_rows, width_beside
from bakeoff.report.sentences.factors import estimable_contrasts
from bakeoff.spec.values import Estimate
from bakeoff.stats import FactorContrast

TITLE = "Effects of factors"
CAPTION = (
    "Accuracy with the first level minus accuracy with the second, in points, averaged over all pairs of models that "
    "differ in nothing else; bars are intervals, faint dots the single settings of the other factors. Where an effect "
    "depends on the setting, read the dots and not the average."
)
ORDER = 60
NUMBERS = "factors"

MOST_CONTRASTS = 30
_VERDICTS = {"clear": BLUE, "depends on the setting": ORANGE, "undecided": GREY}


@dataclass(frozen=True)
class _Effect:
    """A contrast that could be estimated."""

    label: str
    contrast: FactorContrast
    estimate: Estimate


def applies(comparison: Comparison) -> bool:
    """Where a contrast could be estimated."""
    return bool(_effects(comparison))


def alt_text(comparison: Comparison) -> str:
    """Each shown contrast, in words."""
    return "Effects of factors on accuracy, all else equal: " + "; ".join(map(_describe, _shown(comparison))) + "."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """One row per contrast: dot, interval, zero line, and a faint dot per setting."""
    shown = _shown(comparison)
    order = [effect.label for effect in shown]
    y = alt.Y("contrast:N", sort=order, title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, ticks=False, domain=False))
    x = alt.X("value:Q", title="difference in accuracy (points)", scale=alt.Scale(nice=True))
    color = alt.Color("verdict:N", title=None, scale=alt.Scale(domain=list(_VERDICTS), range=list(_VERDICTS.values())))
    rows = alt.Chart(to_rows(map(_row, shown)))
    settings = alt.Chart(to_rows(row for effect in shown for row in _setting_rows(effect)))
    chart = alt.layer(
        alt.Chart(to_rows([{"value": 0}])).mark_rule(color=INK, opacity=0.5).encode(x=x),
        settings.mark_circle(size=30, color=INK, opacity=0.28, yOffset=7).encode(x=x, y=y),
        rows.mark_rule(strokeWidth=3, strokeCap="round", opacity=0.8).encode(
            x=alt.X("low:Q"), x2="high:Q", y=y, color=color
        ),
        rows.mark_circle(size=75, opacity=1).encode(x=x, y=y, color=color),
    ).properties(width=width_beside(order), height=alt.Step(30))
    total = len(_effects(comparison))
    return chart if total == len(shown) else chart.properties(title=f"The {len(shown)} clearest of {total} contrasts")


def _effects(comparison: Comparison) -> list[_Effect]:
    return [
        _Effect(f"{factor.factor}: {contrast.high} \u2212 {contrast.low}", contrast, contrast.estimate)
        for factor in comparison.attribution.factors
        for contrast in estimable_contrasts(factor)
        if contrast.estimate
    ]


def _shown(comparison: Comparison) -> list[_Effect]:
    """In the order of the study; of very many the clearest."""
    effects = _effects(comparison)
    clearest = sorted(effects, key=_unclearness)[:MOST_CONTRASTS]
    return [effect for effect in effects if effect in clearest]


def _unclearness(effect: _Effect) -> float:
    return math.inf if math.isnan(effect.contrast.p_adjusted) else effect.contrast.p_adjusted


def _row(effect: _Effect) -> dict[str, Any]:
    estimate = effect.estimate
    low, high = bar_ends(estimate)
    verdict = {"better": "clear", "worse": "clear", "depends": "depends on the setting"}
    return {
        "contrast": effect.label,
        "value": 100 * estimate.value,
        "low": 100 * low,
        "high": 100 * high,
        "verdict": verdict.get(effect.contrast.verdict, "undecided"),
    }


def _setting_rows(effect: _Effect) -> list[dict[str, Any]]:
    several = effect.contrast.simple if len(effect.contrast.simple) > 1 else ()
    return [{"contrast": effect.label, "value": 100 * each.difference.value} for each in several]


def _describe(effect: _Effect) -> str:
    decimals = numbers.choose_decimals([effect.estimate])
    value = numbers.format_signed(effect.estimate.value, decimals=decimals)
    interval = numbers.format_points_interval(effect.estimate, decimals=decimals)
    return f"{effect.label} {value} points ({interval}), {effect.contrast.verdict}"
