"""One core and one thread for each worker: faster than sharing cores, and the same results however many work."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from bakeoff.runner.executables import keep_executables

WATCH_SECONDS = 1.0  # how soon a worker notices that nobody waits for it any more

# One thread; and LLVM's first level of optimisation, which compiles a quarter faster than its third into code as fast.
XLA_FLAGS = ("--xla_cpu_multi_thread_eigen=false", "--xla_backend_optimization_level=1")

_held: list[FileLock] = []  # a process keeps its core's lock until it ends; the operating system then releases it


def prepare_worker(parent: int, pins: bool = True, flags: Sequence[str] = XLA_FLAGS) -> None:
    """Give this process one thread and, where the system allows, a core of its own. Called before JAX is imported.

    Ctrl-C reaches a terminal's whole group of processes; the one that planned the work answers it and ends the others.
    Should that one be killed, its workers end by themselves.

    Args:
        parent: Number of the process that planned the work.
        pins: Whether it takes a core; one that mostly waits leaves them to those that train.
        flags: For XLA; the user's own come after them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    os.environ["XLA_FLAGS"] = " ".join([*flags, *os.environ.get("XLA_FLAGS", "").split()])
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    keep_executables()
    if pins and hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(
            OSError
        ):  # a folder for locks that cannot be written: work on, without a core of one's own
            _pin_to_free_core(Path(tempfile.gettempdir()) / f"bakeoff-cores-{os.getuid()}")


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)


def _pin_to_free_core(folder: Path) -> None:
    """Pin to the first physical core that no other worker on this machine holds; stay unpinned if all are held."""
    folder.mkdir(exist_ok=True)
    for core in sorted(os.sched_getaffinity(0)):
        lock = FileLock(folder / f"core-{_physical_core(core)}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        _held.append(lock)
        os.sched_setaffinity(0, {core})
        return


def _physical_core(core: int) -> str:
    """A name shared by the hardware threads of one core; the thread's own number where the system does not tell."""
    siblings = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    return siblings.read_text().strip().replace(",", "_") if siblings.exists() else str(core)
