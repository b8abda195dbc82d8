"""From a study to what a peer is told: layers in Keras's words, and how many images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.data.registry import load_dataset
from bakeoff.models.recipes import expand_layers
from bakeoff.spec import ModelSpec, Study
from bakeoff.spec.protocol import Holdout, KFold


def tasks_of(study: Study) -> list[dict[str, Any]]:
    """One for each run: seeds and folds differ only in their draws, which a peer makes for itself."""
    images = len(load_dataset(study.data).train_images)
    return [
        task_of(model, images=images)
        for model in study.models
        for _ in range(model.protocol.most_seeds * _folds(model))
    ]


def task_of(model: ModelSpec, *, images: int, option: str = "") -> dict[str, Any]:
    """What `peers/peer.py` calls a `Task`."""
    protocol = model.protocol
    validation = _validation_images(model, images)
    return {
        "layers": [(layer.name, _with_classes(layer.arguments)) for layer in expand_layers(model)],
        "loss": "categorical_crossentropy" if "cross" in protocol.loss.name else protocol.loss.name,
        "optimizer": protocol.optimizer.name,
        "batch_size": protocol.batch_size,
        "scale": 1.0 if protocol.pixels == "raw" else 255.0,
        "epochs": protocol.epochs,
        "train": images - validation,
        "validation": validation,
        "option": option,
    }


def save_images(reference: str, folder: Path) -> Path:
    """A data set as the one npz file that peers read."""
    path = folder / f"{reference}.npz"
    if not path.exists():
        dataset = load_dataset(reference)
        np.savez(
            path,
            train=dataset.train_images,
            train_labels=dataset.train_labels,
            test=dataset.test_images,
            test_labels=dataset.test_labels,
        )
    return path


def _folds(model: ModelSpec) -> int:
    validation = model.protocol.validation
    return validation.kfold if isinstance(validation, KFold) else 1


def _validation_images(model: ModelSpec, images: int) -> int:
    """Counted as Bakeoff counts them; where a study validates on the test images, as many training images stand in."""
    validation = model.protocol.validation
    if isinstance(validation, KFold):
        return images // validation.kfold
    if isinstance(validation, Holdout):
        share = validation.holdout
        return int(share) if share >= 1 else round(share * images)
    return 0


def _with_classes(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: 10 if value == "classes" else value for name, value in arguments.items()}
