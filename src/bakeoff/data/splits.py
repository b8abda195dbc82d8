"""Stratified splits: which training images a run learns from and which it is validated on.

The splits depend on the labels only, never on the model or its seed: all models and all seeds of a study see the same
folds, so that differences between runs come from the networks. Own NumPy instead of scikit-learn's splitters: the
allocation is exact in integers, does not change with their releases, and costs no second of import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int64, Integer

from bakeoff.errors import DataError
from bakeoff.spec.protocol import Holdout, KFold

SPLIT_SEED = 20_250_101
"""Seed of every split. A constant on purpose: two studies on the same data are validated on the same images."""


@dataclass(frozen=True, eq=False)
class Fold:
    """One way to part the training images; both index arrays are sorted, disjoint, and together cover all images."""

    train: Int64[np.ndarray, " train_examples"]
    validation: Int64[np.ndarray, " validation_examples"]


def split_folds(
    labels: Integer[np.ndarray, " examples"], validation: Holdout | KFold | Literal["none", "test"], *, classes: int
) -> tuple[Fold, ...]:
    """Part the training images as the protocol asks.

    Args:
        labels: Class of each training image, 0..classes-1.
        validation: From the protocol. `none` and `test` leave the validation part empty: with `test` the caller
            validates on the test set.
        classes: Number of classes.

    Returns:
        One fold, or k of them for `KFold`. The same for every call.

    Raises:
        DataError: The hold-out is no part of the images, a class would be missing on one side, or a class has fewer
            images than there are folds.

    >>> split_folds(np.array([0, 0, 0, 1, 1, 1]), Holdout(holdout=2), classes=2)[0].validation.size
    2
    """
    if isinstance(validation, Holdout):
        return (hold_out(labels, _held_out_number(validation.holdout, labels.size), classes=classes),)
    if isinstance(validation, KFold):
        return _k_folds(labels, validation.kfold, classes=classes)
    return (Fold(train=np.arange(labels.size), validation=np.empty(0, dtype=np.int64)),)


def hold_out(labels: Integer[np.ndarray, " examples"], number: int, *, classes: int) -> Fold:
    """Keep `number` images for validation, every class in proportion (largest remainders decide the rounding).

    Args:
        labels: Class of each image, 0..classes-1.
        number: How many images to hold out.
        classes: Number of classes.

    Raises:
        DataError: A class would be missing in the training part or in the held-out part.

    >>> np.bincount(np.repeat([0, 1], [80, 20])[hold_out(np.repeat([0, 1], [80, 20]), 10, classes=2).validation])
    array([8, 2])
    """
    counts = np.bincount(labels, minlength=classes)
    quotas = _quotas(counts, number)
    _check_every_class(counts, quotas, number=number)
    members = _members_by_class(labels)
    own_class = labels[members]
    rank_in_class = np.arange(labels.size) - (np.cumsum(counts) - counts)[own_class]
    held_out = rank_in_class < quotas[own_class]
    return Fold(train=np.sort(members[~held_out]), validation=np.sort(members[held_out]))


def _k_folds(labels: Integer[np.ndarray, " examples"], folds: int, *, classes: int) -> tuple[Fold, ...]:
    counts = np.bincount(labels, minlength=classes)
    if counts.min() < folds:
        scarce = int(counts.argmin())
        raise DataError(
            f"validation {{kfold: {folds}}}: class {scarce} has {counts[scarce]} training images, fewer than folds; "
            f"every fold needs one of each (finding BKO304). Ask for at most {counts[scarce]} folds, or add images"
        )
    members = _members_by_class(labels)
    fold_of = np.empty(labels.size, dtype=np.int64)
    fold_of[members] = np.arange(labels.size) % folds  # dealt out like cards: class counts differ by one at most
    return tuple(Fold(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds))


def _held_out_number(holdout: float, images: int) -> int:
    number = round(holdout * images) if holdout < 1 else int(holdout)
    if number >= images:
        raise DataError(
            f"validation {{holdout: {holdout:g}}}: {number} of {images} training images held out leaves none to train "
            f"on; hold out fewer than {images}"
        )
    return number


def _quotas(counts: Int64[np.ndarray, " classes"], number: int) -> Int64[np.ndarray, " classes"]:
    quotas, remainders = np.divmod(counts * number, counts.sum())
    largest_first = np.argsort(-remainders, kind="stable")
    quotas[largest_first[: number - quotas.sum()]] += 1
    return quotas


def _check_every_class(
    counts: Int64[np.ndarray, " classes"], quotas: Int64[np.ndarray, " classes"], *, number: int
) -> None:
    for part, sizes in (("held-out", quotas), ("training", counts - quotas)):
        if sizes.min() == 0:
            missing = int(sizes.argmin())
            raise DataError(
                f"holding out {number} of {counts.sum()} images: class {missing} would be missing in the {part} part "
                f"(it has {counts[missing]} images; finding BKO304); hold out "
                f"{'more' if part == 'held-out' else 'fewer'}, or add images of class {missing}"
            )


def _members_by_class(labels: Integer[np.ndarray, " examples"]) -> Int64[np.ndarray, " examples"]:
    """Indices of all images, sorted by class, in random order within each class."""
    shuffled = np.random.default_rng(SPLIT_SEED).permutation(labels.size)
    return shuffled[np.argsort(labels[shuffled], kind="stable")]
