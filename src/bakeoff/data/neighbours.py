"""Do labels agree with what images look like? Asked of the nearest neighbours in a fixed sample.

Images are compared as sums over blocks of pixels, at most 16 x 16 of them. All distances are whole numbers that
float64 holds exactly (up to sides of 1,000 pixels), so that they do not depend on the machine or its number of threads.

The check says nothing (None) where it could not see much: where an agreement of kappa 0.2, which Landis and Koch ("The
measurement of observer agreement for categorical data", Biometrics 33, 1977) call slight at most,
could not be told from random labels with the images that there are.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int, Num, UInt8
from scipy import special

from bakeoff.data.dataset import Dataset

SAMPLE = 2_000
"""At most so many training images as references, as many others as queries, and as many test images."""
SAMPLE_SEED = 20_250_301
SIDE = 16
SLIGHT_KAPPA = 0.2
LEVEL = 0.001
"""How often random labels, or labels in the right order, may be mistaken for what they are not."""


@dataclass(frozen=True)
class Agreement:
    """How often the nearest neighbour has the same label.

    Attributes:
        accuracy: In [0, 1].
        chance: What random labels stay at or below in 99.9 % of all cases.
    """

    accuracy: float
    chance: float


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What the nearest neighbours say.

    Attributes:
        train: Training images against other training images; None where there are too few.
        test: Test images against training images; None where there are too few.
        mapping: For each class of the test labels, the training class that its images look like; empty if that is
            its own class for all, or if nothing can be said.
        distances: From each training query to its nearest reference, where that is of the same class: Euclidean
            distance of their block sums, divided by a block's side.
        references: Number of training images that were asked.
    """

    train: Agreement | None
    test: Agreement | None
    mapping: tuple[int, ...]
    distances: Float64[np.ndarray, " queries"]
    references: int


def ask_neighbours(dataset: Dataset) -> Neighbours:
    """Find the nearest training image for a sample of the training images and for one of the test images.

    References and queries are different images, so that every query is judged by itself and random labels would agree
    with binomial probability. The same sample is drawn at every call.
    """
    rng = np.random.default_rng(SAMPLE_SEED)
    drawn = rng.permutation(len(dataset.train_labels))[: 2 * SAMPLE]
    references, queries = np.array_split(drawn, 2)
    tests = rng.permutation(len(dataset.test_labels))[:SAMPLE]
    side = block_side(dataset.image_shape)
    places = sum_blocks(dataset.train_images[references], side)
    nearest, distances = _nearest(sum_blocks(dataset.train_images[queries], side), places)
    nearest_of_tests, _ = _nearest(sum_blocks(dataset.test_images[tests], side), places)
    labels = dataset.train_labels[references]
    train = _confusion(dataset.train_labels[queries], labels[nearest], dataset.classes)
    test = _confusion(dataset.test_labels[tests], labels[nearest_of_tests], dataset.classes)
    return Neighbours(
        train=measure_agreement(train),
        test=measure_agreement(test),
        mapping=map_classes(train, test),
        distances=distances[dataset.train_labels[queries] == labels[nearest]] / side,
        references=references.size,
    )


def measure_agreement(confusion: Int[np.ndarray, "classes classes"]) -> Agreement | None:
    """Accuracy of the neighbours' labels, and what it would be if the images' labels were dealt out at random.

    Given the neighbours' labels, a random label hits with a probability that is the sum over classes of the share of
    images with that label times the share of neighbours with it. The hits' distribution is at most as wide as the
    binomial one with this probability, of which the 99.9 % quantile is taken.

    Args:
        confusion: Images by their label (rows) and their neighbour's (columns).

    Returns:
        Both, or None where the images are too few: see this module's first lines.

    >>> measure_agreement(np.array([[450, 50], [50, 450]]))
    Agreement(accuracy=0.9, chance=0.549)
    """
    images = int(confusion.sum())
    if images == 0:
        return None
    hit = float((confusion.sum(axis=0) / images) @ (confusion.sum(axis=1) / images))
    bound = _binomial_quantile(1 - LEVEL, images, hit) / images if hit < 1 else 1.0
    if bound - hit > SLIGHT_KAPPA * (1 - hit) or hit == 1:
        return None
    return Agreement(accuracy=float(np.trace(confusion)) / images, chance=bound)


def map_classes(train: Int[np.ndarray, "classes classes"], test: Int[np.ndarray, "classes classes"]) -> tuple[int, ...]:
    """Which class each class of the test labels looks like, if labels are shifted, swapped or permuted.

    A test class counts as moved if more of its images have neighbours of another class than of its own, while that
    class among the training images has most neighbours of its own; both by a sign test, at 0.1 % over all ordered pairs
    of classes. Data whose classes look alike pass neither. Two test classes never look like the same training class:
    otherwise the images have changed, and not the order of the labels.

    Args:
        train: Training images by label (rows) and nearest training image's label (columns).
        test: Test images likewise.

    Returns:
        For each test class a training class; empty if none has moved.

    >>> map_classes(np.diag([99, 99, 99]), np.array([[50, 0, 0], [0, 2, 60], [0, 55, 1]]))
    (0, 2, 1)
    """
    classes = len(test)
    own = np.arange(classes)
    looks_like = np.where(test.sum(axis=1) > 0, test.argmax(axis=1), own)
    level = LEVEL / (classes * (classes - 1))
    moved = [
        bool(
            looks_like[label] != label
            and _sign_test(int(test[label, looks_like[label]]), int(test[label, label])) <= level
            and _sign_test(int(train[label, label]), int(train[label, looks_like[label]])) <= level
        )
        for label in own
    ]
    mapping = np.where(moved, looks_like, own)
    present = mapping[test.sum(axis=1) > 0]
    is_one_to_one = np.unique(present).size == present.size
    return tuple(mapping.tolist()) if any(moved) and is_one_to_one else ()


def block_side(image_shape: tuple[int, int, int]) -> int:
    """Side of the blocks over which images are summed, so that there are at most 16 x 16.

    >>> block_side((8, 8, 1)), block_side((28, 28, 1))
    (1, 2)
    """
    return math.ceil(max(image_shape[:2]) / SIDE)


def sum_blocks(
    images: UInt8[np.ndarray, "examples height width channels"], side: int
) -> Float64[np.ndarray, "examples blocks"]:
    """Sum images over square blocks of this side; those at the lower and right edge may be smaller.

    Divided by the side, two images' sums are never farther apart than the images themselves (Cauchy-Schwarz), and about
    as far apart if they differ by independent noise.

    >>> sum_blocks(np.ones((1, 4, 3, 1), np.uint8), 2)
    array([[4., 2., 4., 2.]])
    """
    examples, height, width, channels = images.shape
    sums = np.zeros((examples, math.ceil(height / side), math.ceil(width / side), channels))
    for down in range(min(side, height)):
        for right in range(min(side, width)):
            part = images[:, down::side, right::side]
            sums[:, : part.shape[1], : part.shape[2]] += part
    return sums.reshape(examples, -1)  # examples blocks


def _nearest(
    queries: Num[np.ndarray, "queries blocks"], references: Num[np.ndarray, "references blocks"]
) -> tuple[Int[np.ndarray, " queries"], Float64[np.ndarray, " queries"]]:
    """Index of each query's nearest reference, the first of equals, and how far it is."""
    squares = (references**2).sum(axis=1) - 2 * queries @ references.T
    nearest = squares.argmin(axis=1)
    return nearest, np.sqrt(((queries - references[nearest]) ** 2).sum(axis=1))


def _confusion(
    labels: Int[np.ndarray, " queries"], votes: Int[np.ndarray, " queries"], classes: int
) -> Int[np.ndarray, "classes classes"]:
    counts = np.bincount(labels.astype(np.int64) * classes + votes, minlength=classes**2)
    return counts.reshape(classes, classes)  # label vote


def _binomial_quantile(probability: float, trials: int, hit: float) -> int:
    """The least number that at most so many hits stay below with at least this probability."""
    return bisect_left(range(trials + 1), probability, key=lambda hits: float(special.bdtr(hits, trials, hit)))


def _sign_test(more: int, less: int) -> float:
    """One-sided p-value of `more` against `less` if both were equally likely."""
    return float(special.bdtr(less, more + less, 0.5))
