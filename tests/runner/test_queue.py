"""Who trains what next."""

import pytest

from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.queue import Queue
from bakeoff.spec import parse_study

STUDY = """
name: s
data: digits
protocol: {seeds: 3}
models:
  small: {mlp: {hidden: [4]}}
  middle: {mlp: {hidden: [5]}}
  large: {mlp: {hidden: [6]}}
"""
WORK = {"small": 1.0, "middle": 10.0, "large": 100.0}


@pytest.fixture
def queue() -> Queue:
    """Three seeds of three models, for two workers."""
    return Queue(plan_jobs(parse_study(STUDY).study, fingerprint="f"), workers=2, work=WORK)


def _take(queue: Queue, worker: int) -> str:
    job = queue.take(worker)
    assert job
    return f"{job.cell.model.name} {job.seed}"


def test_the_longest_model_comes_first_and_each_worker_keeps_its_own(queue):
    """Two workers compile two models, and stay with them while runs are left."""
    assert _take(queue, 0) == "large 0"
    assert _take(queue, 1) == "middle 0"
    assert [_take(queue, 0), _take(queue, 0)] == ["large 1", "large 2"]
    assert _take(queue, 1) == "middle 1"


def test_a_free_worker_begins_a_model_of_nobody_before_it_helps(queue):
    """The last model is begun by whoever is free first; then the others are helped with."""
    for _ in range(3):
        queue.take(0)
    assert _take(queue, 1) == "middle 0"
    assert _take(queue, 0) == "small 0"
    for _ in range(2):
        queue.take(0)
    assert _take(queue, 0) == "middle 1"  # compiled a second time, for a core would idle
    assert _take(queue, 1) == "middle 2"
    assert not queue


def test_a_run_that_was_put_back_is_handed_out_again(queue):
    """Nothing gets lost while another process holds a run."""
    job = queue.take(0)
    for _ in range(8):
        queue.take(1)
    assert not queue
    queue.put_back(job)
    assert queue
    assert queue.take(1) == job


def test_runs_of_one_model_are_taken_together(queue):
    """As many as asked for, in their order, never of two models; what is left goes to whoever asks next."""
    taken = [[f"{job.cell.model.name} {job.seed}" for job in queue.take_together(0, most=2)] for _ in range(3)]
    assert taken == [["large 0", "large 1"], ["large 2"], ["middle 0", "middle 1"]]


def test_models_that_differ_in_their_learning_rate_are_one():
    """Their runs share a compiled program, so a worker takes both; another optimiser is another program."""
    text = STUDY.replace("seeds: 3", "seeds: 2")
    rates = ["{adam: {learning_rate: 0.01}}", "{adam: {learning_rate: 0.1}}", "adam", "{adam: {beta_1: 0.8}}"]
    models = [
        f"  m{place}: {{mlp: {{hidden: [4]}}, protocol: {{optimizer: {rate}}}}}" for place, rate in enumerate(rates)
    ]
    study = parse_study(text[: text.index("models:")] + "models:\n" + "\n".join(models)).study
    queue = Queue(plan_jobs(study, fingerprint="f"), workers=2, work={f"m{place}": 1.0 for place in range(4)})
    assert [job.cell.model.name for job in queue.take_together(0, most=9)] == ["m0", "m0", "m1", "m1", "m2", "m2"]
    assert [job.cell.model.name for job in queue.take_together(1, most=9)] == ["m3", "m3"]


def test_an_empty_queue_has_nothing_to_take():
    """None is the answer, again and again."""
    queue = Queue([], workers=1, work={})
    assert queue.take(0) is None
    assert not queue


@pytest.mark.parametrize(
    ("seconds", "waiting", "helps"), [((14, 4), 1, False), ((14, 4), 4, True), ((70, 60), 1, True)]
)
def test_who_would_compile_longer_than_it_saves_does_not_help(seconds, waiting, helps):
    """4 s a run and 14 s with compiling: one run that waits is left to whoever is there; four are not."""
    text = STUDY.replace("seeds: 3", f"seeds: {len(seconds) + 1 + waiting}")
    jobs = [job for job in plan_jobs(parse_study(text).study, fingerprint="f") if job.cell.model.name == "large"]
    queue = Queue(jobs, workers=2, work=WORK)
    for taken in seconds:
        queue.learn(queue.take(0), taken)
    queue.take(0)
    assert (queue.take(1) is not None) == helps
    assert queue.take(0) is not None or helps
