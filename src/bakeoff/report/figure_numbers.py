"""The numbers behind the figures that no other table has: curves at some epochs, and confusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.comparison import Comparison, ModelResult, RunResult
from bakeoff.report.curves import median_curve

EPOCHS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)
"""Shown where a curve reaches them, and its last one."""

MOST_CONFUSIONS = 12


@dataclass(frozen=True)
class CurveRow:
    """Medians over the finished runs of a model at one epoch; None where there is none.

    Attributes:
        model: Its name, or whose long runs.
        epoch: From 1.
        loss: Of training.
        accuracy: Of training.
        validation_loss: On validation images.
        validation_accuracy: On validation images.
    """

    model: str
    epoch: int
    loss: float | None
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None


@dataclass(frozen=True)
class ConfusionRow:
    """The commonest confusions of a model.

    Attributes:
        model: Its name.
        right: Predictions that are right.
        wrong: Those that are not.
        commonest: True class, said class and number of predictions, the most first.
    """

    model: str
    right: int
    wrong: int
    commonest: tuple[tuple[str, str, int], ...]


def curve_rows(comparison: Comparison) -> list[CurveRow]:
    """Curves at a few epochs, model by model, the long runs of plateaus last.

    Args:
        comparison: Of any number of models.
    """
    rows = [row for model in comparison.models for row in _rows(model.name, model.runs)]
    long = [row for search in comparison.plateaus for row in _rows(f"{search.found.model}, long runs", search.runs)]
    return rows + long


def confusion_rows(comparison: Comparison) -> list[ConfusionRow]:
    """What each model confuses most, in predictions of all finished runs.

    Args:
        comparison: Of any number of models.
    """
    return [_confusions(model, comparison.data.class_names) for model in comparison.models]


def _rows(name: str, runs: Sequence[RunResult]) -> list[CurveRow]:
    histories = [run.history for run in runs if not run.failed]
    columns = [
        median_curve([curve for curve in curves if curve])
        for curves in (
            [history.loss for history in histories],
            [history.accuracy for history in histories],
            [history.validation_loss for history in histories],
            [history.validation_accuracy for history in histories],
        )
    ]
    last = len(columns[0])
    shown = sorted({epoch for epoch in EPOCHS if epoch < last} | ({last} if last else set()))
    return [
        CurveRow(name, epoch, *(column[epoch - 1] if epoch <= len(column) else None for column in columns))
        for epoch in shown
    ]


def _confusions(model: ModelResult, names: Sequence[str]) -> ConfusionRow:
    right = int(np.trace(model.confusion))
    errors = model.confusion - np.diag(np.diag(model.confusion))
    order = np.argsort(-errors, axis=None, kind="stable")[:MOST_CONFUSIONS]
    places = [divmod(int(place), len(names)) for place in order]
    commonest = tuple(
        (names[true], names[said], int(errors[true, said])) for true, said in places if errors[true, said]
    )
    return ConfusionRow(model.name, right, int(errors.sum()), commonest)
