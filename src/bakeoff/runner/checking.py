"""What can be known to fail before any network is built."""

from __future__ import annotations

from bakeoff.data import Dataset, split_folds
from bakeoff.errors import StudyError
from bakeoff.spec.study import ModelSpec, Study


def check_splits(study: Study, dataset: Dataset) -> None:
    """Make every split that the study will use.

    Raises:
        DataError: A fold or hold-out would miss a class.
        StudyError: A batch is larger than a training set.
    """
    for model in study.models:
        _check_model(model, dataset)


def _check_model(model: ModelSpec, dataset: Dataset) -> None:
    protocol = model.protocol
    folds = split_folds(dataset.train_labels, protocol.validation, classes=dataset.classes)
    smallest = min(len(fold.train) for fold in folds)
    if protocol.batch_size > smallest:
        raise StudyError(
            f"batch_size {protocol.batch_size} is larger than the training set, which has {smallest} images here",
            path=("models", model.name, "protocol", "batch_size"),
        )
