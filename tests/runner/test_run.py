"""The runner with real worker processes, real data and real networks."""

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import bakeoff
from bakeoff.data import load_dataset
from bakeoff.errors import StudyError, WorkerError
from bakeoff.runner import pool as pools
from bakeoff.runner.jobs import plan_jobs
from bakeoff.runner.run import run_jobs
from bakeoff.spec import only_models, parse_study
from bakeoff.spec.record import DataEntry
from bakeoff.store import open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent

STUDY = """
name: tiny
data: digits
protocol: {epochs: 5, batch_size: 16, seeds: 3, validation: {holdout: 0.2}}
models:
  dense: {mlp: {hidden: [16], dropout: 0.2}}
  conv: {cnn: {filters: [8], batch_normalization: true}}
"""


def _hashes(folder: Path) -> dict[str, str]:
    return {record.key: record.results_hash for record in open_store(folder).all_records()}


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> dict[str, str]:
    """The record hashes of the study, trained by one worker without interruption."""
    folder = tmp_path_factory.mktemp("one")
    bakeoff.run(parse_study(STUDY).study, store=folder, workers=1)
    hashes = _hashes(folder)
    assert len(set(hashes.values())) == 6
    return hashes


def test_two_workers_give_the_same_records(reference, tmp_path):
    """The number of workers changes no bit of any record."""
    bakeoff.run(parse_study(STUDY).study, store=tmp_path, workers=2)
    assert _hashes(tmp_path) == reference


def _start(study: Path, store: Path, log: Path | None = None) -> subprocess.Popen:
    """`bakeoff.run` in a process of its own; every training adds its key to the log."""
    count = f"from tests.runner import test_run; test_run.count_trainings({str(log)!r})\n" if log else ""
    code = f"{count}import bakeoff; bakeoff.run(bakeoff.load_study({str(study)!r}), store={str(store)!r}, workers=2)"
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True, cwd=ROOT)


def count_trainings(log: str) -> None:
    """From now on, workers started by this process write the key of every run that they train into a log."""
    pools._call = partial(_call_that_counts, log)


def _call_that_counts(log: str, task: str, arguments: tuple) -> object:
    training = importlib.import_module("bakeoff.runner.training")
    real = training.fit_replicas

    def fit_replicas(*positional, **named):
        with open(log, "a") as file:
            file.writelines(f"{job.key}\n" for job in arguments[0])
        return real(*positional, **named)

    training.fit_replicas = fit_replicas
    try:
        return REAL_CALL(task, arguments)
    finally:
        training.fit_replicas = real


def _wait_until(happened: Callable[[], object], process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert process.poll() is None, "the study ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_and_resumed(reference, tmp_path):
    """After kill -9 in the middle the same call completes the store: finished runs are kept, no bit differs."""
    study, folder = tmp_path / "tiny.yaml", tmp_path / "store"
    study.write_text(STUDY)
    first = _start(study, folder)
    _wait_until(lambda: list((folder / "runs").glob("*-seed*")), first)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    kept = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*/record.json")}
    assert 1 <= len(kept) < 6
    assert _start(study, folder).wait() == 0
    assert _hashes(folder) == reference
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_two_processes_fill_one_store(reference, tmp_path):
    """Two processes on one store both finish, and together train every run once."""
    study, folder = tmp_path / "tiny.yaml", tmp_path / "store"
    study.write_text(STUDY)
    log = tmp_path / "trained.txt"
    both = [_start(study, folder, log), _start(study, folder, log)]
    assert [process.wait() for process in both] == [0, 0]
    assert _hashes(folder) == reference
    assert sorted(log.read_text().split()) == sorted(reference)
    assert not list((folder / "working").glob("*.json"))


def _descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children] + [grand for child in children for grand in _descendants(int(child))]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc for the workers")
def test_workers_end_with_the_process_that_planned(tmp_path):
    """When only the planning process is killed, its workers end by themselves, and free their cores and runs."""
    study, folder = tmp_path / "tiny.yaml", tmp_path / "store"
    study.write_text(STUDY.replace("epochs: 5", "epochs: 5000"))
    process = _start(study, folder)
    _wait_until(lambda: list((folder / "working").glob("*.json")), process)
    workers = _descendants(process.pid)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker outlives its planner"
        time.sleep(0.1)
    plan = plan_jobs(parse_study(study.read_text()).study, fingerprint=load_dataset("digits").fingerprint)
    store = open_store(folder)
    assert store.progress([job.key for job in plan])
    store.forget_dead([job.key for job in plan])
    assert not store.progress([job.key for job in plan])


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_on_the_command_line(tmp_path, stop):
    """Ctrl-C, or a polite kill, ends workers and command with a sentence; the store stays whole."""
    study, folder = tmp_path / "tiny.yaml", tmp_path / "store"
    study.write_text(STUDY.replace("epochs: 5", "epochs: 5000"))
    command = "from bakeoff.cli.app import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "run", str(study), "--store", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _wait_until(lambda: list((folder / "working").glob("*.json")), process)
    os.killpg(process.pid, stop)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped. Every finished run is in" in errors
    assert "Traceback" not in errors


def test_folds_are_runs_and_seeds_are_units(tmp_path):
    """Five-fold cross-validation trains five runs per seed, and the comparison counts seeds."""
    study = parse_study(STUDY, overrides=["protocol.validation={kfold: 5}", "protocol.seeds=2"]).study
    comparison = bakeoff.run(only_models(study, ["dense"]), store=tmp_path).compare()
    model = comparison.model("dense")
    assert (len(model.runs), model.seeds) == (10, 2)
    by_seed = [np.mean([run.accuracy for run in model.runs if run.seed == seed]) for seed in range(2)]
    assert model.accuracy.value == pytest.approx(np.mean(by_seed))
    assert model.confusion.sum() == 10 * comparison.data.test


def test_a_diverging_model_is_a_row(tmp_path):
    """A model that diverges has a record with its reason, and the others are trained all the same."""
    study = parse_study(
        STUDY, overrides=["models.dense.protocol.optimizer={sgd: {learning_rate: 1e30}}", "protocol.seeds=2"]
    ).study
    comparison = bakeoff.run(study, store=tmp_path).compare()
    assert [run.status for run in comparison.model("dense").runs] == ["diverged", "diverged"]
    assert "the training loss was" in comparison.model("dense").runs[0].reason
    assert comparison.model("conv").seeds == 2
    store = open_store(tmp_path)
    for record in store.all_records():
        assert (record.diverged_step > 1) == (record.status == "diverged")  # the first step sees the weights as drawn
        assert store.probes(record.key).epochs[-1] == len(record.history.loss)


def test_mistakes_are_found_before_training(tmp_path):
    """A layer that does not fit in the last model stops the study before the first is trained."""
    study = parse_study(STUDY, overrides=["models.conv.cnn.kernel=9"]).study
    with pytest.raises(StudyError, match="layer Conv2D does not fit an input of shape") as caught:
        bakeoff.run(study, store=tmp_path)
    assert caught.value.path[:3] == ("models", "conv", "cnn")
    assert not open_store(tmp_path).all_records()


def test_batch_larger_than_the_training_set(tmp_path):
    """A batch that no training set can fill is refused, with both numbers."""
    study = parse_study(STUDY, overrides=["protocol.batch_size=5000"]).study
    with pytest.raises(StudyError, match="batch_size 5000 is larger than the training set, which has 1150 images here"):
        bakeoff.run(study, store=tmp_path)


def test_a_crashing_run_is_a_row(tmp_path, monkeypatch):
    """A run that kills its worker becomes a row with its reason; the others are trained; the next call tries again."""
    monkeypatch.setattr(pools, "_call", _call_that_kills)
    study = parse_study(STUDY, overrides=["protocol.seeds=2"]).study
    bakeoff.run(study, store=tmp_path, workers=2)
    records = open_store(tmp_path).all_records()
    statuses = {(record.model, record.seed): record.status for record in records}
    assert statuses == {
        ("dense", 0): "finished",
        ("dense", 1): "crashed",
        ("conv", 0): "finished",
        ("conv", 1): "finished",
    }
    assert "SIGKILL" in next(record.reason for record in records if record.status == "crashed")
    monkeypatch.undo()
    bakeoff.run(study, store=tmp_path, workers=1)
    assert {record.status for record in open_store(tmp_path).all_records()} == {"finished"}


def _call_that_kills(task, arguments):
    """Like the real door, but the worker of dense, seed 1 is killed once it has claimed its run."""
    if task == "train" and [(job.cell.model.name, job.seed) for job in arguments[0]] == [("dense", 1)]:
        (job,), folder = arguments
        with open_store(folder).claim(job.key) as claim:
            claim.report({"epoch": 0, "epochs": 1})
            os.kill(os.getpid(), signal.SIGKILL)
    return REAL_CALL(task, arguments)


REAL_CALL = pools._call


def _call_that_dies(task, arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_that_cannot_start(tmp_path, monkeypatch, store):
    """Workers that die before they train are an error, not an endless loop."""
    monkeypatch.setattr(pools, "_call", _call_that_dies)
    study = parse_study(STUDY).study
    entry = DataEntry(
        reference="digits", fingerprint="f", class_names=tuple("0123456789"), image_shape=(8, 8, 1), train=9, test=9
    )
    with pytest.raises(WorkerError, match="the worker processes die before they begin to train"):
        run_jobs(lambda: plan_jobs(study, fingerprint="f"), store, data=entry, workers=1)
