"""What the runs of a study cost: how many are left, how long they take with so many workers, and how much disk."""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bakeoff.runner.jobs import Job, distinct_jobs
from bakeoff.runner.queue import Queue
from bakeoff.store import Cell, Store

START_SECONDS = 5.0
"""To start workers, which import Keras and JAX, where it has not been measured; 4 to 7 s on a 2-core machine."""

BUILD_SECONDS = 2.0
"""To load the data and build a model in a worker, which records do not tell; 1 to 3 s on the same machine."""

KEEP_SECONDS = 0.3
"""To draw, test and save one network, which records do not tell; 0.2 to 0.5 s on the same machine."""


@dataclass(frozen=True)
class RunCost:
    """What one run of a model costs.

    Attributes:
        basis: Where the numbers come from: earlier runs of the same model under the same protocol, or a trial.
        setup_seconds: To build and compile, once for each worker that trains the model.
        run_seconds: For one run after that.
        run_bytes: That one run leaves in the store.
        runs: Number of earlier runs behind the numbers; 0 for a trial.
    """

    basis: Literal["records", "trial"]
    setup_seconds: float
    run_seconds: float
    run_bytes: int
    runs: int = 0


@dataclass(frozen=True)
class ModelCost:
    """The runs of one model.

    Attributes:
        name: The model's name in the study.
        seeds: How often it is trained; in a race, at most.
        twin: The model that is the same network under the same protocol and shares its runs; empty if there is none.
        done: Runs that the store holds already.
        left: Runs to do; in a race, the fewest and the most.
        cost: Of one run; None where neither records nor a trial tell.
    """

    name: str
    seeds: int
    twin: str
    done: int
    left: tuple[int, int]
    cost: RunCost | None


@dataclass(frozen=True)
class StudyCost:
    """The runs of a study, each counted once.

    Attributes:
        models: In the study's order.
        workers: Number of processes that train.
        seconds: From start to end; in a race, for the fewest and for the most runs. None if a cost is not known.
        bytes: What the runs that are left add to the store, likewise.
    """

    models: tuple[ModelCost, ...]
    workers: int
    seconds: tuple[float, float] | None
    bytes: tuple[int, int] | None

    @property
    def done(self) -> int:
        """Runs that the store holds already."""
        return sum(model.done for model in self.models)

    @property
    def left(self) -> tuple[int, int]:
        """Runs to do; in a race, the fewest and the most."""
        return sum(model.left[0] for model in self.models), sum(model.left[1] for model in self.models)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names of the models that have runs to do of an unknown cost."""
        return tuple(model.name for model in self.models if model.left[1] and model.cost is None)


def recorded_cost(cell: Cell, store: Store) -> RunCost | None:
    """What earlier runs of a cell cost: medians over those that finished; None if there is none.

    Args:
        cell: A model on this data.
        store: Where its runs may be.

    Raises:
        StoreError: A record is damaged.
    """
    records = [record for record in store.records(cell.key) if record.status == "finished"]
    if not records:
        return None
    compiled = [record.compile_seconds for record in records if record.compile_seconds > 0]
    return RunCost(
        basis="records",
        setup_seconds=BUILD_SECONDS + (statistics.median(compiled) if compiled else 0.0),
        run_seconds=KEEP_SECONDS + statistics.median(record.train_seconds for record in records),
        run_bytes=round(statistics.median(store.run_bytes(record.key) for record in records)),
        runs=len(records),
    )


def predictions_bytes(*, images: int, classes: int) -> int:
    """At most what the test probabilities of a run take: two bytes each, before they are compressed.

    >>> predictions_bytes(images=10_000, classes=10)
    200000
    """
    return 2 * images * classes


def cost_study(
    jobs: Sequence[Job],
    *,
    fewest: int,
    done: Collection[str],
    costs: Mapping[str, RunCost],
    workers: int,
    start_seconds: float = START_SECONDS,
) -> StudyCost:
    """Add up what a study costs.

    Args:
        jobs: All runs of the study, in the order in which they are trained; in a race, as many as it may need.
        fewest: Seeds of each model that are trained in any case; a race may end after these.
        done: Keys of the runs that the store holds.
        costs: Of one run, by cell; cells of which nothing is known are left out.
        workers: At least 1.
        start_seconds: Until the workers can begin.

    Returns:
        Runs, seconds and bytes; runs that two models share are counted with the first of them.
    """
    most = [job for job in distinct_jobs(list(jobs)) if job.key not in done]
    least = [job for job in most if job.seed < fewest]
    known = all(job.cell.key in costs for job in most)
    return StudyCost(
        models=_model_costs(jobs, done, fewest, costs),
        workers=workers,
        seconds=(
            _wall_seconds(least, costs, workers, start_seconds),
            _wall_seconds(most, costs, workers, start_seconds),
        )
        if known
        else None,
        bytes=(_bytes(least, costs), _bytes(most, costs)) if known else None,
    )


def _model_costs(
    jobs: Sequence[Job], done: Collection[str], fewest: int, costs: Mapping[str, RunCost]
) -> tuple[ModelCost, ...]:
    rows: list[ModelCost] = []
    owners: dict[str, str] = {}  # cell to the first model that has it
    counted: set[str] = set()
    for name in dict.fromkeys(job.cell.model.name for job in jobs):
        own = [job for job in jobs if job.cell.model.name == name]
        fresh = [job for job in own if job.key not in counted]
        counted |= {job.key for job in fresh}
        cell = own[0].cell
        owner = owners.setdefault(cell.key, name)
        left = [job for job in fresh if job.key not in done]
        rows.append(
            ModelCost(
                name=name,
                seeds=1 + max(job.seed for job in own),
                twin="" if owner == name else owner,
                done=len(fresh) - len(left),
                left=(sum(job.seed < fewest for job in left), len(left)),
                cost=costs.get(cell.key),
            )
        )
    return tuple(rows)


def _wall_seconds(jobs: Sequence[Job], costs: Mapping[str, RunCost], workers: int, start_seconds: float) -> float:
    """From start to end, with the queue that hands out the runs.

    A worker keeps the newest compiled program only, so it sets up a model again after it has trained another.
    """
    if not jobs:
        return 0.0
    work = {job.cell.model.name: costs[job.cell.key].run_seconds for job in jobs}
    queue = Queue(jobs, workers=workers, work=work)
    free = [(start_seconds, worker) for worker in range(workers)]
    compiled: dict[int, str] = {}
    ends = [start_seconds]
    while queue:
        seconds, worker = heapq.heappop(free)
        if job := queue.take(worker):
            cost = costs[job.cell.key]
            setup = 0.0 if compiled.get(worker) == job.cell.program else cost.setup_seconds
            compiled[worker] = job.cell.program
            ends.append(seconds + setup + cost.run_seconds)
            queue.learn(job, setup + cost.run_seconds)
            heapq.heappush(free, (ends[-1], worker))
    return max(ends)


def _bytes(jobs: Sequence[Job], costs: Mapping[str, RunCost]) -> int:
    return sum(costs[job.cell.key].run_bytes for job in jobs)
