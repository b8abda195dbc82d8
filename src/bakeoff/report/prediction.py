"""A prediction for people: a table, sentences and the picture on the terminal, and a figure of all probabilities."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt
import numpy as np
import vl_convert
from jaxtyping import UInt8
from PIL import Image
from rich.table import Table
from rich.text import Text

from bakeoff.data.picture import png_uri
from bakeoff.report import numbers
from bakeoff.report.look import BLUE, GREEN, INK, WIDTH, apply_look, to_rows
from bakeoff.spec.prediction import Prediction, Vote

PICTURE_FORMATS = ("svg", "png", "pdf")
PictureFormat = Literal["svg", "png", "pdf"]

MOST_CLASSES = 12
"""So many bars a model's panel has room for."""

MOST_COLUMNS = 40
LEAST_COLUMNS = 16
"""Of a terminal: larger images are shrunk, smaller ones magnified."""

_IMAGE_SIZE = 200
_SMALLEST, _LARGEST = 0.0005, 0.9995  # what one decimal of per cent would show as 0 or 100
_LABEL, _OTHERS = "the label", "other classes"
_MARKS = {True: ("\u2713", "green"), False: ("\u2715", "red")}


def prediction_table(prediction: Prediction) -> Table:
    """One row per model: what it says, how sure its seeds are, and what else it could be.

    Args:
        prediction: Of any number of models.

    Returns:
        A table that fits 80 columns where names are not long.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("model", overflow="fold", min_width=6)
    table.add_column("says", overflow="fold", min_width=4)
    table.add_column("mean", justify="right", no_wrap=True)
    table.add_column("over seeds", no_wrap=True)
    table.add_column("seeds", no_wrap=True)
    table.add_column("then", overflow="fold")
    for vote in prediction.votes:
        table.add_row(*_cells(vote, prediction))
    return table


def describe_image(prediction: Prediction) -> str:
    """Which image it is, and what was done to it."""
    if prediction.true_class is not None:
        return (
            f"Test image {prediction.index} of {prediction.data}, labelled "
            f"{prediction.class_names[prediction.true_class]}"
        )
    return f"{prediction.file}: {', '.join(prediction.steps)}" if prediction.steps else prediction.file


def summarize_votes(prediction: Prediction) -> str:
    """One sentence: how many models say what, and whether that is the label.

    Returns:
        Such as "3 of 4 models say 7, as the label does; lstm says 9."
    """
    by_answer: dict[int, list[str]] = {}
    for vote in prediction.votes:
        by_answer.setdefault(vote.answer, []).append(vote.model)
    groups = sorted(by_answer.items(), key=lambda group: -len(group[1]))
    return "; ".join(_describe_group(label, names, prediction) for label, names in groups) + "."


def picture_text(pixels: UInt8[np.ndarray, "height width channels"]) -> Text:
    """The image in half blocks, for a terminal with colours: the same on dark and on light ground.

    Args:
        pixels: Of any size.

    Returns:
        Lines of "upper half block" with the upper pixel as their colour and the lower one as their ground.
    """
    rows = _to_rgb(pixels, columns=int(np.clip(_magnified_width(pixels.shape[1]), 1, MOST_COLUMNS)))
    if len(rows) % 2:
        rows = np.concatenate([rows, rows[-1:]])
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = Text()
        for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
            line.append("\u2580", style=f"rgb({_join(above)}) on rgb({_join(below)})")
        lines.append(line)
    return Text("\n").join(lines)


def draw_prediction(prediction: Prediction) -> alt.TopLevelMixin:
    """The image beside each model's probabilities: bars for means, lines over all seeds, dots for each of them."""
    shown = _shown_classes(prediction)
    columns = {1: 1, 2: 2, 4: 2}.get(len(prediction.votes), 3)
    width = (WIDTH - _IMAGE_SIZE - 80) // columns - 60
    bars = _draw_votes(prediction, shown, width=min(320, width), columns=columns)
    parts = [bars] if prediction.pixels is None else [_draw_image(prediction.pixels), bars]
    title = alt.TitleParams(text=describe_image(prediction), subtitle=_subtitle(prediction), limit=WIDTH)
    chart: alt.TopLevelMixin = alt.hconcat(*parts, spacing=30).properties(
        title=title, description=f"{describe_image(prediction)}. {summarize_votes(prediction)}"
    )
    return chart


def render_prediction(prediction: Prediction, form: str) -> bytes:
    """The bytes of a figure file on white ground.

    Args:
        prediction: Of any number of models.
        form: One of `PICTURE_FORMATS`.
    """
    specification: dict[str, Any] = {**apply_look(draw_prediction(prediction)), "background": "white"}
    if form == "svg":
        return vl_convert.vegalite_to_svg(specification).encode()
    render = vl_convert.vegalite_to_pdf if form == "pdf" else vl_convert.vegalite_to_png
    return bytes(render(specification, scale=1 if form == "pdf" else 2))


def format_probability(probability: float) -> str:
    """Per cent with one decimal; never 0 or 100, which a network never means.

    >>> [format_probability(p).replace(numbers.NO_BREAK_SPACE, " ") for p in (0.98239, 1.0, 0.00001)]
    ['98.2 %', '> 99.9 %', '< 0.1 %']
    """
    return f"{_number(probability)}{numbers.NO_BREAK_SPACE}%"


def _cells(vote: Vote, prediction: Prediction) -> tuple[str | Text, ...]:
    names, mean = prediction.class_names, vote.mean
    says = Text(names[vote.answer], style="bold")
    if prediction.true_class is not None:
        mark, style = _MARKS[vote.answer == prediction.true_class]
        says.append(f" {mark}", style=style)
    over_seeds = f"{_number(vote.low[vote.answer])} to {_number(vote.high[vote.answer])}"
    return (
        Text(vote.model),
        says,
        format_probability(mean[vote.answer]),
        over_seeds if len(vote.seeds) > 1 else numbers.UNKNOWN,
        f"{vote.agreeing} of {len(vote.seeds)}",
        Text(", ".join(f"{names[label]} {format_probability(mean[label])}" for label in vote.ranked[1:3])),
    )


def _number(probability: float) -> str:
    if probability < _SMALLEST:
        return "< 0.1"
    return "> 99.9" if probability >= _LARGEST else f"{100 * probability:.1f}"


def _describe_group(label: int, names: list[str], prediction: Prediction) -> str:
    models = len(prediction.votes)
    if models > 1 and len(names) == models:
        who = "Both models say" if models == 2 else f"All {models} models say"
    elif len(names) > 2:
        who = f"{len(names)} of {models} models say"
    else:
        who = f"{numbers.join_names(names)} {'says' if len(names) == 1 else 'say'}"
    words = f"{who} {prediction.class_names[label]}"
    if prediction.true_class is None:
        return words
    return f"{words}, {'as the label does' if label == prediction.true_class else 'against the label'}"


def _magnified_width(width: int) -> int:
    return width * max(1, LEAST_COLUMNS // width)


def _to_rgb(
    pixels: UInt8[np.ndarray, "height width channels"], *, columns: int
) -> UInt8[np.ndarray, "rows columns rgb"]:
    """The image in so many columns; what is transparent stands on white."""
    image = _to_image(pixels)
    rows = max(1, round(columns * image.height / image.width))
    if image.size != (columns, rows):
        method = Image.Resampling.NEAREST if columns > image.width else Image.Resampling.BOX
        image = image.resize((columns, rows), method)
    return np.asarray(image)


def _to_image(pixels: UInt8[np.ndarray, "height width channels"]) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    if image.mode == "RGBA":
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def _join(values: list[int]) -> str:
    return ",".join(map(str, values))


def _shown_classes(prediction: Prediction) -> list[int]:
    """All classes where there is room; else those that some model ranks first, by their highest mean."""
    classes = len(prediction.class_names)
    if classes <= MOST_CLASSES:
        return list(range(classes))
    highest = np.max([vote.mean for vote in prediction.votes], axis=0)
    order = [int(label) for label in np.argsort(-highest, kind="stable")]
    wanted = [prediction.true_class] if prediction.true_class is not None else []
    return [*wanted, *(label for label in order if label not in wanted)][:MOST_CLASSES]


def _draw_image(pixels: UInt8[np.ndarray, "height width channels"]) -> alt.Chart:
    """The image magnified by whole pixels, inside the figure's own file."""
    longest = max(pixels.shape[:2])
    factor = max(1, 2 * _IMAGE_SIZE // longest)
    address = png_uri(np.asarray(_to_image(pixels)).repeat(factor, axis=0).repeat(factor, axis=1))
    height, width = (round(side * _IMAGE_SIZE / longest) for side in pixels.shape[:2])
    chart: alt.Chart = (
        alt.Chart(to_rows([{"address": address}]))
        .mark_image(width=width, height=height)
        .encode(url="address:N", x=alt.value(width / 2), y=alt.value(height / 2))
        .properties(width=width, height=height)
    )
    return chart


def _draw_votes(prediction: Prediction, shown: list[int], *, width: int, columns: int) -> alt.FacetChart:
    names = [prediction.class_names[label] for label in shown]
    rows = [row for vote in prediction.votes for label in shown for row in _rows(vote, label, prediction)]
    y = alt.Y(
        "class:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=110, labelPadding=8)
    )
    axis = alt.Axis(format="%", values=[0, 0.5, 1])
    x = alt.X("mean:Q", title="probability", scale=alt.Scale(domain=[0, 1]), axis=axis)
    color = _color(prediction)
    base = alt.Chart().transform_filter("datum.seed == null").encode(y=y)
    bars = base.mark_bar(opacity=0.55, height=11).encode(x=x, color=color)
    spread = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    dots = (
        alt.Chart()
        .transform_filter("datum.seed != null")
        .mark_circle(color=INK, size=16, opacity=0.6)
        .encode(x="value:Q", y=y)
    )
    chart: alt.FacetChart = (
        alt.layer(bars, spread, dots)
        .properties(width=width, height=alt.Step(17))
        .facet(
            facet=alt.Facet(
                "model:N",
                sort=[vote.model for vote in prediction.votes],
                title=None,
                header=alt.Header(labelAnchor="start"),
            ),
            columns=columns,
            data=to_rows(rows),
            spacing=18,
        )
        .resolve_axis(x="independent", y="independent")
    )
    return chart


def _color(prediction: Prediction) -> alt.Color:
    if prediction.true_class is None:
        return alt.Color("kind:N", legend=None, scale=alt.Scale(domain=[_OTHERS], range=[BLUE]))
    return alt.Color("kind:N", title=None, scale=alt.Scale(domain=[_LABEL, _OTHERS], range=[GREEN, BLUE]))


def _rows(vote: Vote, label: int, prediction: Prediction) -> list[dict[str, Any]]:
    """The mean of a class with its spread, and each seed by itself."""
    common = {"model": vote.model, "class": prediction.class_names[label]}
    kind = _LABEL if label == prediction.true_class else _OTHERS
    mean, low, high = (float(values[label]) for values in (vote.mean, vote.low, vote.high))
    rows = [{**common, "kind": kind, "mean": mean, "low": low, "high": high, "seed": None}]
    seeds = zip(vote.seeds, vote.probabilities[:, label].tolist(), strict=True)
    return rows + [{**common, "seed": seed, "value": value} for seed, value in seeds]


def _subtitle(prediction: Prediction) -> str:
    counts = sorted({len(vote.seeds) for vote in prediction.votes})
    seeds = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    classes = len(prediction.class_names)
    shown = f"; {MOST_CLASSES} of {classes} classes are shown" if classes > MOST_CLASSES else ""
    return f"{prediction.study} on {prediction.data}. Bars: mean over seeds ({seeds}); lines and dots: each seed{shown}"
