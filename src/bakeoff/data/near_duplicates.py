"""Test images that are nearly a training image: only where the data themselves say how near is too near.

Hashes made for photographs call two handwritten ones the same. Here the measure is how near images of one class lie to
each other by nature, in a sample of the training set; where that leaves no room for copies, nothing is said.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64
from scipy.spatial import cKDTree

from bakeoff.data.dataset import Dataset
from bakeoff.data.duplicates import pair_images
from bakeoff.data.neighbours import Neighbours, block_side, sum_blocks
from bakeoff.spec.record import SamePair

TAIL = 0.05
"""The share of nearest distances from which the law of the smallest ones is learnt."""
FALSE_ALARM = 0.001
"""Chance that any pair at all is reported where there are no copies."""
FAITHFUL_NOISE = 255 / 10 ** (40 / 20)
"""Grey levels by which a good copy differs: a peak signal-to-noise ratio of 40 dB, i.e. 2.55."""
_COARSER = 4


def find_near_duplicates(dataset: Dataset, neighbours: Neighbours) -> list[SamePair] | None:
    """Pairs of a test image and the nearest training image, where these are nearer than nature puts them.

    Args:
        dataset: All of its images are searched.
        neighbours: From `ask_neighbours`.

    Returns:
        One pair per test image, by test index, without images that are equal. None where a good copy (40 dB) would lie
        no nearer than images of one class do.
    """
    height, width, channels = dataset.image_shape
    pairs = len(dataset.test_labels) * len(dataset.train_labels) / neighbours.references
    nearest = neighbours.distances[neighbours.distances > 0]
    threshold = closest_by_nature(nearest, searched=pairs)
    if threshold < FAITHFUL_NOISE * math.sqrt(height * width * channels):
        return None
    return list(_pairs_within(dataset, threshold))


def closest_by_nature(distances: Float64[np.ndarray, " queries"], *, searched: float) -> float:
    """The distance below which no pair at all is expected, but for one search in a thousand.

    Nearest distances r have a lower tail like r^d, with d the images' own dimension (Levina and Bickel, "Maximum
    likelihood estimation of intrinsic dimension", NIPS 2004, whose estimate is used). It is learnt from the
    smallest twentieth and continued to the number of pairs that are searched.

    Args:
        distances: From each of many images to the nearest of some references; above 0.
        searched: How many such searches are to be made, in references of that number.

    Returns:
        The distance; 0 where there are fewer than 20 distances in the tail.

    >>> uniform = np.linspace(0, 1, 1_000_001)[1:]  # P(r) = r
    >>> round(1000 * closest_by_nature(uniform, searched=1), 1)
    1.0
    """
    if distances.size * TAIL < 20:
        return 0.0
    edge = float(np.quantile(distances, TAIL))
    tail = distances[distances < edge]
    if tail.size == 0:
        return 0.0
    dimension = 1 / float(np.mean(np.log(edge / tail)))
    return float(edge * min(1.0, FALSE_ALARM / (TAIL * searched)) ** (1 / dimension))


def _pairs_within(dataset: Dataset, threshold: float) -> list[SamePair]:
    """Coarse sums are never farther apart than fine ones, so a search among them misses nothing."""
    side = block_side(dataset.image_shape)
    coarse = side * _COARSER
    tree = cKDTree(sum_blocks(dataset.train_images, coarse))
    candidates = tree.query_ball_point(sum_blocks(dataset.test_images, coarse), threshold * coarse, return_sorted=True)
    found = []
    for test, near in enumerate(candidates):
        train = _nearest_unequal(dataset, test, np.array(near, dtype=np.int64), side=side, threshold=threshold)
        if train is not None:
            found.append(pair_images(dataset, ("test", test), ("train", train)))
    return found


def _nearest_unequal(dataset: Dataset, test: int, near: np.ndarray, *, side: int, threshold: float) -> int | None:
    image, others = dataset.test_images[test : test + 1], dataset.train_images[near]
    if near.size == 0 or (others == image).all(axis=(1, 2, 3)).any():
        return None
    distances = np.sqrt(((sum_blocks(others, side) - sum_blocks(image, side)) ** 2).sum(axis=1)) / side
    closest = int(distances.argmin())
    return int(near[closest]) if distances[closest] < threshold else None
