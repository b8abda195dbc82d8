"""Comparisons and reports are made once for each set of runs."""

import asyncio

import pytest

from bakeoff.errors import WorkerError
from bakeoff.runner.pool import BrokenProcessPool
from bakeoff.server.desk import Desk

CRASHED, ONE = frozenset({("a", "crashed: killed")}), frozenset({("a", "")})
TWO = ONE | {("b", "")}


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
    """Others are judged anew, and a repeated one too; what it was made from is remembered."""

    async def ask():
        return [await desk.judge(runs) for runs in (CRASHED, ONE, ONE, TWO)]

    assert asyncio.run(ask()) == ["judge 1", "judge 2", "judge 2", "judge 3"]
    assert desk.judged == TWO


def test_the_same_report_is_written_once(desk):
    """Also where many ask at the same time; about what was judged last, and without judging."""

    async def ask():
        before = await desk.page()
        await desk.judge(ONE)
        pages = await asyncio.gather(desk.page(), desk.page())
        await desk.judge(TWO)
        return [before, *pages, await desk.page()]

    assert asyncio.run(ask()) == ["", "write_page 2", "write_page 2", "write_page 4"]


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
