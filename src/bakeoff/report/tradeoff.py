"""What accuracy costs: models by accuracy and something that one pays for it, each with a label that covers no other.

Few models carry their names; many carry their place on the leaderboard, and a list beside the figure has the names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, GREY, INK, WIDTH, bar_ends, describe_origin, to_rows
from bakeoff.spec.values import Estimate

HOW_TO_READ = (
    "Dots are means, bars are intervals for new images; models of which seeds failed have none. Blue: the first tier, "
    "models that no other is shown to beat."
)
MOST_NAMES = 8
"""So many models carry their names; beyond, they carry numbers."""

SPREAD = 10.0
"""Costs that differ by more than this factor are drawn in powers of ten."""

HEIGHT = 400
_LEGEND_WIDTH = 210
_ROW = 17
_LETTER, _LINE = 6.5, 14.0  # of a label of 12 px: width of a letter, height of a line
_RING = 12.0
_NEAR = 15.0
"""A label farther from its point than so many pixels is joined to it by a line."""

_PLACES = [(1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1), (0, -1), (0, 1)]


@dataclass(frozen=True)
class Cost:
    """What one pays.

    Attributes:
        title: Of the axis.
        amount: A model's; not above 0 or NaN where it is not known.
        write: An amount in words.
        log: Whether always in powers of ten.
        ticks: How the axis writes its numbers, as d3-format has it.
    """

    title: str
    amount: Callable[[ModelResult], float]
    write: Callable[[float], str]
    log: bool
    ticks: str


@dataclass(frozen=True)
class Label:
    """Where a label stands, in pixels.

    Attributes:
        text: What it says.
        x: Of its centre.
        y: Of its centre.
        end: Where a line from the point to it ends; None where it needs none.
    """

    text: str
    x: float
    y: float
    end: tuple[float, float] | None


@dataclass(frozen=True)
class _Point:
    """A model that can be drawn, with its place on the leaderboard."""

    place: int
    model: ModelResult
    accuracy: Estimate
    amount: float


@dataclass(frozen=True)
class _Axis:
    """From a value to pixels and back."""

    low: float
    high: float
    pixels: float
    log: bool = False

    def to_pixels(self, value: float) -> float:
        """Distance from the end of the lowest value."""
        low, high, value = (math.log(each) if self.log else each for each in (self.low, self.high, value))
        return self.pixels * (value - low) / (high - low)

    def to_value(self, pixels: float) -> float:
        """What stands there."""
        low, high = (math.log(each) if self.log else each for each in (self.low, self.high))
        value = low + (high - low) * pixels / self.pixels
        return math.exp(value) if self.log else value


def can_be_drawn(comparison: Comparison, cost: Cost) -> bool:
    """Whether there are two models to be weighed against each other."""
    return len(_points(comparison, cost)) > 1


def describe_tradeoff(comparison: Comparison, cost: Cost) -> str:
    """Every model's accuracy and its cost, in words."""
    points = {point.model.name: point for point in _points(comparison, cost)}
    known = [point.accuracy for point in points.values()]
    decimals = numbers.choose_decimals(known)
    told = [
        f"{model.name} {numbers.format_percent(points[model.name].accuracy.value, decimals=decimals)} with "
        f"{cost.write(points[model.name].amount)}"
        if model.name in points
        else f"{model.name} is not drawn"
        for model in comparison.models
    ]
    return f"Accuracy on new images against {cost.title}: {'; '.join(told)}."


def tradeoff_origin(comparison: Comparison, cost: Cost) -> str:
    """The origin of the models that can be drawn."""
    return describe_origin(comparison, [point.model for point in _points(comparison, cost)])


def draw_tradeoff(comparison: Comparison, cost: Cost) -> alt.TopLevelMixin:
    """Dots with intervals and labels.

    Args:
        comparison: Of at least two models that can be drawn.
        cost: What goes to the right.

    Returns:
        A chart; beside it, where models are many, the list of their numbers.
    """
    points = _points(comparison, cost)
    numbered = len(points) > MOST_NAMES
    width = WIDTH - 90 - (_LEGEND_WIDTH if numbered else 0)
    x, y = _axis_of_costs(points, cost, width), _axis_of_accuracies(points)
    labels = place_labels(
        [(x.to_pixels(point.amount), y.to_pixels(point.accuracy.value)) for point in points],
        [str(point.place) if numbered else point.model.name for point in points],
        width=width,
        height=HEIGHT,
    )
    rows = [_row(point) for point in points]
    texts = [{"label": label.text, "amount": x.to_value(label.x), "accuracy": y.to_value(label.y)} for label in labels]
    lines = [
        row | {"end": x.to_value(label.end[0]), "level": y.to_value(label.end[1])}
        for row, label in zip(rows, labels, strict=True)
        if label.end
    ]
    chart = alt.layer(*_draw_points(rows, lines, texts, x, y, cost)).properties(width=x.pixels, height=y.pixels)
    return alt.hconcat(chart, _draw_legend(points), spacing=24) if numbered else chart


def place_labels(
    points: Sequence[tuple[float, float]], texts: Sequence[str], *, width: float, height: float
) -> list[Label]:
    """Put a label beside each point, so that none covers another or a point.

    Args:
        points: In pixels.
        texts: One for each.
        width: Of the area that labels must stay in.
        height: Of it.

    Returns:
        One for each: at the nearest free place of several around the point, in rings that grow.
    """
    taken = [(x, y, 12.0, 12.0) for x, y in points]
    placed = []
    for point, text in zip(points, texts, strict=True):
        wide = _LETTER * len(text)
        x, y = next(
            (
                at
                for at in _around(point, wide)
                if _fits(at, wide, width, height) and _is_free((*at, wide, _LINE), taken)
            ),
            point,
        )
        taken.append((x, y, wide, _LINE))
        placed.append(Label(text, x, y, _line_end(point, (x, y, wide, _LINE))))
    return placed


def _line_end(point: tuple[float, float], box: tuple[float, float, float, float]) -> tuple[float, float] | None:
    """The place of the label that is nearest to its point; None where that is near enough."""
    x, y, wide, high = box
    nearest = (min(max(point[0], x - wide / 2), x + wide / 2), min(max(point[1], y - high / 2), y + high / 2))
    return nearest if math.dist(nearest, point) > _NEAR else None


def _around(point: tuple[float, float], wide: float) -> list[tuple[float, float]]:
    return [
        (point[0] + right * (wide / 2 + _RING * ring), point[1] + up * _RING * (ring + 0.3))
        for ring in range(1, 16)
        for right, up in _PLACES
    ]


def _fits(at: tuple[float, float], wide: float, width: float, height: float) -> bool:
    return wide / 2 <= at[0] <= width - wide / 2 and _LINE / 2 <= at[1] <= height - _LINE / 2


def _is_free(box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]) -> bool:
    x, y, wide, high = box
    return all(abs(x - u) >= (wide + w) / 2 or abs(y - v) >= (high + h) / 2 for u, v, w, h in taken)


def _points(comparison: Comparison, cost: Cost) -> list[_Point]:
    return [
        _Point(place, model, model.accuracy, cost.amount(model))
        for place, model in enumerate(comparison.models, start=1)
        if model.accuracy is not None and cost.amount(model) > 0
    ]


def _axis_of_costs(points: Sequence[_Point], cost: Cost, width: float) -> _Axis:
    low, high = min(point.amount for point in points), max(point.amount for point in points)
    if cost.log or high > SPREAD * low:
        room = max(high / low, 2.0) ** 0.08
        return _Axis(low / room, high * room, width, log=True)
    room = 0.08 * max(high - low, 0.2 * high)
    return _Axis(max(0.0, low - room), high + room, width)


def _axis_of_accuracies(points: Sequence[_Point]) -> _Axis:
    ends = [end for point in points for end in bar_ends(point.accuracy)]
    room = 0.04 * max(max(ends) - min(ends), 0.002)
    return _Axis(max(0.0, min(ends) - room), min(1.0, max(ends) + room), HEIGHT)


def _row(point: _Point) -> dict[str, Any]:
    low, high = bar_ends(point.accuracy)
    return {
        "amount": point.amount,
        "accuracy": point.accuracy.value,
        "low": low,
        "high": high,
        "tier": "first tier" if point.model.tier == 1 else "others",
    }


def _draw_points(
    rows: list[dict[str, Any]],
    lines: list[dict[str, Any]],
    texts: list[dict[str, Any]],
    across: _Axis,
    up: _Axis,
    cost: Cost,
) -> list[alt.Chart]:
    scale = alt.Scale(type="log" if across.log else "linear", domain=[across.low, across.high], nice=False)
    axis = alt.Axis(format=cost.ticks, tickCount=6, grid=False)
    x = alt.X("amount:Q", title=cost.title, scale=scale, axis=axis)
    vertical = alt.Scale(domain=[up.low, up.high], nice=False)
    written = alt.Axis(format=".0%" if up.high - up.low > 0.08 else ".1%", tickCount=6)
    y = alt.Y("accuracy:Q", title="accuracy on new images", scale=vertical, axis=written)
    tiers = alt.Scale(domain=["first tier", "others"], range=[BLUE, GREY])
    color = alt.Color("tier:N", scale=tiers, legend=None)
    dots, leads, labels = (alt.Chart(to_rows(each)).encode(x=x, y=y) for each in (rows, lines, texts))
    return [
        dots.mark_rule(strokeWidth=2.5, strokeCap="round", opacity=0.45).encode(
            y=alt.Y("low:Q", scale=vertical), y2="high:Q", color=color
        ),
        dots.mark_circle(size=80, opacity=1).encode(color=color),
        leads.mark_rule(color=INK, opacity=0.25).encode(x2="end:Q", y2="level:Q"),
        labels.mark_text(align="center", baseline="middle", fontSize=12, color=INK).encode(text="label:N"),
    ]


def _draw_legend(points: Sequence[_Point]) -> alt.LayerChart | alt.FacetChart:
    rows = [
        {"x": 28, "y": _ROW * line, "label": str(point.place), "name": point.model.name}
        for line, point in enumerate(points)
    ]
    at: dict[str, Any] = {
        "x": alt.X("x:Q", scale=None, axis=None),
        "y": alt.Y("y:Q", scale=None, axis=None),
    }
    base = alt.Chart(to_rows(rows))
    return alt.layer(
        base.mark_text(align="right", baseline="top", dx=-8, fontWeight="bold", color=INK).encode(**at, text="label:N"),
        base.mark_text(align="left", baseline="top", limit=_LEGEND_WIDTH - 40, color=INK).encode(**at, text="name:N"),
    ).properties(width=_LEGEND_WIDTH, height=max(HEIGHT, _ROW * len(rows)))
