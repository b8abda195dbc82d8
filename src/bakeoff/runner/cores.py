"""One core and one thread for each worker: faster than sharing cores, and the same results however many work."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

_held: list[FileLock] = []  # a process keeps its core's lock until it ends; the operating system then releases it


def prepare_worker() -> None:
    """Give this process one thread and, where the system allows, a core of its own. Called before JAX is imported.

    Ctrl-C reaches a terminal's whole group of processes; the one that planned the work answers it and ends the others.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    flags = os.environ.get("XLA_FLAGS", "")
    os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if hasattr(os, "sched_setaffinity"):
        _pin_to_free_core()


def _pin_to_free_core() -> None:
    """Pin to the first core that no other worker on this machine holds; stay unpinned if all are held."""
    folder = Path(tempfile.gettempdir()) / f"bakeoff-cores-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for core in sorted(os.sched_getaffinity(0)):
        lock = FileLock(folder / f"core-{core}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        _held.append(lock)
        os.sched_setaffinity(0, {core})
        return
