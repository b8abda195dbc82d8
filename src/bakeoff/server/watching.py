"""How far a study is, read from its store: what has finished, what failed, and what those who train now report.

Watching is reading: any process may train, on this store, started before or after the one that watches.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from bakeoff.errors import StoreError
from bakeoff.runner.jobs import Job, distinct_jobs, jobs_of, plan_jobs
from bakeoff.runner.plateaus import plan_stages
from bakeoff.spec import Study
from bakeoff.spec.record import REPEATABLE, Record
from bakeoff.store import Store, cells_of, open_store

TICK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
"""After so long without news a comment is sent, so that both ends know of each other."""

SILENT_SECONDS = 60.0
"""A run that has reported nothing for so long may have lost its process, and is looked after."""

QUIET_SECONDS = 30.0
"""Between two runs nobody trains for a moment, or until a worker that died is replaced; quiet lasts longer."""

Ended = frozenset[tuple[str, str]]
"""Address of each run that has ended, and why it failed: one that crashed is repeated under the same address."""


@dataclass(frozen=True)
class RunState:
    """Where one run of the study is.

    Attributes:
        model: Its name.
        seed: From 0.
        fold: From 0.
        state: open (nobody trains it), running, finished, or failed.
        epoch: Epochs that are done.
        epochs: Of all.
        validation_accuracy: Of the epoch that counts, or the last so far; None where there is none.
        reason: Why it failed.
    """

    model: str
    seed: int
    fold: int
    state: Literal["open", "running", "finished", "failed"]
    epoch: int = 0
    epochs: int = 0
    validation_accuracy: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Snapshot:
    """How far the study is.

    Attributes:
        runs: All that are planned, and what a race has added; model by model.
        note: Why there is nothing to see yet; empty otherwise.
        judged: The runs that have ended: what a comparison is made from.
        is_settled: Whether no run is about to end: all have results, or nobody has trained for a while.
    """

    runs: tuple[RunState, ...]
    note: str = ""
    judged: Ended = frozenset()
    is_settled: bool = True

    @property
    def sentence(self) -> str:
        """How far the study is, in words."""
        if self.note:
            return self.note
        ended, failed, running = (
            self._count(*states) for states in (("finished", "failed"), ("failed",), ("running",))
        )
        some_failed = f", {failed} of them failed" if failed else ""
        idle = "nothing is being trained now" if self.is_settled else "none is going on at this moment"
        now = f"{running} {'is' if running == 1 else 'are'} going on" if running else idle
        return f"{ended} of {len(self.runs)} runs have ended{some_failed}; {now}."

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the page: the runs by model, and their counts."""
        models: dict[str, list[dict[str, Any]]] = {}
        for run in self.runs:
            models.setdefault(run.model, []).append(asdict(run))
        counts = {state: self._count(state) for state in ("finished", "failed", "running", "open")}
        words = {"sentence": self.sentence, "is_settled": self.is_settled}
        return {"models": models, **counts, "total": len(self.runs), **words}

    def _count(self, *states: str) -> int:
        return sum(run.state in states for run in self.runs)


class Watch:
    """Takes a snapshot at most every half second, however many look."""

    def __init__(self, study: Study, folder: Path) -> None:
        self.study = study
        self.folder = folder
        self._ended: dict[str, RunState] = {}
        self._heard: dict[str, tuple[Any, float]] = {}
        self._lock = asyncio.Lock()
        self._latest: Snapshot | None = None
        self._taken = 0.0

    async def latest(self) -> Snapshot:
        """How far the study is now."""
        async with self._lock:
            if self._latest is None or time.monotonic() - self._taken >= TICK_SECONDS:
                self._latest = await asyncio.to_thread(self.look)
                self._taken = time.monotonic()
            return self._latest

    async def stream(self, is_stopping: Callable[[], bool]) -> AsyncIterator[str]:
        """Server-sent events: a snapshot whenever something has changed, a comment when nothing has for long."""
        yield "retry: 2000\n\n"
        sent, told = "", time.monotonic()
        while not is_stopping():
            news = json.dumps((await self.latest()).to_dict())
            if news != sent:
                yield f"event: progress\ndata: {news}\n\n"
                sent, told = news, time.monotonic()
            elif time.monotonic() - told > HEARTBEAT_SECONDS:
                yield ": nothing new\n\n"
                told = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)

    def look(self) -> Snapshot:
        """Read the store."""
        try:
            store = open_store(self.folder)
            known = store.data(self.study.data)
            if known is None:
                return Snapshot((), f"There is no run on {self.study.data} yet: bakeoff run {self.study.name}.")
            return self._read(store, known[0].fingerprint)
        except StoreError as error:
            return Snapshot((), f"{str(error)[0].upper()}{str(error)[1:]}.")

    def _read(self, store: Store, fingerprint: str) -> Snapshot:
        planned, possible = _list_jobs(self.study, store, fingerprint)
        there, running = store.keys(), self._listen(store, [job.key for job in possible])
        states = {job.key: self._state(job, store, running.get(job.key), there) for job in possible}
        shown = [job for job in possible if job.key in planned or states[job.key].state != "open"]
        ended = [job.key for job in shown if states[job.key].state in ("finished", "failed")]
        is_done = all(job.key in self._ended for job in possible)
        return Snapshot(
            tuple(states[job.key] for job in shown),
            judged=frozenset((key, states[key].reason) for key in ended),
            is_settled=not running and (is_done or _is_quiet(store.folder / "working")),
        )

    def _state(self, job: Job, store: Store, report: dict[str, Any] | None, there: frozenset[str]) -> RunState:
        who: dict[str, Any] = {"model": job.cell.model.name, "seed": job.seed, "fold": job.fold}
        if report is not None:
            seen = {name: report[name] for name in ("epoch", "epochs", "validation_accuracy")}
            return RunState(**who, state="running", **seen)
        if job.key in self._ended and job.key in there:
            return self._ended[job.key]
        record = store.record(job.key) if job.key in there else None
        if record is None:
            return RunState(**who, state="open", epochs=job.cell.model.protocol.epochs)
        state = RunState(**who, state="finished" if record.status == "finished" else "failed", **_ending(record))
        if record.status in REPEATABLE:
            self._ended[job.key] = state
        return state

    def _listen(self, store: Store, keys: list[str]) -> dict[str, dict[str, Any]]:
        """What runs report; one that has long been silent is forgotten if nobody holds it any more."""
        reports, now = store.progress(keys), time.monotonic()
        self._heard = {
            key: self._heard[key] if key in self._heard and self._heard[key][0] == report else (report, now)
            for key, report in reports.items()
        }
        for key in [key for key, (_, since) in self._heard.items() if now - since > SILENT_SECONDS]:
            with contextlib.suppress(StoreError):  # a store that can only be read
                store.forget_dead([key])
            self._heard[key] = (reports[key], now)
        return reports


def _is_quiet(working: Path) -> bool:
    """Whether nobody has begun a run, ended one or told of an epoch for long: each of these changes the folder."""
    try:
        return time.time() - working.stat().st_mtime > QUIET_SECONDS
    except FileNotFoundError:
        return True


def _ending(record: Record) -> dict[str, Any]:
    history = record.history
    known = history.validation_accuracy[: record.epoch or None]
    return {
        "epoch": len(history.loss),
        "epochs": len(history.loss),
        "validation_accuracy": known[-1] if known else None,
        "reason": f"{record.status}: {record.reason}" if record.status != "finished" else "",
    }


def _list_jobs(study: Study, store: Store, fingerprint: str) -> tuple[frozenset[str], list[Job]]:
    """Addresses of what is planned for certain, and every job that there may be."""
    race = study.protocol.race
    if race is None:
        jobs = distinct_jobs(plan_stages(study, store, fingerprint=fingerprint))
        return frozenset(job.key for job in jobs), jobs
    cells = cells_of(study, fingerprint=fingerprint)
    most = {cell.key: cell.model.protocol.most_seeds for cell in cells}
    planned = frozenset(job.key for job in plan_jobs(study, fingerprint=fingerprint))
    return planned, distinct_jobs(jobs_of(cells, most, data=study.data, fingerprint=fingerprint))
