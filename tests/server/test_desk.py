"""Comparisons and reports are made once for each set of runs."""

import asyncio

import pytest

from bakeoff.errors import WorkerError
from bakeoff.runner.pool import BrokenProcessPool
from bakeoff.server.desk import Desk

ONE, TWO = frozenset({"a"}), frozenset({"a", "b"})


@pytest.fixture
def desk(monkeypatch, tiny, tmp_path):
    """A desk whose work is to count how often it is asked."""
    desk, done = Desk(tiny, tmp_path), []

    async def run(task, *_):
        done.append(task.__name__)
        return f"{task.__name__} {len(done)}"

    monkeypatch.setattr(desk, "_run", run)
    return desk


def test_the_same_runs_are_judged_once(desk):
    """Others are judged anew; what it was made from is remembered."""

    async def ask():
        return [await desk.judge(runs) for runs in (ONE, ONE, TWO)]

    assert asyncio.run(ask()) == ["judge 1", "judge 1", "judge 2"]
    assert desk.judged == TWO


def test_the_same_report_is_written_once(desk):
    """Also where many ask at the same time."""

    async def ask():
        return [*await asyncio.gather(desk.page(ONE), desk.page(ONE)), await desk.page(TWO)]

    assert asyncio.run(ask()) == ["write_page 1", "write_page 1", "write_page 2"]


def test_a_dead_process_is_replaced(tiny, tmp_path):
    """Whoever asked is told, and the broken one is gone."""
    desk = Desk(tiny, tmp_path)

    class Executor:
        def submit(self, *_):
            raise BrokenProcessPool("gone")

        def shutdown(self, **_):
            pass

    desk._executor = Executor()
    with pytest.raises(WorkerError, match="the process that compares the runs died: ask again"):
        asyncio.run(desk.judge(ONE))
    assert desk._executor is None
