"""Say what a study costs and what it can decide, before anything is trained."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from bakeoff.comparison.plateaus import judged_cells
from bakeoff.comparison.race import look_levels
from bakeoff.comparison.resolution import (
    ALPHA,
    ASSUMED_ERROR,
    Limits,
    Resolution,
    assume_spreads,
    limit_verdicts,
    recorded_spread,
    resolve,
)
from bakeoff.data import Dataset, load_dataset
from bakeoff.errors import DataError, WorkerError
from bakeoff.runner.checking import check_splits
from bakeoff.runner.costs import START_SECONDS, RunCost, StudyCost, cost_study, recorded_cost
from bakeoff.runner.jobs import Job, distinct_jobs
from bakeoff.runner.plateaus import SECOND, plan_stages
from bakeoff.runner.pool import BrokenProcessPool, default_workers, worker_pool
from bakeoff.spec import Study, with_seeds
from bakeoff.spec.protocol import KFold
from bakeoff.store import Store, cells_of, open_store
from bakeoff.verbs.default_store import default_store


@dataclass(frozen=True)
class Plan:
    """What a study costs and what it can decide.

    Attributes:
        study: What was asked.
        cost: Runs, time and disk.
        images: Number of test images; None if the data are not at hand.
        models: Number of different networks; twins are one.
        looks: Of a race, the numbers of seeds after which verdicts are looked at; otherwise empty.
        levels: What the p-value of one pair must stay below: at each look of a race, otherwise the one level; empty
            where there is no pair.
        resolutions: What differences can be found, by how much results vary; empty where nothing can be said.
        limits: What so many seeds cannot show.
        obstacle: Why the data are not at hand; empty if they are.
    """

    study: Study
    cost: StudyCost
    images: int | None
    models: int
    looks: tuple[int, ...]
    levels: tuple[float, ...]
    resolutions: tuple[Resolution, ...]
    limits: Limits
    obstacle: str

    @property
    def pairs(self) -> int:
        """Number of pairs of different networks."""
        return math.comb(self.models, 2)

    @property
    def cross_validated(self) -> bool:
        """Whether any model is cross-validated: its folds then judge it, not its seeds."""
        return any(isinstance(model.protocol.validation, KFold) for model in self.study.models)

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not known is None. Lists of two are the fewest and the most, which differ in a race."""
        return {
            "study": self.study.name,
            "data": self.study.data,
            "test_images": self.images,
            "obstacle": self.obstacle or None,
            "workers": self.cost.workers,
            "runs": {"done": self.cost.done, "left": list(self.cost.left)},
            "seconds": list(self.cost.seconds) if self.cost.seconds else None,
            "bytes": list(self.cost.bytes) if self.cost.bytes else None,
            "models": [asdict(model) for model in self.cost.models],
            "pairs": self.pairs,
            "looks": list(self.looks),
            "levels": list(self.levels),
            "detectable": [asdict(resolution) for resolution in self.resolutions],
            "limits": asdict(self.limits),
        }


def plan(
    study: Study,
    *,
    store: Path | str | None = None,
    workers: int | None = None,
    error: float | None = None,
    trial: bool = True,
) -> Plan:
    """Count the runs, estimate time and disk, and say how small a difference the study can detect.

    Args:
        study: From `load_study`.
        store: Folder whose earlier runs are counted and learnt from; it need not exist, and nothing is written to it.
        workers: Processes that will train; by default one per physical core.
        error: Share of test images that a model is assumed to get wrong, in (0, 1). If given, the spread of results is
            assumed from it; otherwise it is taken from earlier runs or, where there are none, assumed from 0.02.
        trial: Whether to train each model without earlier runs on a few batches, in worker processes, to time it.

    Returns:
        The plan.

    Raises:
        StudyError: The study asks for something that does not exist or does not fit.
        StoreError: The store is damaged.
        WorkerError: Fewer than one worker, or a trial fails.
        ValueError: Error is no share.
    """
    if workers is not None and workers < 1:
        raise WorkerError(f"workers must be at least 1, got {workers}")
    if error is not None and not 0 < error < 1:
        raise ValueError(f"error must be a share of the test images between 0 and 1, such as 0.02, got {error:g}")
    opened = _open(Path(store or default_store()))
    facts = _gather_facts(study, opened)
    cost = _estimate_cost(study, facts, opened, workers=workers or default_workers(), trial=trial)
    race = study.protocol.race
    models = len({cell.key for cell in cells_of(study, fingerprint=facts.fingerprint)})
    seeds = min(model.seeds for model in cost.models)
    looks = race.looks if race else ()
    levels = look_levels(looks or (seeds,), pairs=math.comb(models, 2), alpha=ALPHA) if models > 1 else ()
    return Plan(
        study=study,
        cost=cost,
        images=facts.images,
        models=models,
        looks=looks,
        levels=levels,
        resolutions=_resolve_all(study, facts, opened, error=error, seeds=seeds, levels=levels),
        limits=limit_verdicts(seeds),
        obstacle=facts.obstacle,
    )


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is known of the data: all of it, what the store remembers, or nothing."""

    fingerprint: str = ""
    test_labels: Int[np.ndarray, " examples"] | None = None
    classes: int = 0
    dataset: Dataset | None = None
    obstacle: str = ""

    @property
    def images(self) -> int | None:
        return None if self.test_labels is None else len(self.test_labels)


def _open(folder: Path) -> Store:
    """The store, or one that has nothing in it: planning creates no folder."""
    return open_store(folder) if (folder / "runs").exists() else Store(folder)


def _gather_facts(study: Study, store: Store) -> _Facts:
    try:
        dataset = load_dataset(study.data)
    except DataError as error:
        known = store.data(study.data)
        if known is None:
            return _Facts(obstacle=str(error))
        entry, labels = known
        return _Facts(entry.fingerprint, labels, len(entry.class_names), obstacle=str(error))
    check_splits(study, dataset)
    return _Facts(dataset.fingerprint, dataset.test_labels, dataset.classes, dataset)


def _estimate_cost(study: Study, facts: _Facts, store: Store, *, workers: int, trial: bool) -> StudyCost:
    race = study.protocol.race
    jobs = plan_stages(with_seeds(study, race.max) if race else study, store, fingerprint=facts.fingerprint)
    closed = _out_of_the_race(study, facts, store) if race else set()
    jobs = [job for job in jobs if job.cell.key not in closed or store.has_result(job.key)]
    done = {job.key for job in distinct_jobs(jobs) if store.has_result(job.key)}
    cells = {job.cell.key: job.cell for job in jobs if not job.cell.key.endswith(SECOND)}
    found = {key: recorded_cost(cell, store) for key, cell in cells.items()}
    costs = {key: cost for key, cost in found.items() if cost is not None}
    unknown = cells.keys() - costs.keys()
    untimed = list({job.cell.key: job for job in jobs if job.key not in done and job.cell.key in unknown}.values())
    start_seconds = START_SECONDS
    if trial and untimed and facts.dataset:
        tried, start_seconds = _try_out(untimed, facts.dataset, workers=workers)
        costs |= tried
    costs |= {f"{key}{SECOND}": cost for key, cost in costs.items()}  # as long as the first, at most
    return cost_study(
        jobs,
        fewest=race.min if race else max(job.seed for job in jobs) + 1,
        done=done,
        costs=costs,
        workers=workers,
        start_seconds=start_seconds,
    )


def _out_of_the_race(study: Study, facts: _Facts, store: Store) -> set[str]:
    """The cells that an earlier call of the same race needs no more runs of."""
    cells = {cell.key for cell in cells_of(study, fingerprint=facts.fingerprint)}
    races = [race for race in store.races(facts.fingerprint) if set(race.models.values()) == cells]
    return cells.difference(*(race.open for race in races)) if races else set()


def _try_out(jobs: Sequence[Job], dataset: Dataset, *, workers: int) -> tuple[dict[str, RunCost], float]:
    """Time each job's model, as many at once as will be trained at once; also how long the workers took to start."""
    models = tuple(job.cell.model for job in jobs)
    started = time.monotonic()
    try:
        with worker_pool(min(workers, len(jobs))) as pool:
            pool.submit("describe", models, dataset.image_shape, dataset.classes).result()
            start_seconds = time.monotonic() - started
            waiting = {job.cell.key: pool.submit("trial", job) for job in jobs}
            return {key: future.result() for key, future in waiting.items()}, start_seconds
    except BrokenProcessPool as error:
        raise WorkerError(
            f"a trial killed its worker ({' '.join(str(error).split())}): plan without trials (--no-trial), or find "
            "the model with --only"
        ) from error


def _resolve_all(
    study: Study, facts: _Facts, store: Store, *, error: float | None, seeds: int, levels: Sequence[float]
) -> tuple[Resolution, ...]:
    folds = any(isinstance(model.protocol.validation, KFold) for model in study.models)
    if facts.test_labels is None or not levels or seeds < 2 or folds:
        return ()
    images = len(facts.test_labels)
    known = None
    if error is None:
        cells = judged_cells(study, store.plateaus(facts.fingerprint), fingerprint=facts.fingerprint)
        known = recorded_spread(cells, store, labels=facts.test_labels, classes=facts.classes)
    assumed = assume_spreads(error=ASSUMED_ERROR if error is None else error, images=images)
    spreads = (known,) if known else assumed
    return tuple(resolve(spread, seeds=seeds, images=images, alpha=levels[-1]) for spread in spreads)
