"""The headline: study B's table with raw and with scaled pixels, and what the counterfactuals say was the cause."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from xml.etree import ElementTree

import altair as alt
from docs.publishing.runs import SCALED_SUFFIX
from docs.publishing.source_tables import mean_accuracy

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.gallery import Picture
from bakeoff.report.look import BLUE, GREY, LONGEST_LABEL, ORANGE, apply_look, describe_origin, to_rows, with_footer
from bakeoff.report.rendering import render_svg
from bakeoff.runner.remedies import Trial
from bakeoff.spec import ModelSpec

PUBLISHED, RAW, SCALED = "published, one run", "pixels 0 to 255", "pixels 0 to 1"
COLORS = {PUBLISHED: GREY, RAW: ORANGE, SCALED: BLUE}
MOST_SIZES = 5
"""Of more hidden layers only the first and the last are named."""

CAPTION = (
    "Each row is one of the seventeen networks, the best printed figure first. A bar is what the source printed, faint "
    "dots are our runs, bold dots their means, failed runs included."
)


def draw_headline(raw: Comparison, scaled: Comparison) -> Picture:
    """One row per network: what was printed, and every run with raw and with scaled pixels.

    Args:
        raw: Of `study-b`.
        scaled: Of the same networks with scaled pixels, as `Runs.compare_scaled` has them.
    """
    ordered = sorted(raw.models, key=lambda model: -_printed(raw)[model.name])
    data = to_rows([row for model in ordered for row in _rows(model, raw, scaled)])
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
    return (
        f"Test accuracy of {len(raw.models)} networks: published {_range(_printed(raw).values())}; with raw pixels "
        f"{_range(_means(raw))}; with scaled pixels {_range(_means(scaled))}."
    )


def tell_headline(raw: Comparison, scaled: Comparison, trials: Sequence[Trial]) -> str:
    """The paragraph that a reader should leave with.

    Args:
        raw: As for `draw_headline`.
        scaled: As for `draw_headline`.
        trials: Of the networks that fail with raw pixels.
    """
    failing = [model for model in raw.models if model.failed_seeds]
    failed = sum(model.failed_seeds for model in failing)
    seeds = min(model.seeds + model.failed_seeds for model in raw.models)
    sick = [trial.model for trial in trials]
    cured = [trial.model for trial in trials if _scaling_cures(trial)]
    by_scaling = "all of them" if cured == sick else numbers.join_names(cured) or "none of them"
    return (
        f"A published table has {len(raw.models)} networks on Fashion-MNIST, each trained once, with accuracies "
        f"{_range(_printed(raw).values())}, and conclusions about depth, width and activation. With pixels left at 0 "
        f"to 255 its pattern comes back ({seeds} seeds of each network): means {_range(_means(raw))}, and {failed} "
        f"seeds of {len(failing)} networks learn nothing. The same networks with pixels divided by 255, and nothing "
        f"else changed, lie {_range(_means(scaled))}. Trying one change at a time on the networks that fail "
        f"({numbers.join_names(sick)}), scaling the pixels alone cures {by_scaling}. What the table ranked was, for "
        "the most part, how well each network bears raw pixels. "
        "[All four comparisons, rebuilt and judged](docs/published/README.md)."
    )


def describe_network(model: ModelSpec) -> str:
    """A network of study B in a few words: its number, hidden layers, activation, loss, and what else it has."""
    sizes = model.factors["hidden"].split("-")
    hidden = "-".join(sizes) if len(sizes) <= MOST_SIZES else f"{sizes[0]}-…-{sizes[-1]}"
    extras = [{"dropout and batch normalisation": "batch norm."}.get(model.factors["extras"], model.factors["extras"])]
    words = [hidden, model.factors["activation"].replace("_", " "), model.factors["loss"], *extras]
    return f"{model.name}: {', '.join(word for word in words if word != 'none')}"


def _rows(model: ModelResult, raw: Comparison, scaled: Comparison) -> list[dict[str, Any]]:
    network = {"network": describe_network(model.spec)}
    rows: list[dict[str, Any]] = [
        network | {"what": PUBLISHED, "kind": "printed", "accuracy": _printed(raw)[model.name]}
    ]
    for what, own in ((RAW, model), (SCALED, scaled.model(f"{model.name}{SCALED_SUFFIX}"))):
        runs = [run.accuracy for run in own.runs if run.accuracy is not None]
        rows += [network | {"what": what, "kind": "run", "accuracy": accuracy} for accuracy in runs]
        rows.append(network | {"what": what, "kind": "mean", "accuracy": mean_accuracy(own)})
    return rows


def _printed(raw: Comparison) -> dict[str, float]:
    return {name: printed.accuracy or 0.0 for name, printed in raw.study.published.items()}


def _means(comparison: Comparison) -> list[float]:
    return [mean_accuracy(model) for model in comparison.models]


def _range(accuracies: Collection[float]) -> str:
    low, high = (numbers.format_percent(end(accuracies)) for end in (min, max))
    return f"between {low} and {high}"


def _scaling_cures(trial: Trial) -> bool:
    return any(change.effect == "cures" and change.setting.endswith("pixels=unit") for change in trial.changes)
