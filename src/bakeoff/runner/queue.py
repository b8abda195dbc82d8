"""Which run a worker trains next: a model is compiled once where that is possible, and no core idles at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bakeoff.runner.jobs import Job


class Queue:
    """The runs that wait for a worker; what each worker last trained, and so has compiled, decides who gets which.

    A worker stays with its model while runs of it are left. Then it begins the model with the most work left that no
    other worker is at. Only when there is none does it help with a model that another worker has compiled, and only if
    compiling it again is expected to take less time than it saves. Models that differ in nothing but their learning
    rate share a program, and count as one.
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
            self._waiting[job.cell.program].append(job)
        self._work = work
        self._at: list[str | None] = [None] * workers
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return any(self._waiting.values())

    def put_back(self, job: Job) -> None:
        """Have a job wait again."""
        self._waiting[job.cell.program].append(job)

    def take(self, worker: int) -> Job | None:
        """The next job of this worker; None if nothing waits that it had better begin now."""
        return next(iter(self.take_together(worker, most=1)), None)

    def take_together(self, worker: int, *, most: int) -> list[Job]:
        """The next jobs of this worker, all of one program, at least one unless nothing waits that it should begin."""
        program = self._choose(worker)
        if program is None:
            return []
        self._at[worker] = program
        taken, self._waiting[program] = self._waiting[program][:most], self._waiting[program][most:]
        return taken

    def learn(self, job: Job, seconds: float) -> None:
        """How long a job took: the first of a program has compiled it, the later ones have not."""
        self._seconds[job.cell.program].append(seconds)

    def _choose(self, worker: int) -> str | None:
        waiting = [program for program, jobs in self._waiting.items() if jobs]
        mine, others = self._at[worker], {program for place, program in enumerate(self._at) if place != worker}
        if mine in waiting:
            return mine
        candidates = [program for program in waiting if program not in others] or [*filter(self._needs_help, waiting)]
        return max(candidates, key=self._work_left, default=None)

    def _needs_help(self, program: str) -> bool:
        """Whether who compiled this one needs longer for what waits, and half of what it is at, than a newcomer."""
        seconds = self._seconds[program]
        if len(seconds) < 2:
            return True
        return (len(self._waiting[program]) + 0.5) * min(seconds) > max(seconds)

    def _work_left(self, program: str) -> float:
        jobs = self._waiting[program]
        return len(jobs) * self._work[jobs[0].cell.model.name]
