"""`stop: plateau` as a reader of runs sees it: which cell holds the runs that count.

A plateau is found by long runs, under an address of their own; what is judged is the second stage, where all seeds are
trained to that epoch: an ordinary cell, which a study with these epochs and `stop: last` would share.
"""

from __future__ import annotations

from collections.abc import Iterable

from bakeoff.comparison.values import PlateauSearch, RunResult
from bakeoff.spec.record import PlateauRecord
from bakeoff.spec.study import ModelSpec, Study
from bakeoff.store import Cell, Store, cells_of


def train_until(model: ModelSpec, epoch: int) -> ModelSpec:
    """The model of the second stage: trained to this epoch, whose weights count.

    >>> from bakeoff.spec import read_study
    >>> train_until(read_study("study-d").model("dense"), 7).protocol.epochs
    7
    """
    return model.model_copy(update={"protocol": model.protocol.model_copy(update={"epochs": epoch, "stop": "last"})})


def seeks_plateau(model: ModelSpec) -> bool:
    """Whether the epoch of a model is found by long runs."""
    return model.protocol.stop == "plateau"


def judged_cells(study: Study, plateaus: Iterable[PlateauRecord], *, fingerprint: str) -> tuple[Cell, ...]:
    """The cells whose runs count.

    Args:
        study: Any study.
        plateaus: Those found on these data.
        fingerprint: Of the data.

    Returns:
        In the study's order: the second stage of each model that seeks a plateau, and the others as they are. A model
        whose plateau is not found yet is left out.

    Raises:
        StudyError: A recipe is unknown or its arguments do not fit.
    """
    epochs = {plateau.cell: plateau.epoch for plateau in plateaus}
    long = cells_of(study, fingerprint=fingerprint)
    there = [cell for cell in long if not seeks_plateau(cell.model) or cell.key in epochs]
    models = [train_until(cell.model, epochs[cell.key]) if seeks_plateau(cell.model) else cell.model for cell in there]
    return cells_of(study.model_copy(update={"models": tuple(models)}), fingerprint=fingerprint)


def find_searches(study: Study, store: Store, *, fingerprint: str) -> tuple[PlateauSearch, ...]:
    """How a study's models came by their number of epochs.

    Args:
        study: Any study.
        store: Where plateaus and the long runs are.
        fingerprint: Of the data.

    Returns:
        In the study's order; none for the models that seek no plateau, or whose plateau is not found yet.

    Raises:
        StudyError: A recipe is unknown or its arguments do not fit.
        StoreError: A record is damaged.
    """
    known = {plateau.cell: plateau for plateau in store.plateaus(fingerprint)}
    if not known:
        return ()
    return tuple(
        PlateauSearch(
            known[cell.key].model_copy(update={"model": cell.model.name}),
            tuple(RunResult.of(record) for record in store.records(cell.key)),
        )
        for cell in cells_of(study, fingerprint=fingerprint)
        if cell.key in known and seeks_plateau(cell.model)
    )
