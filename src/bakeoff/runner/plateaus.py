"""`stop: plateau` in two stages: long runs of all seeds, whose mean validation loss chooses the epoch; then all seeds
are trained to it.

The epoch is written into the store before the second stage begins, and from then on it is fixed, whatever seeds come
later. What is judged are the runs of the second stage alone, so no seed chooses its own epoch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bakeoff.comparison.plateaus import seeks_plateau, train_until
from bakeoff.diagnosis.plateau import Plateau, average_folds, find_plateau
from bakeoff.runner.jobs import Job, plan_jobs
from bakeoff.runner.run import Watcher, run_jobs
from bakeoff.spec.record import DataEntry, PlateauRecord, Record
from bakeoff.spec.study import ModelSpec, Study
from bakeoff.store import Cell, Store

SECOND = "-second"
"""Ends the address of a second stage whose length is not known yet."""

NO_CURVE = "no seed has a finite validation loss in every epoch, so all epochs are kept"


def run_with_plateaus(
    study: Study, store: Store, *, data: DataEntry, workers: int, watch: Watcher = lambda progress: None
) -> None:
    """Train what the store does not hold yet; models that seek a plateau in two stages.

    Interrupted at any moment, the same call goes on to the same end.

    Args:
        study: Any study but a race.
        store: Where results and plateaus go.
        data: The shape of what is trained on.
        workers: Number of worker processes; results do not depend on it.
        watch: Called a few times a second.

    Raises:
        StudyError: A network cannot be built; nothing has been trained.
        StoreError: The store is damaged or cannot be written.
        WorkerError: The worker processes do not even start.
    """
    run_jobs(_Stages(study, store, data.fingerprint).next_jobs, store, data=data, workers=workers, watch=watch)


def plan_stages(study: Study, store: Store, *, fingerprint: str) -> list[Job]:
    """At most what a study needs, as far as it can be known before the plateaus are found.

    Args:
        study: Any study; of a race, the seeds before the first look.
        store: Where plateaus may be.
        fingerprint: Of the data.

    Returns:
        The runs of each model; of one whose plateau is not found yet, its long runs and second ones of the same length,
        under an address that no run has.

    Raises:
        StudyError: A recipe is unknown or its arguments do not fit.
    """
    jobs: list[Job] = []
    for model in study.models:
        stage = _plan(study, model, fingerprint)
        found = _fixed_plateau(store, stage) if seeks_plateau(model) else None
        if found:
            stage = _plan(study, train_until(model, found.epoch), fingerprint)
        jobs += stage
        if seeks_plateau(model) and not found:
            jobs += [replace(job, cell=_second(job.cell)) for job in stage]
    return jobs


def choose_epoch(jobs: Sequence[Job], records: Sequence[Record]) -> PlateauRecord:
    """Find the plateau of one model.

    Args:
        jobs: The long runs that were asked for, at least one.
        records: Those of them that left a record.

    Returns:
        The plateau by the seeds with a finite validation loss in every epoch (of every fold, over which the mean is
        taken). If there is none it is the last epoch, and no seed is named.
    """
    cell = jobs[0].cell
    epochs = cell.model.protocol.epochs
    runs = sorted((run for run in records if _is_whole(run, epochs)), key=lambda run: run.seed)
    whole = average_folds([(run.seed, run.history.validation_loss) for run in runs], folds=cell.folds)
    chosen = find_plateau(np.array(list(whole.values()))) if whole else None
    return PlateauRecord(
        model=cell.model.name,
        cell=cell.key,
        fingerprint=jobs[0].fingerprint,
        epoch=chosen.epoch if chosen else epochs,
        best_epoch=chosen.best_epoch if chosen else epochs,
        epochs=epochs,
        seeds=tuple(whole),
        why=_tell(chosen) if chosen else NO_CURVE,
    )


@dataclass(frozen=True)
class _Stages:
    """A study that is under way; `tried` are the long runs of this call, which are not waited for twice."""

    study: Study
    store: Store
    fingerprint: str
    tried: set[str] = field(default_factory=set)

    def next_jobs(self) -> list[Job]:
        """The stage that each model has come to."""
        return [job for model in self.study.models for job in self._stage(model)]

    def _stage(self, model: ModelSpec) -> list[Job]:
        jobs = _plan(self.study, model, self.fingerprint)
        if not seeks_plateau(model):
            return jobs
        plateau = _fixed_plateau(self.store, jobs)
        if plateau is None:
            if any(job.key not in self.tried and not self.store.has_result(job.key) for job in jobs):
                self.tried.update(job.key for job in jobs)
                return jobs
            found = [record for record in (self.store.record(job.key) for job in jobs) if record]
            plateau = choose_epoch(jobs, found)
            self.store.write_plateau(plateau)
        return _plan(self.study, train_until(model, plateau.epoch), self.fingerprint)


def _plan(study: Study, model: ModelSpec, fingerprint: str) -> list[Job]:
    return plan_jobs(study.model_copy(update={"models": (model,)}), fingerprint=fingerprint)


def _second(cell: Cell) -> Cell:
    return replace(cell, key=f"{cell.key}{SECOND}", program=f"{cell.program}{SECOND}")


def _fixed_plateau(store: Store, jobs: Sequence[Job]) -> PlateauRecord | None:
    """The plateau that was found for these long runs; one that no seed had a part in is sought again."""
    known = {plateau.cell: plateau for plateau in store.plateaus(jobs[0].fingerprint) if plateau.seeds}
    return known.get(jobs[0].cell.key)


def _tell(plateau: Plateau) -> str:
    falling = "; it was still falling then, so longer training may find a later epoch"
    return plateau.why + falling * plateau.still_improving


def _is_whole(record: Record, epochs: int) -> bool:
    losses = record.history.validation_loss
    return len(losses) == epochs and all(map(math.isfinite, losses))
