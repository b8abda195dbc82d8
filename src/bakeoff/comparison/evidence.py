"""From a store to one model's evidence: which images each of its seeds got right."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from jaxtyping import Float, Int

from bakeoff.spec.record import Record
from bakeoff.store import Cell, Store


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything the store holds of one model.

    Attributes:
        cell: The model on this data.
        records: Its runs, by seed and fold; at least one.
        scores: Per finished seed and test image, 1 for right, 0 for wrong; with cross-validation the mean over folds.
        losses: Test loss per finished seed.
        failed_seeds: Seeds of which at least one fold failed.
        confusion: Images by true and predicted class, summed over the runs of finished seeds.
    """

    cell: Cell
    records: tuple[Record, ...]
    scores: Float[np.ndarray, "seeds examples"]
    losses: Float[np.ndarray, " seeds"]
    failed_seeds: int
    confusion: Int[np.ndarray, "classes classes"]


def gather_evidence(cell: Cell, store: Store, *, labels: Int[np.ndarray, " examples"], classes: int) -> Evidence | None:
    """Read a cell's runs.

    Args:
        cell: A model on this data.
        store: Where its runs are.
        labels: Class of each test image, 0..classes-1.
        classes: Number of classes.

    Returns:
        The evidence, or None if there is no run. Seeds whose folds are not all there yet are left out of the scores.

    Raises:
        StoreError: A record or its predictions are damaged.
    """
    records = store.records(cell.key)
    if not records:
        return None
    by_seed = [list(group) for _, group in groupby(records, key=lambda record: record.seed)]
    finished = [runs for runs in by_seed if len(runs) == cell.folds and all(run.status == "finished" for run in runs)]
    predictions = [[_predict(store, run) for run in runs] for runs in finished]
    hits = [np.mean([predicted == labels for predicted in folds], axis=0) for folds in predictions]
    confusion = np.zeros((classes, classes), dtype=np.int64)
    for predicted in (predicted for folds in predictions for predicted in folds):
        np.add.at(confusion, (labels, predicted), 1)
    return Evidence(
        cell=cell,
        records=tuple(records),
        scores=np.array(hits, dtype=np.float64).reshape(-1, len(labels)),  # (seeds, examples)
        losses=np.array([np.mean([run.test_loss for run in runs]) for runs in finished], dtype=np.float64),
        failed_seeds=sum(any(run.status != "finished" for run in runs) for runs in by_seed),
        confusion=confusion,
    )


def _predict(store: Store, run: Record) -> Int[np.ndarray, " examples"]:
    predicted: Int[np.ndarray, " examples"] = store.probabilities(run.key).argmax(axis=1)
    return predicted
