"""Methods that are in use and wrong. Each must be flagged; otherwise this harness could not see a broken promise.

Two more stand where their data are made: the naive t-test on cross-validation folds (S7) and naive peeking (S10).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import Hits, bench_of, covers, judge, tells_apart
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, world_with

NAME = "NC"
TITLE = "Negative controls: methods that must be flagged"

POOLED: tuple[Measure, ...] = ()
MCNEMAR = "McNemar's test on the predictions of all runs together names a winner"
WELCH = "Welch's test on run accuracies, read as 'new images', names a winner"
COVERED = "t interval over runs covers the accuracy on new images"
BOOTSTRAP = "percentile bootstrap over seeds names a winner"


def cells(short: bool) -> list[Cell]:
    """The settings."""
    noisy, converged = Training(0.25), Training(0.0)
    world, differing = world_with(0.05, images=2000), world_with(0.05, images=2000, recipe_sd=2.0)
    return [
        _cell("R 5, seed sd 0.25", world, noisy, 5, Measure(MCNEMAR, at_most=0.055, control=True)),
        _cell(
            "R 10, seed sd 0, recipes differ more",
            differing,
            converged,
            10,
            Measure(WELCH, at_most=0.055, control=True),
        ),
        _cell("R 5, seed sd 0", world, converged, 5, Measure(COVERED, at_least=0.945, control=True)),
        _cell("R 3, seed sd 0.25", world, noisy, 3, Measure(BOOTSTRAP, at_most=0.055, control=True)),
    ]


def _cell(label: str, world: World, training: Training, runs: int, measure: Measure) -> Cell:
    return Cell(label, (measure,), partial(_simulate, world, training, runs, world.accuracy(training)))


def _simulate(
    world: World, training: Training, runs: int, truth: float, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    a, b = (training.train(logits, runs, rng) for logits in world.draw(2, rng))
    comparison = judge(bench_of(2), [a, b])
    return {
        MCNEMAR: _pooled_mcnemar(a, b),
        WELCH: tells_apart(comparison.pairs[0].difference_this_test_set),
        COVERED: covers(comparison.model("a").accuracy_this_test_set, truth),
        BOOTSTRAP: _seed_bootstrap(a.mean(axis=1), b.mean(axis=1), rng),
    }


def _pooled_mcnemar(a: Hits, b: Hits) -> bool:
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return abs(only_a - only_b) > 1.96 * math.sqrt(only_a + only_b)


def _seed_bootstrap(a: np.ndarray, b: np.ndarray, rng: np.random.Generator, *, resamples: int = 500) -> bool:
    means = [runs[rng.integers(runs.size, size=(resamples, runs.size))].mean(axis=1) for runs in (a, b)]
    low, high = np.quantile(means[0] - means[1], (0.025, 0.975))
    return bool(low > 0 or high < 0)
