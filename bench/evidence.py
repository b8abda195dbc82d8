"""What a settled verdict costs: racing against a fixed number of seeds, and against peers with that fixed number.

Racing is run. The fixed design is calculated from it: its further runs take what the same models' runs took in the
race, all cores busy. A peer trains every model once; further seeds take it that time again, less starting and reading.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contestants import KERAS_TENSORFLOW, TORCH
from jobs import time_processes
from results import EvidenceResult
from tasks import save_images
from workload import COMMAND, run_cold

from bakeoff import load_study
from bakeoff.spec import Study
from bakeoff.store import Store, cells_of, open_store

FIXED = 30
RACE = f"protocol.seeds={{min: 3, max: {FIXED}, until: settled}}"

GRID = """
name: grid-of-six
data: mnist-5k
protocol: {epochs: 5, batch_size: 32, validation: {holdout: 500}, margin: 0.005}
grid: {mlp: {hidden: [[32], [128], [128, 128]], activation: [relu, tanh]}}
"""


@dataclass(frozen=True)
class Question:
    """Which tiers do these models fall into?

    Attributes:
        name: In words.
        study: A built-in study's name or a file.
        changes: What the command line changes in it.
    """

    name: str
    study: str
    changes: tuple[str, ...] = ()


def measure_evidence(folder: Path) -> list[EvidenceResult]:
    """Every question, by racing, by the fixed design and by peers."""
    grid = folder / "grid-of-six.yaml"
    grid.write_text(GRID)
    questions = (
        Question("grid of 6, 4,000 digits, 5 epochs", str(grid)),
        Question(
            "17 models of study B, pixels 0..1, 2 epochs",
            "study-b",
            ("protocol.pixels=unit", "protocol.epochs=2", "protocol.validation={holdout: 0.2}"),
        ),
    )
    return [result for question in questions for result in _answer(question, folder)]


def _answer(question: Question, folder: Path) -> list[EvidenceResult]:
    print(f"{question.name}: race", file=sys.stderr, flush=True)
    changes = [word for change in (*question.changes, RACE) for word in ("--set", change)]
    with tempfile.TemporaryDirectory() as path:
        arguments = [question.study, *changes, "--store", path, "--json"]
        seconds = run_cold(["run", *arguments])
        answer = subprocess.run([*COMMAND, "compare", *arguments], capture_output=True, check=True)
        study = load_study(question.study, overrides=[*question.changes, RACE])
        raced, fixed = _count(study, open_store(path))
    pairs = json.loads(answer.stdout)["pairs"]
    told = sum(pair["verdict"] != "undecided" for pair in pairs)
    verdicts = f"{told} of {len(pairs)} pairs"
    return [
        EvidenceResult(question.name, "Bakeoff, race", raced.runs, raced.epochs, seconds, True, verdicts),
        EvidenceResult(
            question.name,
            f"Bakeoff, {FIXED} seeds each",
            fixed.runs,
            fixed.epochs,
            seconds + (fixed.train_seconds - raced.train_seconds) / len(os.sched_getaffinity(0)),
        ),
        *_by_peers(question, study, folder, fixed),
    ]


@dataclass(frozen=True)
class _Cost:
    runs: int
    epochs: int
    train_seconds: float


def _count(study: Study, store: Store) -> tuple[_Cost, _Cost]:
    """What the race took, and what the fixed design would have taken."""
    raced, fixed = [], []
    for cell in cells_of(study, fingerprint=_fingerprint(study, store)):
        records = store.records(cell.key)
        cost = _Cost(
            len(records), sum(len(record.history.loss) for record in records), sum(r.train_seconds for r in records)
        )
        raced.append(cost)
        share = FIXED / cost.runs
        fixed.append(_Cost(FIXED, round(cost.epochs * share), cost.train_seconds * share))
    return _total(raced), _total(fixed)


def _total(costs: Sequence[_Cost]) -> _Cost:
    return _Cost(
        sum(cost.runs for cost in costs),
        sum(cost.epochs for cost in costs),
        sum(cost.train_seconds for cost in costs),
    )


def _fingerprint(study: Study, store: Store) -> str:
    found = store.data(study.data)
    assert found, "the race has just written it"
    return found[0].fingerprint


def _by_peers(question: Question, study: Study, folder: Path, fixed: _Cost) -> list[EvidenceResult]:
    images = save_images(study.data, folder)
    once = load_study(question.study, overrides=list(question.changes), seeds=1)
    results = []
    for contestant in (KERAS_TENSORFLOW, TORCH):
        job = time_processes(question.name, once, contestant, folder, images)
        name = f"{contestant.name}, {FIXED} seeds each"
        seconds = job.seconds + (FIXED - 1) * job.training
        results.append(EvidenceResult(question.name, name, fixed.runs, fixed.epochs, seconds))
    return results
