"""What accelerators change. None is at hand: what JAX would find is made up, or asked of a worker that uses the CPU."""

import pytest

from bakeoff.errors import WorkerError
from bakeoff.runner import pool as pools
from bakeoff.runner.accelerators import asked_replicas, bind_to
from bakeoff.runner.describing import accelerators


def test_memory_decides_unless_somebody_asks(monkeypatch):
    """Without the variable, or with an empty one, nobody has asked."""
    monkeypatch.delenv("BAKEOFF_REPLICAS", raising=False)
    assert asked_replicas() is None
    monkeypatch.setenv("BAKEOFF_REPLICAS", "")
    assert asked_replicas() is None
    monkeypatch.setenv("BAKEOFF_REPLICAS", "12")
    assert asked_replicas() == 12


@pytest.mark.parametrize("asked", ["0", "-1", "2.5", "many", "²"])
def test_replicas_are_counted_in_whole_numbers(monkeypatch, asked):
    """What cannot be a number of runs is refused, with what was found."""
    monkeypatch.setenv("BAKEOFF_REPLICAS", asked)
    with pytest.raises(
        WorkerError, match=f"BAKEOFF_REPLICAS must be a whole number of runs, at least 1, got '{asked}'"
    ):
        asked_replicas()


def test_who_shares_an_accelerator_takes_no_more_than_it_needs():
    """JAX takes most of a GPU's memory otherwise; what the user has set stays."""
    assert bind_to(None, {}) == {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    assert bind_to(None, {"XLA_PYTHON_CLIENT_PREALLOCATE": "true"}) == {"XLA_PYTHON_CLIENT_PREALLOCATE": "true"}


class _Device:
    def __init__(self, platform: str) -> None:
        self.platform = platform


@pytest.mark.parametrize(
    ("platforms", "count"), [(["cpu"], 0), (["cpu", "cpu"], 0), (["gpu"], 1), (["gpu"] * 4, 4), (["tpu"] * 8, 1)]
)
def test_gpus_are_counted(monkeypatch, platforms, count):
    """One worker for each GPU; other accelerators cannot be dealt out, and have one worker together."""
    monkeypatch.setattr("jax.local_devices", lambda: [_Device(platform) for platform in platforms])
    assert accelerators() == count


@pytest.fixture
def forgetful():
    """Counts accelerators anew, before and after."""
    pools.count_accelerators.cache_clear()
    yield
    pools.count_accelerators.cache_clear()


def test_without_plugins_nobody_is_asked(monkeypatch, forgetful):
    """Where JAX is installed for CPUs only, no process is started to find that out."""
    monkeypatch.setattr(pools, "knows_accelerators", lambda: False)
    monkeypatch.setattr(pools, "worker_pool", None)
    assert pools.count_accelerators() == 0
    assert pools.default_workers() >= 1


def test_one_worker_for_each_accelerator(monkeypatch):
    """Their number takes the place of that of the cores."""
    monkeypatch.setattr(pools, "count_accelerators", lambda: 3)
    assert pools.default_workers() == 3


@pytest.mark.slow
def test_where_there_are_plugins_a_worker_tells(monkeypatch, forgetful):
    """A plugin without a device, or one that is switched off, is no accelerator."""
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.setattr(pools, "knows_accelerators", lambda: True)
    assert pools.count_accelerators() == 0


def test_a_worker_that_dies_of_its_accelerator(monkeypatch, forgetful):
    """A driver that kills the process is an error with its reason."""

    def worker_pool(workers, *, waiting):
        raise pools.BrokenProcessPool("terminated by SIGSEGV")

    monkeypatch.setattr(pools, "knows_accelerators", lambda: True)
    monkeypatch.setattr(pools, "worker_pool", worker_pool)
    with pytest.raises(WorkerError, match="the worker process that looks for accelerators dies: terminated by SIGSEGV"):
        pools.count_accelerators()
