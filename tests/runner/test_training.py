"""What a worker does with the runs that it is handed, in this process; and a whole study of replicas, in workers."""

import numpy as np
import pytest

import bakeoff
from bakeoff.data import load_dataset
from bakeoff.runner import training
from bakeoff.runner.jobs import plan_jobs
from bakeoff.spec import parse_study
from bakeoff.store import Store, open_store

pytestmark = pytest.mark.slow

STUDY = """
name: tiny
data: digits
protocol: {epochs: 2, batch_size: 64, seeds: 3, validation: {holdout: 0.2}}
models:
  dense: {mlp: {hidden: [8]}, protocol: {optimizer: {sgd: {learning_rate: 0.1}}}}
"""
FAST = "  fast: {mlp: {hidden: [8]}, protocol: {optimizer: {sgd: {learning_rate: 0.5}}}}\n"


@pytest.fixture
def jobs():
    """Three seeds of a small network."""
    return plan_jobs(parse_study(STUDY).study, fingerprint=load_dataset("digits").fingerprint)


@pytest.fixture
def sizes(monkeypatch) -> list[int]:
    """How many runs each call of the engine trained together."""
    counted: list[int] = []
    real = training.fit_replicas

    def fit_replicas(program, split, replicas, **named):
        counted.append(len(replicas))
        return real(program, split, replicas, **named)

    monkeypatch.setattr(training, "fit_replicas", fit_replicas)
    return counted


def _train_all(jobs, store: Store) -> None:
    """As the planning process does it: what is given back is handed out again."""
    left = list(jobs)
    while left:
        outcomes = training.train(left, store.folder)
        left = [job for job in left if job.key not in outcomes]


def _replicas(store: Store) -> list[str]:
    return [record.environment.get("replicas", "1") for record in store.all_records()]


def test_a_cpu_trains_run_by_run(jobs, store, sizes, monkeypatch):
    """Unless somebody asks for replicas, every run is a plain one, and its record speaks of none."""
    monkeypatch.delenv("BAKEOFF_REPLICAS", raising=False)
    assert training.train(jobs, store.folder) == {jobs[0].key: "done"}  # the others are given back
    _train_all(jobs[1:], store)
    assert sizes == [1, 1, 1]
    assert _replicas(store) == ["1", "1", "1"]
    assert not any("replicas" in record.environment for record in store.all_records())


@pytest.mark.parametrize(("asked", "expected"), [("1", [1, 1, 1]), ("2", [2, 1]), ("3", [3]), ("9", [3])])
def test_as_many_together_as_asked_for(jobs, store, sizes, monkeypatch, asked, expected):
    """Groups are no larger than asked for, and each record says how large its own was."""
    monkeypatch.setenv("BAKEOFF_REPLICAS", asked)
    _train_all(jobs, store)
    assert sizes == expected
    assert sorted(_replicas(store)) == sorted(str(size) for size in expected for _ in range(size))


def test_what_cannot_be_measured_is_trained_one_by_one(jobs, store, sizes, monkeypatch):
    """A network that does not fit, or that JAX cannot vectorise, is left to its own training."""
    monkeypatch.delenv("BAKEOFF_REPLICAS", raising=False)

    def measure(*_, **__):
        raise NotImplementedError("Batching rule for 'rnn_fwd' not implemented")

    monkeypatch.setattr(training, "measure_replicas", measure)
    _train_all(jobs, store)
    assert sizes == [1, 1, 1]


def test_what_fails_together_is_tried_alone(jobs, store, monkeypatch):
    """Too large together: each is trained by itself, and only what fails then is a failed row."""
    monkeypatch.setenv("BAKEOFF_REPLICAS", "3")
    real = training.fit_replicas

    def fit_replicas(program, split, replicas, **named):
        if len(replicas) > 1 or replicas[0].seed == 1:
            raise RuntimeError("RESOURCE_EXHAUSTED: out of memory while allocating")
        return real(program, split, replicas, **named)

    monkeypatch.setattr(training, "fit_replicas", fit_replicas)
    assert set(training.train(jobs, store.folder).values()) == {"done"}
    assert [record.status for record in store.all_records()] == ["finished", "out of memory", "finished"]
    assert not store.progress([job.key for job in jobs])


def test_what_is_held_or_done_is_left_out(jobs, store, sizes, monkeypatch):
    """Of three runs one is held by another process and one has a result: the third is trained, by itself."""
    monkeypatch.setenv("BAKEOFF_REPLICAS", "3")
    training.train(jobs[:1], store.folder)
    with store.claim(jobs[1].key):
        outcomes = training.train(jobs, store.folder)
    assert [outcomes[job.key] for job in jobs] == ["done", "busy", "done"]
    assert sizes == [1, 1]
    assert [record.seed for record in store.all_records()] == [0, 2]


def _outcome(store: Store) -> dict[str, tuple]:
    return {
        record.key: (record.model, record.seed, record.status, record.epoch, record.images, record.protocol)
        for record in store.all_records()
    }


def test_a_study_of_replicas_is_that_of_plain_runs(store, tmp_path, monkeypatch):
    """A real worker that trains two learning rates together leaves the store that they leave run by run."""
    study = parse_study(STUDY + FAST).study
    monkeypatch.setenv("BAKEOFF_REPLICAS", "6")
    results = bakeoff.run(study, store=tmp_path / "together", workers=1)
    monkeypatch.delenv("BAKEOFF_REPLICAS")
    _train_all(plan_jobs(study, fingerprint=load_dataset("digits").fingerprint), store)
    together = open_store(tmp_path / "together")
    assert _outcome(together) == _outcome(store)
    for record in together.all_records():
        alone = store.record(record.key)
        assert record.history.loss == pytest.approx(alone.history.loss, rel=1e-5)
        assert record.history.validation_loss == pytest.approx(alone.history.validation_loss, rel=1e-5)
        assert record.test_accuracy == alone.test_accuracy
        difference = together.probabilities(record.key) - store.probabilities(record.key)
        assert np.abs(difference).max() < 1e-3  # kept in 16 bits
        assert (record.environment["replicas"], alone.environment.get("replicas")) == ("6", None)
    assert [model.seeds for model in results.compare().models] == [3, 3]


def test_memory_makes_groups_of_about_one_size(monkeypatch):
    """Of four runs of which three fit, two and two are trained together, of each fold by itself."""
    monkeypatch.delenv("BAKEOFF_REPLICAS", raising=False)
    wanted = []

    def measure(program, images, labels, *, examples, most):
        wanted.append(most)
        return min(3, most)

    monkeypatch.setattr(training, "measure_replicas", measure)
    folds = parse_study(STUDY.replace("{holdout: 0.2}", "{kfold: 2}").replace("seeds: 3", "seeds: 4")).study
    left, groups = plan_jobs(folds, fingerprint=load_dataset("digits").fingerprint), []
    while left:
        group = training._first_group(left)
        groups.append([(job.fold, job.seed) for job in group])
        left = [job for job in left if job not in group]
    assert groups == [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, 2), (0, 3)], [(1, 2), (1, 3)]]
    assert wanted == [4, 4, 2, 2]


def test_the_first_of_a_group_has_compiled(jobs, store, monkeypatch):
    """Seconds of compiling are told once, and all training seconds add up to what was spent."""
    monkeypatch.setenv("BAKEOFF_REPLICAS", "3")
    monkeypatch.setattr(training, "_programs", {})
    training.train(jobs, store.folder)
    records = store.all_records()
    assert [record.compile_seconds > 0 for record in records] == [True, False, False]
    assert len({record.train_seconds for record in records}) == 1
