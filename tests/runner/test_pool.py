"""Worker processes, and what they take of the machine."""

import os
import time

import pytest

from bakeoff.runner.pool import worker_pool


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not tell cores")
def test_who_waits_takes_no_core():
    """A worker that is asked now and then leaves the cores to those that train."""
    with worker_pool(1, waiting=True) as pool:
        assert pool._executor.submit(os.sched_getaffinity, 0).result() == os.sched_getaffinity(0)


def test_nobody_waits_for_who_waits():
    """What such a worker is doing when the context ends, is not waited for."""
    with worker_pool(1, waiting=True) as pool:
        pool._executor.submit(os.getpid).result()
        began = time.monotonic()
        pool._executor.submit(time.sleep, 600)
    assert time.monotonic() - began < 300


_held: list[bytes] = []


def _grow(mebibytes: int) -> int:
    """Take memory for good, as a compiled program does; returns the number of this process."""
    _held.append(b"x" * (mebibytes * 2**20))
    time.sleep(1.1)  # loky looks once a second
    return os.getpid()


def test_a_worker_that_grows_stays():
    """What a worker has compiled is not thrown away because it takes memory."""
    pytest.importorskip("psutil", reason="without psutil, loky does not measure memory")
    with worker_pool(1) as pool:
        assert len({pool._executor.submit(_grow, mebibytes).result() for mebibytes in (1, 1, 400, 1, 1)}) == 1
