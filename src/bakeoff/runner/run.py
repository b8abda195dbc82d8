"""Run a study: hand every open job to a worker until the store holds all results."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from bakeoff.errors import WorkerError
from bakeoff.runner.accelerators import asked_replicas
from bakeoff.runner.jobs import Job, distinct_jobs, open_jobs
from bakeoff.runner.pool import BrokenProcessPool, Pool, count_accelerators, separate_workers, worker_pool
from bakeoff.runner.queue import Queue
from bakeoff.spec.record import DataEntry
from bakeoff.store import Store

TICK_SECONDS = 0.2  # how often the watcher hears of progress
ELSEWHERE_SECONDS = 1.0  # how often to look whether another process has finished a run that it holds


@dataclass(frozen=True)
class Progress:
    """How far a study is.

    Attributes:
        jobs: All jobs of the study.
        done: Keys of the jobs with a result, old and new.
        running: What the workers last reported, by key.
        old: How many of them were done before this call.
        seconds: Since the start of this call.
    """

    jobs: list[Job]
    done: frozenset[str]
    running: dict[str, dict[str, Any]]
    old: int
    seconds: float

    @property
    def under_way(self) -> float:
        """How much of the running runs is done, in runs."""
        return float(sum(report["epoch"] / report["epochs"] for report in self.running.values()))

    @property
    def seconds_left(self) -> float | None:
        """A guess from what this call has done so far; None before there is anything to go by."""
        fresh = len(self.done) - self.old + self.under_way
        return self.seconds * (len(self.jobs) - self.old - fresh) / fresh if fresh else None


Watcher = Callable[[Progress], None]


def run_jobs(
    next_jobs: Callable[[], list[Job]],
    store: Store,
    *,
    data: DataEntry,
    workers: int,
    watch: Watcher = lambda progress: None,
) -> None:
    """Train what the store does not hold yet.

    Args:
        next_jobs: What is to be run; asked again whenever all of that is done, until it returns nothing new. Finished
            runs are left alone.
        store: Where results go. Other processes may fill the same store; no run is trained twice.
        data: The shape of what is trained on.
        workers: Number of worker processes, where there are accelerators at most one for each; results do not depend
            on it.
        watch: Called a few times a second.

    Raises:
        StudyError: A network cannot be built as the study describes it; nothing has been trained.
        WorkerError: The worker processes do not even start, or BAKEOFF_REPLICAS is no number of runs.
    """
    accelerators = count_accelerators()
    workers = min(workers, accelerators or workers)
    together = bool(accelerators) if asked_replicas() is None else asked_replicas() != 1
    campaign = _Campaign(next_jobs, store, watch, together=together)
    campaign.ask()
    while campaign.todo:
        try:
            with separate_workers(min(workers, len(campaign.todo)), accelerated=accelerators > 0) as pools:
                work: dict[str, float] = {}
                while campaign.todo:
                    jobs = list(campaign.todo.values())
                    work |= _check_models(pools, [job for job in jobs if job.cell.model.name not in work], data)
                    campaign.work_through(pools, jobs, work=work)
                    campaign.ask()
        except BrokenProcessPool as error:
            _run_suspects_alone(campaign, error, accelerator=0 if accelerators else None)
            campaign.ask()
    campaign.tell()


@dataclass(frozen=True)
class _Task:
    """What a worker is at, since when by the monotonic clock."""

    jobs: list[Job]
    worker: int
    started: float


class _Campaign:
    """The state of one call of `run_jobs`: what is still to do shrinks as workers report.

    A worker is handed one run at a time; or, `together`, several of one program: it trains as many of them together as
    its memory holds, and gives back the others.
    """

    def __init__(
        self, next_jobs: Callable[[], list[Job]], store: Store, watch: Watcher, *, together: bool = False
    ) -> None:
        self.next_jobs = next_jobs
        self.jobs: list[Job] = []
        self.store = store
        self.watch = watch
        self.together = together
        self.todo: dict[str, Job] = {}
        self.old = 0
        self.started = time.monotonic()

    def ask(self) -> None:
        """Once nothing is left to do: ask for more. A run that has been tried in this call is not tried again."""
        if self.todo:
            return
        known = {job.key for job in self.jobs}
        fresh = [job for job in distinct_jobs(self.next_jobs()) if job.key not in known]
        self.store.forget_dead([job.key for job in fresh])
        self.todo = {job.key: job for job in open_jobs(fresh, self.store)}
        self.jobs += fresh
        self.old += len(fresh) - len(self.todo)

    def work_through(self, pools: Sequence[Pool], jobs: list[Job], *, work: Mapping[str, float]) -> None:
        """Hand out these jobs and wait for all of them; a run that another process holds is asked for again later."""
        queue = Queue(jobs, workers=len(pools), work=work)
        most = math.ceil(len(jobs) / len(pools)) if self.together else 1
        waiting: dict[Future[Any], _Task] = {}
        elsewhere: list[Job] = []
        asked_again = time.monotonic()
        self.tell()
        while queue or waiting or elsewhere:
            for worker in {*range(len(pools))} - {task.worker for task in waiting.values()}:
                if taken := queue.take_together(worker, most=most):
                    future = pools[worker].submit("train", taken, self.store.folder)
                    waiting[future] = _Task(taken, worker, time.monotonic())
            finished = wait(waiting, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED).done if waiting else set()
            for future in finished:
                elsewhere += self._settle(waiting.pop(future), future.result(), queue)
            self.tell()
            if elsewhere and time.monotonic() - asked_again > ELSEWHERE_SECONDS:
                for job in elsewhere:
                    queue.put_back(job)
                elsewhere, asked_again = [], time.monotonic()
            if not waiting and not queue:
                time.sleep(TICK_SECONDS)

    def _settle(self, task: _Task, outcomes: Mapping[str, str], queue: Queue) -> list[Job]:
        """Strike off what a worker has done, and put back what it has not begun; returns what another process holds."""
        done = [job for job in task.jobs if outcomes.get(job.key) == "done"]
        for job in done:
            queue.learn(job, (time.monotonic() - task.started) / len(done))
            del self.todo[job.key]
        for job in task.jobs:
            if job.key not in outcomes:
                queue.put_back(job)
        return [job for job in task.jobs if outcomes.get(job.key) == "busy"]

    def tell(self) -> None:
        """Tell the watcher how far the study is."""
        done = frozenset(job.key for job in self.jobs if job.key not in self.todo)
        running = self.store.progress(list(self.todo))
        self.watch(Progress(self.jobs, done, running, self.old, time.monotonic() - self.started))


def _check_models(pools: Sequence[Pool], jobs: Iterable[Job], data: DataEntry) -> dict[str, float]:
    """Build every network once, so that a mistake in the last model is found before the first is trained.

    Returns:
        About how much work a run of each model is.
    """
    models = {job.cell.model.name: job.cell.model for job in jobs}
    shares = [tuple(models.values())[place :: len(pools)] for place in range(len(pools))]
    told = [
        pool.submit("describe", share, data.image_shape, len(data.class_names))
        for pool, share in zip(pools, shares, strict=True)
    ]
    summaries = [summary for future in told for summary in future.result()]
    return {summary.name: models[summary.name].protocol.epochs * summary.multiplications for summary in summaries}


def _run_suspects_alone(campaign: _Campaign, broken: Exception, *, accelerator: int | None) -> None:
    """A worker died. Train each run that was under way in a process of its own; what kills that too is a failed row."""
    suspects = [campaign.todo[key] for key in campaign.store.progress(list(campaign.todo))]
    if not suspects:
        raise WorkerError(f"the worker processes die before they begin to train: {broken}") from broken
    for job in suspects:
        try:
            with worker_pool(1, accelerator=accelerator) as pool:
                campaign.work_through([pool], [job], work={job.cell.model.name: 1.0})
        except BrokenProcessPool as error:
            _record_crash(campaign, job, " ".join(str(error).split()))


def _record_crash(campaign: _Campaign, job: Job, reason: str) -> None:
    """Leave a failed row; if another process holds the run now, it stays to be done."""
    try:
        with worker_pool(1) as pool:
            outcome = pool.submit("record_crash", job, campaign.store.folder, reason).result()
    except BrokenProcessPool as error:
        raise WorkerError(f"a run killed its worker ({reason}), and so did recording that: {error}") from error
    if outcome == "done":
        del campaign.todo[job.key]
