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
