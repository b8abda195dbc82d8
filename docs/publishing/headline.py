"""The headline's picture: study B's table with raw and with scaled pixels."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import altair as alt
from docs.publishing.figures_in_words import mean_accuracy, printed_accuracies, span_of
from docs.publishing.runs import SCALED_SUFFIX

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report.gallery import Picture
from bakeoff.report.look import BLUE, GREY, LONGEST_LABEL, ORANGE, apply_look, describe_origin, to_rows, with_footer
from bakeoff.report.rendering import render_svg
from bakeoff.spec import ModelSpec

PUBLISHED, RAW, SCALED = "published", "pixels 0 to 255", "pixels 0 to 1"
COLORS = {PUBLISHED: GREY, RAW: ORANGE, SCALED: BLUE}
MOST_SIZES = 5
"""Of more hidden layers only the first and the last are named."""

CAPTION = (
    "Each row is one of the source's networks, the best printed figure first. A bar is what the source printed, faint "
    "dots are our runs, bold dots their means, failed runs included."
)


def draw_headline(raw: Comparison, scaled: Comparison) -> Picture:
    """One row per network: what was printed, and every run with raw and with scaled pixels.

    Args:
        raw: Of `study-b`.
        scaled: Of the same networks with scaled pixels.
    """
    printed = printed_accuracies(raw.study)
    ordered = sorted(raw.models, key=lambda model: -printed.get(model.name, 0.0))
    data = to_rows([row for model in ordered for row in _rows(model, printed, scaled)])
    labels = [describe_network(model.spec) for model in ordered]
    axis = alt.Axis(ticks=False, domain=False, labelLimit=LONGEST_LABEL)
    y = alt.Y("network:N", sort=labels, title=None, axis=axis)
    x = alt.X("accuracy:Q", title="test accuracy", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1]))
    color = alt.Color("what:N", title=None, scale=alt.Scale(domain=list(COLORS), range=list(COLORS.values())))
    base = alt.Chart(data).encode(x=x, y=y, color=color)
    chart = alt.layer(
        base.transform_filter("datum.kind == 'run'").mark_circle(size=36, opacity=0.3),
        base.transform_filter("datum.kind == 'mean'").mark_circle(size=110, opacity=1),
        base.transform_filter("datum.kind == 'printed'").mark_tick(thickness=3, size=18, opacity=1),
    ).properties(width=520, height=alt.Step(24))
    alt_text = describe_headline(raw, scaled)
    origin = describe_origin(raw, [*raw.models, *scaled.models])
    svg = render_svg(with_footer(apply_look(chart), origin), name="headline", description=alt_text)
    width = float(ElementTree.fromstring(svg).attrib["width"])
    return Picture("headline", "Raw and scaled pixels", CAPTION, alt_text, svg, width, "leaderboard")


def describe_headline(raw: Comparison, scaled: Comparison) -> str:
    """The figure in words."""
    printed = list(printed_accuracies(raw.study).values())
    return (
        f"Test accuracy of {len(raw.models)} networks: published {span_of(printed)}; with raw pixels "
        f"{span_of(list(map(mean_accuracy, raw.models)))}; with scaled pixels "
        f"{span_of(list(map(mean_accuracy, scaled.models)))}."
    )


def describe_network(model: ModelSpec) -> str:
    """A network of study B in a few words: its number, hidden layers, activation, loss, and what else it has."""
    sizes = model.factors["hidden"].split("-")
    hidden = "-".join(sizes) if len(sizes) <= MOST_SIZES else f"{sizes[0]}-…-{sizes[-1]}"
    extras = [{"dropout and batch normalisation": "batch norm."}.get(model.factors["extras"], model.factors["extras"])]
    words = [hidden, model.factors["activation"].replace("_", " "), model.factors["loss"], *extras]
    return f"{model.name}: {', '.join(word for word in words if word != 'none')}"


def _rows(model: ModelResult, printed: dict[str, float], scaled: Comparison) -> list[dict[str, Any]]:
    network = {"network": describe_network(model.spec)}
    rows: list[dict[str, Any]] = []
    if model.name in printed:
        rows.append(network | {"what": PUBLISHED, "kind": "printed", "accuracy": printed[model.name]})
    for what, own in ((RAW, model), (SCALED, scaled.model(f"{model.name}{SCALED_SUFFIX}"))):
        runs = [run.accuracy for run in own.runs if run.accuracy is not None]
        rows += [network | {"what": what, "kind": "run", "accuracy": accuracy} for accuracy in runs]
        rows.append(network | {"what": what, "kind": "mean", "accuracy": mean_accuracy(own)})
    return rows
