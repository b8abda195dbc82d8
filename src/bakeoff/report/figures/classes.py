"""How much of each class the models get right, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from bakeoff.comparison import Comparison
from bakeoff.comparison.classes import ClassStory, ModelClasses
from bakeoff.report import numbers
from bakeoff.report.look import (
    BLUE,
    GREEN,
    LONGEST_LABEL,
    ORANGE,
    PURPLE,
    bar_ends,
    describe_origin,
    to_rows,
    width_beside,
)

TITLE = "Accuracy by class"
CAPTION = (
    "Share of the new images of each class that a model gets right, the hardest class first; bars are intervals, "
    "which are not corrected for the number of classes."
)
ORDER = 45
NUMBERS = "classes"

MOST_CLASSES = 40
_COLORS = (BLUE, ORANGE, GREEN, PURPLE)
_SHAPES = ("circle", "square", "diamond", "triangle-up")
MOST_MODELS = len(_COLORS)
_STEP = 7


def applies(comparison: Comparison) -> bool:
    """Where a class has an accuracy of its own."""
    story = comparison.classes
    return story is not None and bool(_labels(story))


def alt_text(comparison: Comparison) -> str:
    """The class of which each model gets least right, in words."""
    story = comparison.classes
    told = {model.model: _describe(model, story.names) for model in story.models} if story else {}
    words = [told.get(model.name, f"{model.name} has no finished seed") for model in comparison.models]
    return f"Accuracy by class, the hardest class of each model: {'; '.join(words)}."


def draw(comparison: Comparison) -> alt.TopLevelMixin:
    """One row per class, the models in it one below the other."""
    story = comparison.classes
    if story is None:
        raise ValueError("classes.draw needs a comparison with classes: ask applies() first")
    labels, models = _labels(story), story.models[:MOST_MODELS]
    rows = [row for model in models for row in _rows(model, labels, story.names)]
    order, names = [story.names[label] for label in labels], [model.model for model in models]
    span = max(row["high"] for row in rows) - min(row["low"] for row in rows)
    axis = alt.Axis(format=".0%" if span > 0.04 else ".1%", tickCount=8)
    x = alt.X("value:Q", title="share right", axis=axis, scale=alt.Scale(zero=False, nice=True))
    y = alt.Y("class:N", sort=order, title=None, axis=alt.Axis(labelLimit=LONGEST_LABEL, ticks=False, domain=False))
    shift = alt.YOffset("model:N", sort=names, scale=alt.Scale(paddingOuter=0.6))
    color = alt.Color("model:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(_COLORS)))
    shape = alt.Shape("model:N", title=None, sort=names, scale=alt.Scale(domain=names, range=list(_SHAPES)))
    base = alt.Chart(to_rows(rows)).encode(y=y, yOffset=shift, color=color)
    chart = alt.layer(
        base.mark_rule(strokeWidth=2, strokeCap="round", opacity=0.6).encode(x=alt.X("low:Q"), x2="high:Q"),
        base.mark_point(size=36, filled=True, opacity=1).encode(x=x, shape=shape),
    ).properties(width=width_beside(order), height=alt.Step(_STEP + 4, **{"for": "offset"}))
    title = _restriction(story, labels)
    return chart.properties(title=title) if title else chart


def origin(comparison: Comparison) -> str:
    """Of the models that have a colour."""
    story = comparison.classes
    names = {model.model for model in story.models[:MOST_MODELS]} if story else set()
    return describe_origin(comparison, [model for model in comparison.models if model.name in names])


def _restriction(story: ClassStory, labels: Sequence[int]) -> str:
    """What is left out; nothing where all is shown."""
    parts = []
    if len(story.models) > MOST_MODELS:
        parts.append(f"the best {MOST_MODELS} of {len(story.models)} models")
    if len(labels) < len(story.names):
        parts.append(f"the {len(labels)} hardest of {len(story.names)} classes")
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _labels(story: ClassStory) -> list[int]:
    """Classes from hard to easy, by the mean over the models that are shown."""
    known: dict[int, list[float]] = {}
    for model in story.models[:MOST_MODELS]:
        for found in model.classes:
            if found.recall:
                known.setdefault(found.label, []).append(found.recall.value)
    order = sorted(known, key=lambda label: (sum(known[label]) / len(known[label]), label))
    return order[:MOST_CLASSES]


def _rows(model: ModelClasses, labels: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"model": model.model, "class": names[found.label], "value": found.recall.value}
        | dict(zip(("low", "high"), bar_ends(found.recall), strict=True))
        for found in model.classes
        if found.recall and found.label in labels
    ]


def _describe(model: ModelClasses, names: Sequence[str]) -> str:
    known = [(found.recall, names[found.label]) for found in model.classes if found.recall]
    if not known:
        return f"{model.model} has none that is known"
    recall, name = min(known, key=lambda pair: pair[0].value)
    decimals = numbers.choose_decimals([recall])
    value = numbers.format_percent(recall.value, decimals=decimals)
    return f"{model.model} gets {value} of class {name} ({numbers.format_percent_interval(recall, decimals=decimals)})"
