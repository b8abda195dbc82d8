"""Made-up networks and test images whose true accuracies are known, so that verdicts can be checked against the truth.

An image has a difficulty (a logit; some images are hard), a recipe shifts the logit of each image a little, a seed
shifts all logits of a run, and a prediction is a coin flip with the resulting probability. True accuracies follow by
quadrature, so that two recipes can be made exactly equal: on the population of images, or on the images drawn.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Real
from scipy import optimize, special, stats

Shape = Literal["normal", "t3", "skew"]

HARD_SHARE_OF_ERRORS = 2.0
"""Hard images per error: at 5 % errors 1 image in 10 is hard, and those cause about four errors in five."""

_ITEM_NODES, _ITEM_WEIGHTS = np.polynomial.hermite_e.hermegauss(61)
_ITEM_WEIGHTS = _ITEM_WEIGHTS / _ITEM_WEIGHTS.sum()
NO_ERRORS = 40.0
"""A shift of the logits after which no image is got wrong."""

_SEED_NODES = 15  # exact to 1e-9 for normal shifts of the sizes used here
_QUANTILES = 4001  # for shapes that are not normal

POOL = 200_000
"""Images over which true variances are taken."""


@dataclass(frozen=True)
class Training:
    """What training again does to all logits of a run.

    Attributes:
        seed_sd: Standard deviation of the shift.
        shape: Of its distribution: normal, Student's t with 3 degrees of freedom, or a skewed one (log-normal).
    """

    seed_sd: float = 0.0
    shape: Shape = "normal"

    def shifts(self, runs: int, rng: np.random.Generator) -> Float[np.ndarray, " seeds"]:
        """Shifts of freshly trained networks."""
        if self.shape == "normal":
            return self.seed_sd * rng.standard_normal(runs)
        if self.shape == "t3":
            return self.seed_sd / math.sqrt(3) * rng.standard_t(3, runs)
        return self.seed_sd * _standard_skewed(rng.standard_normal(runs))

    def train(
        self, logits: Real[np.ndarray, " examples"], runs: int, rng: np.random.Generator
    ) -> Bool[np.ndarray, "seeds examples"]:
        """Hits and errors of freshly trained networks on these images."""
        odds = np.exp(-logits).astype(np.float32)
        factors = np.exp(-self.shifts(runs, rng)).astype(np.float32)
        chances = rng.random((runs, logits.size), dtype=np.float32)
        chances *= 1 + factors[:, np.newaxis] * odds  # u < expit(logit + shift) without an expit for each prediction
        return chances < 1


@dataclass(frozen=True)
class World:
    """What the test images and the recipes are like.

    Attributes:
        images: Number of test images.
        hard_share: Share of hard images.
        easy_logit: Mean logit of the other images, whose standard deviation is 1.
        hard_logit: Mean logit of hard images.
        hard_sd: Their standard deviation.
        recipe_sd: Standard deviation of the difference between two recipes' logits on an image.
        group: Images come in groups of so many (one writer, one patient); 1 for independent images.
        correlation: Within a group, of all that is drawn for an image.
    """

    images: int = 2000
    hard_share: float = 0.1
    easy_logit: float = 5.0
    hard_logit: float = 0.5
    hard_sd: float = 1.5
    recipe_sd: float = 1.0
    group: int = 1
    correlation: float = 0.0

    @property
    def groups(self) -> np.ndarray:
        """The group of each image."""
        return np.arange(self.images) // self.group

    def draw(self, recipes: int, rng: np.random.Generator) -> Float[np.ndarray, "models examples"]:
        """Logits of recipes that are equal on the population and differ on every image of a fresh test set."""
        hard = special.ndtr(self._normal(1, rng)[0]) < self.hard_share if self.group > 1 else self._coins(rng)
        spread = self._normal(1, rng)[0]
        base = np.where(hard, self.hard_logit + self.hard_sd * spread, self.easy_logit + spread)
        logits: Float[np.ndarray, "models examples"] = base + self.recipe_sd / math.sqrt(2) * self._normal(recipes, rng)
        return logits

    def accuracy(self, training: Training, shift: float = 0.0) -> float:
        """True accuracy on the population of a recipe whose logits are all shifted by so much."""
        nodes, weights = seed_quadrature(training)
        means = [
            float(weights @ special.expit(mean + shift + nodes[:, np.newaxis] + sd * _ITEM_NODES) @ _ITEM_WEIGHTS)
            for mean, sd in ((self.easy_logit, self._sd(1.0)), (self.hard_logit, self._sd(self.hard_sd)))
        ]
        return (1 - self.hard_share) * means[0] + self.hard_share * means[1]

    def shift_for(self, training: Training, accuracy: float) -> float:
        """The shift of all logits that gives this accuracy on the population."""
        return float(optimize.brentq(lambda shift: self.accuracy(training, shift) - accuracy, -12, 12, xtol=1e-9))

    def _normal(self, rows: int, rng: np.random.Generator) -> Float[np.ndarray, "rows examples"]:
        own = rng.standard_normal((rows, self.images), dtype=np.float32)
        if self.group == 1:
            return own
        shared = rng.standard_normal((rows, self.groups[-1] + 1), dtype=np.float32)[:, self.groups]
        return math.sqrt(self.correlation) * shared + math.sqrt(1 - self.correlation) * own

    def _coins(self, rng: np.random.Generator) -> Bool[np.ndarray, " examples"]:
        return rng.random(self.images, dtype=np.float32) < self.hard_share

    def _sd(self, sd: float) -> float:
        return math.sqrt(sd**2 + self.recipe_sd**2 / 2)


@functools.cache
def world_with(error: float, *, images: int, recipe_sd: float = 1.0) -> World:
    """A world in which an untroubled recipe (no seed noise) errs on this share of the population."""
    hard = World(images=images, hard_share=HARD_SHARE_OF_ERRORS * error, recipe_sd=recipe_sd)

    def surplus(easy_logit: float) -> float:
        return replace(hard, easy_logit=easy_logit).accuracy(Training()) - (1 - error)

    return replace(hard, easy_logit=float(optimize.brentq(surplus, 1, 20)))


def accuracy_on(logits: Real[np.ndarray, " examples"], training: Training) -> float:
    """True accuracy of a recipe on these images, over its seeds."""
    return _mean_and_slope(logits, training)[0]


def shift_on(logits: Real[np.ndarray, " examples"], training: Training, accuracy: float) -> float:
    """The shift of all logits that gives this accuracy on these images, by Newton's method on the log-odds of it."""
    if accuracy == 1:  # to single precision: without hard images a test set may be one on which nobody errs
        return NO_ERRORS
    shift, goal = 0.0, special.logit(accuracy)
    for _ in range(30):
        mean, slope = _mean_and_slope(logits + shift, training)
        step = (special.logit(mean) - goal) * mean * (1 - mean) / slope
        shift -= step
        if abs(step) < 1e-6:
            break
    if not math.isfinite(shift):
        raise ArithmeticError(f"no shift of the logits was found that gives the accuracy {accuracy}")
    return float(shift)


@functools.cache
def seed_quadrature(training: Training) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Nodes and weights for a mean over the shifts of runs."""
    if training.seed_sd == 0:
        return np.zeros(1), np.ones(1)
    if training.shape == "normal":
        nodes, weights = np.polynomial.hermite_e.hermegauss(_SEED_NODES)
        return training.seed_sd * nodes, weights / weights.sum()
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    standard = (
        stats.t(3).ppf(levels) / math.sqrt(3) if training.shape == "t3" else _standard_skewed(stats.norm.ppf(levels))
    )
    return training.seed_sd * standard, np.full(_QUANTILES, 1 / _QUANTILES)


def _standard_skewed(normal: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """A log-normal variable of mean 0 and standard deviation 1; its skewness is 6.2."""
    skewed: Float[np.ndarray, " n"] = (np.exp(normal) - math.exp(0.5)) / math.sqrt((math.e - 1) * math.e)
    return skewed


def _mean_and_slope(logits: Real[np.ndarray, " examples"], training: Training) -> tuple[float, float]:
    """Mean hit rate and its derivative by a shift of all logits."""
    nodes, weights = seed_quadrature(training)
    rates = special.expit(np.asarray(logits, dtype=np.float32) + nodes[:, np.newaxis].astype(np.float32))
    means = rates.mean(axis=1, dtype=np.float64)
    slopes = means - np.einsum("ij,ij->i", rates, rates) / rates.shape[1]
    return float(weights @ means), float(weights @ slopes)


def difference_sd(
    world: World, trainings: tuple[Training, Training], *, shift: float, runs: int, rng: np.random.Generator
) -> float:
    """True standard deviation of the difference of two recipes' mean accuracies, over new seeds and new images.

    Args:
        world: Images and recipes.
        trainings: Seed noise of the two recipes.
        shift: Of all logits of the second recipe.
        runs: Of each recipe.
        rng: For the pool of images over which variances are taken.

    Returns:
        Square root of the sum of the seeds', the images' and the residual variance, as in a crossed layout.
    """
    pool = replace(world, images=POOL)
    first, second = pool.draw(2, rng)
    parts = [_variances(logits, training) for logits, training in zip((first, second + shift), trainings, strict=True)]
    images = float(np.var(parts[0].image_rates - parts[1].image_rates)) / world.images
    return math.sqrt(images + sum(part.seeds / runs + part.residual / (runs * world.images) for part in parts))


def run_sd(world: World, training: Training, *, rng: np.random.Generator) -> float:
    """True standard deviation of the accuracies that trainings of one recipe show on one test set.

    Args:
        world: Images and recipes.
        training: Seed noise.
        rng: For the pool of images over which variances are taken.

    Returns:
        Square root of the variance over new seeds with the same images.
    """
    part = _variances(replace(world, images=POOL).draw(1, rng)[0], training)
    return math.sqrt(part.seeds + part.residual / world.images)


@dataclass(frozen=True, eq=False)
class _Variances:
    """Of one recipe: hit rate of each image, variance of the true accuracy over seeds, and what is left."""

    image_rates: Float[np.ndarray, " examples"]
    seeds: float
    residual: float


def _variances(logits: Real[np.ndarray, " examples"], training: Training) -> _Variances:
    nodes, weights = seed_quadrature(training)
    rates = np.array([special.expit(logits + node) for node in nodes])  # (nodes, examples)
    image_rates = weights @ rates
    run_rates = rates.mean(axis=1)
    seeds = float(weights @ run_rates**2 - (weights @ run_rates) ** 2)
    return _Variances(image_rates, seeds, float((image_rates * (1 - image_rates)).mean()) - seeds)
