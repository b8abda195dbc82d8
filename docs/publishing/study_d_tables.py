"""Study D's findings: where its long runs flatten, how long an epoch takes, and how many images a class has."""

from __future__ import annotations

import statistics
from dataclasses import replace

from docs.publishing.figures_in_words import cells, measured_accuracy, printed_accuracy
from docs.publishing.source_tables import in_study_order
from docs.publishing.times import seconds_per_epoch

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, FigureBlock, Heading, Paragraph, Span, TableBlock, text
from bakeoff.report.gallery import draw_picture, load_figures

PRINTED_EPOCHS = {"dense": "9 to 18 s", "dropout": "11 to 23 s", "cnn": "66 to 90 s, later 23 to 29 s"}
"""What the notebook shows of the seconds of an epoch, over its several trainings of each model."""

PRINTED_COUNTS = {
    "1": 6742, "7": 6265, "3": 6131, "2": 5958, "9": 5949, "0": 5923, "6": 5918, "8": 5851, "4": 5842, "5": 5421,
}  # fmt: skip
"""Training images of each class, in the order in which the notebook prints them."""


def findings_on_epochs(comparison: Comparison, long: Comparison) -> list[Block]:
    """Where its long runs flatten, and what the models score after its numbers of epochs.

    Args:
        comparison: Of the study.
        long: The same networks after 100 epochs.
    """
    epochs = long.study.protocol.epochs
    columns = (
        Column("Model"),
        Column("The source says", align="prose"),
        Column("Lowest test loss", "epoch, each long run", "right"),
        Column("Accuracy gained", "points, from there to the end", "right"),
        Column("Accuracy gained", "points, from the source's epoch to the end", "right"),
        Column("Accuracy", "published", "right"),
        Column("Accuracy", "after the source's epochs", "right"),
        Column("Accuracy", f"after {epochs} epochs", "right"),
    )
    rows = tuple(
        cells(
            Span(model.name, "strong"),
            model.spec.note,
            ", ".join(map(str, lowest_epochs(long.model(model.name)))) or numbers.UNKNOWN,
            _points(gains(long.model(model.name), lowest_epochs(long.model(model.name)))),
            _points(gains(long.model(model.name), [model.spec.protocol.epochs] * len(long.model(model.name).runs))),
            printed_accuracy(comparison.study, model.name),
            measured_accuracy(model),
            measured_accuracy(long.model(model.name)),
        )
        for model in in_study_order(comparison)
    )
    caption = (
        f"The long runs have {_seeds(long)} seeds of each network; gains are means over them, on the test images. "
        "These serve as validation images, as in the source: epochs that they choose are chosen too kindly."
    )
    return [Heading("The source's findings"), TableBlock(caption, columns, rows)]


def lowest_epochs(model: ModelResult) -> list[int]:
    """The epoch, from 1, with the lowest validation loss of each run that has one."""
    losses = [run.history.validation_loss for run in model.runs if run.history.validation_loss]
    return [1 + min(range(len(curve)), key=curve.__getitem__) for curve in losses]


def gains(model: ModelResult, epochs: list[int]) -> list[float]:
    """What validation accuracy each run gained from an epoch of its own to its last.

    Args:
        model: Its runs with validation images count.
        epochs: From 1, one for each of these runs; a run that ends before it is left out.
    """
    curves = [run.history.validation_accuracy for run in model.runs if run.history.validation_loss]
    return [curve[-1] - curve[epoch - 1] for curve, epoch in zip(curves, epochs, strict=False) if epoch <= len(curve)]


def long_runs(long: Comparison) -> list[Block]:
    """The learning curves of the long runs."""
    told = f"All networks after {long.study.protocol.epochs} epochs, with {_seeds(long)} seeds of each."
    figures = {name: figure for name, figure in load_figures().items() if name.startswith("learning_curves")}
    drawn = [draw_picture(name, long) for name, figure in figures.items() if figure.applies(long)]
    renamed = [
        replace(each, name=f"long_{each.name}", title=f"Long runs: {each.title[0].lower()}{each.title[1:]}")
        for each in drawn
    ]
    return [Heading("The long runs"), Paragraph(text(told)), *map(FigureBlock, renamed)]


def epoch_times(comparison: Comparison) -> list[Block]:
    """Seconds of an epoch, printed and measured."""
    columns = (Column("Model"), Column("An epoch", "published", "right"), Column("An epoch", "median", "right"))
    rows = tuple(
        cells(
            Span(model.name, "strong"),
            PRINTED_EPOCHS.get(model.name, numbers.UNKNOWN),
            numbers.format_seconds(seconds_per_epoch(model)),
        )
        for model in in_study_order(comparison)
    )
    caption = "The published seconds are of another machine."
    return [Heading("Seconds of an epoch"), TableBlock(caption, columns, rows)]


def class_counts(comparison: Comparison) -> list[Block]:
    """Training images of each class, printed and counted."""
    facts = comparison.data.facts
    counted = dict(zip(comparison.data.class_names, facts.train_counts, strict=True)) if facts else {}
    columns = (Column("Class"), Column("Images", "published", "right"), Column("Images", "counted", "right"))
    rows = tuple(
        cells(
            name,
            numbers.format_count(printed),
            numbers.format_count(counted[name]) if name in counted else numbers.UNKNOWN,
        )
        for name, printed in PRINTED_COUNTS.items()
    )
    same = sum(counted.get(name) == printed for name, printed in PRINTED_COUNTS.items())
    caption = f"Training images, in the source's order. {same} of {len(PRINTED_COUNTS)} printed counts are right."
    return [Heading("The source's class counts"), TableBlock(caption, columns, rows)]


def _points(differences: list[float]) -> str:
    return numbers.format_signed(statistics.fmean(differences), decimals=2) if differences else numbers.UNKNOWN


def _seeds(comparison: Comparison) -> str:
    counts = sorted({model.seeds + model.failed_seeds for model in comparison.models})
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
