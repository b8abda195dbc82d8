"""S12: how many true differences are found, beside an oracle that knows the true standard error."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from functools import partial

import numpy as np
from scipy import special

from bakeoff.calibration.pipeline import bench_of, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, World, difference_sd, world_with

NAME = "S12"
TITLE = "True differences found, as a share of those that an oracle with the true standard error finds"

FOUND = "found, over oracle"
ORACLE = float(special.ndtri(0.975))
TARGETS = {5: 0.85, 10: 0.95, 20: 0.95}
PLANNED = 3
"""Standard errors that a study is planned for. Of smaller differences even an exact t-test finds far fewer than an
oracle (8 degrees of freedom, 2 standard errors: four fifths), so these are only shown."""

POOLED: tuple[Measure, ...] = ()


def cells(short: bool) -> list[Cell]:
    """The settings."""
    settings = [(5, 0.0), (10, 0.25)] if short else [(r, sd) for r in (5, 10, 20) for sd in (0.0, 0.1, 0.25)]
    return [_cell(runs, seed_sd, gap) for runs, seed_sd in settings for gap in ((3,) if short else (1, 2, 3, 4))]


def _cell(runs: int, seed_sd: float, gap: int) -> Cell:
    world, training = world_with(0.02, images=2000), Training(seed_sd)
    spread = _spread(runs, seed_sd)
    shift = world.shift_for(training, world.accuracy(training) - gap * spread)
    return Cell(
        label=f"R {runs}, seed sd {seed_sd:g}, difference {gap} se",
        measures=(Measure(FOUND, at_least=TARGETS[runs] if gap >= PLANNED else None, kind="ratio"),),
        simulate=partial(_simulate, world, training, runs, shift, spread),
    )


@functools.cache
def _spread(runs: int, seed_sd: float) -> float:
    world, training = world_with(0.02, images=2000), Training(seed_sd)
    return difference_sd(world, (training, training), shift=0.0, runs=runs, rng=np.random.default_rng(0))


def _simulate(
    world: World, training: Training, runs: int, shift: float, spread: float, rng: np.random.Generator
) -> Mapping[str, Outcome]:
    first, second = world.draw(2, rng)
    hits = [training.train(first, runs, rng), training.train(second + shift, runs, rng)]
    pair = judge(bench_of(2), hits).pair("a", "b")
    oracle = hits[0].mean() - hits[1].mean() > ORACLE * spread
    return {FOUND: (float(pair.a == "a" and pair.verdict == "a better"), float(oracle))}
