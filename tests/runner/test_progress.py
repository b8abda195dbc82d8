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
    """Answers at once, each time with the next of its answers for all jobs, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def submit(self, task: str, *arguments: object) -> Future:
        """An answer that is there already."""
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        future: Future = Future()
        future.set_result({job.key: answer for job in arguments[0]})
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


@pytest.mark.parametrize(("together", "asked"), [(False, 4), (True, 2)])
def test_runs_of_one_model_are_handed_out_together(jobs, store, together, asked):
    """Two seeds of two networks: one by one four times, else once for each network, whose runs share a program."""
    campaign = _Campaign(lambda: jobs, store, lambda progress: None, together=together)
    campaign.ask()
    pool = AnsweringPool("done")
    campaign.work_through([pool], list(campaign.todo.values()), work=WORK)
    assert pool.asked == asked
    assert not campaign.todo


def test_what_another_process_holds_is_left_out_of_a_group(jobs, store, monkeypatch):
    """Of two runs asked for together one is busy: the other is done, and only the busy one is asked for again."""

    class Half(AnsweringPool):
        def submit(self, task: str, *arguments: object) -> Future:
            self.asked += 1
            future: Future = Future()
            future.set_result({job.key: "busy" if job.seed and self.asked == 1 else "done" for job in arguments[0]})
            return future

    monkeypatch.setattr("bakeoff.runner.run.ELSEWHERE_SECONDS", 0.0)
    told: list[Progress] = []
    campaign = _Campaign(lambda: jobs[:2], store, told.append, together=True)
    campaign.ask()
    pool = Half()
    campaign.work_through([pool], list(campaign.todo.values()), work=WORK)
    assert pool.asked == 2
    assert any(len(progress.done) == 1 for progress in told)
    assert not campaign.todo


def test_what_did_not_fit_is_handed_out_again(jobs, store):
    """A worker that trains one of the runs that it is handed gets the others back, until none is left."""

    class Small(AnsweringPool):
        def submit(self, task: str, *arguments: object) -> Future:
            self.asked += 1
            future: Future = Future()
            future.set_result({arguments[0][0].key: "done"})
            return future

    campaign = _Campaign(lambda: jobs, store, lambda progress: None, together=True)
    campaign.ask()
    pool = Small()
    campaign.work_through([pool], list(campaign.todo.values()), work=WORK)
    assert pool.asked == 4
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
