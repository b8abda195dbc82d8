"""Run a race: seeds for the models that still have an open pair, look by look, until nothing is open.

The judging wing says what is open; this is the one place where the making wing asks it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int

from bakeoff.comparison import RaceState, follow_race, gather_study, look_levels
from bakeoff.comparison.resolution import ALPHA
from bakeoff.errors import StudyError
from bakeoff.runner.jobs import Job, jobs_of
from bakeoff.runner.run import Watcher, run_jobs
from bakeoff.spec.protocol import Race
from bakeoff.spec.record import REPEATABLE, DataEntry, RaceRecord
from bakeoff.spec.study import Study
from bakeoff.store import Cell, Store, cells_of


@dataclass(frozen=True, eq=False)
class _Course:
    """A race that is under way."""

    study: Study
    store: Store
    data: DataEntry
    labels: Int[np.ndarray, " examples"]
    cells: tuple[Cell, ...]
    record: RaceRecord
    tried_again: set[str] = field(default_factory=set)

    def look(self) -> RaceState:
        """Judge the seeds so far, and write down what that settled."""
        evidence = gather_study(
            self.study,
            self.store,
            fingerprint=self.data.fingerprint,
            labels=self.labels,
            classes=len(self.data.class_names),
        )
        state = follow_race(evidence, self.record)
        progress = {"looks_taken": state.looks_taken, "settled": state.settled, "open": state.open_cells}
        self.store.write_race(self.record.model_copy(update=progress))
        return state

    def next_jobs(self) -> list[Job]:
        """Runs to be tried again; after these, what the next look needs; none if the race is over."""
        if again := self._to_be_tried_again():
            return again
        state = self.look()
        seeds = dict.fromkeys(state.open_cells, state.next_seeds or 0)
        still_open = [cell for cell in self.cells if cell.key in seeds]
        return jobs_of(still_open, seeds, data=self.data.reference, fingerprint=self.data.fingerprint)

    def _to_be_tried_again(self) -> list[Job]:
        """Runs that crashed, each once: another try may give a result, on which the next look depends."""
        jobs = [
            Job(cell, record.seed, record.fold, self.data.reference, self.data.fingerprint)
            for cell in self.cells
            for record in self.store.records(cell.key)
            if record.status not in REPEATABLE and record.key not in self.tried_again
        ]
        self.tried_again.update(job.key for job in jobs)
        return jobs


def run_race(
    study: Study,
    race: Race,
    store: Store,
    *,
    data: DataEntry,
    labels: Int[np.ndarray, " examples"],
    workers: int,
    watch: Watcher = lambda progress: None,
) -> None:
    """Train what the race needs and the store does not hold yet.

    Looks, levels, margin and models are written into the store before the first run. Interrupted at any moment, the
    same call goes on to the same end.

    Args:
        study: Its models and protocol.
        race: How many seeds at least and at most.
        store: Where results go.
        data: The shape of what is trained on.
        labels: Class of each test image.
        workers: Number of worker processes; neither results nor the course of the race depend on it.
        watch: Called a few times a second.

    Raises:
        StudyError: There are fewer than two different models, the race of these models began with other looks or
            another margin, some of them have raced among others, or a network cannot be built.
        WorkerError: The worker processes do not even start.
    """
    cells = cells_of(study, fingerprint=data.fingerprint)
    course = _Course(study, store, data, labels, cells, _begin(study, race, store, data, cells))
    run_jobs(course.next_jobs, store, data=data, workers=workers, watch=watch)


def _begin(study: Study, race: Race, store: Store, data: DataEntry, cells: Sequence[Cell]) -> RaceRecord:
    """The record of this race: an older one of the same models, or a new one that is written down now."""
    distinct = {cell.key for cell in cells}
    if len(distinct) < 2:
        raise StudyError("a race needs at least two different models", path=("protocol", "seeds"))
    fresh = RaceRecord(
        study=study.name,
        data=data.reference,
        fingerprint=data.fingerprint,
        models={cell.model.name: cell.key for cell in cells},
        looks=race.looks,
        levels=look_levels(race.looks, pairs=math.comb(len(distinct), 2), alpha=ALPHA),
        alpha=ALPHA,
        margin=study.protocol.margin,
        open=tuple(cell.key for cell in cells),
    )
    for known in store.races(data.fingerprint):
        shared = distinct & set(known.models.values())
        if shared == distinct == set(known.models.values()):
            _refuse_change(known, fresh)
            return known.model_copy(update={"models": fresh.models})  # names may have changed
        if len(shared) > 1:
            raise StudyError(_raced_before(known, fresh, shared), path=("protocol", "seeds"))
    store.write_race(fresh)
    return fresh


def _raced_before(known: RaceRecord, fresh: RaceRecord, shared: Collection[str]) -> str:
    """Why models that took part in one race take part in no other."""
    names = [name for name, cell in fresh.models.items() if cell in shared]
    return (
        f"{' and '.join(names)} have been in a race with other models in this store ({', '.join(known.models)}): "
        "another race would look at the same runs a second time. Race the same models as then, or begin anew elsewhere"
    )


def _refuse_change(known: RaceRecord, fresh: RaceRecord) -> None:
    """A race whose rules change after it began controls no error rate."""
    if known.looks != fresh.looks:
        raise StudyError(
            f"the race of these models began with looks at {_listed(known.looks)} seeds, and cannot go on with looks "
            f"at {_listed(fresh.looks)}: its error rate holds for the looks that were fixed before the first run. Put "
            f"back {{min: {known.looks[0]}, max: {known.looks[-1]}, until: settled}}, or begin anew in another store",
            path=("protocol", "seeds"),
        )
    if not math.isclose(known.margin, fresh.margin):
        raise StudyError(
            f"the race of these models began with the margin {known.margin:g}, and cannot go on with {fresh.margin:g}. "
            "Put the margin back, or begin anew in another store",
            path=("protocol", "margin"),
        )


def _listed(looks: Sequence[int]) -> str:
    return ", ".join(map(str, looks))
