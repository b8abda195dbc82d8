"""Made-up evidence, without a store."""

from collections.abc import Callable

import numpy as np
import pytest

from bakeoff.comparison import Evidence
from bakeoff.spec import Study
from bakeoff.spec.record import Counts, History, Record
from bakeoff.store import cells_of

FINGERPRINT = "f" * 64
LABELS = np.arange(400) % 2


@pytest.fixture
def make_evidence() -> Callable[..., list[Evidence]]:
    """{model: hits (seeds, images)} to evidence; a text in place of a row is the status of a failed run."""

    def make(study: Study, hits: dict[str, list], *, fold_accuracies: dict[str, list] | None = None) -> list[Evidence]:
        return [
            _evidence(cell, hits[cell.model.name], (fold_accuracies or {}).get(cell.model.name))
            for cell in cells_of(study, fingerprint=FINGERPRINT)
            if cell.model.name in hits
        ]

    return make


def _evidence(cell, rows, fold_accuracies):
    status = dict(enumerate(row if isinstance(row, str) else "finished" for row in rows))
    finished = [seed for seed in status if status[seed] == "finished"]
    scores = np.array([rows[seed] for seed in finished], dtype=np.float64)
    images = scores.shape[1] if finished else len(LABELS)
    return Evidence(
        cell=cell,
        records=tuple(
            _record(cell, seed, fold, status[seed], (fold_accuracies or [0.5] * cell.folds)[fold], images)
            for seed in status
            for fold in range(cell.folds)
        ),
        seeds=tuple(finished),
        failed=tuple(seed for seed in status if status[seed] in ("collapsed", "diverged")),
        broken=tuple(seed for seed in status if status[seed] in ("crashed", "error")),
        scores=scores.reshape(len(finished), images),
        losses=np.full(len(finished), 0.5),
        labels=np.arange(images) % 2,
        confusion=np.zeros((2, 2), dtype=np.int64),
    )


def _record(cell, seed, fold, status, validation_accuracy, images):
    history = History(
        loss=(1.0, 0.5),
        accuracy=(0.5, 0.8),
        validation_loss=(1.0, 0.6),
        validation_accuracy=(0.1, validation_accuracy),
        seconds=(1.0, 1.0),
    )
    return Record(
        key=cell.run_key(seed=seed, fold=fold),
        cell=cell.key,
        model=cell.model.name,
        recipe=cell.model.recipe,
        layers=cell.layers,
        parameters=1000,
        data="digits",
        fingerprint=FINGERPRINT,
        images=Counts(train=80, validation=20, test=images),
        protocol={},
        seed=seed,
        fold=fold,
        status=status,
        reason="" if status == "finished" else "it was made to fail",
        history=history,
        epoch=2,
        test_loss=0.5,
        test_accuracy=0.5,
        train_seconds=2.0,
    )
