"""S5: two models exactly as far apart as the margin, and two that are equal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import bench_of, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, difference_sd, world_with

NAME = "S5"
TITLE = "Is 'equivalent' said of models as far apart as the margin? And of equal ones?"

FALSE, FOUND = "'equivalent' at a gap of the margin", "'equivalent' at no gap"
POOLED: tuple[Measure, ...] = ()
RUNS = 5
ENOUGH = 3.3
"""Standard errors in the margin from which on equal models must usually be found equivalent."""

SETTINGS = ((0.01, 2000, 0.02), (0.003, 10_000, 0.02), (0.003, 10_000, 0.005), (0.001, 10_000, 0.005))
"""Margin, images, errors."""


def cells(short: bool) -> list[Cell]:
    """The settings."""
    settings = SETTINGS[:1] if short else SETTINGS
    return [_cell(*setting, seed_sd) for setting in settings for seed_sd in (0.0, 0.25)]


def _cell(margin: float, images: int, error: float, seed_sd: float) -> Cell:
    world, training = world_with(error, images=images), Training(seed_sd)
    spread = difference_sd(world, (training, training), shift=0.0, runs=RUNS, rng=np.random.default_rng(0))
    shift = world.shift_for(training, world.accuracy(training) - margin)
    power = (Measure(FOUND, at_least=0.8),) if margin > ENOUGH * spread else ()
    return Cell(
        label=f"margin {margin:.1%} = {margin / spread:.1f} se, N {images}, errors {error:.1%}, seed sd {seed_sd:g}",
        measures=(Measure(FALSE, at_most=0.055), *power),
        simulate=partial(_simulate, world, training, margin, shift, bool(power)),
    )


def _simulate(
    world: World, training: Training, margin: float, shift: float, power: bool, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    first, second = world.draw(2, rng)
    a, bench = training.train(first, RUNS, rng), bench_of(2, margin=margin)
    found = judge(bench, [a, training.train(second, RUNS, rng)]).pairs[0].verdict if power else ""
    return {
        FALSE: judge(bench, [a, training.train(second + shift, RUNS, rng)]).pairs[0].verdict == "equivalent",
        FOUND: found == "equivalent",
    }
