"""The real studies, judged on made-up runs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from docs.publishing.runs import SCALED_SUFFIX

import bakeoff
from bakeoff.comparison import Comparison, Evidence, weigh
from bakeoff.spec import only_models
from bakeoff.spec.record import REPEATABLE, Counts, DataEntry, DataFacts, History, Record
from bakeoff.store import cells_of

IMAGES, SEEDS = 400, 3
LABELS = np.arange(IMAGES) % 10
COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
"""MNIST's training images of each class, as its pages elsewhere have them."""

DATA = DataEntry(
    reference="fashion-mnist",
    fingerprint="f" * 64,
    class_names=tuple("0123456789"),
    image_shape=(28, 28, 1),
    train=60_000,
    test=IMAGES,
    facts=DataFacts(train_counts=COUNTS, test_counts=(IMAGES // 10,) * 10),
)
SHORT = History(loss=(1.0, 0.5), accuracy=(0.5, 0.6), validation_loss=(0.4, 0.6), validation_accuracy=(0.5, 0.6))
ENVIRONMENT = {"system": "Linux", "device": "cpu", "jax": "0.10", "threads": "1"}


def make_record(cell, *, seed=0, fold=0, place=0, accuracy=0.5, status="finished", history=SHORT) -> Record:
    """A made-up run; the first models of a study take longest: 100 s, and 3 s less for each further one."""
    return Record(
        key=cell.run_key(seed=seed, fold=fold),
        cell=cell.key,
        model=cell.model.name,
        recipe="mlp",
        layers=(),
        parameters=100,
        data=DATA.reference,
        fingerprint=DATA.fingerprint,
        images=Counts(train=48_000, validation=12_000, test=IMAGES),
        protocol={},
        seed=seed,
        fold=fold,
        status=status,
        history=history,
        epoch=len(history.loss),
        test_loss=0.5,
        test_accuracy=accuracy if status in ("finished", "collapsed") else None,
        train_seconds=100.0 - 3 * place + seed,
        compile_seconds=5.0,
        environment=ENVIRONMENT,
    )


def _evidence(cell, place, accuracy, rng, *, status, seeds, history):
    scores = (rng.random((seeds, IMAGES)) < accuracy).astype(float)
    records = tuple(
        make_record(cell, seed=seed, fold=fold, place=place, accuracy=float(row.mean()), status=status, history=history)
        for seed, row in enumerate(scores)
        for fold in range(cell.folds)
    )
    all_seeds, is_finished = tuple(range(seeds)), status == "finished"
    return Evidence(
        cell=cell,
        records=records,
        seeds=all_seeds if is_finished else (),
        failed=all_seeds if not is_finished and status in REPEATABLE else (),
        broken=all_seeds if status not in REPEATABLE else (),
        scores=scores if is_finished else scores[:0],
        losses=np.full(seeds if is_finished else 0, 0.5),
        labels=LABELS,
        confusion=np.zeros((10, 10), dtype=np.int64),
    )


def judge_made_up(
    study,
    accuracies: Mapping[str, float],
    *,
    statuses: Mapping[str, Any] | None = None,
    seeds: int = SEEDS,
    history: History = SHORT,
    level: float = 0.95,
) -> Comparison:
    """A study judged on made-up runs of these accuracies, by model; models with a status have it with every seed."""
    rng = np.random.default_rng(0)
    evidence = [
        _evidence(
            cell,
            place,
            accuracies[cell.model.name],
            rng,
            status=(statuses or {}).get(cell.model.name, "finished"),
            seeds=seeds,
            history=history,
        )
        for place, cell in enumerate(cells_of(study, fingerprint=DATA.fingerprint))
    ]
    return weigh(study, DATA, evidence, level=level)


@pytest.fixture(scope="session")
def judge() -> Callable[..., Comparison]:
    """`judge_made_up`."""
    return judge_made_up


@pytest.fixture(scope="session")
def record() -> Callable[..., Record]:
    """`make_record`."""
    return make_record


@pytest.fixture(scope="session")
def data() -> DataEntry:
    """What the made-up runs are on."""
    return DATA


@pytest.fixture(scope="session")
def raw():
    """Study B with the accuracies that its source printed, but for 4_7; 1_5 collapsed with every seed."""
    study = bakeoff.load_study("study-b")
    printed = {name: printed.accuracy for name, printed in study.published.items()}
    return judge_made_up(study, printed | {"4_7": 0.5}, statuses={"1_5": "collapsed"})


@pytest.fixture(scope="session")
def scaled():
    """Its networks with scaled pixels, all alike."""
    study = bakeoff.load_study("study-b-pixels")
    names = [model.name for model in study.models if model.name.endswith(SCALED_SUFFIX)]
    return judge_made_up(only_models(study, names), dict.fromkeys(names, 0.88))


@pytest.fixture(scope="session")
def study_d():
    """Study D with the accuracies that its source printed."""
    study = bakeoff.load_study("study-d")
    return judge_made_up(study, {name: printed.accuracy for name, printed in study.published.items()})


@pytest.fixture(scope="session")
def long():
    """Its long runs: the loss is lowest in epoch 20, and the accuracy rises by 0.1 points an epoch, to 60 %."""
    study = bakeoff.load_study("study-d", overrides=["protocol.epochs=100"])
    epochs = range(1, 101)
    history = History(
        loss=(0.5,) * 100,
        accuracy=(0.5,) * 100,
        validation_loss=tuple(abs(epoch - 20) / 100 for epoch in epochs),
        validation_accuracy=tuple(0.5 + epoch / 1000 for epoch in epochs),
    )
    accuracies = {name: printed.accuracy for name, printed in study.published.items()}
    return judge_made_up(study, accuracies, seeds=2, history=history)
