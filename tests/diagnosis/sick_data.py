"""Data sets that something was done to: scikit-learn's digits, made sick, as npz files.

Every function returns the four arrays of an archive. What is drawn is drawn with one seed, so that the files are the
same at every call.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bakeoff.data.digits import load

SEED = 20_250_401

Arrays = dict[str, NDArray[np.integer]]


def write_sick_data(name: str, folder: Path) -> str:
    """Write one of `MAKERS` and return the reference under which a study finds it."""
    path = folder / f"{name}.npz"
    made = MAKERS[name](_digits(), np.random.default_rng(SEED))
    np.savez(path, x_train=made["x_train"], y_train=made["y_train"], x_test=made["x_test"], y_test=made["y_test"])
    return f"npz:{path}"


def _digits() -> Arrays:
    digits = load()
    return {
        "x_train": digits.train_images.copy(),
        "y_train": digits.train_labels.copy(),
        "x_test": digits.test_images.copy(),
        "y_test": digits.test_labels.copy(),
    }


def _shuffled_training_labels(data: Arrays, rng: np.random.Generator) -> Arrays:
    return data | {"y_train": rng.permutation(data["y_train"])}


def _shuffled_test_labels(data: Arrays, rng: np.random.Generator) -> Arrays:
    return data | {"y_test": rng.permutation(data["y_test"])}


def _shifted_test_labels(data: Arrays, rng: np.random.Generator) -> Arrays:
    return data | {"y_test": (data["y_test"] + 1) % 10}


def _swapped_test_labels(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Threes are called eights and eights threes, in the test set alone."""
    return data | {"y_test": np.select([data["y_test"] == 3, data["y_test"] == 8], [8, 3], data["y_test"])}


def _some_test_images_in_training(data: Arrays, rng: np.random.Generator) -> Arrays:
    return _with_copies(data, rng.choice(len(data["y_test"]), 30, replace=False))


def _all_test_images_in_training(data: Arrays, rng: np.random.Generator) -> Arrays:
    return _with_copies(data, np.arange(len(data["y_test"])))


def _with_copies(data: Arrays, chosen: NDArray[np.int64]) -> Arrays:
    return data | {
        "x_train": np.concatenate([data["x_train"], data["x_test"][chosen]]),
        "y_train": np.concatenate([data["y_train"], data["y_test"][chosen]]),
    }


def _two_labels_for_an_image(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Twenty training images come once more, as the next class."""
    chosen = rng.choice(len(data["y_train"]), 20, replace=False)
    return data | {
        "x_train": np.concatenate([data["x_train"], data["x_train"][chosen]]),
        "y_train": np.concatenate([data["y_train"], (data["y_train"][chosen] + 1) % 10]),
    }


def _a_rare_class(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Class 7 keeps 8 training images, one of which a tenth for validation takes."""
    sevens = np.flatnonzero(data["y_train"] == 7)
    return _keep(data, "train", np.setdiff1d(np.arange(len(data["y_train"])), sevens[8:]))


def _a_class_without_test_images(data: Arrays, rng: np.random.Generator) -> Arrays:
    return _keep(data, "test", np.flatnonzero(data["y_test"] != 4))


def _constant_images(data: Arrays, rng: np.random.Generator) -> Arrays:
    return data | {split: np.full_like(data[split], 128) for split in ("x_train", "x_test")}


def _wide_margins(data: Arrays, rng: np.random.Generator) -> Arrays:
    """8x8 pixels in the middle of 20x20."""
    margins = ((0, 0), (6, 6), (6, 6), (0, 0))
    return data | {split: np.pad(data[split], margins) for split in ("x_train", "x_test")}


def _a_hundred_images(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Ten training images of each class; half of them become validation images."""
    chosen = [rng.choice(np.flatnonzero(data["y_train"] == label), 10, replace=False) for label in range(10)]
    return _keep(data, "train", np.sort(np.concatenate(chosen)))


def _wrong_test_labels(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Ten test images are given the next class."""
    labels = data["y_test"].copy()
    chosen = rng.choice(len(labels), 10, replace=False)
    labels[chosen] = (labels[chosen] + 1) % 10
    return data | {"y_test": labels}


def _zeros_are_rare(data: Arrays, rng: np.random.Generator) -> Arrays:
    """Two classes, other digits and zeros: 63 zeros for training, and 3 among the more than 300 test images."""
    for split, zeros in (("train", 63), ("test", 3)):
        others = np.flatnonzero(data[f"y_{split}"] != 0)
        data = _keep(data, split, np.sort([*others, *np.flatnonzero(data[f"y_{split}"] == 0)[:zeros]]))
    return data | {f"y_{split}": (data[f"y_{split}"] == 0).astype(np.int64) for split in ("train", "test")}


def _keep(data: Arrays, split: str, kept: NDArray[np.int64]) -> Arrays:
    return data | {f"x_{split}": data[f"x_{split}"][kept], f"y_{split}": data[f"y_{split}"][kept]}


MAKERS: dict[str, Callable[[Arrays, np.random.Generator], Arrays]] = {
    "shuffled-training-labels": _shuffled_training_labels,
    "shuffled-test-labels": _shuffled_test_labels,
    "shifted-test-labels": _shifted_test_labels,
    "swapped-test-labels": _swapped_test_labels,
    "some-test-images-in-training": _some_test_images_in_training,
    "all-test-images-in-training": _all_test_images_in_training,
    "two-labels-for-an-image": _two_labels_for_an_image,
    "a-rare-class": _a_rare_class,
    "a-class-without-test-images": _a_class_without_test_images,
    "constant-images": _constant_images,
    "wide-margins": _wide_margins,
    "a-hundred-images": _a_hundred_images,
    "wrong-test-labels": _wrong_test_labels,
    "zeros-are-rare": _zeros_are_rare,
}
"""By name, what makes a data set sick."""
