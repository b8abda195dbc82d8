"""Which run a worker trains next: a model is compiled once where that is possible, and no core idles at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bakeoff.runner.jobs import Job


class Queue:
    """The runs that wait for a worker; what each worker last trained, and so has compiled, decides who gets which.

    A worker stays with its model while runs of it are left. Then it begins the model with the most work left that no
    other worker is at. Only when there is none does it help with a model that another worker has compiled, and only if
    compiling it again is expected to take less time than it saves.
    """

    def __init__(self, jobs: Iterable[Job], *, workers: int, work: Mapping[str, float]) -> None:
        """Put jobs into the queue.

        Args:
            jobs: In the order in which the runs of a model are to be trained.
            workers: How many ask; they are numbered from 0.
            work: Of one run of each model, by the model's name, in any unit.
        """
        self._waiting: dict[str, list[Job]] = defaultdict(list)
        for job in jobs:
            self._waiting[job.cell.key].append(job)
        self._work = work
        self._at: list[str | None] = [None] * workers
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return any(self._waiting.values())

    def put_back(self, job: Job) -> None:
        """Have a job wait again."""
        self._waiting[job.cell.key].append(job)

    def take(self, worker: int) -> Job | None:
        """The next job of this worker; None if nothing waits that it had better begin now."""
        cell = self._choose(worker)
        if cell is None:
            return None
        self._at[worker] = cell
        return self._waiting[cell].pop(0)

    def learn(self, job: Job, seconds: float) -> None:
        """How long a job took: the first of a model has compiled it, the later ones have not."""
        self._seconds[job.cell.key].append(seconds)

    def _choose(self, worker: int) -> str | None:
        open_cells = [cell for cell, jobs in self._waiting.items() if jobs]
        mine, others = self._at[worker], {cell for place, cell in enumerate(self._at) if place != worker}
        if mine in open_cells:
            return mine
        candidates = [cell for cell in open_cells if cell not in others] or [*filter(self._needs_help, open_cells)]
        return max(candidates, key=self._work_left, default=None)

    def _needs_help(self, cell: str) -> bool:
        """Whether who compiled this model needs longer for what waits, and half of what it is at, than a newcomer."""
        seconds = self._seconds[cell]
        if len(seconds) < 2:
            return True
        return (len(self._waiting[cell]) + 0.5) * min(seconds) > max(seconds)

    def _work_left(self, cell: str) -> float:
        jobs = self._waiting[cell]
        return len(jobs) * self._work[jobs[0].cell.model.name]
