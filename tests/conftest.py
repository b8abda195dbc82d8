"""What many tests need: a tiny real study, and stores filled with made-up or real runs."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bakeoff.runner.executables import cache_settings
from bakeoff.spec import Study, parse_study
from bakeoff.spec.record import Counts, DataEntry, History, Record
from bakeoff.store import Store, cells_of, open_store

# What one test has compiled the next one reads, in whatever process; set before JAX is imported.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    os.environ.update(cache_settings(Path(__file__).parent.parent / ".pytest_cache" / "compiled"))

TINY = """
name: tiny
data: digits
protocol: {epochs: 2, batch_size: 64, seeds: 2, validation: {holdout: 0.2}, margin: 0.01}
models:
  small: {mlp: {hidden: [8]}}
  wide: {mlp: {hidden: [16]}}
"""

CURVES = History(
    loss=(1.0, 0.5),
    accuracy=(0.5, 0.8),
    validation_loss=(1.1, 0.6),
    validation_accuracy=(0.4, 0.7),
    seconds=(1.0, 1.0),
)


@pytest.fixture
def tiny() -> Study:
    """Two small networks on scikit-learn's digits, two seeds, two epochs: trained in seconds."""
    return parse_study(TINY).study


@pytest.fixture
def store(tmp_path) -> Store:
    """An empty store."""
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def fill_store(store) -> Callable[..., Store]:
    """Puts made-up runs into the store: {model: hits (seeds, images)}; a text in place of a row is a failed status."""

    def fill(study: Study, hits: dict[str, list], *, labels: np.ndarray) -> Store:
        labels = np.asarray(labels)
        entry = DataEntry(
            reference=study.data,
            fingerprint="f" * 64,
            class_names=("zero", "one"),
            image_shape=(8, 8, 1),
            train=100,
            test=len(labels),
        )
        store.write_data(entry, labels)
        for cell in cells_of(study, fingerprint=entry.fingerprint):
            for seed, row in enumerate(hits.get(cell.model.name, [])):
                _write_run(store, cell, seed, row, labels, entry)
        return store

    return fill


def _write_run(store, cell, seed, row, labels, entry):
    """One run whose predictions are right where `row` is 1; a text instead of a row is the status of a failed run."""
    failed = isinstance(row, str)
    right = None if failed else np.asarray(row, dtype=bool)
    record = Record(
        key=cell.run_key(seed=seed, fold=0),
        cell=cell.key,
        model=cell.model.name,
        recipe=cell.model.recipe,
        layers=cell.layers,
        parameters=0 if failed else 1000,
        data=entry.reference,
        fingerprint=entry.fingerprint,
        images=Counts(train=80, validation=20, test=len(labels)),
        protocol={},
        seed=seed,
        fold=0,
        status=row if failed else "finished",
        reason="it was made to fail" if failed else "",
        history=History() if failed else CURVES,
        epoch=0 if failed else 2,
        test_loss=None if failed else 0.5 + 0.1 * seed,
        test_accuracy=None if failed else float(right.mean()),
        train_seconds=0.0 if failed else 2.0,
        environment={"jax": "0"},
        results_hash=f"{cell.key}{seed}",
    )
    if failed:
        store.write(record)
        return
    predicted = np.where(right, labels, 1 - labels)
    store.write(record, probabilities=np.eye(2, dtype=np.float32)[predicted] * 0.8 + 0.1)
