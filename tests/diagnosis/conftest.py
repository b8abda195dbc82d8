"""Made-up studies for the diagnosis: records, probes and predictions without a network."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bakeoff.diagnosis import ModelRuns, PublishedModel, Run, StudyRuns
from bakeoff.spec import Protocol
from bakeoff.spec.probes import Probes
from bakeoff.spec.record import Counts, DataEntry, History, Record
from bakeoff.spec.study import ModelSpec

LABELS = np.arange(1000) % 10
EPOCHS = 10


@pytest.fixture
def make_probes() -> Callable[..., Probes]:
    """Probes of a healthy network of two hidden layers, before training, after epoch 1 and at the end; or changed."""
    return _healthy_probes


@pytest.fixture
def make_run() -> Callable[..., Run]:
    """A run that learned as a healthy one does; keywords change its record, `probes` and `predictions` the rest."""
    return _healthy_run


@pytest.fixture
def make_study() -> Callable[..., StudyRuns]:
    """A study of one model, `net`, with these runs; keywords are its protocol, but for `published` and `strangers`."""
    return _study


@pytest.fixture
def make_history() -> Callable[..., History]:
    """A history that falls from 1.8 to 0.2 in ten epochs, with a validation loss a little above; or with changes."""
    return _history


def _healthy_probes(**changes) -> Probes:
    norms = np.array([[0.4, 0.3, 0.2], [0.3, 0.3, 0.2], [0.1, 0.1, 0.1]])
    healthy = Probes(
        epochs=np.array([0, 1, EPOCHS]),
        layers=("dense", "dense_1", "dense_2"),
        kinds=("Dense", "Dense", "Dense"),
        activations=("relu", "relu", "softmax"),
        dead=np.array([[0.05, 0.1, 0.0], [0.1, 0.1, 0.0], [0.1, 0.2, 0.0]]),
        scale=np.ones((3, 3)),
        gradient=norms,
        weight=np.full((3, 3), 8.0),
        update=np.full((3, 3), 0.05),
        saturated=np.zeros(3),
        clipped=np.zeros(3),
        predicted=np.full((3, 10), 25),
        loss=np.array([2.35, 1.5, 0.2]),
        accuracy=np.array([0.1, 0.6, 0.95]),
        pixels=np.array([0.0, 1.0, 0.3, 0.3]),
        images=250,
    )
    return replace(healthy, **changes)


def _history(**changes) -> History:
    loss = 1.8 * (0.2 / 1.8) ** (np.arange(EPOCHS) / (EPOCHS - 1))  # from 1.8 to 0.2, geometrically
    columns = {
        "loss": loss,
        "accuracy": 1 - loss / 4,
        "validation_loss": loss + 0.05,
        "validation_accuracy": 1 - loss / 4 - 0.01,
        "seconds": np.ones(EPOCHS),
    }
    return History(**{name: tuple(map(float, values)) for name, values in (columns | changes).items()})


def _healthy_run(seed=0, *, probes=None, predictions=LABELS, **changes) -> Run:
    record = {
        "key": f"run-{seed}",
        "cell": "cell",
        "model": "net",
        "recipe": "mlp",
        "layers": (),
        "data": "digits",
        "fingerprint": "f" * 64,
        "images": Counts(train=1600, validation=200, test=len(LABELS)),
        "protocol": {},
        "seed": seed,
        "fold": 0,
        "status": "finished",
        "history": _history(),
        "epoch": EPOCHS,
        "test_loss": 0.25,
        "test_accuracy": 0.95,
    }
    return Run(Record(**{**record, **changes}), probes or _healthy_probes(), predictions)


def _study(*runs, published=None, strangers=None, **protocol) -> StudyRuns:
    settings = Protocol.model_validate({"epochs": EPOCHS, "batch_size": 32, **protocol})
    model = ModelSpec(name="net", recipe="mlp", arguments={}, protocol=settings)
    others = tuple(
        PublishedModel(model.model_copy(update={"name": name}), figures) for name, figures in (strangers or {}).items()
    )
    names = tuple(f"class {label}" for label in range(10))
    data = DataEntry(
        reference="digits", fingerprint="f" * 64, class_names=names, image_shape=(8, 8, 1), train=1800, test=len(LABELS)
    )
    return StudyRuns((ModelRuns(model, runs, published),), data, LABELS, others)
