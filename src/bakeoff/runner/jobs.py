"""The runs that a study still needs."""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.spec.study import Study
from bakeoff.store import Cell, Store, cells_of


@dataclass(frozen=True)
class Job:
    """One run, with everything that a worker needs to train it.

    Attributes:
        cell: Model, protocol and layers.
        seed: From 0.
        fold: From 0.
        data: The data set's reference.
        fingerprint: Of the data set's content.
    """

    cell: Cell
    seed: int
    fold: int
    data: str
    fingerprint: str

    @property
    def key(self) -> str:
        """The run's address in the store."""
        return self.cell.run_key(seed=self.seed, fold=self.fold)


def plan_jobs(study: Study, *, fingerprint: str) -> list[Job]:
    """All runs of a study, model by model, so that the runs that share a compiled program follow each other.

    Args:
        study: Its models' protocols say how many seeds and folds.
        fingerprint: Of the data set's content; part of every address.

    Returns:
        One job for each model, seed and fold; two names for one network give jobs of the same key.
    """
    return [
        Job(cell=cell, seed=seed, fold=fold, data=study.data, fingerprint=fingerprint)
        for cell in cells_of(study, fingerprint=fingerprint)
        for seed in range(cell.model.protocol.seeds)
        for fold in range(cell.folds)
    ]


def distinct_jobs(jobs: list[Job]) -> list[Job]:
    """Each address once: two names for one network share their runs."""
    return list({job.key: job for job in jobs}.values())


def open_jobs(jobs: list[Job], store: Store) -> list[Job]:
    """The jobs without a result in the store, each address once."""
    return [job for job in distinct_jobs(jobs) if not store.has_result(job.key)]
