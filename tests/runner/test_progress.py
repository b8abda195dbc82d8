"""What a watcher is told, with a pool that does nothing but answer."""

from concurrent.futures import Future

import pytest

from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.pool import Pool
from bakeoff.runner.run import Progress, _Campaign
from bakeoff.spec import parse_study

TWINS = """
name: s
data: digits
protocol: {seeds: 2}
models:
  one: {mlp: {hidden: [4]}}
  twin: {mlp: {hidden: [4]}}
  other: {mlp: {hidden: [5]}}
"""


WORK = {"one": 1.0, "twin": 1.0, "other": 1.0}


class AnsweringPool(Pool):
    """Answers each job at once with the next of its answers, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def submit(self, task: str, *arguments: object) -> Future:
        """An answer that is there already."""
        self.asked += 1
        future: Future = Future()
        future.set_result(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        return future


@pytest.fixture
def jobs():
    """Six jobs, two of them twins of two others."""
    return plan_jobs(parse_study(TWINS).study, fingerprint="f")


def test_twins_are_counted_once(jobs, store):
    """Two names for one network are one run in every count."""
    told: list[Progress] = []
    campaign = _Campaign(lambda: jobs, store, told.append)
    campaign.ask()
    campaign.work_through([AnsweringPool("done")], list(campaign.todo.values()), work=WORK)
    assert (len(told[-1].jobs), len(told[-1].done), told[-1].old) == (4, 4, 0)


def test_busy_runs_are_asked_for_at_a_calm_pace(jobs, store, monkeypatch):
    """A run that another process holds is asked for again, not in a tight loop."""
    monkeypatch.setattr("bakeoff.runner.run.ELSEWHERE_SECONDS", 0.3)
    campaign = _Campaign(lambda: jobs[:1], store, lambda progress: None)
    campaign.ask()
    pool = AnsweringPool("busy", "busy", "done")
    campaign.work_through([pool], list(campaign.todo.values()), work=WORK)
    assert pool.asked == 3
    assert not campaign.todo


def test_time_left_follows_the_pace(jobs):
    """Two runs and two halves done in 30 s, one run to go: 10 s left. Nothing done: nobody knows."""
    keys = list({job.key: job for job in jobs})
    unique = list({job.key: job for job in jobs}.values())
    running = {keys[2]: {"epoch": 5, "epochs": 10}, keys[3]: {"epoch": 1, "epochs": 2}}
    progress = Progress(unique, frozenset(keys[:2]), running, old=0, seconds=30.0)
    assert progress.under_way == 1.0
    assert progress.seconds_left == pytest.approx(10.0)
    assert Progress(unique, frozenset(), {}, old=0, seconds=5.0).seconds_left is None
