"""S1 and S2: two equally good models, and the interval of one.

Two null hypotheses are simulated: models that are equal on the population of images, and models that are equal on the
very images of the test set. The full version is a balanced third of the grid: every two settings meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product

import numpy as np

from bakeoff.calibration.pipeline import bench_of, covers, has_winner, judge, tells_apart
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, accuracy_on, shift_on, world_with

NAME = "S1"
TITLE = "Two equal models: is a winner named? (S1) One model: does its interval hold the truth? (S2)"

WINNER, WINNER_HERE = "winner named, new images", "winner named, this test set"
COVERED, COVERED_HERE = "S2: covered, new images", "S2: covered, this test set"
MEASURES = (
    Measure(WINNER, at_most=0.065),
    Measure(WINNER_HERE, at_most=0.065),
    Measure(COVERED, at_least=0.93, at_most=0.985),
    Measure(COVERED_HERE, at_least=0.93, at_most=0.985),
)
POOLED = (
    Measure(WINNER, at_most=0.055, slack=0.0),
    Measure(WINNER_HERE, at_most=0.055, slack=0.0),
    Measure(COVERED, at_least=0.945, slack=0.0),
    Measure(COVERED_HERE, at_least=0.945, slack=0.0),
)

RUNS = ((3, 3), (5, 5), (10, 10), (30, 30), (3, 10))
IMAGES = (500, 2000, 10_000)
ERRORS = (0.005, 0.02, 0.1)
SEED_SDS = (0.0, 0.1, 0.25, 0.5)


def cells(short: bool) -> list[Cell]:
    """The settings."""
    if short:
        chosen = [
            ((3, 3), 500, 0.02, 0.25),
            ((5, 5), 2000, 0.1, 0.0),
            ((3, 10), 2000, 0.02, 0.5),
            ((5, 5), 500, 0.005, 0.1),
        ]
        return [_cell(*setting) for setting in chosen]
    grid = product(enumerate(RUNS), enumerate(IMAGES), enumerate(ERRORS), enumerate(SEED_SDS))
    return [
        _cell(runs, images, error, seed_sd)
        for (i, runs), (j, images), (k, error), (m, seed_sd) in grid
        if (i + j + k + m) % 3 == 0
    ]


def _cell(runs: tuple[int, int], images: int, error: float, seed_sd: float) -> Cell:
    world, training = world_with(error, images=images), Training(seed_sd)
    against = f"{runs[0]}" if runs[0] == runs[1] else f"{runs[0]} against {runs[1]}"
    return Cell(
        label=f"R {against}, N {images}, errors {error:.1%}, seed sd {seed_sd:g}",
        measures=MEASURES,
        simulate=partial(_simulate, world, training, runs, world.accuracy(training)),
        repetitions=2000 if images * sum(runs) > 100_000 else None,
    )


def _simulate(
    world: World, training: Training, runs: tuple[int, int], truth: float, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    first, second = world.draw(2, rng)
    truth_here = accuracy_on(first, training)
    a = training.train(first, runs[0], rng)
    general = judge(bench_of(2), [a, training.train(second, runs[1], rng)])
    matched = second + shift_on(second, training, truth_here)
    here = judge(bench_of(2), [a, training.train(matched, runs[1], rng)]).pairs[0].difference_this_test_set
    model = general.model("a")
    return {
        WINNER: has_winner(general),
        WINNER_HERE: tells_apart(here),
        COVERED: covers(model.accuracy, truth),
        COVERED_HERE: covers(model.accuracy_this_test_set, truth_here),
    }
