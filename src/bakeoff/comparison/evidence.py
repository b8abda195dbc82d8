"""From a store to one model's evidence: which images each of its seeds got right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from jaxtyping import Float, Int

from bakeoff.spec.record import REPEATABLE, Record
from bakeoff.store import Cell, Store


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything the store holds of one model.

    Attributes:
        cell: The model on this data.
        records: Its runs, by seed and fold; at least one.
        seeds: The seeds of which every fold finished, ascending.
        failed: The seeds of which at least one fold diverged or collapsed, ascending.
        broken: The seeds of which at least one fold has no result for another reason, such as a crash: another try may
            give one.
        scores: Per finished seed and test image, 1 for right, 0 for wrong; with cross-validation the mean over folds.
        losses: Test loss per finished seed.
        labels: Class of each test image.
        confusion: Images by true and predicted class, summed over the runs of finished seeds.
        predictions: Predicted class of each test image, by key of the run, for the runs of finished seeds; empty where
            the evidence was made up.
    """

    cell: Cell
    records: tuple[Record, ...]
    seeds: tuple[int, ...]
    failed: tuple[int, ...]
    broken: tuple[int, ...]
    scores: Float[np.ndarray, "seeds examples"]
    losses: Float[np.ndarray, " seeds"]
    labels: Int[np.ndarray, " examples"]
    confusion: Int[np.ndarray, "classes classes"]
    predictions: Mapping[str, Int[np.ndarray, " examples"]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model's name in the study."""
        return self.cell.model.name

    @property
    def seeds_run(self) -> int:
        """Number of seeds that were run, whatever came of them."""
        return len(self.seeds) + len(self.failed) + len(self.broken)

    @property
    def seeds_in_a_row(self) -> int:
        """The number of seeds from 0 on that were run without a gap, whatever came of them."""
        run = {*self.seeds, *self.failed, *self.broken}
        return next(seed for seed in range(len(run) + 1) if seed not in run)

    @property
    def mean_of_all(self) -> float:
        """Mean accuracy over all seeds, a failed one counting 0: what the leaderboard is ordered by."""
        return float(self.scores.mean(axis=1).sum()) / max(1, len(self.seeds) + len(self.failed))

    def until(self, seeds: int) -> Evidence:
        """The part that had been there when every model had this many seeds."""
        early = np.array(self.seeds, dtype=np.int64) < seeds
        return replace(
            self,
            records=tuple(record for record in self.records if record.seed < seeds),
            seeds=tuple(seed for seed in self.seeds if seed < seeds),
            failed=tuple(seed for seed in self.failed if seed < seeds),
            broken=tuple(seed for seed in self.broken if seed < seeds),
            scores=self.scores[early],
            losses=self.losses[early],
        )


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
    by_seed = {seed: list(runs) for seed, runs in groupby(records, key=lambda record: record.seed)}
    broken = [seed for seed, runs in by_seed.items() if any(run.status not in REPEATABLE for run in runs)]
    failed = [seed for seed, runs in by_seed.items() if _any_failed(runs) and seed not in broken]
    finished = {seed: runs for seed, runs in by_seed.items() if len(runs) == cell.folds and not _any_failed(runs)}
    confusion = np.zeros((classes, classes), dtype=np.int64)
    scores = np.empty((len(finished), len(labels)))
    predictions: dict[str, Int[np.ndarray, " examples"]] = {}
    for row, runs in zip(scores, finished.values(), strict=True):
        said = {run.key: store.predictions(run.key).astype(np.int32) for run in runs}  # half the memory
        row[:] = np.mean([predicted == labels for predicted in said.values()], axis=0)
        confusion += sum(_count(labels, predicted, classes) for predicted in said.values())
        predictions |= said
    return Evidence(
        cell=cell,
        records=tuple(records),
        seeds=tuple(finished),
        failed=tuple(failed),
        broken=tuple(broken),
        scores=scores,
        losses=np.array([np.mean([run.test_loss for run in runs]) for runs in finished.values()], dtype=np.float64),
        labels=labels,
        confusion=confusion,
        predictions=predictions,
    )


def _any_failed(runs: Sequence[Record]) -> bool:
    return any(run.status != "finished" for run in runs)


def _count(
    labels: Int[np.ndarray, " examples"], predicted: Int[np.ndarray, " examples"], classes: int
) -> Int[np.ndarray, "classes classes"]:
    cells = labels.astype(np.int64) * classes + predicted
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)  # (true, predicted)
