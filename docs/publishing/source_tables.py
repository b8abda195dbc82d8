"""Every source's figures beside ours, and the tables of studies A and C in their own form."""

from __future__ import annotations

from docs.publishing.figures_in_words import (
    cells,
    measured_accuracy,
    percent,
    printed_accuracies,
    printed_accuracy,
)

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.comparison.claims import PrintedFigure
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Paragraph, Span, TableBlock, Text, text
from bakeoff.spec.study import Published
from bakeoff.spec.values import Estimate


def published_and_measured(comparison: Comparison) -> list[Block]:
    """Every figure that the source printed of a model, with ours."""
    level = numbers.format_level(comparison.level)
    columns = (
        Column("Model"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", f"measured on the same images, {level}", "right"),
        Column("The figure is"),
        Column("Loss", "published", "right"),
        Column("Loss", f"measured, {level}", "right"),
    )
    rows = tuple(_published_row(model, comparison) for model in in_study_order(comparison))
    within = sorted({printed.within for printed in comparison.study.published.values()})
    caption = (
        "The interval is that of the mean over new seeds on the same test images. The verdict asks whether the "
        f"published figure, one run of unknown seed, and ours agree within {_either(within)}; its grounds stand under "
        "Claims."
    )
    return [Heading("Published and measured"), TableBlock(caption, columns, rows)]


def in_study_order(comparison: Comparison) -> list[ModelResult]:
    """The models as the source lists them."""
    return [comparison.model(model.name) for model in comparison.study.models]


def sorted_by_accuracy(comparison: Comparison) -> list[Block]:
    """Study A's last table: the models by accuracy."""
    columns = (
        Column("Rank", "published", "right"),
        Column("Model"),
        Column("Accuracy", "published", "right"),
        Column("Rank", f"measured, {numbers.format_level(comparison.level)}", "right"),
        Column("Accuracy", "measured", "right"),
        Column("Same"),
    )
    published = printed_accuracies(comparison.study)
    ordered = sorted(published, key=lambda name: -published[name])
    rows = tuple(
        cells(
            str(rank),
            Span(name, "strong"),
            percent(published[name]),
            numbers.format_rank(comparison.model(name).rank),
            measured_accuracy(comparison.model(name)),
            comparison.model(name).letters,
        )
        for rank, name in enumerate(ordered, start=1)
    )
    caption = "Sorted by the published accuracy. Models that share a letter under Same are not significantly different."
    return [Heading("The source's table"), TableBlock(caption, columns, rows)]


def summary_and_score(comparison: Comparison) -> list[Block]:
    """Study C's two results: its model's summary, and what it scores."""
    (model,) = comparison.models
    parameters = comparison.study.published.get(model.name, Published()).parameters
    columns = (Column("The source prints"), Column("published", align="right"), Column("measured", align="right"))
    rows = (
        cells(
            "parameters",
            numbers.format_count(parameters) if parameters else numbers.UNKNOWN,
            numbers.format_count(model.parameters),
        ),
        cells("score", printed_accuracy(comparison.study, model.name), measured_accuracy(model)),
    )
    command = f"bakeoff show {comparison.study.name} --model {model.name}"
    told = Paragraph(text("Its summary, layer by layer: ", Span(command, "code"), "."))
    return [Heading("The source's summary and score"), TableBlock("", columns, rows), told]


def _either(margins: list[float]) -> str:
    """One distance, or the several that a study asks for."""
    return " or ".join(map(numbers.format_margin, margins))


def _published_row(model: ModelResult, comparison: Comparison) -> tuple[Text, ...]:
    printed, loss = comparison.study.published.get(model.name, Published()), model.loss
    wanted = PrintedFigure(model.name, "accuracy")
    verdicts: list[str] = [claim.verdict for claim in comparison.claims if claim.figure == wanted]
    return cells(
        Span(model.name, "strong"),
        printed_accuracy(comparison.study, model.name),
        measured_accuracy(model),
        *(verdicts or [numbers.UNKNOWN]),
        numbers.UNKNOWN if printed.loss is None else f"{printed.loss:.4f}",
        numbers.UNKNOWN if loss is None else _loss_in_words(loss),
    )


def _loss_in_words(loss: Estimate) -> str:
    value, interval = numbers.format_loss(loss), numbers.format_loss_interval(loss)
    return value if interval == numbers.UNKNOWN else f"{value} ({interval})"
