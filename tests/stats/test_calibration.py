"""Error rates of the public functions, measured on simulated networks whose truth is known.

An image has a difficulty (1 in 10 is hard), a recipe shifts each image's logit a little, a seed shifts all logits of a
run, and the prediction is a coin flip with the resulting probability. A test fails only if the exact one-sided 99.9 %
bound proves the rate worse than the target by more than one point; the tests that must not pass (negative controls)
show that this rule has power.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from jaxtyping import Bool, Float
from scipy import optimize, special, stats

from bakeoff.stats import adjust_holm, compare_summaries, compare_two, estimate_mean, rank_intervals, summarize_scores

REPETITIONS = 400
ALPHA = 0.05
SLACK = 0.01
SEED = 20240607

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class World:
    """What the simulated networks and images are like."""

    images: int = 2000
    seed_sd: float = 0.0
    easy_logit: float = 5.0
    hard_share: float = 0.1
    hard_logit: float = 0.5
    hard_sd: float = 1.5
    recipe_sd: float = 1.0

    def difficulties(self, rng: np.random.Generator) -> Float[np.ndarray, " examples"]:
        """Logits of a fresh test set."""
        hard = rng.random(self.images) < self.hard_share
        spread = rng.standard_normal(self.images)
        return np.where(hard, self.hard_logit + self.hard_sd * spread, self.easy_logit + spread)

    def two_recipes(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Logits of two recipes that are equal on the population and differ on every image."""
        base = self.difficulties(rng)
        half = self.recipe_sd / 2 * rng.standard_normal(self.images)
        return base + half, base - half

    def runs(self, logits: np.ndarray, runs: int, rng: np.random.Generator) -> Bool[np.ndarray, "seeds examples"]:
        """Hits and errors of freshly trained networks."""
        shifts = self.seed_sd * rng.standard_normal((runs, 1))
        return rng.random((runs, logits.size)) < special.expit(logits + shifts)

    def accuracy(self, shift: float = 0.0) -> float:
        """True accuracy of a recipe on the population: a mixture of two logit-normal means, by quadrature."""
        extra = self.recipe_sd**2 / 4 + self.seed_sd**2
        easy = _logit_normal_mean(self.easy_logit + shift, np.sqrt(1 + extra))
        hard = _logit_normal_mean(self.hard_logit + shift, np.sqrt(self.hard_sd**2 + extra))
        return float((1 - self.hard_share) * easy + self.hard_share * hard)

    def accuracy_on(self, logits: np.ndarray) -> float:
        """True accuracy of a recipe on these images, over its seeds."""
        return float(_logit_normal_mean(logits, self.seed_sd).mean())


NEAR_PERFECT = World(hard_share=0.01, easy_logit=8.0)
"""About 99.6 % accuracy: a handful of errors per run."""


def _logit_normal_mean(mean: np.ndarray | float, sd: np.ndarray | float) -> np.ndarray:
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    return special.expit(np.asarray(mean)[..., np.newaxis] + sd * nodes) @ weights / weights.sum()


def _rate(event: Callable[[np.random.Generator], bool], repetitions: int = REPETITIONS) -> tuple[int, int]:
    streams = np.random.SeedSequence(SEED).spawn(repetitions)
    return sum(event(np.random.default_rng(stream)) for stream in streams), repetitions


def _is_above(count: tuple[int, int], limit: float) -> bool:
    """Whether the rate is above the limit for sure: exact one-sided 99.9 % bound."""
    events, repetitions = count
    return bool(stats.beta.ppf(0.001, events, repetitions - events + 1) > limit) if events else False


def _is_below(count: tuple[int, int], limit: float) -> bool:
    return _is_above((count[1] - count[0], count[1]), 1 - limit)


def _names_a_winner(world: World, runs: tuple[int, int], target: str) -> Callable[[np.random.Generator], bool]:
    """One comparison of two recipes that are equal in truth."""

    def event(rng: np.random.Generator) -> bool:
        a, b = world.two_recipes(rng)
        if target == "this_test_set":
            goal = world.accuracy_on(a)
            b = b + optimize.brentq(lambda shift: world.accuracy_on(b + shift) - goal, -3, 3, xtol=1e-6)
        verdict = compare_two(world.runs(a, runs[0], rng), world.runs(b, runs[1], rng), target=target).verdict
        return "better" in verdict

    return event


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
@pytest.mark.parametrize("images", [500, 2000])
@pytest.mark.parametrize("runs", [(3, 3), (5, 5), (3, 10)])
def test_two_equal_recipes_are_rarely_told_apart_on_new_images(
    runs: tuple[int, int], images: int, seed_sd: float
) -> None:
    """S1: with equal accuracy on the population, a winner is named in at most 5 % of studies."""
    world = World(images=images, seed_sd=seed_sd)
    assert not _is_above(_rate(_names_a_winner(world, runs, "new_images")), ALPHA + SLACK)


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
@pytest.mark.parametrize("runs", [(3, 3), (5, 5)])
def test_two_equal_recipes_are_rarely_told_apart_on_this_test_set(runs: tuple[int, int], seed_sd: float) -> None:
    """S1: with equal accuracy on these very images, a winner is named in at most 5 % of studies."""
    world = World(images=500, seed_sd=seed_sd)
    assert not _is_above(_rate(_names_a_winner(world, runs, "this_test_set")), ALPHA + SLACK)


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
@pytest.mark.parametrize("runs", [(3, 3), (5, 5)])
def test_two_nearly_perfect_recipes_are_rarely_told_apart(runs: tuple[int, int], seed_sd: float) -> None:
    """S1 where there are few errors: the variance is poorly known, and still a winner is named in at most 5 %."""
    world = replace(NEAR_PERFECT, images=500, seed_sd=seed_sd)
    assert not _is_above(_rate(_names_a_winner(world, runs, "new_images")), ALPHA + SLACK)


def test_pooled_predictions_are_flagged() -> None:
    """Negative control: a z-test on all predictions, as if each were an observation, must be caught by the rule."""
    world = World(seed_sd=0.25)

    def event(rng: np.random.Generator) -> bool:
        a, b = (world.runs(logits, 5, rng) for logits in world.two_recipes(rng))
        only_a, only_b = (a & ~b).sum(), (b & ~a).sum()  # McNemar, pooled over runs
        return bool(abs(only_a - only_b) > 1.96 * np.sqrt(only_a + only_b))

    assert _is_above(_rate(event), ALPHA + SLACK)


def test_welch_on_run_accuracies_is_flagged_for_new_images() -> None:
    """Negative control: error bars over seeds answer "this test set" only, and must be caught for new images."""
    world = World(recipe_sd=2.0)

    def event(rng: np.random.Generator) -> bool:
        a, b = (world.runs(logits, 10, rng) for logits in world.two_recipes(rng))
        return "better" in compare_two(a, b, target="this_test_set").verdict

    assert _is_above(_rate(event), ALPHA + SLACK)


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
@pytest.mark.parametrize("images", [500, 2000])
@pytest.mark.parametrize("runs", [3, 5])
@pytest.mark.parametrize("world", [World(), NEAR_PERFECT], ids=["ordinary", "near perfect"])
def test_interval_covers_the_accuracy_on_new_images(world: World, runs: int, images: int, seed_sd: float) -> None:
    """S2: the 95 % interval holds the population's accuracy at least that often, also with few errors."""
    world = replace(world, images=images, seed_sd=seed_sd)
    assert not _is_below(_rate(_covers(world, runs, "new_images")), 1 - ALPHA - SLACK)


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
@pytest.mark.parametrize("runs", [3, 5])
def test_interval_covers_the_accuracy_on_this_test_set(runs: int, seed_sd: float) -> None:
    """S2: the interval for new seeds holds the accuracy on these images."""
    world = World(images=500, seed_sd=seed_sd)
    assert not _is_below(_rate(_covers(world, runs, "this_test_set")), 1 - ALPHA - SLACK)


def test_seed_intervals_are_flagged_for_new_images() -> None:
    """Negative control: the interval over seeds does not cover the population's accuracy, and the rule sees it."""
    world = World()
    truth = world.accuracy()

    def event(rng: np.random.Generator) -> bool:
        estimate = estimate_mean(world.runs(world.two_recipes(rng)[0], 5, rng), target="this_test_set")
        return estimate.low <= truth <= estimate.high

    assert _is_below(_rate(event), 1 - ALPHA - SLACK)


def _covers(world: World, runs: int, target: str) -> Callable[[np.random.Generator], bool]:
    def event(rng: np.random.Generator) -> bool:
        logits = world.two_recipes(rng)[0]
        truth = world.accuracy() if target == "new_images" else world.accuracy_on(logits)
        estimate = estimate_mean(world.runs(logits, runs, rng), target=target)
        return estimate.low <= truth <= estimate.high

    return event


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
def test_a_difference_as_large_as_the_margin_is_rarely_equivalent(seed_sd: float) -> None:
    """S5: with a true difference of exactly the margin, "equivalent" is said in at most 5 % of studies."""
    assert not _is_above(_rate(_says_equivalent(World(seed_sd=seed_sd), gap=0.01)), ALPHA + SLACK)


def test_a_missing_difference_is_found_equivalent() -> None:
    """S5: with no difference and a margin of several standard errors, "equivalent" is said in most studies."""
    assert not _is_below(_rate(_says_equivalent(World(), gap=0.0)), 0.8)


def _says_equivalent(world: World, gap: float, margin: float = 0.01) -> Callable[[np.random.Generator], bool]:
    goal = world.accuracy() - gap
    shift = optimize.brentq(lambda x: world.accuracy(x) - goal, -3, 3)

    def event(rng: np.random.Generator) -> bool:
        a, b = world.two_recipes(rng)
        result = compare_two(world.runs(a, 5, rng), world.runs(b + shift, 5, rng), margin=margin)
        return result.verdict == "equivalent"

    return event


@pytest.mark.parametrize("seed_sd", [0.0, 0.25])
def test_rank_intervals_of_equal_models_hold_together(seed_sd: float) -> None:
    """S4: with six equal recipes, Holm lets a pair be told apart (and a rank interval miss) in at most 5 %."""
    assert not _is_above(_rate(_a_rank_interval_misses(World(images=500, seed_sd=seed_sd))), ALPHA + SLACK)


def _a_rank_interval_misses(world: World, models: int = 6, runs: int = 5) -> Callable[[np.random.Generator], bool]:
    first, second = np.triu_indices(models, k=1)

    def event(rng: np.random.Generator) -> bool:
        logits = world.difficulties(rng) + world.recipe_sd / 2 * rng.standard_normal((models, world.images))
        summaries = [summarize_scores(world.runs(row, runs, rng)) for row in logits]
        results = [compare_summaries(summaries[i], summaries[j]) for i, j in zip(first, second, strict=True)]
        significant = adjust_holm(np.array([result.p for result in results])) <= ALPHA
        leads = np.array([result.t > 0 for result in results])
        better = np.zeros((models, models), dtype=bool)
        better[first, second], better[second, first] = significant & leads, significant & ~leads
        low, high = rank_intervals(better)
        return bool((low > 1).any() or (high < models).any())

    return event
