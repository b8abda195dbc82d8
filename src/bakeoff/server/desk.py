"""Comparisons and reports, made in a process of their own so that no page waits for another one's.

A comparison is a look at the test set, and looks are counted. So none is made twice for the same runs, and while runs
are going on none is made unasked: the report is drawn from the comparison that the standing shows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from bakeoff.comparison import Comparison, compare_study
from bakeoff.data import load_dataset
from bakeoff.errors import DataError, WorkerError
from bakeoff.report.page import make_page
from bakeoff.runner.cores import prepare_worker
from bakeoff.server.watching import Ended
from bakeoff.spec import Study
from bakeoff.store import open_store


def get_ready() -> None:
    """Nothing: but to be asked for it, the process must load this module."""


def judge(study: Study, folder: Path) -> Comparison:
    """Judge what the store holds."""
    return compare_study(study, open_store(folder), images=True)


def write_page(comparison: Comparison, reference: str) -> str:
    """The whole report, with the images where the data are at hand."""
    try:
        dataset = load_dataset(reference)
    except DataError:
        return make_page(comparison)
    unchanged = dataset.fingerprint == comparison.data.fingerprint
    return make_page(comparison, dataset.test_images if unchanged else None)


class Desk:
    """Where a comparison and its report are kept until other runs have ended than those it was made from."""

    def __init__(self, study: Study, folder: Path) -> None:
        self.study = study
        self.folder = folder
        self.comparison: Comparison | None = None
        self.judged: Ended = frozenset()
        """The runs that `comparison` was made from."""
        self._page: tuple[Comparison | None, str] = (None, "")
        self._executor: ProcessPoolExecutor | None = None
        self._lock = asyncio.Lock()

    async def warm_up(self) -> None:
        """Start the process, which takes longer than a comparison."""
        await self._run(get_ready)

    async def judge(self, runs: Ended) -> Comparison:
        """The comparison of these runs, which have ended; made anew only if they are not those of the last one.

        Raises:
            BakeoffError: The study asks for something that does not fit, or the store cannot be read.
        """
        async with self._lock:
            if self.comparison is None or self.judged != runs:
                self.comparison, self.judged = await self._run(judge, self.study, self.folder), runs
            return self.comparison

    async def page(self) -> str:
        """The report on what was judged last; empty before anything was."""
        async with self._lock:
            if self._page[0] is not self.comparison:
                self._page = self.comparison, await self._run(write_page, self.comparison, self.study.data)
            return self._page[1]

    async def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._executor is not None:
            await asyncio.to_thread(self._executor.shutdown, wait=True, kill_workers=True)
        self._executor = None

    async def _run(self, task: Callable[..., Any], *arguments: Any) -> Any:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                max_workers=1, initializer=prepare_worker, initargs=(os.getpid(), False), timeout=None
            )
        try:
            return await asyncio.wrap_future(self._executor.submit(task, *arguments))
        except BrokenProcessPool as error:
            await self.close()
            raise WorkerError("the process that compares the runs died: ask again, which starts a new one") from error
