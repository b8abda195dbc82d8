"""The runs that a study still needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bakeoff.spec.protocol import Protocol
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
        study: Its models' protocols say how many seeds and folds; of a race, the seeds before the first look.
        fingerprint: Of the data set's content; part of every address.

    Returns:
        One job for each model, seed and fold; two names for one network give jobs of the same key.
    """
    cells = cells_of(study, fingerprint=fingerprint)
    seeds = {cell.key: _planned_seeds(cell.model.protocol) for cell in cells}
    return jobs_of(cells, seeds, data=study.data, fingerprint=fingerprint)


def jobs_of(cells: Iterable[Cell], seeds: Mapping[str, int], *, data: str, fingerprint: str) -> list[Job]:
    """The runs of some cells, cell by cell.

    Args:
        cells: What is trained.
        seeds: Number of seeds of each cell, by its key.
        data: The data set's reference.
        fingerprint: Of the data set's content.

    Returns:
        One job for each cell, seed and fold.
    """
    return [
        Job(cell=cell, seed=seed, fold=fold, data=data, fingerprint=fingerprint)
        for cell in cells
        for seed in range(seeds[cell.key])
        for fold in range(cell.folds)
    ]


def distinct_jobs(jobs: list[Job]) -> list[Job]:
    """Each address once: two names for one network share their runs."""
    return list({job.key: job for job in jobs}.values())


def open_jobs(jobs: list[Job], store: Store) -> list[Job]:
    """The jobs without a result in the store, each address once."""
    return [job for job in distinct_jobs(jobs) if not store.has_result(job.key)]


def _planned_seeds(protocol: Protocol) -> int:
    return protocol.race.min if protocol.race else protocol.most_seeds
