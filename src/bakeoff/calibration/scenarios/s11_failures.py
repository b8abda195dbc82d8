"""S11: models of which some runs collapse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np

from bakeoff.calibration.pipeline import bench_of, covers, has_winner, judge
from bakeoff.calibration.values import Cell, Measure, Outcome
from bakeoff.calibration.worlds import Training, world_with
from bakeoff.comparison import Comparison

NAME = "S11"
TITLE = "Two models that are equal, also in how often their runs collapse"

WINNER, RATE, INTERVAL = "winner named", "failure rate covered", "t interval in spite of a failure"
POOLED: tuple[Measure, ...] = ()
IMAGES = 500


def cells(short: bool) -> list[Cell]:
    """The settings."""
    settings = [(3, 0.3), (10, 0.1)] if short else [(r, p) for r in (3, 5, 10, 30) for p in (0.0, 0.05, 0.1, 0.3)]
    return [
        Cell(
            label=f"R {runs}, {chance:.0%} of the runs collapse",
            measures=(
                Measure(WINNER, at_most=0.055),
                Measure(RATE, at_least=0.95),
                *((Measure(INTERVAL, at_most=0.0, slack=0.0),) if chance else ()),
            ),
            simulate=partial(_simulate, runs, chance),
            repetitions=None if short else 2000,
        )
        for runs, chance in settings
    ]


def _simulate(runs: int, chance: float, rng: np.random.Generator) -> Mapping[str, Outcome]:
    world, training = world_with(0.02, images=IMAGES), Training(0.25)
    failed = rng.binomial(runs, chance, size=2).tolist()
    logits = world.draw(2, rng)
    hits = [training.train(row, runs - number, rng) for row, number in zip(logits, failed, strict=True)]
    comparison = judge(bench_of(2), hits, failed=failed)
    return {
        WINNER: has_winner(comparison),
        RATE: covers(comparison.model("a").failure_rate, chance),
        INTERVAL: _has_interval(comparison) if any(failed) else None,
    }


def _has_interval(comparison: Comparison) -> bool:
    """Whether a mean over the runs that did not fail comes with an interval."""
    estimates = [model.accuracy for model in comparison.models if model.failed_seeds]
    estimates += [pair.difference for pair in comparison.pairs]
    return any(estimate is not None and not math.isnan(estimate.low) for estimate in estimates)
