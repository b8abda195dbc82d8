"""Whole studies, compiling and files included: `bakeoff run` against a plain script of each peer."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contestants import KERAS_JAX, KERAS_TENSORFLOW, TORCH, Contestant, read_all, start_script
from results import JobResult
from tasks import save_images, tasks_of
from workload import core_seconds, run_cold

from bakeoff import load_study
from bakeoff.spec import Study
from bakeoff.store import open_store

SEEDS = 2
STUDIES = {"study-b": 3, "study-d": 2}
"""Epochs of each, instead of the published ones."""


def measure_jobs(folder: Path) -> list[JobResult]:
    """Every study by Bakeoff and by each peer, one after the other."""
    results = []
    for name, epochs in STUDIES.items():
        study = load_study(name, overrides=[f"protocol.epochs={epochs}"], seeds=SEEDS)
        results.append(_by_bakeoff(name, epochs))
        images = save_images(study.data, folder)
        for contestant in (KERAS_TENSORFLOW, KERAS_JAX, TORCH):
            results.append(time_processes(name, study, contestant, folder, images))
        results.append(_by_one_process(name, study, KERAS_TENSORFLOW, folder, images))
    return results


def _by_bakeoff(name: str, epochs: int) -> JobResult:
    with tempfile.TemporaryDirectory() as store:
        changes = ["--set", f"protocol.seeds={SEEDS}", "--set", f"protocol.epochs={epochs}"]
        worked = core_seconds()
        seconds = run_cold(["run", name, *changes, "--store", store, "--json"])
        busy = _share_worked(worked, seconds)
        accuracies = [record.test_accuracy or 0.0 for record in open_store(store).all_records()]  # failed runs too
    return JobResult(name, "Bakeoff", "bakeoff run", seconds, statistics.mean(accuracies), len(accuracies), busy)


def time_processes(name: str, study: Study, contestant: Contestant, folder: Path, images: Path) -> JobResult:
    """A study by one pinned process with one thread for each core; they get its runs in turn."""
    cores = sorted(os.sched_getaffinity(0))
    tasks = tasks_of(study)
    shares = [tasks[place :: len(cores)] for place in range(len(cores))]
    return _time(name, contestant, f"{len(cores)} processes of one thread", shares, cores, folder, images)


def _by_one_process(name: str, study: Study, contestant: Contestant, folder: Path, images: Path) -> JobResult:
    """As the published notebooks do it."""
    return _time(name, contestant, "one process, its own threads", [tasks_of(study)], [None], folder, images)


def _time(
    name: str,
    contestant: Contestant,
    how: str,
    shares: Sequence[Sequence[dict[str, Any]]],
    cores: Sequence[int | None],
    folder: Path,
    images: Path,
) -> JobResult:
    print(f"{name}: {contestant.name}, {how}", file=sys.stderr, flush=True)
    paths = []
    for place, share in enumerate(shares):
        path = folder / f"job-{place}.json"
        path.write_text(json.dumps(share))
        paths.append(path)
    start, worked = time.perf_counter(), core_seconds()
    processes = [start_script(contestant, path, images, core, "all") for path, core in zip(paths, cores, strict=True)]
    shared = [read_all(process) for process in processes]
    answers = [answer for own in shared for answer in own]
    seconds = time.perf_counter() - start
    busy = _share_worked(worked, seconds)
    accuracy = statistics.mean(answer["accuracy"] for answer in answers)
    return JobResult(name, contestant.name, how, seconds, accuracy, len(answers), busy, _longest(shared))


def _share_worked(before: float, seconds: float) -> float:
    """Share of all cores' time spent working in these last seconds, from what `core_seconds` said before them."""
    return (core_seconds() - before) / (seconds * len(os.sched_getaffinity(0)))


def _longest(shared: Sequence[Sequence[dict[str, Any]]]) -> float:
    """Seconds of the process that trained longest, without starting and reading the images."""
    return max(sum(answer["seconds"] for answer in own) for own in shared)
