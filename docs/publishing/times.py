"""How long training took: the order of the models, and all of it together."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from docs.publishing import source_tables

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Paragraph, Span, TableBlock, text


def training_times(comparison: Comparison) -> list[Block]:
    """The models from the quickest to the slowest, with what the source printed."""
    columns = (
        Column("Model"),
        Column("Time", "per run, published", "right"),
        Column("Time", "per run, median", "right"),
        Column("from", align="right"),
        Column("to", align="right"),
        Column("Epochs", align="right"),
        Column("Time", "per epoch, median", "right"),
    )
    ordered = sorted(comparison.models, key=lambda model: model.train_seconds)
    rows = tuple(
        source_tables.cells(
            Span(model.name, "strong"),
            _printed(comparison, model),
            *map(numbers.format_seconds, (model.train_seconds, min(_seconds(model)), max(_seconds(model)))),
            str(model.epochs),
            numbers.format_seconds(statistics.median(_seconds_per_epoch(model))),
        )
        for model in ordered
    )
    caption = (
        "From the quickest to the slowest. Without compiling, one run on one core of the machine that trained; the "
        "source's times are of another machine, and those of cross-validated models are of one fold."
    )
    return [
        Heading("Training time"),
        TableBlock(caption, columns, rows),
        Paragraph(text(f"All of it together: {total_time([comparison])}.")),
    ]


def total_time(comparisons: Iterable[Comparison]) -> str:
    """Runs and their training time, in words."""
    runs = [run for comparison in comparisons for model in comparison.models for run in model.runs]
    hours = sum(run.train_seconds for run in runs) / 3600
    return (
        f"{numbers.format_count(len(runs))} runs, {hours:.1f} hours of one core, compiling and evaluation not counted"
    )


def _printed(comparison: Comparison, model: ModelResult) -> str:
    seconds = comparison.study.published[model.name].seconds
    return numbers.UNKNOWN if seconds is None else numbers.format_seconds(seconds)


def _seconds(model: ModelResult) -> list[float]:
    return [run.train_seconds for run in model.runs if run.history.loss]


def _seconds_per_epoch(model: ModelResult) -> list[float]:
    return [run.train_seconds / len(run.history.loss) for run in model.runs if run.history.loss]
