"""What should be known of a data set before anything is trained on it: duplicates, labels, counts, dead pixels."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int64, Integer, UInt8

from bakeoff.data.dataset import Dataset
from bakeoff.data.duplicates import Identities, find_contradictions, find_leaks, identify_images
from bakeoff.data.near_duplicates import find_near_duplicates
from bakeoff.data.neighbours import ask_neighbours
from bakeoff.spec.record import DataFacts

PAIRS_KEPT = 20
"""Of each kind, the first by index."""


def inspect_dataset(dataset: Dataset, *, identities: Identities | None = None) -> DataFacts:
    """Examine a data set. The answer is the same at every call.

    Args:
        dataset: Of any source.
        identities: From `identify_images`, if the caller has them.

    >>> from bakeoff.data.digits import load
    >>> facts = inspect_dataset(load())
    >>> facts.leaked, facts.contradicting, facts.constant_pixels
    (0, 0, 3)
    """
    identities = identities or identify_images(dataset)
    leaks, contradictions = find_leaks(dataset, identities), find_contradictions(dataset, identities)
    neighbours = ask_neighbours(dataset)
    copies = find_near_duplicates(dataset, neighbours)
    constant, nearly_constant = count_constant_pixels(dataset.train_images)
    return DataFacts(
        train_counts=tuple(class_counts(dataset.train_labels, dataset.classes).tolist()),
        test_counts=tuple(class_counts(dataset.test_labels, dataset.classes).tolist()),
        leaked=len(leaks),
        leaked_pairs=tuple(leaks[:PAIRS_KEPT]),
        contradicting=len(contradictions),
        contradicting_pairs=tuple(contradictions[:PAIRS_KEPT]),
        constant_pixels=constant,
        nearly_constant_pixels=nearly_constant,
        pixels=int(np.prod(dataset.image_shape)),
        neighbour_accuracy=neighbours.train.accuracy if neighbours.train else None,
        neighbour_chance=neighbours.train.chance if neighbours.train else None,
        test_neighbour_accuracy=neighbours.test.accuracy if neighbours.test else None,
        test_neighbour_chance=neighbours.test.chance if neighbours.test else None,
        test_mapping=neighbours.mapping,
        near_duplicates=None if copies is None else len(copies),
        near_pairs=tuple((copies or ())[:PAIRS_KEPT]),
    )


def class_counts(labels: Integer[np.ndarray, " examples"], classes: int) -> Int64[np.ndarray, " classes"]:
    """How many labels there are of each class, 0..classes-1.

    >>> class_counts(np.array([0, 2, 2]), 4)
    array([1, 0, 2, 0])
    """
    return np.bincount(labels, minlength=classes)


def count_constant_pixels(images: UInt8[np.ndarray, "examples height width channels"]) -> tuple[int, int]:
    """Count pixels (times channels) that never differ, and those that differ in fewer than one image in a thousand.

    The commonest value of such a pixel is the median of any 2 k + 1 images, where k is the number of images in which it
    may differ: so a few images name the value, and one pass over all of them counts.

    Returns:
        Constant pixels, and nearly constant ones, which include them.

    >>> count_constant_pixels(np.array([[7, 0], [7, 1]], np.uint8).reshape(2, 1, 2, 1))
    (1, 1)
    """
    may_differ = (len(images) - 1) // 1000
    usual = np.sort(images[: 2 * may_differ + 1], axis=0)[may_differ]
    differing = sum(np.count_nonzero(part != usual, axis=0) for part in np.array_split(images, 1 + len(images) // 4096))
    return int(np.count_nonzero(differing == 0)), int(np.count_nonzero(differing <= may_differ))
