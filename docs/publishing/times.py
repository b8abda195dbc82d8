"""How long training took: the order of the models, and all of it together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path

from docs.publishing.figures_in_words import cells

from bakeoff.comparison import Comparison, ModelResult
from bakeoff.report import numbers
from bakeoff.report.document.blocks import Block, Column, Heading, Paragraph, Span, TableBlock, text
from bakeoff.spec.study import Published
from bakeoff.store import open_store
from bakeoff.verbs.explain import REMEDIES

_THREADS = {"1": "one core", "accelerator": "an accelerator"}
"""What a record says of them, in words."""


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
    ordered = sorted(comparison.models, key=lambda model: (math.isnan(model.train_seconds), model.train_seconds))
    rows = tuple(
        cells(
            Span(model.name, "strong"),
            *map(
                numbers.format_seconds,
                (_printed_seconds(comparison, model), model.train_seconds, min(_seconds(model)), max(_seconds(model))),
            ),
            str(model.epochs),
            numbers.format_seconds(seconds_per_epoch(model)),
        )
        for model in ordered
    )
    caption = (
        f"From the quickest to the slowest. Without compiling{name_threads(comparison.environments)}; the source's "
        "times are of another machine, and those of cross-validated models are of one fold."
    )
    return [
        Heading("Training time"),
        TableBlock(caption, columns, rows),
        Paragraph(text(f"All of it together: {total_time(comparison)}.")),
    ]


def seconds_per_epoch(model: ModelResult) -> float:
    """Median over the runs that trained; NaN if none did."""
    trained = [run.train_seconds / len(run.history.loss) for run in model.runs if run.history.loss]
    return statistics.median(trained) if trained else math.nan


def total_time(comparison: Comparison) -> str:
    """A comparison's runs and their training time, in words."""
    runs = [run.train_seconds for model in comparison.models for run in model.runs]
    return f"{_add_up(runs)}{name_threads(comparison.environments)}, compiling not counted"


def stored_time(folder: Path) -> list[str]:
    """What everything in a store took, the trials of failing networks included, in sentences.

    Args:
        folder: Of the store.
    """
    trials = folder / REMEDIES
    of_studies = open_store(folder).all_records()
    of_trials = open_store(trials).all_records() if trials.exists() else []
    both = [*of_studies, *of_trials]
    compiling = sum(record.compile_seconds for record in both)
    together = compiling + sum(record.train_seconds for record in both)
    threads = name_threads(record.environment for record in both)
    return [
        f"The studies: {_add_up([record.train_seconds for record in of_studies])}.",
        f"The trials of failing networks: {_add_up([record.train_seconds for record in of_trials])}.",
        f"Compiling: {_hours(compiling)}.",
        f"Together {_hours(together)}{threads}; evaluation is not counted.",
    ]


def name_threads(environments: Iterable[Mapping[str, str]]) -> str:
    """What each run was trained on, as the end of a clause; nothing where that is not recorded.

    >>> name_threads([{"threads": "1"}]), name_threads([{"threads": "1"}, {"threads": "accelerator"}])
    (', each run on one core', ', each run on one core or an accelerator')
    """
    recorded = sorted({environment.get("threads", "") for environment in environments})
    if not recorded or not recorded[0]:
        return ""
    return f", each run on {' or '.join(_THREADS.get(threads, f'{threads} threads') for threads in recorded)}"


def _add_up(seconds: list[float]) -> str:
    runs = f"{numbers.format_count(len(seconds))} run{'s' * (len(seconds) != 1)}"
    return f"{runs}, {_hours(sum(seconds))} of training"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours"


def _printed_seconds(comparison: Comparison, model: ModelResult) -> float:
    seconds = comparison.study.published.get(model.name, Published()).seconds
    return math.nan if seconds is None else seconds


def _seconds(model: ModelResult) -> list[float]:
    return [run.train_seconds for run in model.runs if run.history.loss] or [math.nan]
