"""The budget ledger: what each model was given, and what was not given equally.

A comparison of models that had different budgets compares the budgets too. Nobody can read that from accuracies, so it
is counted and said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bakeoff.comparison.evidence import Evidence
from bakeoff.comparison.values import PlateauSearch
from bakeoff.spec.record import Record


@dataclass(frozen=True)
class BudgetRow:
    """What one model was given.

    Attributes:
        model: Its name.
        train_images: Images that one run trains on.
        validation_images: Images that one run may choose its epoch by.
        epochs: Epochs of a finished run; the median where runs stopped early, NaN if none finished.
        updates: Steps of the optimiser in a finished run; the median.
        train_seconds: Of one run, without compiling; the median, NaN if no run trained.
        parameters: Number of weights; 0 if not known.
        seeds: Seeds that were run, failed ones included.
        trials: Settings that its author tried before this one, as the study declares.
        search_epochs: Epochs, over all long runs, by which its own number of epochs was chosen; 0 if it was given.
    """

    model: str
    train_images: int
    validation_images: int
    epochs: float
    updates: float
    train_seconds: float
    parameters: int
    seeds: int
    trials: int
    search_epochs: int = 0


@dataclass(frozen=True)
class Budget:
    """The ledger of a study.

    Attributes:
        rows: One per model, in the order of the leaderboard.
        unequal: In words, what was not equal; empty if all was.
    """

    rows: tuple[BudgetRow, ...]
    unequal: tuple[str, ...]


_COMPARED: dict[str, Callable[[BudgetRow], float]] = {
    "training images": lambda row: row.train_images,
    "validation images": lambda row: row.validation_images,
    "epochs": lambda row: row.epochs,
    "updates": lambda row: row.updates,
    "seeds": lambda row: row.seeds,
    "settings tried": lambda row: row.trials,
    "epochs to choose the number of epochs by": lambda row: row.search_epochs,
}
"""What a fair comparison gives in equal parts. Seconds and weights differ by the nature of the models."""


def draw_up_budget(
    evidence: Sequence[Evidence], *, raced: bool = False, searches: Sequence[PlateauSearch] = ()
) -> Budget:
    """Count what each model was given.

    Args:
        evidence: The models, best first.
        raced: Whether a race dealt out the seeds: those that it did not need are no unfairness.
        searches: How models came by their number of epochs, where `stop` is plateau.

    Returns:
        The ledger.
    """
    epochs = {search.found.model: search.epochs for search in searches}
    rows = tuple(_row(found, search_epochs=epochs.get(found.name, 0)) for found in evidence)
    compared = {name: value for name, value in _COMPARED.items() if not (raced and name == "seeds")}
    return Budget(rows, tuple(filter(None, (_inequality(name, value, rows) for name, value in compared.items()))))


def seconds_per_seed(evidence: Evidence) -> float:
    """What one more seed of this model costs on one core, all its folds together; NaN if no run trained."""
    trained = [record.train_seconds for record in evidence.records if record.history.loss]
    return float(np.median(trained)) * evidence.cell.folds if trained else math.nan


def _row(found: Evidence, *, search_epochs: int) -> BudgetRow:
    trained = [record for record in found.records if record.history.loss]
    finished = [record for record in trained if record.status == "finished"]
    newest, model = found.records[-1], found.cell.model
    return BudgetRow(
        model=found.name,
        train_images=newest.images.train,
        validation_images=newest.images.validation,
        epochs=_median([float(len(record.history.loss)) for record in finished]),
        updates=_median([_updates(record, model.protocol.batch_size) for record in finished]),
        train_seconds=_median([record.train_seconds for record in trained]),
        parameters=max(record.parameters for record in found.records),
        seeds=found.seeds_run,
        trials=model.trials,
        search_epochs=search_epochs,
    )


def _updates(record: Record, batch_size: int) -> float:
    return float(len(record.history.loss) * math.ceil(record.images.train / batch_size))


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else math.nan


def _inequality(name: str, value: Callable[[BudgetRow], float], rows: Sequence[BudgetRow]) -> str:
    """Which models had the least and the most of something; empty if all had the same."""
    known = [row for row in rows if not math.isnan(value(row))]
    if not known or len({value(row) for row in known}) == 1:
        return ""
    least, most = min(known, key=value), max(known, key=value)
    return f"{name}: {_written(value(least))} ({least.model}) to {_written(value(most))} ({most.model})"


def _written(amount: float) -> str:
    """A count, or the half that a median may have."""
    return f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.1f}"
