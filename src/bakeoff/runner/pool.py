"""Worker processes, and the one door through which work reaches them.

Work is named by text and looked up inside the worker, so that the process that plans and prints never imports Keras or
JAX.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterator
from concurrent.futures import Future
from functools import lru_cache
from typing import Any

from loky import cpu_count
from loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

from bakeoff.errors import WorkerError
from bakeoff.runner.accelerators import bind_to, knows_accelerators
from bakeoff.runner.cores import XLA_FLAGS, prepare_worker

__all__ = [
    "BrokenProcessPool",
    "Pool",
    "count_accelerators",
    "default_workers",
    "separate_workers",
    "worker_pool",
]


NO_LEAK = "1e15"
"""Bytes that a worker may grow by before loky puts a fresh one in its place. What JAX and a compiled program take looks
like a leak to it, and a fresh worker would have to import and to compile all again."""


class Pool:
    """Running worker processes. Open one with `worker_pool`."""

    def __init__(self, executor: ProcessPoolExecutor) -> None:
        self._executor = executor

    def submit(self, task: str, *arguments: Any) -> Future[Any]:
        """Have a worker call the function of this name in `bakeoff.runner.worker`."""
        future: Future[Any] = self._executor.submit(_call, task, arguments)
        return future


@contextlib.contextmanager
def worker_pool(workers: int, *, waiting: bool = False, accelerator: int | None = None) -> Iterator[Pool]:
    """Start worker processes; they are gone when the context ends, killed if it ends by an error or Ctrl-C.

    Args:
        workers: How many.
        waiting: Whether they mostly wait for questions: then they take no core of their own, and nothing that they are
            doing when the context ends is worth waiting for.
        accelerator: The GPU that is theirs alone, from 0; such a worker takes no core, and JAX's own settings.
    """
    on_cpu = accelerator is None
    executor = ProcessPoolExecutor(
        max_workers=workers,
        initializer=prepare_worker,
        initargs=(os.getpid(), on_cpu and not waiting, XLA_FLAGS if on_cpu else ()),
        timeout=None,
        env={"LOKY_MAX_MEMORY_LEAK_SIZE": NO_LEAK, **bind_to(accelerator, os.environ)},
    )
    try:
        yield Pool(executor)
    except BaseException:
        executor.shutdown(wait=True, kill_workers=True)
        raise
    executor.shutdown(wait=True, kill_workers=waiting)


@contextlib.contextmanager
def separate_workers(count: int, *, accelerated: bool = False) -> Iterator[list[Pool]]:
    """Start worker processes that can each be asked by itself: what one has compiled, the others have not.

    Args:
        count: How many.
        accelerated: Whether each of them has an accelerator for itself; there are as many at least.
    """
    places = range(count) if accelerated else [None] * count
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(worker_pool(1, accelerator=place)) for place in places]


def default_workers() -> int:
    """One for each accelerator; without any, one for each physical core that this process may use."""
    return count_accelerators() or int(cpu_count(only_physical_cores=True))


@lru_cache(maxsize=1)
def count_accelerators() -> int:
    """How many accelerators there are to train on; 0 where it is CPUs.

    A process that shall not load JAX cannot know: where JAX is installed for more than CPUs, a worker is asked.

    Raises:
        WorkerError: That worker does not even start.
    """
    if not knows_accelerators():
        return 0
    try:
        with worker_pool(1, waiting=True) as pool:
            return int(pool.submit("accelerators").result())
    except BrokenProcessPool as error:
        raise WorkerError(f"the worker process that looks for accelerators dies: {error}") from error


def _call(task: str, arguments: tuple[Any, ...]) -> Any:
    return getattr(importlib.import_module("bakeoff.runner.worker"), task)(*arguments)
