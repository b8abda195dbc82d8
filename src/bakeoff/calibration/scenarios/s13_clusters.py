"""S13: test images that come in groups, such as several digits of one writer, with and without saying so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, world_with
from bakeoff.stats import compare_two

NAME = "S13"
TITLE = "Two equal models on images in groups of 10 (correlation .3): is a winner named?"

WITH, WITHOUT = "winner named, groups given", "winner named, groups not given"
POOLED: tuple[Measure, ...] = ()
GROUP, CORRELATION = 10, 0.3
RECIPE_SD = 2.0


def cells(short: bool) -> list[Cell]:
    """The settings."""
    settings = [(5, 0.0)] if short else [(runs, seed_sd) for runs in (5, 10) for seed_sd in (0.0, 0.25)]
    return [_cell(runs, seed_sd) for runs, seed_sd in settings]


def _cell(runs: int, seed_sd: float) -> Cell:
    world = replace(world_with(0.1, images=2000, recipe_sd=RECIPE_SD), group=GROUP, correlation=CORRELATION)
    without = Measure(WITHOUT, at_most=0.055, control=True)
    return Cell(
        label=f"R {runs}, seed sd {seed_sd:g}",
        measures=(Measure(WITH, at_most=0.06), *((without,) if seed_sd == 0 else ())),
        simulate=partial(_simulate, world, Training(seed_sd), runs),
    )


def _simulate(world: World, training: Training, runs: int, rng: np.random.Generator) -> Mapping[str, Outcome]:
    a, b = (training.train(logits, runs, rng) for logits in world.draw(2, rng))
    return {
        WITH: "better" in compare_two(a, b, clusters=world.groups).verdict,
        WITHOUT: "better" in compare_two(a, b).verdict,
    }
