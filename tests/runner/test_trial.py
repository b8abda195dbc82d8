"""Trials: short trainings that say what a whole run costs."""

import pytest

from bakeoff.data import load_dataset
from bakeoff.errors import StudyError, WorkerError
from bakeoff.runner import trial as trials
from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.trial import Pace, run_seconds, trial
from bakeoff.spec import parse_study
from bakeoff.spec.protocol import Protocol


@pytest.fixture
def jobs(tiny):
    """The runs of the tiny study on its real data."""
    return plan_jobs(tiny, fingerprint=load_dataset(tiny.data).fingerprint)


def test_seconds_by_hand():
    """Three epochs of 100 x 0.01 + 20 x 0.002 s, 50 test images of 0.002 s, and 0.5 s to draw and save."""
    pace = Pace(train_seconds=0.01, evaluate_seconds=0.002, keep_seconds=0.5)
    assert run_seconds(pace, Protocol(epochs=3), train=100, validation=20, test=50) == pytest.approx(
        3 * (1.0 + 0.04) + 0.1 + 0.5
    )


@pytest.mark.slow
def test_a_trial_knows_time_and_size(jobs):
    """Everything is measured and above 0; a saved network holds four bytes for each of its 610 weights, at least."""
    cost = trial(jobs[0])
    assert cost.basis == "trial"
    assert min(cost.setup_seconds, cost.run_seconds) > 0
    assert cost.run_bytes > 4 * (64 * 8 + 8 + 8 * 10 + 10) + 2 * 10 * len(load_dataset("digits").test_labels)


@pytest.mark.slow
def test_two_kept_epochs_take_twice_the_disk(jobs, tiny):
    """Where the protocol chooses an epoch, two networks are saved."""
    text = "name: t\ndata: digits\nprotocol: {epochs: 2, stop: best}\nmodels: {small: {mlp: {hidden: [8]}}}"
    chosen = plan_jobs(parse_study(text).study, fingerprint=jobs[0].fingerprint)
    predictions = 2 * 10 * len(load_dataset("digits").test_labels)
    one, two = (trial(job).run_bytes - predictions for job in (jobs[0], chosen[0]))
    assert two == pytest.approx(2 * one, rel=0.02)


def test_a_failing_trial_says_whose(jobs, monkeypatch):
    """Whatever goes wrong is told in a sentence that names the model and what to do."""

    def fail(job):
        raise MemoryError("RESOURCE_EXHAUSTED: no room\nfor so much")

    monkeypatch.setattr(trials, "_measure", fail)
    with pytest.raises(
        WorkerError, match=r"the trial of small failed, and its runs will probably fail as well \(RESOURCE_EXH.*room\)"
    ):
        trial(jobs[0])


def test_mistakes_in_the_study_stay_such(jobs, monkeypatch):
    """A StudyError keeps its path, so that it can be placed in the file."""

    def fail(job):
        raise StudyError("no such layer", path=("models", "small"))

    monkeypatch.setattr(trials, "_measure", fail)
    with pytest.raises(StudyError, match="no such layer"):
        trial(jobs[0])
