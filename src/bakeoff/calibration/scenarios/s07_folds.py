"""S7: cross-validation of a real learner whose two versions are equally good by construction.

Two discriminant analyses see different blocks of features of the same distribution. Their expected accuracies are equal
exactly, while their folds overlap as in any cross-validation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np
from jaxtyping import Bool, Float
from scipy import special

from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.stats import compare_folds

NAME = "S7"
TITLE = "Two equally good learners, cross-validated"

NAMED, NAIVE = "winner named", "winner named by the uncorrected t-test"
POOLED: tuple[Measure, ...] = ()
BLOCK = 5
"""Features that each learner sees."""
DISTANCE = 0.75
"""Between the classes, in each feature and in standard deviations: about 80 % accuracy."""

DESIGNS = ((1, 10), (4, 10), (5, 2))
"""Repeats and folds."""


def cells(short: bool) -> list[Cell]:
    """The settings."""
    settings = [(200, 4, 10)] if short else [(n, *design) for n in (100, 200, 1000) for design in DESIGNS]
    return [_cell(*setting) for setting in settings]


def _cell(images: int, repeats: int, folds: int) -> Cell:
    control = (Measure(NAIVE, at_most=0.06, control=True),) if (repeats, folds) == (4, 10) else ()
    return Cell(
        label=f"{repeats} x {folds} folds, n {images}",
        measures=(Measure(NAMED, at_most=0.06), *control),
        simulate=partial(_simulate, images, repeats, folds),
    )


def _simulate(images: int, repeats: int, folds: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    labels = rng.permutation(np.arange(images) % 2).astype(bool)
    features = rng.standard_normal((2, images, BLOCK)) + DISTANCE * labels[:, np.newaxis]
    held_out = np.concatenate([_partition(images, folds, rng) for _ in range(repeats)])
    scores = [_validate(block, labels, held_out) for block in features]
    differences = scores[0] - scores[1]
    p = compare_folds(differences, test_to_train=1 / (folds - 1), repeats=repeats).p
    return {NAMED: p < 0.05, NAIVE: _naive_p(differences) < 0.05}


def _partition(images: int, folds: int, rng: np.random.Generator) -> Bool[np.ndarray, "folds examples"]:
    fold_of = rng.permutation(np.arange(images) % folds)
    held_out: Bool[np.ndarray, "folds examples"] = fold_of == np.arange(folds)[:, np.newaxis]
    return held_out


def _validate(
    features: Float[np.ndarray, "examples features"],
    labels: Bool[np.ndarray, " examples"],
    held_out: Bool[np.ndarray, "folds examples"],
) -> Float[np.ndarray, " folds"]:
    """Accuracy of linear discriminant analysis on each held-out part."""
    train = (~held_out).astype(np.float64)
    sides = [train * labels, train * ~labels]
    counts = [side.sum(axis=1, keepdims=True) for side in sides]
    means = [side @ features / count for side, count in zip(sides, counts, strict=True)]  # (folds, features)
    products = (features[:, :, np.newaxis] * features[:, np.newaxis, :]).reshape(len(features), -1)
    scatter = (train @ products).reshape(-1, BLOCK, BLOCK)
    for mean, count in zip(means, counts, strict=True):
        scatter = scatter - count[:, :, np.newaxis] * mean[:, :, np.newaxis] * mean[:, np.newaxis, :]
    direction = np.linalg.solve(scatter, (means[0] - means[1])[:, :, np.newaxis])[:, :, 0]
    threshold = np.einsum("ij,ij->i", direction, means[0] + means[1]) / 2
    right = (direction @ features.T > threshold[:, np.newaxis]) == labels
    rates: Float[np.ndarray, " folds"] = (right & held_out).sum(axis=1) / held_out.sum(axis=1)
    return rates


def _naive_p(differences: Float[np.ndarray, " scores"]) -> float:
    """Student's t as if the folds were independent."""
    error = differences.std(ddof=1) / math.sqrt(differences.size)
    return 2 * float(special.stdtr(differences.size - 1, -abs(differences.mean() / error))) if error else 1.0
